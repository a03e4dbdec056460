"""`texgan improve`: better versions of pictures."""

import argparse
import glob
import os
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import RequestError, TexganError
from ..export import export, file_stem, with_packed
from ..job import Progress, part_of
from ..maps import MAPS
from ..materials import MaterialFiles, gathered, name_of
from ..pictures import read_grey
from .command import Command, seam_by_axis, seam_text
from .progress import progress_on_stderr
from .recipes import write_record
from .textures import add_output, chosen_maps, export_options, prepare_output

if TYPE_CHECKING:
    import numpy as np

    from ..improve import Improvement


def _improve(options: argparse.Namespace) -> dict[str, Any]:
    """One picture after the other; of several, those that cannot be used are told in the end."""
    from ..improve import Improvement

    maps = None if options.maps is None else chosen_maps(options.maps, tuple(MAPS))
    seamless = options.seamless or ("none" if options.region else "auto")
    wish = Improvement(
        seamless, maps, options.seed, options.clean, options.even, options.upscale, crop=not options.whole
    )
    wish.validate()
    region = None if options.region is None else read_grey(options.region) > 0.5
    sources = _sources(options.images)
    prepare_output(options)
    result: dict[str, list[Any]] = {"improved": [], "failed": []}
    with progress_on_stderr() as on_progress:
        on_progress(0, "Loading")
        for number, source in enumerate(sources):
            report = part_of(on_progress, number / len(sources), (number + 1) / len(sources))
            if len(sources) > 1:
                report(0.0, f"{number + 1} of {len(sources)}, {source.name}")
            try:
                result["improved"].append(_improve_one(source, wish, region, options, report))
            except TexganError as error:
                if len(sources) == 1:
                    raise
                result["failed"].append({"source": str(_place_of(source)), "reason": str(error)})
    return result


def _sources(images: Sequence[Path]) -> list[Path | MaterialFiles]:
    """What pictures and folders show, also those that patterns stand for, which Windows leaves to us.

    Raises:
        RequestError: two would be written to the same files.
    """
    sources = gathered([path.resolve() for image in images for path in _meant(image)])
    by_name: dict[str, Path] = {}
    for source in sources:
        place = _place_of(source)
        other = by_name.setdefault(_name_of(source).casefold(), place)
        if other is not place:
            raise RequestError(f"{other} and {place} would be written to the same files; improve them one by one.")
    return sources


def _meant(image: Path) -> list[Path]:
    """What there is, or what a pattern stands for."""
    found = [] if os.path.exists(image) else sorted(glob.glob(str(image)))  # noqa: PTH110, PTH207 (any text will do)
    return [Path(path) for path in found] or [image]


def _place_of(source: Path | MaterialFiles) -> Path:
    """The folder or, of pictures, the first."""
    return source if isinstance(source, Path) else next(iter(source.files.values()))


def _name_of(source: Path | MaterialFiles) -> str:
    """What the names of its improved maps begin with."""
    return file_stem(f"{name_of(source) if isinstance(source, Path) else source.name}_improved")


def _improve_one(
    source: Path | MaterialFiles,
    wish: "Improvement",
    region: "np.ndarray | None",
    options: argparse.Namespace,
    on_progress: "Progress",
) -> dict[str, Any]:
    from ..encode import one_material
    from ..improve import improve_set
    from ..materials import read_pictures
    from ..measure import seam

    start = time.perf_counter()
    files = one_material(source) if isinstance(source, Path) else source
    pictures = read_pictures(files)
    wanted = wish.maps or tuple(pictures)
    wish = replace(wish, maps=with_packed(wanted, {*wanted, *pictures}, export_options(options)))
    made = improve_set(files.name, pictures, wish, options.device, on_progress, region=region)
    seconds = time.perf_counter() - start
    paths = export(made.maps, options.out, _name_of(source), export_options(options), bits=made.bits)
    return {
        "source": str(_place_of(source)),
        "maps": {what: str(path) for what, path in paths.items()},
        "seconds": round(seconds, 3),
        "tiled": {"x": made.tiled[0], "y": made.tiled[1]},
        "closed": {"x": made.closed[0], "y": made.closed[1]},
        "cropped_to": made.part.sides[::-1] if made.record["part"] else None,
        "estimated": list(made.estimated),
        "kept": round(made.kept, 4),
        "seam": {name: seam_by_axis(seam(picture)) for name, picture in made.maps.items()},
        "record": made.record,
        "record_file": str(write_record(options.out, _name_of(source), made.record)),
    }


def _show(result: dict[str, Any]) -> str:
    return "\n".join(line for improved in result["improved"] for line in _lines(improved))


def _lines(result: dict[str, Any]) -> list[str]:
    tiled = [f"{axis}: {_told(result, axis)}" for axis in ("x", "y")]
    if result["cropped_to"]:
        tiled.append("cropped to {} x {}, where what repeats meets".format(*result["cropped_to"]))
    lines = [f"{', '.join(tiled)}; {result['kept']:.0%} of the pixels are the original's, {result['seconds']:.2f} s"]
    for name, path in result["maps"].items():
        estimated = ", estimated" if name in result["estimated"] else ""
        lines.append(f"{path}  {seam_text(result['seam'][name]) if name in result['seam'] else 'packed'}{estimated}")
    return [*lines, f"{result['record_file']}  tells what was done"]


def _told(result: dict[str, Any], axis: str) -> str:
    if result["closed"][axis]:
        return "made seamless"
    return "tiles already" if result["tiled"][axis] else "does not tile"


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    images = "pictures, those of one set as one, or folders with one material's maps; each improved by itself"
    parser.add_argument("images", metavar="IMAGE", type=Path, nargs="+", help=images)
    axes = "auto (what does not tile yet), none, x, y or both; default: auto, or none with a region"
    parser.add_argument("--seamless", metavar="AXES", help=axes)
    whole = "crop nothing, also where bricks or tiles then do not meet across a border"
    parser.add_argument("--whole", action="store_true", help=whole)
    parser.add_argument(
        "--clean", type=float, default=0.0, metavar="S", help="0 to 1: take noise, JPEG blocks and slight blur out"
    )
    parser.add_argument("--even", type=float, default=0.0, metavar="S", help="0 to 1: take uneven light out")
    parser.add_argument("--region", type=Path, metavar="MASK", help="a picture, white where to make it anew")
    parser.add_argument("--upscale", type=int, default=1, metavar="N", help="2 or 4 times as many pixels a side")
    maps = f"all, or some of {', '.join(MAPS)}; absent ones are estimated; default: its own"
    parser.add_argument("--maps", help=maps)
    parser.add_argument(
        "--seed", type=int, default=0, metavar="N", help="which parts the border or region is filled with"
    )
    add_output(parser)


ABOUT = "make pictures or PBR sets seamless, clean, complete, larger, or anew in a region"
COMMANDS = (Command("improve", ABOUT, _add_arguments, _improve, _show),)
