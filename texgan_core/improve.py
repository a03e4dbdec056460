"""Better versions of what the user already has: a picture or a PBR set made seamless, and completed.

Where nothing had to change, the pictures stay as they are, to the last bit.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from . import __version__
from .encode import bundled, one_material, tiles, whole_cells
from .errors import RequestError
from .estimate import complete
from .maps import MAPS, picture_from_stack
from .materials import Material, material_of, read_maps
from .model_file import hash_tensors
from .networks import read_codec, read_estimator
from .noise import LARGEST_SEED
from .periodic import periodic_component
from .resynthesis import IsCancelled, Progress
from .seamless import SMALLEST_SIDE, Closed, close
from .synthesize import choose_device

AXES = {
    "auto": "those that do not tile yet",
    "none": "none",
    "x": "left and right",
    "y": "top and bottom",
    "both": "all four sides",
}
"""Which borders to close."""


@dataclass(frozen=True)
class Improvement:
    """What to do. `seamless` is one of `AXES`; `maps` are the maps to return, those that the source lacks being
    estimated, None for those that it has; another `seed` fills the border with other parts."""

    seamless: str = "auto"
    maps: tuple[str, ...] | None = None
    seed: int = 0

    def validate(self) -> None:
        """Raises RequestError: no such axes, maps or seed."""
        if self.seamless not in AXES:
            raise RequestError(f"There are no borders named {self.seamless!r}; choose from {', '.join(AXES)}.")
        unknown = [name for name in self.maps or () if name not in MAPS]
        if unknown:
            raise RequestError(f"There is no map named {unknown[0]!r}; choose from {', '.join(MAPS)}.")
        if not isinstance(self.seed, int) or not 0 <= self.seed <= LARGEST_SEED:
            raise RequestError(f"The seed is {self.seed}; choose a whole number from 0 to {LARGEST_SEED}.")


@dataclass(frozen=True)
class Improved:
    """A better set.

    Attributes:
        maps: float32 in 0..1, first row at the top, as those of a `TextureSet`.
        tiled: whether the source tiled already, in x and in y, by its base color's seams.
        closed: whether x and y were closed.
        estimated: the maps that the source did not have.
        kept: share of the pixels that are the source's own, of the maps that it had.
        record: what was done to what.
    """

    maps: dict[str, np.ndarray]
    tiled: tuple[bool, bool]
    closed: tuple[bool, bool]
    estimated: tuple[str, ...]
    kept: float
    record: dict[str, Any]


def improve(
    source: Path,
    wish: Improvement,
    device: str = "auto",
    on_progress: Progress | None = None,
    is_cancelled: IsCancelled | None = None,
) -> Improved:
    """Improve a picture, or the one material in a folder. The files themselves are not touched.

    Raises:
        ImageError: the picture cannot be used. Otherwise as `improve_set`.
    """
    wish.validate()
    files = one_material(source)
    return improve_set(files.name, read_maps(files), wish, device, on_progress, is_cancelled)


def improve_set(
    name: str,
    pictures: dict[str, np.ndarray],
    wish: Improvement,
    device: str = "auto",
    on_progress: Progress | None = None,
    is_cancelled: IsCancelled | None = None,
) -> Improved:
    """Improve pictures by map, as from `read_maps`.

    Sides that are no multiple of 8 lose the few pixels beyond it. A picture too small for the networks is closed by
    taking away the smooth part that keeps it from tiling, which changes all of it a little.

    Raises:
        RequestError: as `Improvement.validate`, or a map must be estimated and the picture is too small for that.
        DeviceError: no such device. Cancelled.
    """
    wish.validate()
    report, cancelled = on_progress or (lambda share, text: None), is_cancelled or (lambda: False)
    tiled = tiles(pictures["base_color"])
    axes = _axes(wish.seamless, tiled)
    wanted = wish.maps or tuple(pictures)
    estimated = tuple(map_name for map_name in wanted if map_name not in pictures)
    if min(pictures["base_color"].shape[:2]) < SMALLEST_SIDE:
        maps, kept = _close_small(pictures, wanted, estimated, axes), float(not any(axes))
    elif not any(axes) and not estimated:
        maps, kept = {map_name: pictures[map_name] for map_name in wanted}, 1.0
    else:
        maps, kept = _remake(name, pictures, tiled, axes, wanted, wish.seed, device, report, cancelled)
    record = {
        "texgan": __version__,
        "source": name,
        "source_hash": hash_tensors(pictures),
        "closed": {"x": axes[1], "y": axes[0]},
        "seed": wish.seed,
        "maps": list(wanted),
        "estimated": list(estimated),
    }
    return Improved(maps, tiled[::-1], axes[::-1], estimated, kept, record)


def _axes(name: str, tiled: tuple[bool, bool]) -> tuple[bool, bool]:
    """Whether to close y and x."""
    if name == "auto":
        return not tiled[0], not tiled[1]
    return name in ("y", "both"), name in ("x", "both")


def _close_small(
    pictures: dict[str, np.ndarray], wanted: tuple[str, ...], estimated: tuple[str, ...], axes: tuple[bool, bool]
) -> dict[str, np.ndarray]:
    if estimated:
        side = min(pictures["base_color"].shape[:2])
        raise RequestError(f"To estimate maps, the picture must have {SMALLEST_SIDE} pixels a side; it has {side}.")
    return {name: _periodic(pictures[name], axes) for name in wanted}


def _periodic(picture: np.ndarray, axes: tuple[bool, bool]) -> np.ndarray:
    planes = picture[..., None] if picture.ndim == 2 else picture
    return periodic_component(planes, axes).reshape(picture.shape) if any(axes) else picture


def _remake(
    name: str,
    pictures: dict[str, np.ndarray],
    tiled: tuple[bool, bool],
    axes: tuple[bool, bool],
    wanted: tuple[str, ...],
    seed: int,
    device: str,
    on_progress: Progress,
    is_cancelled: IsCancelled,
) -> tuple[dict[str, np.ndarray], float]:
    """The wanted maps, and the share of pixels that are the source's. What is missing is guessed last, of what tiles
    then."""
    target = choose_device(device)
    maps, kept = whole_cells(pictures), 1.0
    if any(axes):
        encoder, decoder = read_codec(bundled("codec"))
        material = material_of(name, maps)
        closed = close(
            material, encoder.to(target), decoder.to(target), axes, seed, _part(on_progress, 0.0, 0.8), is_cancelled
        )
        maps = {map_name: _laid_over(map_name, picture, material, closed) for map_name, picture in maps.items()}
        kept = float((closed.share == 0).mean())
    if set(wanted) - set(maps):
        tiling = (tiled[0] or axes[0], tiled[1] or axes[1])
        estimator = read_estimator(bundled("estimator")).to(target)
        maps = complete(maps, tiling, estimator, _part(on_progress, 0.8, 1.0), is_cancelled)
    return {map_name: maps[map_name] for map_name in wanted}, kept


def _part(on_progress: Progress, first: float, last: float) -> Progress:
    """Progress of a part of the work as that of the whole."""
    return lambda share, text: on_progress(first + share * (last - first), text)


def _laid_over(name: str, original: np.ndarray, material: Material, closed: Closed) -> np.ndarray:
    """A map of the closed set; the original stays where nothing changed."""
    made = picture_from_stack(closed.stack, name)
    if name == "height":
        made = _at_scale(made, picture_from_stack(material.stack.astype(np.float32), name), original)
    share = closed.share if made.ndim == 2 else closed.share[..., None]
    return np.where(share > 0, original + share * (made - original), original).astype(np.float32)


def _at_scale(made: np.ndarray, standard: np.ndarray, original: np.ndarray) -> np.ndarray:
    """A height as the networks know it, at the scale of the source's own."""
    gain, offset = np.polyfit(standard.ravel(), original.ravel(), 1)
    return np.clip(made * gain + offset, 0, 1).astype(np.float32)
