"""What pictures become by each way of improving them, on a material that no network has seen: figures and pictures."""

from dataclasses import dataclass, field

import numpy as np

from texgan_core import noise
from texgan_core.improve import Improvement, improve_set
from texgan_core.maps import MAPS, picture_from_stack
from texgan_core.measure import blur, normal_angle_error, psnr, quality_ratio, seam
from texgan_core.normals import from_slopes
from texgan_core.periodic import periodic_component
from texgan_core.pictures import to_linear, to_srgb

from .baselines import gmic, has_gmic, scaled
from .evaluate import Subject
from .tasks import wear

BLOCK = 4
"""Pixels a side that become one where a part is scaled down most."""
STRIP = 128
"""Pixels around the border whose quality is measured."""
STEEPNESS = tuple(sign * 2.0 ** (k / 2) for k in range(-4, 13) for sign in (1, -1))
"""Of the rule of thumb: pixels of height between black and white, from which the best is taken."""
USUAL_STEEPNESS = 1.0
"""The best of them for the materials that are not held out, in the mean."""
ESTIMATES = ("roughness", "height", "metallic", "ambient_occlusion")
SHADING = 0.35
"""How much darker and brighter than on average the corners of an unevenly lit part are, at most about."""
Figures = dict[str, float]


@dataclass
class Compared:
    """Figures by method, and the base colors to be shown, in order."""

    figures: dict[str, Figures] = field(default_factory=dict)
    pictures: dict[str, np.ndarray] = field(default_factory=dict)


