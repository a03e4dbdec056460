"""`texgan measure`: whether and how well a picture tiles, and how it compares with a reference."""

import argparse
from pathlib import Path
from typing import Any

from ..pictures import read_base_color
from .command import Command, seam_by_axis, seam_text


def _measure(options: argparse.Namespace) -> dict[str, Any]:
    from ..encode import is_seamless
    from ..measure import copying, quality_ratio, seam

    picture = read_base_color(options.image)
    x, y = seam(picture)
    result: dict[str, Any] = {"seam": seam_by_axis((x, y)), "tiles": {"x": is_seamless(x), "y": is_seamless(y)}}
    if options.reference:
        reference = read_base_color(options.reference)
        result["quality_ratio"] = float(quality_ratio(picture, reference))
        result["copying"] = float(copying(picture, reference))
    return result


def _show(result: dict[str, Any]) -> str:
    tiled = [f"{axis}: {'tiles' if tiles else 'does not tile'}" for axis, tiles in result["tiles"].items()]
    lines = [seam_text(result["seam"]), ", ".join(tiled)]
    if "quality_ratio" in result:
        lines += [f"quality ratio {result['quality_ratio']:.3f}", f"copying {result['copying']:.3f}"]
    return "\n".join(lines)


def _add_pictures(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("image", metavar="IMAGE", type=Path)
    parser.add_argument("reference", metavar="REFERENCE", type=Path, nargs="?", help="a picture of the real material")


COMMANDS = (Command("measure", "measure a picture's seams and quality", _add_pictures, _measure, _show),)
