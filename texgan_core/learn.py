"""A model file of the user's own pictures: at once as a latent, then with a decoder that learns to draw them better, or
with a generator that learns to make their material up from noise.

What is learned stays what it was: maps come out of one latent, tile exactly, and nothing in the files is executed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from . import library
from .codec import Decoder, Encoder
from .devices import choose_device
from .dreamer import Dreamer
from .encode import (
    BORDER,
    bundled,
    bundled_codec,
    completed,
    encode,
    fit_to_cells,
    materials_of,
    pictures_of_one,
    wrapping,
)
from .errors import Cancelled, RequestError
from .features import SMALLEST_SIDE
from .gather import gather
from .grid import STRIDE
from .lesson import Lesson, Watch, learn_for
from .library import find_part
from .maps import picture_from_stack
from .materials import MaterialFiles
from .measure import normal_angle_error, psnr, quality_ratio
from .model_file import SUFFIX, read_card, write_model_file
from .models import material_tensors
from .networks import read_codec
from .own import check_name, forget_parts, learned_name
from .pictures import resize, write_picture
from .pupil import Pupil, middle

PREVIEW_SIDE = 192
"""Pixels of the picture that lies beside a model, for menus."""
Figures = dict[str, float]


@dataclass(frozen=True)
class Learned:
    """The model file, and how good it was before and after: `quality` (1 is as near as parts of the pictures are to
    each other) unless they are too small for it; of reconstructions `psnr` of colours in dB, and `normal` in degrees if
    there are normals; of what is made up from noise `diversity` (1 is as varied as parts of the pictures). Both are
    equal if nothing was learned, or nothing that helped; then what it began with was kept."""

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
    watch: Watch | None = None,
    noise: bool = False,
    replace: bool = False,
) -> Learned:
    """Make a model of pictures, of PBR sets as pictures or as folders, or of folders of lone colour pictures, that show
    the same material.

    The file of a new one is written first, with the bundled decoder: from then on it can be used. With `minutes` a
    decoder of its own learns to reconstruct the pictures (pixels, gradients, and patches by sliced Wasserstein
    distance), and the file is written again, every two minutes and in the end, whenever the pictures are reconstructed
    better. With `noise` a latent generator learns to make the material up instead, and becomes a model of its own,
    "NAME-noise", which follows patterns and is drawn by the decoder of NAME, if that draws these pictures better than
    the bundled one.

    A model that is there already, to be learned `further` or to be replaced, stays as it is until what takes its place
    is written for the first time.

    Args:
        name: what the model is called, and its file in `folder`, which is that of the user's own models if none is
            given.
        further: go on from the decoder, or the generator, that the model of this name has.
        replace: let it take the place of the model of this name, if there is one, and begin anew.
        watch: is shown, every ten seconds, a picture as it is beside what is drawn of it, or made up.

    Raises:
        RequestError: a name that cannot be, or that a model has already; nothing to go on from, minutes below 0, or
        pictures too small for noise.
        ImageError: a picture cannot be used. DeviceError. Cancelled: what was written before stays.
    """
    target, folder, watch = choose_device(device), folder or library.OWN, watch or Watch()
    result = learned_name(name, noise)
    _check(result, minutes, noise)
    own, made = (folder / f"{model}{SUFFIX}" for model in (name, result))
    if further and not made.is_file():
        raise RequestError(f"There is no model at {made} to go on from; learn it first.")
    if made.is_file() and not (further or replace):
        raise RequestError(
            f"You have a model named {result} already; choose another name, let it learn further, or replace it."
        )
    codec = _part("codec", own) if further and not noise else bundled_codec()
    watch.on_progress(0.0, "Encoding")
    encoder, _ = read_codec(codec)
    sources = materials_of(pictures_of_one(paths))
    lessons = [_lesson(files, encoder, alone=len(sources) == 1) for files in sources]
    if not (minutes and own.is_file()):
        _write(own, lessons, codec)
    if minutes and watch.is_cancelled():
        raise Cancelled
    if noise:
        began = _part("generator", made) if further else bundled("generator")
        dreamer = Dreamer(codec, _drawn_by(codec, _part("codec", own), lessons), lessons, target, began)
        figures = _learn_to_dream(made, dreamer, minutes, further, watch)
    else:
        figures = _learn_to_draw(own, codec, lessons, target, minutes, watch)
    watch.on_progress(1.0, "Learning")
    return Learned(made, *figures)


def _learn_to_draw(
    path: Path,
    codec: Path,
    lessons: list[Lesson],
    device: torch.device,
    minutes: float,
    watch: Watch,
) -> tuple[Figures, Figures]:
    """A decoder of its own for the model at `path`, instead of the codec's, if it helps. Returns the figures before and
    after."""
    before = after = _figures(lessons, read_codec(codec)[1])
    if not minutes:
        return before, after
    pupil = Pupil(codec, lessons, device)

    def keep() -> None:
        nonlocal after
        figures = _figures(lessons, pupil.drawn())
        if _is_better(figures, after):
            after = figures
            _write(path, lessons, pupil.write(path.parent, path.stem))

    learn_for(minutes * 60, pupil, keep, watch)
    if after is before:
        _write(path, lessons, codec)
    return before, after


def _drawn_by(codec: Path, own: Path, lessons: list[Lesson]) -> Path:
    """Of two codecs the one whose decoder draws the lessons better, the first if both do alike."""
    if own == codec:
        return codec
    figures = [_figures(lessons, read_codec(each)[1]) for each in (codec, own)]
    return own if _is_better(figures[1], figures[0]) else codec


def _learn_to_dream(
    path: Path, dreamer: Dreamer, minutes: float, further: bool, watch: Watch
) -> tuple[Figures, Figures]:
    """A generator of its own for the model at `path`; one that is learned further is kept only if that helps."""
    before = dreamer.figures()
    after = before if further else None

    def keep() -> None:
        nonlocal after
        figures = dreamer.figures()
        if after is None or _is_better(figures, after):
            after = figures
            dreamer.write(path)
            forget_parts(path)
            write_picture(path.with_suffix(".png"), resize(dreamer.picture(), PREVIEW_SIDE, PREVIEW_SIDE))

    learn_for(minutes * 60, dreamer, keep, watch)
    return before, after or before


def _check(name: str, minutes: float, noise: bool) -> None:
    check_name(name)
    if minutes < 0:
        raise RequestError(f"{minutes} minutes cannot be; choose 0, for at once, or more.")
    if noise and not minutes:
        raise RequestError("To make a material up from noise takes minutes to learn; give it some, ten for instance.")


def _part(kind: str, path: Path) -> Path:
    """The codec or the generator that a model's file names."""
    return find_part(kind, str(read_card(path).get(kind)), path.parent)