def part_of(subject: Subject) -> dict[str, np.ndarray]:
    """The part of a material that is improved, by map: of the exemplar half, as far as it goes, in whole blocks of
    `BLOCK` pixels."""
    whole = subject.halves[0].stack
    height, width = (min(side, subject.size) // BLOCK * BLOCK for side in whole.shape[1:])
    stack = whole[:, :height, :width].astype(np.float32)
    return {name: picture_from_stack(stack, name) for name in MAPS if name in subject.material.known}


def closing(subject: Subject) -> Compared:
    """A part that does not tile is made seamless, and cropped for that if something in it repeats."""
    color = part_of(subject)["base_color"]
    made = improve_set(subject.material.name, {"base_color": color}, Improvement("both"), "cpu")
    pictures = {"as it is": color, "improve": made.maps["base_color"], "periodic": periodic_component(color)}
    if has_gmic():
        pictures["make_seamless"] = gmic(color, "fx_make_seamless", "30")
    figures = {}
    for name, picture in pictures.items():
        x, y = seam(picture)
        band = float(np.mean([quality_ratio(strip, subject.reference) for strip in strips(picture)]))
        before = color[made.part.rows, made.part.columns] if name == "improve" else color
        same = (np.abs(picture - before) < 1 / 512).all(2)
        figures[name] = {"seam_x": x, "seam_y": y, "band": band, "kept": float(same.mean())}
    return Compared(figures, {name: _on_white(centred(picture), color.shape) for name, picture in pictures.items()})


def upscaling(subject: Subject, factor: int) -> Compared:
    """A part is scaled down by means of pixels, and up again."""
    whole = part_of(subject)
    small = {name: averaged(picture, factor) for name, picture in whole.items()}
    made = improve_set("", small, Improvement("none", upscale=factor), "cpu").maps
    pictures = {"real": whole["base_color"], "improve": made["base_color"]}
    pictures |= {name: scaled(small["base_color"], factor, name) for name in ("bicubic", "lanczos")}
    figures = {name: enlarged(picture, small, whole, subject, factor) for name, picture in pictures.items()}
    if "normal" in whole:
        figures["improve"]["normal"] = normal_angle_error(made["normal"], whole["normal"])
        for name in ("bicubic", "lanczos"):
            normal = scaled(small["normal"], factor, name) * 2 - 1
            normal = normal / np.maximum(np.linalg.norm(normal, axis=2, keepdims=True), 1e-6)
            figures[name]["normal"] = normal_angle_error(normal * 0.5 + 0.5, whole["normal"])
    return Compared(figures, pictures)


def enlarged(
    picture: np.ndarray, small: dict[str, np.ndarray], whole: dict[str, np.ndarray], subject: Subject, factor: int
) -> Figures:
    """Of a picture that was scaled up: `consistency` is the mean difference of what it scales down to, in 8-bit levels,
    `drift` that of the mean colours."""
    difference = averaged(picture, factor) - small["base_color"]
    return {
        "quality": quality_ratio(picture, subject.reference),
        "psnr": min(psnr(picture, whole["base_color"]), 99.0),
        "consistency": float(np.abs(difference).mean() * 255),
        "drift": float(np.abs(difference.mean((0, 1))).max() * 255),
    }


def averaged(picture: np.ndarray, factor: int) -> np.ndarray:
    """The means of factor x factor pixels; of normals their direction."""
    rows, columns = (side // factor for side in picture.shape[:2])
    return picture.reshape(rows, factor, columns, factor, -1).mean((1, 3)).reshape(rows, columns, *picture.shape[2:])


def cleaning(subject: Subject) -> Compared:
    """A worn part is cleaned; G'MIC's filters at the one of three strengths that is best for each part."""
    clean = part_of(subject)["base_color"]
    worn = wear(clean.transpose(2, 0, 1) * 2 - 1, noise.generator(len(subject.material.name)), all_of_it=True)
    worn = worn.transpose(1, 2, 0) * 0.5 + 0.5
    pictures = {"clean": clean, "worn": worn}
    made = improve_set("", {"base_color": worn}, Improvement("none", clean=1.0), "cpu")
    pictures["improve"] = made.maps["base_color"]
    if has_gmic():
        pictures["bilateral"] = nearest([gmic(worn, "bilateral", f"2,{r}") for r in (8, 16, 32)], clean)
        pictures["patches"] = nearest([gmic(worn, "denoise", f"4,{r}") for r in (8, 16, 32)], clean)
    figures = {
        name: {"psnr": min(psnr(picture, clean), 99.0), "quality": quality_ratio(picture, subject.reference)}
        for name, picture in pictures.items()
    }
    return Compared(figures, pictures)


def nearest(pictures: list[np.ndarray], clean: np.ndarray) -> np.ndarray:
    """The one with the smallest squared error."""
    return max(pictures, key=lambda picture: psnr(picture, clean))


def lighting(subject: Subject) -> Compared:
    """A part is lit unevenly, and evened out; `highpass` takes away what is broad from the encoded colours."""
    even = part_of(subject)["base_color"]
    shade = shading(even.shape[:2], len(subject.material.name))
    lit = to_srgb(np.clip(to_linear(even) * shade[..., None], 0, 1))
    made = improve_set("", {"base_color": lit}, Improvement("none", even=1.0), "cpu").maps["base_color"]
    broad = np.stack([blur(plane, min(even.shape[:2]) / 8) for plane in lit.transpose(2, 0, 1)], 2)
    highpass = np.clip(lit - broad + broad.mean((0, 1)), 0, 1)
    pictures = {"even": even, "lit": lit, "improve": made, "highpass": highpass}
    figures = {
        name: {"psnr": min(psnr(picture, even), 99.0), "quality": quality_ratio(picture, subject.reference)}
        for name, picture in pictures.items()
    }
    return Compared(figures, pictures)


def shading(sides: tuple[int, ...], seed: int) -> np.ndarray:
    """Light (height, width) around 1: a slope in some direction and a soft spot."""
    rng = noise.generator(seed)
    angle, row, column = rng.uniform(0, 2 * np.pi), *rng.uniform(0.2, 0.8, 2)
    rows, columns = (places / side for places, side in zip(np.indices(sides), sides, strict=True))
    slope = (rows - 0.5) * np.sin(angle) + (columns - 0.5) * np.cos(angle)
    spot = np.exp(-((rows - row) ** 2 + (columns - column) ** 2) / 0.1)
    return 1 + SHADING * (2 * slope + spot - spot.mean())


def rerolling(subject: Subject) -> Compared:
    """A disc of the part is made anew, twice; what is measured is the square around it, in the mean of both."""
    whole = part_of(subject)
    height, width = whole["base_color"].shape[:2]
    side = min(height, width)
    rows, columns = np.mgrid[:height, :width]
    disc = (rows - height / 2) ** 2 + (columns - width / 2) ** 2 < (side / 5) ** 2
    pictures = {"as it is": whole["base_color"]}
    for seed in (0, 1):
        made = improve_set("", whole, Improvement("none", seed=seed), "cpu", region=disc)
        pictures[f"seed {seed}"] = made.maps["base_color"]
    top, left, half = (height - side) // 2 + side // 4, (width - side) // 2 + side // 4, side - side // 4 * 2
    before, *after = (
        quality_ratio(picture[top : top + half, left : left + half], subject.reference) for picture in pictures.values()
    )
    return Compared({"as it is": {"quality": before}, "improve": {"quality": float(np.mean(after))}}, pictures)


def estimating(subject: Subject) -> Compared:
    """Maps are guessed from the base color."""
    real = part_of(subject)
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
        grey, normal = real["base_color"].mean(2), real["normal"]
        figures["rule of thumb"] = {"normal": rule_of_thumb(grey, normal, USUAL_STEEPNESS)}
        figures["rule at its best"] = {"normal": min(rule_of_thumb(grey, normal, s) for s in STEEPNESS)}
        if "roughness" in real:
            figures["rule of thumb"]["roughness"] = float(np.abs(1 - grey - real["roughness"]).mean())
    return Compared(figures)


def rule_of_thumb(grey: np.ndarray, normal: np.ndarray, steepness: float) -> float:
    """The error of normals for which brightness is height."""
    right = (np.roll(grey, 1, 1) - np.roll(grey, -1, 1)) / 2
    up = (np.roll(grey, -1, 0) - np.roll(grey, 1, 0)) / 2
    stack = np.zeros((sum(spec.channels for spec in MAPS.values()), *grey.shape), np.float32)
    stack[MAPS["normal"].span] = from_slopes(np.stack([right, up]).astype(np.float32) * steepness)
    return normal_angle_error(picture_from_stack(stack, "normal"), normal)


def strips(picture: np.ndarray) -> list[np.ndarray]:
    """What lies around the left and right border, and around the upper and lower one."""
    rolled = centred(picture)
    row, column = (max(side // 2 - STRIP // 2, 0) for side in picture.shape[:2])
    return [rolled[:, column : column + STRIP], rolled[row : row + STRIP]]


def _on_white(picture: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """A picture that may have been cropped, in the corner of one of the size that it had."""
    below, beside = (whole - side for whole, side in zip(shape[:2], picture.shape[:2], strict=True))
    return np.pad(picture, ((0, below), (0, beside), (0, 0)), constant_values=1)


def centred(picture: np.ndarray) -> np.ndarray:
    """With the border in the middle."""
    return np.roll(picture, (picture.shape[0] // 2, picture.shape[1] // 2), (0, 1))
