"""Does a texture repeat, and how: courses of bricks, threads of a weave, the bond of a paving.

Found by autocorrelation. Blocks that are taken in step with the pattern continue it, around a torus too.
"""

from dataclasses import dataclass

import numpy as np

from .exemplar import Exemplar

CLEAR = 0.3
"""Correlation along an axis from which a repetition is a pattern, not chance."""
CLEAR_IN_PROFILE = 0.5
"""The same, after everything across the axis has been averaged: courses whose joints are scattered."""
AS_GOOD = 0.85
"""A shorter period is preferred if it correlates at least this well relative to the best one."""
SHORTEST, LONGEST = 3, 32
"""Cells. A finer pattern needs no care; a coarser one would leave too few places to take blocks from."""
MOST_STRETCH = 0.13
"""How far periods may be stretched or squeezed so that a whole number of them fits a torus."""
CLEAR_IN_PLANE = 0.08
"""Correlation with a far part of the texture from which both axes together have a pattern (a bond)."""
FAR_APART = 8
"""Cells. Nearer parts of any texture are alike."""
DIGITS = 6
"""Of correlations, so that no choice hangs on the last bit."""
ALIKE = (0.65, 0.5)
"""Correlation of alike parts, relative to the best: the stricter one that finds enough of them."""
FEWEST_ALIKE = 8
"""A pattern must offer at least so many alike parts along each axis, or all would be copies."""


@dataclass(frozen=True)
class AxisPattern:
    """A repetition along one axis. Position y of the torus is in step with y / stretch of the exemplar."""

    period: float | None
    stretch: float

    def in_step(self, wanted: float, length: int) -> np.ndarray:
        """(length,) bool: which positions differ from the wanted one by whole periods."""
        if self.period is None:
            return np.ones(length, bool)
        off = (np.arange(length) - wanted + self.period / 2) % self.period - self.period / 2
        return (off > -0.5) & (off <= 0.5)


class Pattern:
    """How an exemplar's repetitions are continued on a torus of a given size; of several sheets, the first's,
    which the others are in step with."""

    def __init__(self, exemplar: Exemplar, size: tuple[int, int], origin: tuple[int, int]) -> None:
        features, wraps = exemplar.features[..., : exemplar.sheets[0]], exemplar.wraps
        self.rows = fit_axis(features, wraps[0], size[0])
        self.columns = fit_axis(features.transpose(0, 2, 1), wraps[1], size[1])
        self.origin = origin
        self.alike = alike(features) if all(wraps) else None
        if self.alike is not None and not self._closes(size):
            self.alike = None
        self.shape, self.sheets = exemplar.size, len(exemplar.sheets)

    def in_step(self, place: tuple[int, int], block: int) -> np.ndarray:
        """(rows, columns) bool: from where in the exemplar a block at this place of the torus may be taken.

        The middle of the block is in step; what a stretch moves its ends by is left to the cuts.
        """
        row, column = (
            (start + block / 2) / axis.stretch + origin - block / 2
            for start, axis, origin in zip(place, (self.rows, self.columns), self.origin, strict=True)
        )
        steps = np.outer(self.rows.in_step(row, self.shape[0]), self.columns.in_step(column, self.shape[1]))
        if self.alike is not None:
            both = steps & np.tile(np.roll(self.alike, (round(row), round(column)), (0, 1)), self.sheets)
            return both if both.any() else steps
        return steps

    def _closes(self, size: tuple[int, int]) -> bool:
        """Whether a walk around the torus leads to an alike part of the exemplar, along both axes."""
        assert self.alike is not None
        down = round(size[0] / self.rows.stretch) % self.alike.shape[0]
        along = round(size[1] / self.columns.stretch) % self.alike.shape[1]
        return bool(self.alike[down, 0] and self.alike[0, along])


