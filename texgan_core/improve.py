"""Better versions of what the user already has: a picture or a PBR set cleaned, made seamless, completed, enlarged, or
made anew in a marked region.

Where nothing had to change, the pictures stay as they are, to the last bit.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from . import __version__
from .clean import clean, even_light
from .devices import choose_device
from .encode import bundled, one_material, tiles
from .errors import DeviceError, RequestError
from .estimate import complete
from .inlay import inlaid
from .job import IsCancelled, Progress, never, part_of, unseen
from .machine import check_memory
from .maps import MAPS, picture_from_stack
from .materials import Material, material_of, read_pictures
from .model_file import hash_tensors
from .networks import read_cleaner, read_codec, read_estimator, read_upscaler
from .noise import LARGEST_SEED
from .parts import Part
from .periodic import periodic_component
from .pictures import bits_of, largest_size, resize
from .refill import FindSources, Refilled, refill
from .region import rerolling
from .request import FACTORS
from .seamless import SMALLEST_SIDE, closing
from .synthesize import or_on_processor
from .upscale import upscale
from .whole_repeats import whole_repeats
from .windows import in_units

AXES = {
    "auto": "those that do not tile yet",
    "none": "none",
    "x": "left and right",
    "y": "top and bottom",
    "both": "all four sides",
}
"""Which borders to close."""
OPACITY = "opacity"
"""Of the base color: (height, width), worked on beside the maps."""
Maps = dict[str, np.ndarray]
WORKING_BYTES = 24
"""Of memory while pictures are enlarged, for each pixel that they will have: what lies beside the maps as float32.
Tried with 1024 x 1024 pixels four times and 2048 x 2048 twice as large, one map and all."""
FAINTEST = 1e-3
"""Share of something new below which the original stays."""
Step = Callable[[Maps, Progress], Maps]


@dataclass(frozen=True)
class Improvement:
    """What to do, in this order.

    Attributes:
        clean: 0..1, how much of noise, JPEG blocks and slight blur to take out of the base color.
        even: 0..1, how much of uneven light to take out of the base color.
        seamless: the borders to close, one of `AXES`.
        maps: the maps to return, those that the source lacks being estimated; None for those that it has.
        upscale: how many times larger the result is, one of `FACTORS`.
        seed: another one fills the border, or a region, with other parts.
        crop: whether borders to close may first be moved inward, so that courses and tiles fit a whole number of times.
    """

    seamless: str = "auto"
    maps: tuple[str, ...] | None = None
    seed: int = 0
    clean: float = 0.0
    even: float = 0.0
    upscale: int = 1
    crop: bool = True

    def validate(self) -> None:
        """Raises RequestError: no such axes, maps, seed or factor, or a strength out of 0..1."""
        if self.seamless not in AXES:
            raise RequestError(f"There are no borders named {self.seamless!r}; choose from {', '.join(AXES)}.")
        unknown = [name for name in self.maps or () if name not in MAPS]
        if unknown:
            raise RequestError(f"There is no map named {unknown[0]!r}; choose from {', '.join(MAPS)}.")
        if not isinstance(self.seed, int) or not 0 <= self.seed <= LARGEST_SEED:
            raise RequestError(f"The seed is {self.seed}; choose a whole number from 0 to {LARGEST_SEED}.")
        for what, strength in (("clean", self.clean), ("even", self.even)):
            if not 0 <= strength <= 1:
                raise RequestError(f"The strength of {what} is {strength}; choose a number from 0 to 1.")
        if self.upscale not in FACTORS:
            raise RequestError(f"Pictures cannot be made {self.upscale} times as large; choose 1, 2 or 4.")


@dataclass(frozen=True)
class Improved:
    """A better set.

    Attributes:
        maps: float32 in 0..1, first row at the top, as those of a `TextureSet`; the base color with the opacity as a
            fourth channel if the source's had one.
        bits: how many of each map hold what the source had: 8 or 16.
        tiled: whether the source tiled already, in x and in y, by its base color's seams.
        closed: whether x and y were closed.
        estimated: the maps that the source did not have.
        part: the rows and columns of the source's base color that are left; all, if nothing was cropped.
        kept: share of the pixels in them of the source's map of which the fewest are as they were.
        record: what was done to what.
        device: what did it, which is the processor if an accelerator's memory ran out.
    """

    maps: Maps
    bits: dict[str, int]
    tiled: tuple[bool, bool]
    closed: tuple[bool, bool]
    estimated: tuple[str, ...]
    part: Part
    kept: float
    record: dict[str, Any]
    device: str = "cpu"


def improve(
    source: Path,
    wish: Improvement,
    device: str = "auto",
    on_progress: Progress | None = None,
    is_cancelled: IsCancelled | None = None,
    region: np.ndarray | None = None,
) -> Improved:
    """Improve a picture, or the one material in a folder. The files themselves are not touched.

    Raises:
        ImageError: the picture cannot be used. Otherwise as `improve_set`.
    """
    wish.validate()
    files = one_material(source)
    return improve_set(files.name, read_pictures(files), wish, device, on_progress, is_cancelled, region)


def improve_set(
    name: str,
    pictures: Maps,
    wish: Improvement,
    device: str = "auto",
    on_progress: Progress | None = None,
    is_cancelled: IsCancelled | None = None,
    region: np.ndarray | None = None,
) -> Improved:
    """Improve pictures by map, as from `read_pictures`. The base color's opacity, if it has one, goes where the colours
    go.

    Each map keeps its own size, unless it is cropped or larger pictures are wished; what is made anew is made at the
    size of the largest. Maps that are estimated get the base color's size, a height that is integrated that of its
    normals. A picture too small for the networks is closed by taking away the smooth part that keeps it from tiling,
    which changes all of it a little.

    Args:
        region: (height, width) bool, of the base color's size; what it marks is made anew from the rest.

    Raises:
        RequestError: as `Improvement.validate`; a picture too small for what is wanted; a region of another size, too
            small, or so large that too little is left to make it from. DeviceError: no such device, or not enough
            memory, on the processor either. Cancelled.
    """
    wish.validate()
    _check_memory(pictures, wish)
    report, cancelled = on_progress or unseen, is_cancelled or never
    tiled = tiles(pictures["base_color"][..., :3])
    axes = _axes(wish.seamless, tiled)
    part = _part(pictures["base_color"], wish, tiled, axes)
    wanted = wish.maps or tuple(pictures)

    def work(target: torch.device) -> Maps:
        return _Work(name, tiled, axes, part, wish, target, cancelled).done(_parted(pictures), wanted, region, report)

    try:
        maps, used = or_on_processor(choose_device(device), work)
    except MemoryError as error:
        height, width = pictures["base_color"].shape[:2]
        text = f"There is not enough memory to improve a picture of {width} x {height}; choose a smaller one."
        raise DeviceError(text) from error
    estimated = tuple(map_name for map_name in wanted if map_name not in pictures)
    record = {
        "texgan": __version__,
        "source": name,
        "source_hash": hash_tensors(pictures),
        "tiled": {"x": tiled[1], "y": tiled[0]},
        "closed": {"x": axes[1], "y": axes[0]},
        "part": _told(part) if part.sides != pictures["base_color"].shape[:2] else None,
        "seed": wish.seed,
        "maps": list(wanted),
        "estimated": list(estimated),
        "clean": wish.clean,
        "even": wish.even,
        "upscale": wish.upscale,
        "region_hash": "" if region is None else hash_tensors({"region": region}),
    }
    maps = _joined(maps)
    made = {map_name: maps[map_name] for map_name in wanted}
    bits = {map_name: _bits(map_name, pictures.get(map_name)) for map_name in wanted}
    kept = _kept(_cropped(pictures, part), made)
    return Improved(made, bits, tiled[::-1], axes[::-1], estimated, part, kept, record, used.type)


def _parted(pictures: Maps) -> Maps:
    """With the base color's opacity, if any, as a picture of its own."""
    color = pictures["base_color"]
    return pictures if color.shape[2] == 3 else pictures | {"base_color": color[..., :3], OPACITY: color[..., 3]}


