"""How well pictures are improved, on materials that no network has seen: `python -m training.evaluate_improve`.

    python -m training.evaluate_improve --data FOLDER --out evaluation_improve

Closing: a part of each material that does not tile is made seamless. `band` is the quality ratio of what lies around
the border to the half of the material that nobody saw; `kept` is the share of pixels that stay as they are.
Estimating: maps are guessed from the base color and compared with the real ones: `normal` in degrees, the others as
mean absolute errors of 0..1. The rule of thumb takes brightness for height, as steep as fits the real normals best.

It writes figures.json and closing.png: each part as it is, shown with its border in the middle, beside every method's.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from texgan_core.errors import ImageError, TexganError
from texgan_core.improve import Improvement, improve_set
from texgan_core.maps import MAPS, picture_from_stack
from texgan_core.measure import normal_angle_error, quality_ratio, seam
from texgan_core.normals import from_slopes
from texgan_core.periodic import periodic_component
from texgan_core.pictures import read_color, write_picture

from .baselines import GMIC_SECONDS, has_gmic
from .data import read_names
from .evaluate import HELD_OUT, Subject, load_subjects

STRIP = 128
"""Pixels around the border whose quality is measured."""
STEEPNESS = tuple(2.0 ** (k / 2) for k in range(-4, 13))
"""Of the rule of thumb: pixels of height between black and white, from which the best is taken."""
ESTIMATES = ("roughness", "height", "metallic", "ambient_occlusion")
Figures = dict[str, float]


def main(arguments: list[str] | None = None) -> int:
    """Evaluate, and say in one sentence what went wrong, if anything did. Returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        subjects = load_subjects(options.data, read_names(options.materials), options.size)
        materials, rows = {}, []
        for subject in subjects:
            closing, pictures = evaluate_closing(subject)
            materials[subject.material.name] = {"closing": closing, "estimating": evaluate_estimates(subject)}
            rows.append(np.concatenate([centred(picture) for picture in pictures], 1))
            print(subject.material.name, file=sys.stderr, flush=True)
        result = {"materials": materials, "medians": medians(materials)}
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / "figures.json").write_text(json.dumps(result, indent=1), encoding="utf-8")
        write_picture(options.out / "closing.png", np.concatenate(rows, 0))
    except TexganError as error:
        print(f"evaluate_improve: {error}", file=sys.stderr)
        return 2
    print(json.dumps(result["medians"], indent=1))
    return 0


def evaluate_closing(subject: Subject) -> tuple[dict[str, Figures], list[np.ndarray]]:
    """The figures of a part by method, and the pictures."""
    part = {"base_color": np.ascontiguousarray(subject.exemplar[: subject.size, : subject.size])}
    made = improve_set(subject.material.name, part, Improvement("both"), "cpu")
    pictures = {"as it is": part["base_color"], "improve": made.maps["base_color"]}
    pictures["periodic"] = periodic_component(part["base_color"])
    if has_gmic():
        pictures["make_seamless"] = by_gmic(part["base_color"])
    figures = {}
    for name, picture in pictures.items():
        x, y = seam(picture)
        band = float(np.mean([quality_ratio(strip, subject.reference) for strip in strips(picture)]))
        same = (np.abs(picture - part["base_color"]) < 1 / 512).all(2)
        figures[name] = {"seam_x": x, "seam_y": y, "band": band, "kept": float(same.mean())}
    return figures, list(pictures.values())


def strips(picture: np.ndarray) -> list[np.ndarray]:
    """What lies around the left and right border, and around the upper and lower one."""
    rolled = centred(picture)
    row, column = (side // 2 - STRIP // 2 for side in picture.shape[:2])
    return [rolled[:, column : column + STRIP], rolled[row : row + STRIP]]


def centred(picture: np.ndarray) -> np.ndarray:
    """With the border in the middle."""
    return np.roll(picture, (picture.shape[0] // 2, picture.shape[1] // 2), (0, 1))


def by_gmic(picture: np.ndarray) -> np.ndarray:
    """G'MIC's filter, with the settings that it comes with.

    Raises:
        ImageError: G'MIC did not make it.
    """
    with tempfile.TemporaryDirectory() as folder:
        source, result = Path(folder) / "source.png", Path(folder) / "result.png"
        write_picture(source, picture)
        command = ["gmic", str(source), "fx_make_seamless", "30", "output", str(result)]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=GMIC_SECONDS)
        except (OSError, subprocess.SubprocessError) as error:
            raise ImageError(f"G'MIC's make_seamless failed: {error}.") from error
        return read_color(result)


def evaluate_estimates(subject: Subject) -> dict[str, Figures]:
    """The errors of guessed maps by method."""
    stack = subject.material.stack[:, : subject.size, : subject.size].astype(np.float32)
    real = {name: picture_from_stack(stack, name) for name in MAPS if name in subject.material.known}
    made = improve_set("", {"base_color": real["base_color"]}, Improvement("none", tuple(MAPS)), "cpu").maps
    present = [name for name in ESTIMATES if name in real]
    figures = {
        "improve": {name: float(np.abs(made[name] - real[name]).mean()) for name in present},
        "constant": {name: float(np.abs(np.median(real[name]) - real[name]).mean()) for name in present},
    }
    if "normal" in real:
        flat = np.broadcast_to(np.array([0.5, 0.5, 1], np.float32), real["normal"].shape)
        figures["improve"]["normal"] = normal_angle_error(made["normal"], real["normal"])
        figures["constant"]["normal"] = normal_angle_error(flat, real["normal"])
        figures["rule of thumb"] = {"normal": rule_of_thumb(real["base_color"], real["normal"])}
    return figures


def rule_of_thumb(color: np.ndarray, normal: np.ndarray) -> float:
    """The error of normals for which brightness is height, at the best of some steepnesses, turned over or not."""
    grey = color.mean(2)
    right = (np.roll(grey, 1, 1) - np.roll(grey, -1, 1)) / 2
    up = (np.roll(grey, -1, 0) - np.roll(grey, 1, 0)) / 2
    errors = []
    for steepness in (sign * s for s in STEEPNESS for sign in (1, -1)):
        stack = np.zeros((sum(spec.channels for spec in MAPS.values()), *grey.shape), np.float32)
        stack[MAPS["normal"].span] = from_slopes(np.stack([right, up]).astype(np.float32) * steepness)
        errors.append(normal_angle_error(picture_from_stack(stack, "normal"), normal))
    return min(errors)


def medians(materials: dict[str, Any]) -> dict[str, Any]:
    """Of each figure of each method, over the materials that have it; for seams also how many are out of 0.7-1.5."""
    found: dict[str, Any] = {}
    for task in ("closing", "estimating"):
        for rows in (material[task] for material in materials.values()):
            for method, figures in rows.items():
                for name, value in figures.items():
                    found.setdefault(task, {}).setdefault(method, {}).setdefault(name, []).append(value)
    result = {
        task: {method: {name: round(median(v), 3) for name, v in fs.items()} for method, fs in methods.items()}
        for task, methods in found.items()
    }
    for method, figures in found["closing"].items():
        seams = figures["seam_x"] + figures["seam_y"]
        result["closing"][method]["seams out of range"] = sum(not 0.7 <= s <= 1.5 for s in seams)
    return result


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m training.evaluate_improve",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of PBR sets")
    parser.add_argument("--materials", type=Path, default=HELD_OUT, help="text file with the names of materials")
    parser.add_argument("--size", type=int, default=512, help="pixels a side of the parts")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    return parser


if __name__ == "__main__":
    sys.exit(main())
