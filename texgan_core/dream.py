"""From noise to the latent of a torus of any size, in windows: they bound memory, and time until Cancel is heard."""

from collections.abc import Callable
from itertools import product

import numpy as np
import torch

from .decode import take
from .errors import Cancelled
from .generator import LATTICES, LatentGenerator, noise_lattices
from .grid import SAMPLES

WINDOW = 256
"""Cells a side, at most, that are made at once."""
HALO = 40
"""Cells that a cell depends on to each side, in whole places of the coarsest lattice."""


def dream(
    generator: LatentGenerator,
    style: np.ndarray,
    look: np.ndarray,
    cells: tuple[int, int],
    seed: int,
    guide: np.ndarray | None = None,
    on_progress: Callable[[float, str], None] | None = None,
    is_cancelled: Callable[[], bool] | None = None,
    window: int = WINDOW,
) -> np.ndarray:
    """The latent (latent_channels, rows, columns) float32 of a layout seed.

    Args:
        generator: on the device to use.
        style, look: (style_size,) each, what the layout and what the detail are to be of.
        cells: rows and columns, multiples of `COARSEST`.
        guide: (GUIDE_CHANNELS, SAMPLES * rows, SAMPLES * columns) float32, what the layout is to follow.

    Raises:
        Cancelled: `is_cancelled` said so.
    """
    device = generator.styles.weight.device
    lattices = [torch.from_numpy(a[0]) for a in noise_lattices(seed, cells, generator.config.noise_channels)]
    whole_guide = None if guide is None else torch.from_numpy(guide)
    latent = np.empty((generator.config.latent_channels, *cells), np.float32)
    spans = list(product(*(_spans(side, window) for side in cells)))
    vectors = [torch.from_numpy(vector)[None].to(device) for vector in (style, look)]
    for number, ((row, rows, above), (column, columns, left)) in enumerate(spans):
        if on_progress:
            on_progress(number / len(spans), "Dreaming")
        if is_cancelled and is_cancelled():
            raise Cancelled
        corner, sides = (row - above, column - left), (rows + 2 * above, columns + 2 * left)
        parts = [
            take(lattice, *(c // pitch for c in corner), *(s // pitch for s in sides))[None].to(device)
            for lattice, pitch in zip(lattices, LATTICES, strict=True)
        ]
        part = None
        if whole_guide is not None:
            place = (SAMPLES * side for side in (*corner, *sides))
            part = take(whole_guide, *place)[None].to(device)
        with torch.inference_mode():
            z = generator(parts, *vectors, part)[0]
        latent[:, row : row + rows, column : column + columns] = (
            z[:, above : above + rows, left : left + columns].cpu().numpy()
        )
    return latent


def _spans(side: int, window: int) -> list[tuple[int, int, int]]:
    """First cell, number of cells and halo of each window along an axis; an axis that fits is its own halo."""
    if side <= window:
        return [(0, side, 0)]
    step = window - 2 * HALO
    return [(first, min(step, side - first), HALO) for first in range(0, side, step)]
