"""The whole path at once: `python -m texgan_blender.development.demo [FOLDER]`.

Builds the extension, installs it in Blender as a user would, presses Generate, renders, saves,
reopens, and leaves in the folder a .blend, the maps, a 3 x 3 tiling and a rendered picture.
"""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from texgan_core.measure import seam
from texgan_core.pictures import read_picture, resize, write_picture

from . import blender, scene

import bpy  # isort: skip  (after `blender`, which says where Blender keeps its files)

SIZE = 1024
LAYOUT_SEED = 3


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    blend = str(folder / "material.blend")
    with _step("Building the extension and installing it"):
        blender.install()
    with _step("Setting the scene"):
        things = scene.build()
    with _step(f"Making {SIZE} x {SIZE} pixels, four maps"):
        _generate(things)
    with _step("Saving the file and opening it again"):
        bpy.context.preferences.filepaths.save_version = 0  # no second file beside it
        before = _packed()
        with blender.quiet():
            bpy.ops.wm.save_as_mainfile(filepath=blend)
            bpy.ops.wm.open_mainfile(filepath=blend)
        _compare(before, _packed())
    with _step("Rendering"), blender.quiet():
        scene.render(str(folder / "preview.png"))
    with _step("Writing the maps and their tiling"):
        maps = _write_maps(folder)
    _report(folder, maps)


@contextmanager
def _step(what: str) -> Iterator[None]:
    print(what, flush=True)
    started = time.monotonic()
    yield
    print(f"    {time.monotonic() - started:.1f} s", flush=True)


def _generate(things: list[bpy.types.Object]) -> None:
    """Press the panel's button for the first object, and give its material to the others."""
    texgan = bpy.context.scene.texgan
    texgan.layout_seed = LAYOUT_SEED
    texgan.width = texgan.height = SIZE
    bpy.context.view_layer.objects.active = things[0]
    bpy.ops.texgan.generate()
    for other in things[1:]:
        other.active_material = things[0].active_material


def _packed() -> dict[str, np.ndarray]:
    """Pixels of all images with a record, by name."""
    found = {}
    for image in bpy.data.images:
        if "texgan_record" in image:
            found[image.name] = np.empty(len(image.pixels), np.float32)
            image.pixels.foreach_get(found[image.name])
    return found


def _compare(before: dict[str, np.ndarray], after: dict[str, np.ndarray]) -> None:
    if len(before) != 4 or before.keys() != after.keys():
        raise SystemExit(f"The reopened file has the images {sorted(after)}, not {sorted(before)}.")
    for name, pixels in before.items():
        if not np.array_equal(pixels, after[name]):
            raise SystemExit(f"The pixels of {name} changed when the file was reopened.")


def _write_maps(folder: Path) -> dict[str, np.ndarray]:
    """The packed files as they are, and the base color tiled at half its size; returns the maps by name."""
    maps = {}
    for node in bpy.data.objects["Ring"].active_material.node_tree.nodes:
        if "texgan_map" in node:
            name = node["texgan_map"]
            (folder / f"{name}.png").write_bytes(node.image.packed_file.data)
            maps[name] = read_picture(folder / f"{name}.png")
    tile = resize(maps["base_color"], SIZE // 2, SIZE // 2)
    write_picture(folder / "tiled_3x3.png", np.tile(tile, (3, 3, 1)))
    return maps


def _report(folder: Path, maps: dict[str, np.ndarray]) -> None:
    print("\nSeams (difference across the border over that within, 1 is seamless):")
    for name, picture in maps.items():
        across, down = seam(picture)
        print(f"  {name:12} x {across:.2f}  y {down:.2f}")
    print(f"\nIn {folder.resolve()}:")
    for path in sorted(folder.iterdir()):
        print(f"  {path.name:16} {path.stat().st_size / 1e6:5.1f} MB")


if __name__ == "__main__":
    started = time.monotonic()
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "demo"))
    print(f"Done in {time.monotonic() - started:.1f} s")
    blender.close()
