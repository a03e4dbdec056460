"""Render every bundled model: `python -m texgan_blender.development.gallery [NAME ...]`.

Into docs/gallery/ goes a picture of each, into texgan_blender/gallery/ a small one for the panel's menu; and
all of them together into docs/gallery.jpg. They show the first seeds.
"""

import sys
import tempfile
import time
from pathlib import Path

from PIL import Image

from texgan_core.library import bundled_models
from training.mosaic import mosaic

from . import blender, scene
from .build import ROOT

import bpy  # isort: skip  (after `blender`, which says where Blender keeps its files)

GALLERY, THUMBNAILS = ROOT / "docs" / "gallery", ROOT / "texgan_blender" / "gallery"
SHOWN, THUMBNAIL, TEXTURE = 320, 128, 1024
"""Pixels a side."""
COLUMNS, FIELD = 8, 164
SAMPLES = 8
QUALITY = 85
DISPLACEMENT = 0.05
"""Of a ball of radius 1, from the lowest to the highest point."""


def main(names: list[str]) -> None:
    blender.install()
    for name in names:
        started = time.monotonic()
        render(name)
        print(f"{name}  {time.monotonic() - started:.1f} s", flush=True)
    sheet([info.name for info in bundled_models()])


def render(name: str) -> None:
    """Make a model's textures with the panel's button, and render the ball that wears them."""
    ball = scene.build_ball()
    bpy.context.view_layer.objects.active = ball
    texgan = bpy.context.scene.texgan
    texgan.model = name
    texgan.width = texgan.height = TEXTURE
    with tempfile.TemporaryDirectory() as folder, blender.quiet():
        bpy.ops.texgan.generate()
        for node in ball.active_material.node_tree.nodes:
            if node.bl_idname == "ShaderNodeDisplacement":
                node.inputs["Scale"].default_value = DISPLACEMENT
        path = str(Path(folder) / "render.png")
        scene.render(path, SHOWN, SHOWN, SAMPLES)
        with Image.open(path) as picture:
            _save(picture, GALLERY / f"{name}.jpg", SHOWN)
            _save(picture, THUMBNAILS / f"{name}.jpg", THUMBNAIL)


def sheet(names: list[str]) -> None:
    """All pictures of the gallery, in rows."""
    fields = [Image.open(GALLERY / f"{name}.jpg").resize((FIELD, FIELD), Image.Resampling.LANCZOS) for name in names]
    mosaic(fields, COLUMNS).save(GALLERY.with_suffix(".jpg"), quality=QUALITY)


def _save(picture: Image.Image, path: Path, side: int) -> None:
    path.parent.mkdir(exist_ok=True)
    small = picture.convert("RGB").resize((side, side), Image.Resampling.LANCZOS)
    small.save(path, quality=QUALITY)


if __name__ == "__main__":
    main(sys.argv[1:] or [info.name for info in bundled_models()])
    blender.close()