def _joined(pictures: Maps) -> Maps:
    """What `_parted` undoes."""
    if OPACITY not in pictures:
        return pictures
    return pictures | {"base_color": np.dstack([pictures["base_color"], pictures[OPACITY]])}


def _known(pictures: Maps) -> Maps:
    """Those that the networks know."""
    return {name: picture for name, picture in pictures.items() if name in MAPS}


def _bits(name: str, source: np.ndarray | None) -> int:
    """Heights need 16, or slopes become stairs."""
    return 16 if name == "height" else 8 if source is None else bits_of(source)


def _check_memory(pictures: Maps, wish: Improvement) -> None:
    """Raises DeviceError: enlarging them needs more memory than there is."""
    if wish.upscale > 1:
        height, width = (side * wish.upscale for side in largest_size(pictures.values()))
        enlarged = pictures if set(wish.maps or ()) <= set(pictures) else MAPS  # which are completed together
        channels = sum(MAPS[name].picture_channels for name in enlarged)
        check_memory(f"{width} x {height}", width * height * (4 * channels + WORKING_BYTES))


def _axes(name: str, tiled: tuple[bool, bool]) -> tuple[bool, bool]:
    """Whether to close y and x."""
    if name == "auto":
        return not tiled[0], not tiled[1]
    return name in ("y", "both"), name in ("x", "both")