def _lesson(files: MaterialFiles, encoder: Encoder, alone: bool) -> Lesson:
    material = completed(files)
    wraps = wrapping(material) if alone else (False, False)
    latent, _ = encode(encoder, material, wraps)
    stack = fit_to_cells(material.stack.astype(np.float32), wraps)
    cut = [slice(None) if wrap else slice(BORDER * STRIDE, -BORDER * STRIDE) for wrap in wraps]
    return Lesson(material, latent, np.ascontiguousarray(stack[:, cut[0], cut[1]]), wraps)


def _write(path: Path, lessons: list[Lesson], codec: Path) -> None:
    """The material's file, whose maps a codec draws, and a picture for menus; what it no longer needs goes."""
    decoder, codec_card = read_codec(codec)[1], read_card(codec)
    latent, sheets = gather([lesson.latent for lesson in lessons])
    card = {
        "kind": "material",
        "name": path.stem,
        "class": "own",
        "codec": codec_card["hash"],
        "wraps": list(lessons[0].wraps),
        "sheets": list(sheets),
        "training_materials": list(codec_card["training_materials"]),
    }
    write_model_file(path, card, material_tensors(latent, decoder, [lesson.material for lesson in lessons]))
    color = picture_from_stack(lessons[0].stack, "base_color")
    side = min(color.shape[:2])
    write_picture(path.with_suffix(".png"), resize(color[:side, :side], PREVIEW_SIDE, PREVIEW_SIDE))
    forget_parts(path)


def _is_better(figures: Figures, than: Figures) -> bool:
    """By quality; but by colours, if they are known, where quality is not, or both are as real as it can tell: a ratio
    of 1 or less."""
    as_real = max(figures.get("quality", 0), than.get("quality", 0)) <= 1
    if "psnr" in figures and as_real:
        return figures["psnr"] > than["psnr"]
    return figures["quality"] < than["quality"]


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
