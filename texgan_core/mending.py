"""Parts of a latent filled anew from the rest of it, so that they meet what stays on all sides.

The same search and cuts as in resynthesis, but of a torus that is known but for some cells. What tiles not at all, a
photo, becomes a torus when the cells around its border are filled anew.
"""

import numpy as np

from . import noise
from .cuts import cut_mask
from .errors import Cancelled, RequestError
from .exemplar import FAR, Exemplar, block_cells
from .job import IsCancelled, Progress

SMALLEST_BLOCK, LARGEST_BLOCK = 8, 32
"""Cells a side."""
TOO_LITTLE = "Too little would be left of the picture to fill the rest from; choose a smaller part."


def mend(
    exemplar: Exemplar,
    unknown: np.ndarray,
    free: np.ndarray,
    sources: np.ndarray,
    places: list[tuple[int, int]],
    block: int,
    seed: int,
    near_best: int,
    on_progress: Progress,
    is_cancelled: IsCancelled,
) -> np.ndarray:
    """Fill cells of a torus with others of its cells.

    Args:
        exemplar: a latent's `whole_features`, of which no block goes around the torus.
        unknown: (rows, columns) bool, the cells to fill.
        free: (rows, columns) bool, the cells that may change, so that what is new finds a good way to meet what is old.
        sources: (rows, columns) bool, the cells to take from.
        places: rows and columns of the first cells of blocks, in the order in which they are filled; together they
            cover what is unknown.
        block: cells a side of a block.
        seed: another seed fills in other cells.
        near_best: a block may be chosen if its error is at most 1 / near_best above the best.

    Returns:
        (2, rows, columns) int: where each cell comes from, most from where they are.

    Raises:
        RequestError: nowhere is as much as a block to take from. Cancelled.
    """
    features, size = exemplar.features, exemplar.size
    usable = whole_blocks(sources, block, block)
    if not usable.any():
        raise RequestError(TOO_LITTLE)
    current, known = features.copy(), ~unknown
    found = np.indices(size)
    for number, place in enumerate(places):
        if is_cancelled():
            raise Cancelled
        rows, columns = block_cells(place, block, size)
        here, known_here = current[:, rows, columns], known[rows, columns]
        errors = np.where(usable, exemplar.errors(here, known_here), FAR)
        choice = _near_best(errors, near_best, seed, number)
        from_rows, from_columns = exemplar.cells(choice, block)
        new = features[:, from_rows, from_columns]
        inside = (cut_mask(((new - here) ** 2).sum(0), known_here) & free[rows, columns]) | ~known_here
        current[:, rows, columns] = np.where(inside, new, here)
        for axis, come_from in zip(found, (from_rows, from_columns), strict=True):
            axis[rows, columns] = np.where(inside, come_from, axis[rows, columns])
        known[rows, columns] = True
        on_progress((number + 1) / len(places), "Filling in")
    return found


def _near_best(errors: np.ndarray, near_best: int, seed: int, number: int) -> tuple[int, int]:
    """One of the positions that fit about best, by chance; `number` is how many were chosen before."""
    best = errors.min()
    rows, columns = np.nonzero(errors <= best + best // near_best)
    pick = int(noise.uniform((1,), seed, number)[0] * len(rows))
    return int(rows[pick]), int(columns[pick])


def whole_blocks(sources: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """Positions (rows, columns) from which a whole block of that size may be taken, without going around the torus."""
    sums = np.zeros(np.add(sources.shape, 1), int)
    sums[1:, 1:] = sources.cumsum(0).cumsum(1)
    inner = sums[rows:, columns:] - sums[:-rows, columns:] - sums[rows:, :-columns] + sums[:-rows, :-columns]
    usable = np.zeros(sources.shape, bool)
    usable[: inner.shape[0], : inner.shape[1]] = inner == rows * columns
    return usable
