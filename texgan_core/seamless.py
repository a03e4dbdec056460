"""Which cells of a latent to fill anew, and with what, so that a set tiles: those around its border, from the rest."""

import numpy as np

from .border import BorderSteps
from .mending import LARGEST_BLOCK, SMALLEST_BLOCK, mend
from .refill import FindSources
from .resynthesis import NEAR_BEST, IsCancelled, Progress
from .windows import part_of

SMALLEST_SIDE = 128
"""Pixels."""
SHARE = 4
"""The band that may change is at most one part in so many of the shorter side."""
TRIES = 3
"""Ways to fill the border, at most, from which the best is chosen."""
TYPICAL = 1.25
"""A border is good enough if the pictures change across it at most so many times more, or less, than elsewhere."""


def closing(stack: np.ndarray, axes: tuple[bool, bool], seed: int) -> FindSources:
    """How to close the border of a stack (CHANNELS, height, width), for `refill`.

    Args:
        axes: whether to close it in y and in x; a border that is not closed is left.
        seed: another seed fills the border with other parts.
    """
    steps = BorderSteps.of(stack)

    def find(latent: np.ndarray, on_progress: Progress, is_cancelled: IsCancelled) -> np.ndarray:
        return _best(latent, steps, axes, seed, on_progress, is_cancelled)

    return find


def _best(
    latent: np.ndarray,
    steps: BorderSteps,
    axes: tuple[bool, bool],
    seed: int,
    on_progress: Progress,
    is_cancelled: IsCancelled,
) -> np.ndarray:
    """Of some ways to fill the border, the one across whose middle the pictures change most as they do elsewhere."""
    found: list[tuple[float, np.ndarray]] = []
    for number in range(TRIES):
        report = part_of(on_progress, number / TRIES, (number + 1) / TRIES)
        sources = _fill_border(latent, axes, seed * TRIES + number, report, is_cancelled)
        found.append((steps.oddness(sources), sources))
        if found[-1][0] <= TYPICAL:
            break
    return min(found, key=lambda pair: pair[0])[1]


def _fill_border(
    latent: np.ndarray, axes: tuple[bool, bool], seed: int, on_progress: Progress, is_cancelled: IsCancelled
) -> np.ndarray:
    """Where each cell comes from, (2, rows, columns)."""
    size = latent.shape[1:]
    if not any(axes):
        return np.indices(size)
    block = int(np.clip(min(size) // SHARE, SMALLEST_BLOCK, LARGEST_BLOCK))
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
    return mend(latent, unknown, anywhere, anywhere, places, block, seed, NEAR_BEST, on_progress, is_cancelled)
