"""Which cells of a latent to fill anew, and with what, so that a marked region of a set looks different."""

import numpy as np

from .errors import RequestError
from .exemplar import Exemplar, whole_features
from .job import IsCancelled, Progress
from .mending import LARGEST_BLOCK, SMALLEST_BLOCK, TOO_LITTLE, mend, whole_blocks
from .refill import Draw, FindSources, cells_of, grown

FEWEST_CELLS = 4
"""A side of a block in pictures that have nowhere more to take."""
NEAR_BEST = 4
"""As in resynthesis, but looser: whoever rolls again wants to see something else."""


def rerolling(region: np.ndarray, wraps: tuple[bool, bool], seed: int) -> FindSources:
    """How to fill all cells of which any pixel is in a region (height, width) bool of a set of that size anew, for
    `refill`: what is marked there is not to be trusted. Around them is a cell in which new and old find the best way to
    meet.

    Args:
        wraps: whether the set tiles in y and in x.
        seed: another seed fills it with other parts.

    Raises:
        RequestError: nothing is marked, or all.
    """
    if not region.any():
        raise RequestError("The region is empty; mark what is to be made anew.")
    if region.all():
        raise RequestError(TOO_LITTLE)
    unknown = cells_of(region)
    free = grown(unknown, 1)

    def find(latent: np.ndarray, draw: Draw, on_progress: Progress, is_cancelled: IsCancelled) -> np.ndarray:
        block = _block(unknown)
        places = [_within(place, block, unknown.shape, wraps) for place in _places(unknown, block)]
        exemplar = Exemplar(whole_features(latent), (False, False))
        return mend(exemplar, unknown, free, ~unknown, places, block, seed, NEAR_BEST, on_progress, is_cancelled)

    return find


def _within(place: tuple[int, int], block: int, size: tuple[int, ...], wraps: tuple[bool, bool]) -> tuple[int, int]:
    """The place of a block, moved so that it crosses no border that does not tile."""
    row, column = (
        start if wrap else min(max(start, 0), side - block)
        for start, side, wrap in zip(place, size, wraps, strict=True)
    )
    return row, column


def _block(unknown: np.ndarray) -> int:
    """The side of the blocks to fill with: the region and something around it, if that fits and is there elsewhere."""
    extents = [np.ptp(np.flatnonzero(unknown.any(axis))) + 1 for axis in (1, 0)]
    wanted = max(extents) * 3 // 2 + 2
    block = int(np.clip(wanted, SMALLEST_BLOCK, min(LARGEST_BLOCK, min(unknown.shape) // 3)))
    while block > FEWEST_CELLS and not whole_blocks(~unknown, block, block).any():
        block -= 1
    return block


def _places(unknown: np.ndarray, block: int) -> list[tuple[int, int]]:
    """First rows and columns of blocks that cover the region, row by row, each with a rim of what is there already."""
    rim = block // 4
    step = block - 2 * rim
    starts = []
    for axis in (1, 0):
        marked = np.flatnonzero(unknown.any(axis))
        extent = marked[-1] - marked[0] + 1
        count = -(-extent // step)
        starts.append([marked[0] - rim - (count * step - extent) // 2 + number * step for number in range(count)])

    def holds(row: int, column: int) -> bool:
        rows = np.arange(row + rim, row + rim + step) % unknown.shape[0]
        columns = np.arange(column + rim, column + rim + step) % unknown.shape[1]
        return bool(unknown[np.ix_(rows, columns)].any())

    return [(int(row), int(column)) for row in starts[0] for column in starts[1] if holds(row, column)]
