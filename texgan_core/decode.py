"""From a latent torus to map stacks, tile by tile.

Each tile is decoded with a halo of `HALO` cells taken around the torus, so tiles join exactly and
memory is bounded at any size.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from .codec import HALO, STRIDE, Decoder
from .maps import CHANNELS

TILE_CELLS = (64, 64)
"""Largest tile, rows and columns, in cells: small enough to cancel soon, large enough to be fast."""


@dataclass(frozen=True)
class Tile:
    """A decoded part: `stack` (CHANNELS, height, width) float32, its first row and column, and the share done."""

    stack: np.ndarray
    row: int
    column: int
    done: float


def decode_tiles(
    decoder: Decoder,
    latent: np.ndarray,
    tile_cells: tuple[int, int] = TILE_CELLS,
    first: tuple[int, int] = (0, 0),
    needed: np.ndarray | None = None,
) -> Iterator[Tile]:
    """Decode a torus.

    Args:
        decoder: in its "valid" form, on the device to use.
        latent: (latent_channels, rows, columns) float32.
        first: the row and the column of pixels of the torus with which the picture begins.
        needed: (rows, columns) bool; tiles without a needed cell are left out.

    Yields:
        Tiles that cover the torus once.
    """
    parameter = next(decoder.parameters())
    z = torch.from_numpy(latent).to(parameter.device)
    every = _places(latent.shape[1], latent.shape[2], tile_cells)
    places = [place for place in every if needed is None or _part(needed, place).any()]
    (row_cells, above), (column_cells, left) = (divmod(pixels, STRIDE) for pixels in first)
    more_rows, more_columns = int(above > 0), int(left > 0)
    for number, (row, column, rows, columns) in enumerate(places, 1):
        corner = (row_cells + row - HALO, column_cells + column - HALO)
        part = take(z, *corner, rows + more_rows + 2 * HALO, columns + more_columns + 2 * HALO)
        with torch.inference_mode():
            stack = decoder(part[None].contiguous(memory_format=torch.channels_last))[0]
        stack = stack[:, above : above + rows * STRIDE, left : left + columns * STRIDE]
        yield Tile(stack.cpu().numpy(), row * STRIDE, column * STRIDE, number / len(places))


def decode_torus(decoder: Decoder, latent: np.ndarray) -> np.ndarray:
    """`decode_tiles`, put together: (CHANNELS, rows * 8, columns * 8) float32."""
    rows, columns = latent.shape[1:]
    whole = np.empty((CHANNELS, rows * STRIDE, columns * STRIDE), np.float32)
    for tile in decode_tiles(decoder, latent):
        height, width = tile.stack.shape[1:]
        whole[:, tile.row : tile.row + height, tile.column : tile.column + width] = tile.stack
    return whole


def take(z: Tensor, row: int, column: int, rows: int, columns: int) -> Tensor:
    """A window of a torus (channels, height, width), which may reach around it any number of times."""
    row_indices = torch.arange(row, row + rows, device=z.device) % z.shape[1]
    column_indices = torch.arange(column, column + columns, device=z.device) % z.shape[2]
    return z[:, row_indices][:, :, column_indices]


def _part(cells: np.ndarray, place: tuple[int, int, int, int]) -> np.ndarray:
    row, column, rows, columns = place
    return cells[row : row + rows, column : column + columns]


def _places(height: int, width: int, largest: tuple[int, int]) -> Iterator[tuple[int, int, int, int]]:
    for row in range(0, height, largest[0]):
        for column in range(0, width, largest[1]):
            yield row, column, min(largest[0], height - row), min(largest[1], width - column)
