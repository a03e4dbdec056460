"""The size at which networks see a picture that somebody brings: whole cells, and not too many."""

import numpy as np

from .errors import ImageError
from .grid import STRIDE
from .pictures import resize

LARGEST_SIDE = 1024
"""Pixels; a larger picture is scaled down, since a latent of more brings no more variety than time."""
SMALLEST_SIDE = 128


def scaled_down(stack: np.ndarray) -> np.ndarray:
    """A stack (CHANNELS, height, width) at the scale of its latent: of at most `LARGEST_SIDE`."""
    height, width = (round(side * _scale(stack)) for side in stack.shape[1:])
    return _resized(stack.astype(np.float32), (height, width), (False, False))


def fit_to_cells(stack: np.ndarray, wraps: tuple[bool, bool]) -> np.ndarray:
    """Scale a stack (CHANNELS, height, width) to at most `LARGEST_SIDE`, and to whole cells: by scaling an axis that
    tiles, which keeps its torus closed, by cutting one that does not. `wraps` is of y and x.

    Raises:
        ImageError: smaller than `SMALLEST_SIDE` after scaling.
    """
    height, width = stack.shape[1:]
    scale = _scale(stack)
    target = [_whole_cells(side * scale, wrap) for side, wrap in zip((height, width), wraps, strict=True)]
    if min(target) < SMALLEST_SIDE:
        raise ImageError(f"The picture is {width} x {height}; at least {SMALLEST_SIDE} pixels a side are needed.")
    scaled = (round(height * scale) if not wraps[0] else target[0], round(width * scale) if not wraps[1] else target[1])
    return np.ascontiguousarray(_resized(stack, scaled, wraps)[:, : target[0], : target[1]])


def _scale(stack: np.ndarray) -> float:
    return min(1.0, LARGEST_SIDE / max(stack.shape[1:]))


def _resized(stack: np.ndarray, size: tuple[int, int], wraps: tuple[bool, bool]) -> np.ndarray:
    if stack.shape[1:] == size:
        return stack
    return resize(stack.transpose(1, 2, 0) * 0.5 + 0.5, size[1], size[0], wraps).transpose(2, 0, 1) * 2 - 1


def _whole_cells(side: float, wraps: bool) -> int:
    cells = round(side / STRIDE) if wraps else int(side) // STRIDE
    return cells * STRIDE
