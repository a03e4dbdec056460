"""A model file of the user's own pictures: at once as a latent, then with a decoder that learns to draw them better.

What is learned stays what it was: maps come out of one latent, tile exactly, and nothing in the files is executed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from . import library
from .codec import STRIDE, Decoder, Encoder
from .devices import choose_device
from .encode import BORDER, bundled_codec, completed, encode, fit_to_cells, one_material, wrapping
from .errors import Cancelled, RequestError
from .features import SMALLEST_SIDE
from .gather import gather
from .library import find_part, is_bundled
from .maps import picture_from_stack
from .measure import normal_angle_error, psnr, quality_ratio
from .model_file import SUFFIX, read_card, write_model_file
from .models import material_tensors
from .networks import read_codec
from .pictures import resize, write_picture
from .pupil import Lesson, OnSample, Pupil, middle
from .resynthesis import IsCancelled, Progress

PREVIEW_SIDE = 192
"""Pixels of the picture that lies beside a model, for menus."""
Figures = dict[str, float]


@dataclass(frozen=True)
class Learned:
    """The model file, and how near reconstructions come to the pictures before and after: `psnr` of colours in dB,
    `quality` (1 is as near as parts of them are to each other) unless the pictures are too small for it, `normal` in
    degrees if there are normals. They are equal if nothing was learned, or nothing that helped; then the decoder is
    the one that it began with."""

    path: Path
    before: Figures
    after: Figures


def learn(
    paths: Sequence[Path],
    name: str,
    minutes: float = 0.0,
    folder: Path | None = None,
    further: bool = False,
    device: str = "auto",
    on_progress: Progress | None = None,
    is_cancelled: IsCancelled | None = None,
    is_paused: IsCancelled | None = None,
    on_sample: OnSample | None = None,
) -> Learned:
    """Make a model of pictures, or folders of PBR sets, that show the same material.

    Its file is written first, with the bundled decoder: from then on it can be used. With `minutes` a decoder of its
    own learns to reconstruct the pictures (pixels, gradients, and patches by sliced Wasserstein distance), and the file
    is written again, if the pictures are then reconstructed better.

    Args:
        name: what the model is called, and its file in `folder`, which is that of the user's own models if none is
            given.
        further: go on from the decoder that the model of this name has.
        on_sample: is given, every ten seconds, a picture (height, width, 3) as it is beside what the decoder draws.

    Raises:
        RequestError: a name that cannot be, nothing to go on from, or minutes below 0. ImageError: a picture cannot be
            used. DeviceError. Cancelled: what was written before stays.
    """
    report, cancelled = on_progress or (lambda share, text: None), is_cancelled or (lambda: False)
    target, folder = choose_device(device), folder or library.OWN
    _check(name, minutes)
    codec_path = _codec_of(folder / f"{name}{SUFFIX}") if further else bundled_codec()
    report(0.0, "Encoding")
    encoder, decoder = read_codec(codec_path)
    lessons = [_lesson(path, encoder, alone=len(paths) == 1) for path in paths]
    path = _write(name, folder, lessons, decoder, read_card(codec_path))
    before = after = _figures(lessons, decoder)
    if minutes:
        if cancelled():
            raise Cancelled
        pupil = Pupil(codec_path, lessons, target)
        pupil.learn(minutes * 60, report, cancelled, is_paused or (lambda: False), on_sample or (lambda picture: None))
        found = _figures(lessons, pupil.drawn())
        if _is_better(found, before):
            after = found
            own = pupil.write(folder, name)
            path = _write(name, folder, lessons, read_codec(own)[1], read_card(own))
            for other in set(folder.glob(f"codec-{name}-????????{SUFFIX}")) - {own}:
                other.unlink(missing_ok=True)
    report(1.0, "Learning")
    return Learned(path, before, after)


def _check(name: str, minutes: float) -> None:
    if not name.strip() or Path(name).name != name or name.startswith("."):
        raise RequestError(f"{name!r} is no name for a model; choose one that can be a file's name.")
    if is_bundled(name):
        raise RequestError(f"A model that comes with TexGAN is called {name}; choose another name.")
    if minutes < 0:
        raise RequestError(f"{minutes} minutes cannot be; choose 0, for at once, or more.")


def _codec_of(path: Path) -> Path:
    """The codec of the model to go on from."""
    if not path.is_file():
        raise RequestError(f"There is no model at {path} to go on from; learn it first.")
    return find_part("codec", str(read_card(path).get("codec")), path.parent)


def _lesson(path: Path, encoder: Encoder, alone: bool) -> Lesson:
    material = completed(one_material(path))
    wraps = wrapping(material) if alone else (False, False)
    latent, _ = encode(encoder, material, wraps)
    stack = fit_to_cells(material.stack.astype(np.float32), wraps)
    cut = [slice(None) if wrap else slice(BORDER * STRIDE, -BORDER * STRIDE) for wrap in wraps]
    return Lesson(material, latent, np.ascontiguousarray(stack[:, cut[0], cut[1]]), wraps)


def _write(name: str, folder: Path, lessons: list[Lesson], decoder: Decoder, codec: dict[str, Any]) -> Path:
    """The material's file."""
    latent, sheets = gather([lesson.latent for lesson in lessons])
    card = {
        "kind": "material",
        "name": name,
        "class": "own",
        "codec": codec["hash"],
        "wraps": list(lessons[0].wraps),
        "sheets": list(sheets),
        "training_materials": list(codec["training_materials"]),
    }
    path = folder / f"{name}{SUFFIX}"
    write_model_file(path, card, material_tensors(latent, decoder, [lesson.material for lesson in lessons]))
    color = picture_from_stack(lessons[0].stack, "base_color")
    side = min(color.shape[:2])
    write_picture(path.with_suffix(".png"), resize(color[:side, :side], PREVIEW_SIDE, PREVIEW_SIDE))
    return path


def _is_better(figures: Figures, than: Figures) -> bool:
    if "quality" in figures:
        return figures["quality"] < than["quality"]
    return figures["psnr"] > than["psnr"]


def _figures(lessons: list[Lesson], decoder: Decoder) -> Figures:
    """The means over the lessons."""
    found: list[Figures] = []
    for lesson in lessons:
        real, made = middle(lesson, decoder)
        ours, theirs = (picture_from_stack(stack, "base_color") for stack in (made, real))
        figures = {"psnr": psnr(ours, theirs)}
        if min(theirs.shape[:2]) >= 2 * SMALLEST_SIDE:
            figures["quality"] = quality_ratio(ours, theirs)
        if "normal" in lesson.material.known:
            normals = (picture_from_stack(stack, "normal") for stack in (made, real))
            figures["normal"] = normal_angle_error(*normals)
        found.append(figures)
    return {name: float(np.mean([f[name] for f in found])) for name in found[0] if all(name in f for f in found)}
