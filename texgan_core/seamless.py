"""Which cells of a latent to fill anew, and with what, so that a set tiles: those around its border, from the rest."""

from concurrent.futures import ThreadPoolExecutor
from itertools import compress

import numpy as np

from .codec import HALO
from .errors import Cancelled
from .exemplar import Exemplar, whole_features
from .grid import STRIDE
from .job import IsCancelled, Progress, unseen
from .maps import MAPS, picture_from_stack
from .materials import Material
from .measure import Reference
from .mending import LARGEST_BLOCK, SMALLEST_BLOCK, mend
from .refill import Draw, FindSources
from .resynthesis import NEAR_BEST

SMALLEST_SIDE = 128
"""Pixels."""
BANDS = 8, 6, 4
"""The band that may change is at most one part in so many of the shorter side. A narrow one leaves more as it is, in a
broad one what repeats meets better."""
COST = 0.09
"""What breadth costs: a band twice as broad is taken if it is by more than the power of two to this, 6 %, more like the
rest."""
TRIES = 12
"""Ways to fill the border, from which the best is chosen."""
AT_ONCE = 4
"""Ways that are searched at once, each by one processor core."""
AROUND, CROPS, SAMPLES = 8, 4, 512
"""Cells on each side of a border that are compared with the rest; crops of both along an axis, and positions in a crop,
at most."""
TYPICAL = 0.25
"""A border is good enough if the pictures change across it at most by such a share more, or less, than elsewhere."""
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
    closed = list(compress((1, 2), axes))
    typical = {axis: _changes(material.stack, judged, axis) for axis in closed}
    color = picture_from_stack(material.stack.astype(np.float32), "base_color")
    whole = Reference(color, min(2 * AROUND * STRIDE, min(color.shape[:2]) // 2), CROPS, SAMPLES)

    def find(latent: np.ndarray, draw: Draw, on_progress: Progress, is_cancelled: IsCancelled) -> np.ndarray:
        """Of some ways to fill the border, the one around which the picture is most as it is elsewhere, among those
        across which maps change as elsewhere; if there is none, that across which they do so most nearly."""
        exemplar = Exemplar(whole_features(latent), (False, False))
        blocks = np.clip(min(exemplar.size) // np.resize(BANDS, TRIES), SMALLEST_BLOCK, LARGEST_BLOCK).tolist()

        def fill(number: int) -> np.ndarray:
            return _fill_border(exemplar, axes, blocks[number], seed * TRIES + number, is_cancelled)

        ways: list[tuple[float, np.ndarray]] = []
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for number, sources in enumerate(pool.map(fill, range(TRIES))):
                ways.append((blocks[number] ** COST * _unlikeness(sources, closed, color, whole), sources))
                on_progress((number + 1) / TRIES, "Filling in")
                if is_cancelled():
                    raise Cancelled
        found: list[tuple[float, np.ndarray]] = []
        for _, sources in sorted(ways, key=lambda way: way[0]):
            found.append((_oddness(latent[:, sources[0], sources[1]], draw, judged, typical), sources))
            if found[-1][0] <= TYPICAL:
                break
            if is_cancelled():
                raise Cancelled
        return min(found, key=lambda pair: pair[0])[1]

    return find


def _unlikeness(sources: np.ndarray, axes: list[int], color: np.ndarray, whole: Reference) -> float:
    """How far a picture (height, width, 3) is around the borders along some axes from what it is as a whole, by the
    quality ratio, if its pixels come from where their cells (2, rows, columns) do."""
    strips = [np.take(sources, range(-AROUND, AROUND), axis, mode="wrap") for axis in axes]
    return float(np.mean([whole.quality_ratio(_moved(color, strip)) for strip in strips]))


def _moved(color: np.ndarray, sources: np.ndarray) -> np.ndarray:
    """The pixels of cells that come from elsewhere."""
    rows, columns = (cells.repeat(STRIDE, 0).repeat(STRIDE, 1) * STRIDE for cells in sources)
    down, right = np.indices(rows.shape) % STRIDE
    return color[rows + down, columns + right]


def _varies(values: np.ndarray) -> bool:
    """Whether a map is more than a constant, in which any change at all would count as odd."""
    return float(values.astype(np.float32).std()) > FAINTEST


def _oddness(filled: np.ndarray, draw: Draw, judged: frozenset[str], typical: dict[int, np.ndarray]) -> float:
    """By which share the changes across the borders of a filled latent are more, or less, than is typical along each
    axis: that of the worst map and the worst axis."""
    ratios = [_across_border(filled, draw, judged, axis) / typical[axis] for axis in typical]
    return max((float(np.abs(ratio - 1).max()) for ratio in ratios if ratio.size), default=0.0)


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
    exemplar: Exemplar, axes: tuple[bool, bool], block: int, seed: int, is_cancelled: IsCancelled
) -> np.ndarray:
    """Where each cell comes from, (2, rows, columns)."""
    size = exemplar.size
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
    return mend(exemplar, unknown, anywhere, anywhere, places, block, seed, NEAR_BEST, unseen, is_cancelled)
