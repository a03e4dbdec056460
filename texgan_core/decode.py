"""From a latent torus to map stacks, tile by tile.

Each tile is decoded with a halo of `HALO` cells taken around the torus, so tiles join exactly and
memory is bounded at any size.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from .codec import HALO, Decoder
from .grid import STRIDE
from .job import IsCancelled, never
from .maps import CHANNELS
from .parts import Part, parts, through

TILE_CELLS = (64, 64)
"""Largest tile, rows and columns, in cells: small enough to tell how far it is, large enough to be fast."""


@dataclass(frozen=True)
class Tile:
    """A decoded part: `stack` (CHANNELS, height, width) float32, its first row and column, and the share done.

    The stack may come with a rim, which the row and the column do not count. If it is a preview of the whole, `scale`
    pixels of the texture are one of it, each way."""

    stack: np.ndarray
    row: int
    column: int
    done: float
    scale: int = 1


def decode_tiles(
    decoder: Decoder,
    latent: np.ndarray,
    tile_cells: tuple[int, int] = TILE_CELLS,
    first: tuple[int, int] = (0, 0),
    needed: np.ndarray | None = None,
    rim: int = 0,
    is_cancelled: IsCancelled = never,
) -> Iterator[Tile]:
    """Decode a torus.

    Args:
        decoder: in its "valid" form, on the device to use.
        latent: (latent_channels, rows, columns) float32.
        first: the row and the column of pixels of the torus with which the picture begins.
        needed: (rows, columns) bool; tiles without a needed cell are left out.
        rim: pixels of the torus around each tile that its stack has as well, at most 8.
        is_cancelled: asked many times a tile.

    Yields:
        Tiles that cover the torus once, smaller ones where an accelerator's memory does not suffice.

    Raises:
        Cancelled.
    """
    parameter = next(decoder.parameters())
    z = torch.from_numpy(latent).to(parameter.device)
    every = parts(latent.shape[1], latent.shape[2], tile_cells)
    places = [place for place in every if needed is None or needed[place.rows, place.columns].any()]
    (row_cells, above), (column_cells, left) = (divmod(pixels, STRIDE) for pixels in first)
    more_rows, more_columns = int(above > 0), int(left > 0)
    halo, spare = (HALO + 1, STRIDE - rim) if rim else (HALO, 0)

    def decoded(place: Part) -> np.ndarray:
        rows, columns = place.sides
        corner = (row_cells + place.rows.start - halo, column_cells + place.columns.start - halo)
        cells = take(z, *corner, rows + more_rows + 2 * halo, columns + more_columns + 2 * halo)
        with torch.inference_mode():
            stack = decoder(cells[None].contiguous(memory_format=torch.channels_last), is_cancelled)[0]
        top, start, more = above + spare, left + spare, 2 * rim
        return stack[:, top : top + rows * STRIDE + more, start : start + columns * STRIDE + more].cpu().numpy()

    for place, stack, done in through(places, decoded):
        yield Tile(stack, place.rows.start * STRIDE, place.columns.start * STRIDE, done)


def decode_torus(decoder: Decoder, latent: np.ndarray, rim: int = 0) -> np.ndarray:
    """`decode_tiles`, put together: (CHANNELS, rows * 8, columns * 8) float32, and a rim around it."""
    rows, columns = latent.shape[1:]
    whole = np.empty((CHANNELS, rows * STRIDE, columns * STRIDE), np.float32)
    for tile in decode_tiles(decoder, latent):
        height, width = tile.stack.shape[1:]
        whole[:, tile.row : tile.row + height, tile.column : tile.column + width] = tile.stack
    return np.pad(whole, ((0, 0), (rim, rim), (rim, rim)), mode="wrap")


def take(z: Tensor, row: int, column: int, rows: int, columns: int) -> Tensor:
    """A window of a torus (channels, height, width), which may reach around it any number of times."""
    row_indices = torch.arange(row, row + rows, device=z.device) % z.shape[1]
    column_indices = torch.arange(column, column + columns, device=z.device) % z.shape[2]
    return z[:, row_indices][:, :, column_indices]
