"""What was made anew, set into a picture where a region marks it, so that both meet at its edge."""

from itertools import product

import numpy as np

from .refill import grown

SOFT = 6
"""Pixels inside of a region's edge over which what is new is brought to what lies outside."""
AROUND = np.array([step for step in product((-1, 0, 1), repeat=2) if any(step)])
"""From a pixel to its neighbours, in rows and columns."""


def inlaid(original: np.ndarray, made: np.ndarray, region: np.ndarray, wraps: tuple[bool, bool]) -> np.ndarray:
    """A picture that is the original outside of a region, and in it what was made.

    By how much that is off is known where nothing is marked. From there it is carried into the region, pixel by pixel,
    less and less, and added: as a membrane would (Pérez et al. 2003), but only so far. So nothing of what is marked
    shows.

    Args:
        original, made: (height, width) or (height, width, channels) float32 in 0..1.
        region: (height, width) bool.
        wraps: whether the picture tiles in y and in x; at other borders a region has no edge.
    """
    around = [(0 if wrap else SOFT,) * 2 for wrap in wraps]
    marked = np.pad(region, around, mode="edge")
    planes = [(0, 0)] * (original.ndim - 2)
    off = np.pad(original - made, [*around, *planes], mode="edge")
    added, known = np.zeros_like(off), ~marked
    for depth in range(1, SOFT + 1):
        edge = np.nonzero(grown(known, 1) & ~known)
        beside = tuple((at + by[:, None]) % side for at, by, side in zip(edge, AROUND.T, known.shape, strict=True))
        weights = known[beside].reshape(len(AROUND), -1, *[1] * len(planes))
        off[edge] = (off[beside] * weights).sum(0) / weights.sum(0)
        added[edge] = off[edge] * (1 - depth / (SOFT + 1))
        known[edge] = True
    rows, columns = (slice(before, side - before) for (before, _), side in zip(around, marked.shape, strict=True))
    inside = region.reshape(*region.shape, *[1] * len(planes))
    return np.where(inside, np.clip(made + added[rows, columns], 0, 1), original).astype(np.float32)