def alike(features: np.ndarray) -> np.ndarray | None:
    """By which moves (rows, columns) a wrapping texture comes to lie on alike parts of itself.

    Returns:
        (rows, columns) bool, True at 0, 0; None if there is no clear pattern, or just a copy of the whole.
    """
    rows, columns = features.shape[1:]
    power = np.abs(np.fft.rfft2(features - features.mean((1, 2), keepdims=True))) ** 2
    correlation = np.fft.irfft2(power.sum(0), s=(rows, columns))
    correlation = np.round(correlation / max(correlation[0, 0], 1e-12), DIGITS)
    far = [np.minimum(np.arange(n), n - np.arange(n)) >= FAR_APART for n in (rows, columns)]
    peak = correlation[far[0][:, None] | far[1]].max(initial=0)
    if peak < CLEAR_IN_PLANE:
        return None
    tops = np.ones_like(correlation, bool)
    for move in ((0, 1), (1, 0), (1, 1), (1, -1)):
        tops &= correlation >= np.roll(correlation, move, (0, 1))
        tops &= correlation >= np.roll(correlation, (-move[0], -move[1]), (0, 1))
    for share in ALIKE:
        found = correlation >= share * peak
        if min((found & tops)[far[0]].sum(), (found & tops)[:, far[1]].sum()) >= FEWEST_ALIKE:
            return found
    return None


def fit_axis(features: np.ndarray, wraps: bool, size: int) -> AxisPattern:
    """The pattern along the rows of features, stretched so that it closes on a torus of `size` rows."""
    length = period(features, wraps)
    if length is not None:
        stretch = size / max(1, round(size / length)) / length
        if abs(stretch - 1) <= MOST_STRETCH:
            return AxisPattern(length, stretch)
    return AxisPattern(None, 1.0)


def period(features: np.ndarray, wraps: bool) -> float | None:
    """After how many rows a texture repeats.

    Args:
        features: (channels, rows, columns); transposed, it tells about columns.
        wraps: whether the last row meets the first. Then the period divides the rows exactly.

    Returns:
        The period in rows, None if there is no clear one.
    """
    rows = features.shape[1]
    for view, clear in ((features, CLEAR), (features.mean(2, keepdims=True), CLEAR_IN_PROFILE)):
        correlation = row_correlation(view, wraps)
        shortest = shortest_peak(correlation, clear, min(LONGEST, rows // 3))
        if shortest:
            refined = _refine(correlation, shortest)
            return rows / round(rows / refined) if wraps else refined
    return None


def row_correlation(features: np.ndarray, wraps: bool) -> np.ndarray:
    """How alike a texture is to itself moved by 0, 1, ... rows // 2 rows: 1 is equal, 0 unrelated.

    What is constant along the columns is left out: it is alike at any distance.
    """
    rows = features.shape[1]
    varying = features - features.mean(1, keepdims=True)
    length = rows if wraps else 2 * rows
    power = np.abs(np.fft.rfft(varying, n=length, axis=1)) ** 2
    correlation = np.fft.irfft(power.sum((0, 2)), n=length)[: rows // 2 + 1]
    if not wraps:
        correlation *= rows / (rows - np.arange(len(correlation)))
    return np.round(correlation / max(correlation[0], 1e-12), DIGITS)


def shortest_peak(correlation: np.ndarray, clear: float, longest: int, rise: float = 0.0) -> int | None:
    """The nearest move, of at most `longest` rows, at which a texture is about most alike to itself: `clear` at least,
    and by `rise` more than at something nearer. None, if there is none."""
    inner = correlation[1:-1]
    peaks = 1 + np.flatnonzero((inner > correlation[:-2]) & (inner >= correlation[2:]))
    peaks = peaks[(peaks >= SHORTEST) & (peaks <= longest) & (correlation[peaks] >= clear)]
    peaks = peaks[(correlation - np.minimum.accumulate(correlation))[peaks] >= rise]
    if not len(peaks):
        return None
    good = correlation[peaks] >= AS_GOOD * correlation[peaks].max()
    return int(peaks[good][0])


def _refine(correlation: np.ndarray, peak: int) -> float:
    """Follow the peak through its multiples while they are clear: the m-th says the period to 1 / m of a cell. What
    leads farther away than the peak is exact is no multiple of it."""
    refined, multiple = float(peak), 2
    while (at := round(multiple * refined)) + 1 < len(correlation):
        at += int(correlation[at - 1 : at + 2].argmax()) - 1
        if correlation[at] < correlation[peak] / 2 or abs(at / multiple - peak) > 1:
            break
        refined = at / multiple
        multiple += 1
    return refined
