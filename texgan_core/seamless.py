"""Which cells of a latent to fill anew, and with what, so that a set tiles: those around its border, from the rest."""

from itertools import compress

import numpy as np

from .codec import HALO
from .exemplar import whole_features
from .grid import STRIDE
from .job import IsCancelled, Progress, part_of
from .maps import MAPS
from .materials import Material
from .mending import LARGEST_BLOCK, SMALLEST_BLOCK, breaks, mend
from .refill import Draw, FindSources
from .resynthesis import NEAR_BEST

SMALLEST_SIDE = 128
"""Pixels."""
NARROW, BROAD = 6, 4
"""The band that may change is at most one part in so many of the shorter side. A narrow one leaves more as it is, in a
broad one what repeats meets better."""
WORTH = 1.1
"""By so many times the narrow one must break more, or the broad one is not worth it."""
TRIES = 6
"""Ways to fill the border, from which the best is chosen."""
TYPICAL = 1.25
"""A border is good enough if the pictures change across it at most so many times more, or less, than elsewhere."""
FAINTEST = 2e-3
"""In values of -1..1, a quarter of an 8-bit level: what changes less shows no border anywhere."""


def closing(material: Material, own: frozenset[str], axes: tuple[bool, bool], seed: int) -> FindSources:
    """How to close the border of a material, for `refill`.

    Args:
        own: the maps that the source has, by which borders are judged; what the others imply shows nowhere.
        axes: whether to close it in y and in x; a border that is not closed is left.
        seed: another seed fills the border with other parts.
    """

    judged = frozenset(name for name in own if _varies(material.stack[MAPS[name].span]))
    typical = {axis: _changes(material.stack, judged, axis) for axis in compress((1, 2), axes)}

    def find(latent: np.ndarray, draw: Draw, on_progress: Progress, is_cancelled: IsCancelled) -> np.ndarray:
        """Of some ways to fill the border, the one that breaks least, among those across which the pictures change as
        they do elsewhere; if there is none, that across which they do so most nearly."""
        features, ways = whole_features(latent), list[tuple[float, np.ndarray]]()
        for number in range(TRIES):
            report = part_of(on_progress, number / TRIES, (number + 1) / TRIES)
            share, weight = ((NARROW, 1.0), (BROAD, WORTH))[number % 2]
            block = int(np.clip(min(latent.shape[1:]) // share, SMALLEST_BLOCK, LARGEST_BLOCK))
            sources = _fill_border(features, axes, block, seed * TRIES + number, report, is_cancelled)
            ways.append((breaks(features, sources) * weight, sources))
        found: list[tuple[float, np.ndarray]] = []
        for _, sources in sorted(ways, key=lambda way: way[0]):
            found.append((_oddness(latent[:, sources[0], sources[1]], draw, judged, typical), sources))
            if found[-1][0] <= TYPICAL:
                break
        return min(found, key=lambda pair: pair[0])[1]

    return find


def _varies(values: np.ndarray) -> bool:
    """Whether a map is more than a constant, in which any change at all would count as odd."""
    return float(values.astype(np.float32).std()) > FAINTEST


def _oddness(filled: np.ndarray, draw: Draw, judged: frozenset[str], typical: dict[int, np.ndarray]) -> float:
    """How far the changes across the borders of a filled latent are from what is typical along each axis, as a ratio of
    1 or more: that of the worst map and the worst axis."""
    ratios = [_across_border(filled, draw, judged, axis) / typical[axis] for axis in typical]
    return max((float(max(ratio.max(), 1 / ratio.min())) for ratio in ratios if ratio.size), default=1.0)


def _across_border(filled: np.ndarray, draw: Draw, judged: frozenset[str], axis: int) -> np.ndarray:
    """How much maps change across the border of a filled latent along an axis; only what lies around it is drawn."""
    strip = np.take(filled, range(-HALO - 1, HALO + 1), axis, mode="wrap")
    middle = (HALO + 1) * STRIDE
    return _changes(np.take(draw(np.ascontiguousarray(strip)), (middle - 1, middle), axis), judged, axis)


def _changes(stack: np.ndarray, judged: frozenset[str], axis: int) -> np.ndarray:
    """Mean differences (maps,) of neighbours along an axis of a stack (CHANNELS, height, width), of the judged maps."""
    steps = np.abs(np.diff(stack.astype(np.float32), axis=axis)).mean((1, 2))
    return np.array([steps[MAPS[name].span].mean() for name in sorted(judged)]) + FAINTEST


def _fill_border(
    features: np.ndarray,
    axes: tuple[bool, bool],
    block: int,
    seed: int,
    on_progress: Progress,
    is_cancelled: IsCancelled,
) -> np.ndarray:
    """Where each cell comes from, (2, rows, columns)."""
    size = features.shape[1:]
    if not any(axes):
        return np.indices(size)
    overlap = 3 * block // 8
    half, inner = block // 2, block - 2 * overlap
    first = (inner // 2 - inner, inner // 2)
    unknown = np.zeros(size, bool)
    lines = []
    for axis, (closes, length) in enumerate(zip(axes, size, strict=True)):
        if closes:
            unknown[(slice(None),) * axis + (np.arange(*first),)] = True
        count = -(-length // (block - overlap))
        lines.append([number * length // count - half for number in range(count)])
    places = [(-half, -half)] if all(axes) else []
    if axes[1]:
        places += [(row, -half) for row in lines[0][bool(places) :]]
    if axes[0]:
        places += [(-half, column) for column in lines[1][bool(axes[1]) :]]
    anywhere = np.ones(size, bool)
    return mend(features, unknown, anywhere, anywhere, places, block, seed, NEAR_BEST, on_progress, is_cancelled)
