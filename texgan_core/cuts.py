"""Minimum-error cuts: where new texture takes over from old (Efros & Freeman 2001)."""

import numpy as np

IMPASSABLE = np.int64(2) ** 40
"""A cost that no path takes; sums of it stay within int64."""


def cut_mask(difference: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Which cells of a square block the new content takes.

    Along each side where whole rows or columns are known, a path is found across which new and old
    differ least; the new content takes everything inside of all paths.

    Args:
        difference: (block, block) int64 squared difference between new and old content.
        known: (block, block) bool, where there is old content.

    Returns:
        (block, block) bool.
    """
    inside = np.ones_like(known)
    overlaps = [(side, _known_depth(_from_side(known, side))) for side in range(4)]
    overlaps = [(side, depth) for side, depth in overlaps if depth > 1]
    if not overlaps:
        return inside
    block = len(known)
    costs = np.full((len(overlaps), block, max(depth for _, depth in overlaps) - 1), IMPASSABLE)
    for cost, (side, depth) in zip(costs, overlaps, strict=True):
        view = _from_side(difference, side)
        cost[:, : depth - 1] = view[:, : depth - 1] + view[:, 1:depth]
    for (side, _), path in zip(overlaps, cheapest_paths(costs), strict=True):
        _from_side(inside, side)[np.arange(block) <= path[:, None]] = False
    return inside


def cheapest_paths(costs: np.ndarray) -> np.ndarray:
    """The cheapest way down each of several tables, moving at most one column per row.

    Args:
        costs: (tables, rows, columns) int64.

    Returns:
        (tables, rows) int column of each path; the leftmost of equals.
    """
    tables, rows, columns = costs.shape
    padded = np.full((tables, rows, columns + 2), IMPASSABLE)
    total = padded[:, :, 1:-1]
    total[:] = costs
    for row in range(1, rows):
        above = padded[:, row - 1]
        total[:, row] += np.minimum(np.minimum(above[:, :-2], above[:, 1:-1]), above[:, 2:])
    paths = np.empty((tables, rows), int)
    paths[:, -1] = total[:, -1].argmin(1)
    table = np.arange(tables)[:, None]
    for row in range(rows - 2, -1, -1):
        near = paths[:, row + 1, None] + np.arange(3)
        paths[:, row] = paths[:, row + 1] - 1 + padded[table, row, near].argmin(1)
    return paths


def _known_depth(known: np.ndarray) -> int:
    """How many columns from the first are wholly known, at most half of all."""
    columns = known.all(0)[: len(known) // 2]
    return len(columns) if columns.all() else int(columns.argmin())


def _from_side(block: np.ndarray, side: int) -> np.ndarray:
    """A view of the block in which the given side (top, bottom, left, right) is the first column."""
    return (block.T, block[::-1].T, block, block[:, ::-1])[side]