def _part(color: np.ndarray, wish: Improvement, tiled: tuple[bool, bool], axes: tuple[bool, bool]) -> Part:
    """What is left of a base color: of what tiles along an axis all of it, and of a small picture all."""
    is_large = min(color.shape[:2]) >= SMALLEST_SIDE
    may = [wish.crop and is_large and closes and not tiles for closes, tiles in zip(axes, tiled, strict=True)]
    return whole_repeats(color[..., :3], (may[0], may[1]), SMALLEST_SIDE)


def _cropped(pictures: Maps, part: Part) -> Maps:
    """Pictures without what is not in a part of the base color."""
    whole = pictures["base_color"].shape[:2]

    def cropped(picture: np.ndarray) -> np.ndarray:
        rows, columns = (
            slice(round(span.start * side / of), round(span.stop * side / of))
            for span, side, of in zip((part.rows, part.columns), picture.shape[:2], whole, strict=True)
        )
        return picture[rows, columns]

    return {name: cropped(picture) for name, picture in pictures.items()}


def _told(part: Part) -> dict[str, list[int]]:
    """For a record: the first pixel, and the first one behind."""
    return {axis: [span.start, span.stop] for axis, span in (("x", part.columns), ("y", part.rows))}


def _kept(before: Maps, after: Maps) -> float:
    """Of the maps that were there, the smallest share of pixels that are the same."""
    return min((_same(before[name], after[name]) for name in before.keys() & after.keys()), default=1.0)


def _same(before: np.ndarray, after: np.ndarray) -> float:
    if before.shape != after.shape:
        return 0.0
    equal = before == after
    return float((equal if equal.ndim == 2 else equal.all(2)).mean())


