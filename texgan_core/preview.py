"""What a latent will look like, at a quarter of its size, long before all of it is decoded.

Means of 4 x 4 pixels are nearly a linear function of the cell that they lie in. Four small parts of the torus are
decoded, and the function that fits them best is applied to all of it.
"""

from collections.abc import Callable

import numpy as np
import torch
from torch.nn import functional as F

from .codec import Decoder
from .decode import decode_tiles
from .grid import SAMPLES, STRIDE, STRUCTURE_PIXELS
from .job import IsCancelled, never
from .maps import CHANNELS

SCALE = STRUCTURE_PIXELS
"""Pixels of the texture per pixel of its preview, each way."""
PART = 16
"""Cells a side of a part that is decoded."""


def preview(
    decoder: Decoder,
    latent: np.ndarray,
    first: tuple[int, int] = (0, 0),
    rim: int = 0,
    is_cancelled: IsCancelled = never,
) -> np.ndarray:
    """A map stack (CHANNELS, 2 * rows, 2 * columns) float32 of a latent (channels, rows, columns) torus, and so many
    pixels around it.

    Args:
        decoder: in its "valid" form, on the device to use.
        first: the row and the column of pixels of the torus with which the picture begins.

    Raises:
        Cancelled.
    """
    known, wanted = zip(*_examples(decoder, latent, is_cancelled), strict=True)
    function = np.linalg.lstsq(_with_one(np.concatenate(known)), np.concatenate(wanted), rcond=None)[0]
    rows, columns = latent.shape[1:]
    cells = _with_one(latent.reshape(len(latent), -1).T) @ function.astype(np.float32)
    samples = torch.from_numpy(cells.T.reshape(-1, rows, columns))
    whole = F.pixel_shuffle(samples, SAMPLES).numpy()
    for axis, pixels in enumerate(first, 1):
        whole = _turned(whole, pixels / SCALE, axis)
    return np.pad(whole, ((0, 0), (rim, rim), (rim, rim)), mode="wrap")


def _turned(stack: np.ndarray, by: float, axis: int) -> np.ndarray:
    """A torus that begins `by` so many pixels further on, of which parts are mixed."""
    pixels = int(by)
    part = np.float32(by - pixels)
    return (1 - part) * np.roll(stack, -pixels, axis) + part * np.roll(stack, -pixels - 1, axis)


def _examples(
    decoder: Decoder, latent: np.ndarray, is_cancelled: Callable[[], bool]
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Cells (cells, channels) of four parts, and their samples (cells, CHANNELS * SAMPLES**2)."""
    needed = np.zeros(latent.shape[1:], bool)
    rows, columns = needed.shape
    for row in (rows // 4, 3 * rows // 4):
        for column in (columns // 4, 3 * columns // 4):
            needed[row, column] = True
    found = []
    for tile in decode_tiles(decoder, latent, (PART, PART), needed=needed, is_cancelled=is_cancelled):
        means = F.pixel_unshuffle(F.avg_pool2d(torch.from_numpy(tile.stack), SCALE), SAMPLES)
        row, column = tile.row // STRIDE, tile.column // STRIDE
        part = latent[:, row : row + means.shape[1], column : column + means.shape[2]]
        found.append((part.reshape(len(latent), -1).T, means.reshape(CHANNELS * SAMPLES**2, -1).T.numpy()))
    return found


def _with_one(cells: np.ndarray) -> np.ndarray:
    return np.concatenate([cells, np.ones((len(cells), 1), np.float32)], 1)
