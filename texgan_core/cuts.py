"""Minimum-error cuts: where to let an old and a new piece of texture meet (Efros & Freeman 2001)."""

import numpy as np

FAR = np.int64(2) ** 40
"""A cost that no path takes; sums of it stay within int64."""


def cut_mask(difference: np.ndarray, overlaps: tuple[int, int, int, int]) -> np.ndarray:
    """Which cells of a square block the new content takes over from the old.

    Args:
        difference: (block, block) integer squared difference between new and old content; read only
            where they overlap.
        overlaps: how many rows or columns at the top, bottom, left and right hold old content; 0 is none.

    Returns:
        (block, block) bool. Along each overlap a path is found across which new and old differ least;
        the new content takes everything inside all paths.
    """
    block = len(difference)
    inside = np.ones((block, block), bool)
    sides = [side for side in range(4) if overlaps[side]]
    if not sides:
        return inside
    views = [_from_side(difference, side) for side in sides]
    widths = [overlaps[side] for side in sides]
    costs = np.full((len(sides), block, max(widths) - 1), FAR)
    for cost, view, width in zip(costs, views, widths, strict=True):
        cost[:, : width - 1] = view[:, : width - 1] + view[:, 1:width]
    columns = np.arange(block)
    for side, path in zip(sides, shortest_paths(costs), strict=True):
        _from_side(inside, side)[columns[None] <= path[:, None]] = False
    return inside


def shortest_paths(costs: np.ndarray) -> np.ndarray:
    """The cheapest way down each of several cost tables, moving at most one column per row.

    Args:
        costs: (tables, rows, columns) int64.

    Returns:
        (tables, rows) int column of each path; the leftmost of equals.
    """
    tables, rows, columns = costs.shape
    padded = np.full((tables, rows, columns + 2), FAR)
    total = padded[:, :, 1:-1]
    total[:] = costs
    for row in range(1, rows):
        above = padded[:, row - 1]
        total[:, row] += np.minimum(np.minimum(above[:, :-2], above[:, 1:-1]), above[:, 2:])
    paths = np.empty((tables, rows), int)
    at = np.arange(tables)
    paths[:, -1] = total[:, -1].argmin(1)
    for row in range(rows - 2, -1, -1):
        near = paths[:, row + 1, None] + np.arange(3)
        paths[:, row] = paths[:, row + 1] - 1 + padded[at[:, None], row, near].argmin(1)
    return paths


def _from_side(block: np.ndarray, side: int) -> np.ndarray:
    """A view of the block in which the given side (top, bottom, left, right) is the first column."""
    return (block.T, block[::-1].T, block, block[:, ::-1])[side]
