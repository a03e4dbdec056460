"""How well pictures are improved, on materials that no network has seen: `python -m training.evaluate_improve`.

    python -m training.evaluate_improve --data FOLDER --out evaluation_improve

closing       a part of each material that does not tile is made seamless. `band` is the quality ratio of what lies
              around the border to the half of the material that nobody saw; `kept` is the share of pixels that stay
upscaling     the part is scaled down to a half (`upscaling 2`) or a quarter, and up again. `quality` is its quality
              ratio, `consistency` how much it differs, scaled down again, in 8-bit levels, `normal` the angle to the
              real ones
cleaning      noise, blur and JPEG blocks are taken out; bilateral filter and patches (non-local means) are G'MIC's
lighting      a slope and a spot of light are taken out
rerolling     a disc is made anew
estimating    maps are guessed from the base color and compared with the real ones: `normal` in degrees, the others as
              mean absolute errors of 0..1. The rule of thumb takes brightness for height, as steep as is best for
              most other materials, and what is bright for smooth; "at its best", each as steep as fits it best

It writes figures.json, anew after each task, and a sheet of pictures by task; those of `closing` show the border in the
middle. Methods that need G'MIC are left out where `gmic` is not installed.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from statistics import mean, median
from typing import Any

import numpy as np

from texgan_core.errors import TexganError, TrainingError
from texgan_core.pictures import write_picture

from .choose import read_names
from .comparisons import Compared, cleaning, closing, estimating, lighting, rerolling, upscaling
from .evaluate import HELD_OUT, Subject, load_subjects
from .sheet import stacked

TASKS: dict[str, Callable[[Subject], Compared]] = {
    "closing": closing,
    "upscaling 2": partial(upscaling, factor=2),
    "upscaling 4": partial(upscaling, factor=4),
    "cleaning": cleaning,
    "lighting": lighting,
    "rerolling": rerolling,
    "estimating": estimating,
}


def main(arguments: list[str] | None = None) -> int:
    """Evaluate, and say in one sentence what went wrong, if anything did. Returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        tasks = _chosen(options.tasks)
        subjects = load_subjects(options.data, read_names(options.materials), options.size)
        options.out.mkdir(parents=True, exist_ok=True)
        materials: dict[str, Any] = {subject.material.name: {} for subject in subjects}
        for task in tasks:
            compared = _compare(task, subjects)
            _write_sheet(options.out / f"{task.replace(' ', '_')}.png", compared.values())
            for name, comparison in compared.items():
                materials[name][task] = comparison.figures
            result = {"materials": materials, "medians": medians(materials)}
            _write_figures(options.out / "figures.json", result)
    except TexganError as error:
        print(f"evaluate_improve: {error}", file=sys.stderr)
        return 2
    print(json.dumps(result["medians"], indent=1))
    return 0


def _compare(task: str, subjects: list[Subject]) -> dict[str, Compared]:
    """By the names of the materials."""
    compared = {}
    for subject in subjects:
        compared[subject.material.name] = TASKS[task](subject)
        print(task, subject.material.name, file=sys.stderr, flush=True)
    return compared


def _write_sheet(path: Path, compared: Iterable[Compared]) -> None:
    """A row of pictures for each material, if there are any."""
    rows = [np.concatenate(list(c.pictures.values()), 1) for c in compared if c.pictures]
    if rows:
        write_picture(path, stacked(rows))


def _write_figures(path: Path, result: dict[str, Any]) -> None:
    """All figures so far, whole or not at all."""
    unfinished = path.with_suffix(".part")
    unfinished.write_text(json.dumps(result, indent=1), encoding="utf-8")
    os.replace(unfinished, path)


def _chosen(names: str | None) -> list[str]:
    chosen = [name.strip() for name in names.split(",")] if names else list(TASKS)
    unknown = [name for name in chosen if name not in TASKS]
    if unknown:
        raise TrainingError(f"There is no task named {unknown[0]!r}; choose from {', '.join(TASKS)}.")
    return chosen


def medians(materials: dict[str, Any]) -> dict[str, Any]:
    """Of each figure of each method, over the materials that have it; for seams also how many are out of 0.7-1.5,
    for bands the mean and the worst."""
    found: dict[str, Any] = {}
    for material in materials.values():
        for task, rows in material.items():
            for method, figures in rows.items():
                for name, value in figures.items():
                    found.setdefault(task, {}).setdefault(method, {}).setdefault(name, []).append(value)
    result = {
        task: {method: {name: round(median(v), 3) for name, v in fs.items()} for method, fs in methods.items()}
        for task, methods in found.items()
    }
    for method, figures in found.get("closing", {}).items():
        seams = figures["seam_x"] + figures["seam_y"]
        result["closing"][method]["seams out of range"] = sum(not 0.7 <= s <= 1.5 for s in seams)
        if bands := figures.get("band"):
            result["closing"][method] |= {"band, mean": round(mean(bands), 3), "band, worst": round(max(bands), 3)}
    return result


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m training.evaluate_improve",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of PBR sets")
    parser.add_argument("--materials", type=Path, default=HELD_OUT, help="text file with the names of materials")
    parser.add_argument("--tasks", help=f"some of them, with commas between: {', '.join(TASKS)}")
    parser.add_argument("--size", type=int, default=512, help="pixels a side of the parts")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    return parser


if __name__ == "__main__":
    sys.exit(main())
