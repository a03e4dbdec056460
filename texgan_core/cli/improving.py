"""`texgan improve`: better versions of pictures."""

import argparse
import time
from pathlib import Path
from typing import Any

from ..export import export
from ..maps import MAPS
from ..materials import name_of
from ..pictures import read_grey
from .command import Command, seam_by_axis, seam_text
from .progress import progress_on_stderr
from .textures import add_output, chosen_maps, export_options, prepare_output


def _improve(options: argparse.Namespace) -> dict[str, Any]:
    from ..improve import Improvement, improve
    from ..measure import seam

    maps = None if options.maps is None else chosen_maps(options.maps, tuple(MAPS))
    seamless = options.seamless or ("none" if options.region else "auto")
    wish = Improvement(seamless, maps, options.seed, options.clean, options.even, options.upscale)
    wish.validate()
    region = None if options.region is None else read_grey(options.region) > 0.5
    prepare_output(options)
    source = options.image.resolve()
    with progress_on_stderr() as on_progress:
        on_progress(0, "Loading")
        start = time.perf_counter()
        made = improve(source, wish, options.device, on_progress, region=region)
        seconds = time.perf_counter() - start
        paths = export(made.maps, options.out, f"{name_of(source)}_improved", export_options(options), bits=made.bits)
    return {
        "maps": {what: str(path) for what, path in paths.items()},
        "seconds": round(seconds, 3),
        "tiled": {"x": made.tiled[0], "y": made.tiled[1]},
        "closed": {"x": made.closed[0], "y": made.closed[1]},
        "estimated": list(made.estimated),
        "kept": round(made.kept, 4),
        "seam": {name: seam_by_axis(seam(picture)) for name, picture in made.maps.items()},
        "record": made.record,
    }


def _show(result: dict[str, Any]) -> str:
    tiled = [f"{axis}: {_told(result, axis)}" for axis in ("x", "y")]
    lines = [f"{', '.join(tiled)}; {result['kept']:.0%} of the pixels are the original's, {result['seconds']:.2f} s"]
    for name, path in result["maps"].items():
        estimated = ", estimated" if name in result["estimated"] else ""
        lines.append(f"{path}  {seam_text(result['seam'][name]) if name in result['seam'] else 'packed'}{estimated}")
    return "\n".join(lines)


def _told(result: dict[str, Any], axis: str) -> str:
    if result["closed"][axis]:
        return "made seamless"
    return "tiles already" if result["tiled"][axis] else "does not tile"


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("image", metavar="IMAGE", type=Path, help="a picture, or a folder with one material's maps")
    axes = "auto (what does not tile yet), none, x, y or both; default: auto, or none with a region"
    parser.add_argument("--seamless", metavar="AXES", help=axes)
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


ABOUT = "make a picture or PBR set seamless, clean, complete, larger, or anew in a region"
COMMANDS = (Command("improve", ABOUT, _add_arguments, _improve, _show),)