@dataclass(frozen=True)
class _Work:
    """What all steps need to know; `tiled` and `axes` are of y and x, `part` of the base color."""

    name: str
    tiled: tuple[bool, bool]
    axes: tuple[bool, bool]
    part: Part
    wish: Improvement
    device: torch.device
    is_cancelled: IsCancelled

    def done(self, pictures: Maps, wanted: tuple[str, ...], region: np.ndarray | None, on_progress: Progress) -> Maps:
        """The pictures after all that is to be done."""
        steps = self.steps(pictures, wanted, region)
        maps = pictures
        for number, step in enumerate(steps):
            maps = step(maps, part_of(on_progress, number / len(steps), (number + 1) / len(steps)))
        return maps

    def steps(self, pictures: Maps, wanted: tuple[str, ...], region: np.ndarray | None) -> list[Step]:
        """What is to be done, in order."""
        height, width = pictures["base_color"].shape[:2]
        steps: list[Step] = []
        if self.wish.clean:
            steps.append(self.clean)
        if self.wish.even:
            steps.append(self.even)
        if region is not None:
            if region.shape != (height, width):
                size = f"{region.shape[1]} x {region.shape[0]}"
                raise RequestError(f"The region is {size}, the picture {width} x {height}; they must be of one size.")
            steps.append(lambda maps, report: self.reroll(maps, region, report))
        is_small = min(height, width) < SMALLEST_SIDE
        if self.part.sides != (height, width):
            steps.append(self.crop)
        if any(self.axes):
            steps.append(self.close_small if is_small else self.close)
        if set(wanted) - set(pictures):
            steps.append(self.complete)
        if self.wish.upscale > 1:
            steps.append(self.upscale)
        if is_small and (region is not None or set(wanted) - set(pictures)):
            raise RequestError(
                f"To estimate maps or fill a region, a picture must have {SMALLEST_SIDE} pixels a side; it has "
                f"{min(height, width)}."
            )
        return steps

    @property
    def tiling(self) -> tuple[bool, bool]:
        """Whether y and x tile once they are closed."""
        return self.tiled[0] or self.axes[0], self.tiled[1] or self.axes[1]

    def clean(self, maps: Maps, on_progress: Progress) -> Maps:
        cleaner = read_cleaner(bundled("cleaner")).to(self.device)
        color = clean(maps["base_color"], self.wish.clean, self.tiled, cleaner, on_progress, self.is_cancelled)
        return maps | {"base_color": color}

    def even(self, maps: Maps, on_progress: Progress) -> Maps:
        on_progress(0.0, "Evening out the light")
        return maps | {"base_color": even_light(maps["base_color"], self.wish.even, self.tiled)}

    def crop(self, maps: Maps, on_progress: Progress) -> Maps:
        on_progress(0.0, "Cropping to whole repeats")
        return _cropped(maps, self.part)

    def close(self, maps: Maps, on_progress: Progress) -> Maps:
        own = frozenset(_known(maps))

        def find(material: Material) -> FindSources:
            return closing(material, own, self.axes, self.wish.seed)

        return self.refill(maps, find, self.tiling, on_progress)

    def reroll(self, maps: Maps, region: np.ndarray, on_progress: Progress) -> Maps:
        """What is new reaches beyond the region, but is laid over it alone."""
        painted = region.astype(np.float32)
        marked = in_units(painted, self.tiled, largest_size(maps.values()), Image.Resampling.BILINEAR) > FAINTEST
        found = rerolling(marked, self.tiled, self.wish.seed)
        made = self.refill(maps, lambda _: found, self.tiled, on_progress, marked)

        def set_in(name: str, picture: np.ndarray) -> np.ndarray:
            height, width = picture.shape[:2]
            there = resize(painted, width, height, self.tiled, Image.Resampling.NEAREST) > 0
            return inlaid(picture, made[name], there, self.tiled)

        return {name: set_in(name, picture) for name, picture in maps.items()}

    def refill(
        self,
        maps: Maps,
        find: Callable[[Material], FindSources],
        wraps: tuple[bool, bool],
        on_progress: Progress,
        marked: np.ndarray | None = None,
    ) -> Maps:
        """The codec knows whole cells and maps of one size: all are scaled to those, and what is new is scaled back and
        laid over the original, which `wraps` in y and x once that is done."""
        size = largest_size(maps.values())
        whole = {name: in_units(picture, self.tiled, size) for name, picture in maps.items()}
        material = material_of(self.name, _known(whole))
        encoder, decoder = read_codec(bundled("codec"))
        networks = encoder.to(self.device), decoder.to(self.device)
        made = refill(material, *networks, find(material), wraps, on_progress, self.is_cancelled, marked)

        def laid(name: str, picture: np.ndarray) -> np.ndarray:
            height, width = picture.shape[:2]
            share = resize(made.share, width, height, wraps, Image.Resampling.BILINEAR)
            drawn = resize(_drawn(name, made, material, whole[name]), width, height, wraps)
            return _laid_over(picture, drawn, np.where(share < FAINTEST, 0, share))

        return {name: laid(name, picture) for name, picture in maps.items()}

    def close_small(self, maps: Maps, on_progress: Progress) -> Maps:
        on_progress(0.0, "Taking away the smooth part")
        return {name: _periodic(picture, self.axes) for name, picture in maps.items()}

    def complete(self, maps: Maps, on_progress: Progress) -> Maps:
        estimator = read_estimator(bundled("estimator")).to(self.device)
        return maps | complete(maps, self.tiling, estimator, on_progress, self.is_cancelled)

    def upscale(self, maps: Maps, on_progress: Progress) -> Maps:
        upscaler = read_upscaler(bundled("upscaler")).to(self.device)
        factor, (height, width) = self.wish.upscale, largest_size(maps.values())
        fitted = {name: resize(picture, width, height, self.tiling) for name, picture in _known(maps).items()}
        made = upscale(fitted, factor, self.tiling, upscaler, on_progress, self.is_cancelled)

        def enlarged(name: str, picture: np.ndarray) -> np.ndarray:
            height, width = (side * factor for side in picture.shape[:2])
            return resize(made.get(name, picture), width, height, self.tiling)

        return {name: enlarged(name, picture) for name, picture in maps.items()}


def _periodic(picture: np.ndarray, axes: tuple[bool, bool]) -> np.ndarray:
    planes = picture[..., None] if picture.ndim == 2 else picture
    return periodic_component(planes, axes).reshape(picture.shape)


def _drawn(name: str, refilled: Refilled, material: Material, original: np.ndarray) -> np.ndarray:
    """A map that was decoded, heights at the scale of the original's; or the opacity, which is not."""
    if name == OPACITY:
        return refilled.moved(original)
    made = picture_from_stack(refilled.stack, name)
    if name != "height":
        return made
    return _at_scale(made, picture_from_stack(material.stack.astype(np.float32), name), original)


def _laid_over(original: np.ndarray, made: np.ndarray, share: np.ndarray) -> np.ndarray:
    """A map of a refilled set; the original stays where nothing changed."""
    share = share if made.ndim == 2 else share[..., None]
    return np.where(share > 0, original + share * (made - original), original).astype(np.float32)


def _at_scale(made: np.ndarray, standard: np.ndarray, original: np.ndarray) -> np.ndarray:
    """A height as the networks know it, at the scale of the source's own."""
    gain, offset = np.polyfit(standard.ravel(), original.ravel(), 1)
    return np.clip(made * gain + offset, 0, 1).astype(np.float32)
