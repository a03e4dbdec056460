"""How much of a picture to keep so that what repeats in it, as bricks and tiles do, does so a whole number of times.

Otherwise no filling of its borders can make them meet: there would be half a brick too much.
"""

import numpy as np

from .parts import Part
from .pattern import row_correlation, shortest_peak

CELLS = 128
"""Along the longer side, at most, in which a pattern is looked for."""
NEARLY = 1 / 12
"""Share of a repeat that may be too much or missing: what the borders are filled with takes it up."""
FAINTEST = 1e-3
"""A quarter of an 8-bit level: lesser changes are none."""
CLEAR, CLEAR_IN_PROFILE = 0.25, 0.5
"""Correlation along an axis from which a texture repeats, and after everything across the axis has been averaged."""
RISE = 0.18
"""By how much a repeat must be more alike than something nearer: what just fades with distance does not repeat."""
FEWEST = (2, 3)
"""Repeats of which there must be as many to be seen, and in the average, where chance looks more like a pattern."""
UNIT = 2
"""Pixels of which what is cut off is a whole multiple, so that maps of half the size are cut at the same place."""


def whole_repeats(color: np.ndarray, axes: tuple[bool, bool], smallest: int) -> Part:
    """The part of a picture to keep.

    Args:
        color: (height, width, 3) in 0..1, which need not tile.
        axes: whether something may be cut off in y and in x.
        smallest: pixels a side that stay.

    Returns:
        All of it along an axis that has no clear pattern, or a pattern that fits. Otherwise its border lies where the
        picture changes as it does elsewhere, not along a joint, where it would look like a seam.
    """
    turned = zip((color, color.transpose(1, 0, 2)), axes, strict=True)
    return Part(*(_span(view, smallest) if may else slice(0, len(view)) for view, may in turned))


def _span(color: np.ndarray, smallest: int) -> slice:
    """The rows to keep."""
    length, cell = len(color), -(-max(color.shape[:2]) // CELLS)
    repeat = _repeat(_features(color, cell))
    if repeat is None:
        return slice(0, length)
    exact = _to_the_pixel(color, repeat * cell, cell)
    wanted = int(length / exact + NEARLY) * exact
    kept = round(wanted / UNIT) * UNIT
    if kept < smallest or kept > length or length - wanted < NEARLY * exact:
        return slice(0, length)
    start = _start(color, kept)
    return slice(start, start + kept)


def _features(color: np.ndarray, cell: int) -> np.ndarray:
    """Means and deviations of the colours of square cells, (6, rows, columns)."""
    rows, columns = (side // cell for side in color.shape[:2])
    cells = color[: rows * cell, : columns * cell].reshape(rows, cell, columns, cell, -1).astype(np.float64)
    return np.concatenate([cells.mean((1, 3)), cells.std((1, 3))], 2).transpose(2, 0, 1)


def _repeat(features: np.ndarray) -> int | None:
    """After how many rows of features (channels, rows, columns) a texture repeats; None if it clearly does not.

    Stricter than `pattern.period`, since a wrong one costs a part of the picture, but it sees coarser ones.
    """
    views = (features, features.mean(2, keepdims=True))
    for view, clear, fewest in zip(views, (CLEAR, CLEAR_IN_PROFILE), FEWEST, strict=True):
        found = shortest_peak(row_correlation(view, wraps=False), clear, features.shape[1] // fewest, RISE)
        if found is not None:
            return found
    return None


def _to_the_pixel(color: np.ndarray, repeat: float, cell: int) -> float:
    """A repeat in rows, known to a cell, more exactly: by how far as many of them as are half a picture reach."""
    count = max(1, int(len(color) / 2 / repeat))
    moves = [round(count * repeat) + by for by in range(-cell, cell + 1)]
    grey = color.mean(2)
    differences = [float(np.abs(grey[move:] - grey[:-move]).mean()) for move in moves]
    return moves[int(np.argmin(differences))] / count


def _start(color: np.ndarray, kept: int) -> int:
    """The first of so many rows, such that across the lines above it and below the last one the picture changes most as
    it does on average."""
    changes = np.abs(np.diff(color, axis=0)).mean((1, 2))
    typical = float(changes.mean())
    off = np.maximum(changes, typical) / np.maximum(np.minimum(changes, typical), FAINTEST)
    starts = np.arange(0, len(color) - kept + 1, UNIT)
    above, below = off[np.maximum(starts - 1, 0)], off[np.minimum(starts + kept - 1, len(off) - 1)]
    return int(starts[np.argmin(np.maximum(above, below))])
