"""A set with some of its latent's cells replaced by others of its own: what changes is decoded and laid over the rest.

The set is encoded, someone decides where each cell comes from, and the decoder, calibrated by the set itself, draws
what has changed. The latent is a torus and the decoder keeps it one, so what closes in the latent closes in all maps.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from .calibration import RIM, Calibration
from .codec import Decoder, Encoder
from .decode import decode_tiles, decode_torus
from .errors import Cancelled
from .grid import STRIDE
from .job import IsCancelled, Progress, part_of
from .materials import Material
from .mending import whole_blocks
from .parts import Part, parts, through
from .windows import surrounded

WINDOW, MARGIN = 64, 8
"""Cells a side that are encoded at a time, and cells around them that the encoder looks at."""
FEATHER = 8
"""Pixels over which what is new gives way to the original; there, both show the same."""
LOOKED_AT, LEAST = 48, 16
"""Cells a side, at most and at least, of the part by which colours and contrasts are calibrated."""
Draw = Callable[[np.ndarray], np.ndarray]
"""From any latent (channels, rows, columns) to a stack of maps, calibrated by the set."""
FindSources = Callable[[np.ndarray, Draw, Progress, IsCancelled], np.ndarray]
"""From the set's latent to where each of its cells is to come from, (2, rows, columns)."""


@dataclass(frozen=True)
class Refilled:
    """A set in part anew: `stack` (CHANNELS, height, width) float32 in -1..1 as decoded, and `share` (height, width)
    float32 in 0..1, how much of it replaces the original; where it is 0, the stack holds nothing. `sources` (2, rows,
    columns) says where each cell comes from."""

    stack: np.ndarray
    share: np.ndarray
    sources: np.ndarray

    def moved(self, picture: np.ndarray) -> np.ndarray:
        """What the codec does not know, (height, width): each cell's pixels are those of the cell it comes from."""
        rows, columns = (side // STRIDE for side in picture.shape)
        cells = picture.reshape(rows, STRIDE, columns, STRIDE).transpose(0, 2, 1, 3)
        return cells[self.sources[0], self.sources[1]].transpose(0, 2, 1, 3).reshape(picture.shape)


def refill(
    material: Material,
    encoder: Encoder,
    decoder: Decoder,
    find_sources: FindSources,
    wraps: tuple[bool, bool],
    on_progress: Progress,
    is_cancelled: IsCancelled,
    marked: np.ndarray | None = None,
) -> Refilled:
    """Replace cells of a material of whole cells as `find_sources` wants it.

    Args:
        wraps: whether the result tiles in y and in x; what changes at another border changes nothing at the opposite.
        marked: (height, width) bool, what is wrong with the set, so that it is not calibrated by that.

    Raises:
        Cancelled.
    """
    stack = material.stack.astype(np.float32)
    if marked is not None:
        stack[:, marked] = stack[:, ~marked].mean(1, keepdims=True)
    latent = encode_windows(encoder, stack, material.known_flags(), part_of(on_progress, 0.0, 0.2), is_cancelled)
    trusted = np.ones(latent.shape[1:], bool) if marked is None else ~grown(cells_of(marked), 1)
    calibration = _calibration(decoder, latent, stack, material.known, _looked_at(trusted))

    def draw(part: np.ndarray) -> np.ndarray:
        return calibration.apply(decode_torus(decoder, part, RIM))

    sources = find_sources(latent, draw, part_of(on_progress, 0.2, 0.6), is_cancelled)
    changed = (sources != np.indices(sources.shape[1:])).any(0)
    made = Refilled(np.zeros_like(stack), _feathered(changed, wraps), sources)
    needed = grown(changed, FEATHER // STRIDE + 1)
    filled = np.ascontiguousarray(latent[:, sources[0], sources[1]])
    for tile in decode_tiles(decoder, filled, needed=needed, rim=RIM, is_cancelled=is_cancelled):
        part = calibration.apply(tile.stack)
        height, width = part.shape[1:]
        made.stack[:, tile.row : tile.row + height, tile.column : tile.column + width] = part
        on_progress(0.6 + 0.4 * tile.done, "Decoding")
        if is_cancelled():
            raise Cancelled
    return made


def encode_windows(
    encoder: Encoder, stack: np.ndarray, known: np.ndarray, on_progress: Progress, is_cancelled: IsCancelled
) -> np.ndarray:
    """The latent (channels, rows, columns) of a stack (CHANNELS, height, width) that need not tile, in bounded memory;
    beyond its borders the encoder sees its mirror image."""
    rows, columns = (side // STRIDE for side in stack.shape[1:])
    device = next(encoder.parameters()).device
    flags = torch.from_numpy(known)[None].to(device)

    def encoded(place: Part) -> np.ndarray:
        pixels = Part(*(slice(s.start * STRIDE, s.stop * STRIDE) for s in (place.rows, place.columns)))
        window = surrounded(stack, pixels, MARGIN * STRIDE, (False, False))
        with torch.inference_mode():
            z = encoder(torch.from_numpy(window)[None].to(device), flags)[0].cpu().numpy()
        return z[:, MARGIN:-MARGIN, MARGIN:-MARGIN]

    latent: np.ndarray | None = None
    for place, z, done in through(parts(rows, columns, (WINDOW, WINDOW)), encoded):
        if latent is None:
            latent = np.empty((len(z), rows, columns), np.float32)
        latent[:, place.rows, place.columns] = z
        on_progress(done, "Encoding")
        if is_cancelled():
            raise Cancelled
    assert latent is not None
    return latent


def _calibration(
    decoder: Decoder, latent: np.ndarray, stack: np.ndarray, known: frozenset[str], part: Part
) -> Calibration:
    """By a part, in cells, of the original."""
    (tile,) = decode_tiles(decoder, np.ascontiguousarray(latent[:, part.rows, part.columns]))
    inside = slice(MARGIN // 2 * STRIDE, -MARGIN // 2 * STRIDE)
    rows, columns = (slice(cells.start * STRIDE, cells.stop * STRIDE) for cells in (part.rows, part.columns))
    return Calibration.of([stack[:, rows, columns][:, inside, inside]], tile.stack[:, inside, inside], known)


def _looked_at(trusted: np.ndarray) -> Part:
    """The largest part, of the largest the one nearest to the middle, whose cells (rows, columns) are all trusted; the
    middle, if there is none."""
    sizes = [[min(side, most) for side in trusted.shape] for most in range(LOOKED_AT, LEAST - 1, -1)]
    for rows, columns in sizes:
        places = np.argwhere(whole_blocks(trusted, rows, columns))
        if len(places):
            break
    else:
        rows, columns = sizes[0]
        places = np.argwhere(np.ones(trusted.shape, bool))
    middle = (np.array(trusted.shape) - (rows, columns)) // 2
    top, left = places[np.abs(places - middle).sum(1).argmin()]
    return Part(slice(top, top + rows), slice(left, left + columns))


def cells_of(marked: np.ndarray) -> np.ndarray:
    """The cells (rows, columns) of which any pixel is marked (height, width)."""
    rows, columns = (side // STRIDE for side in marked.shape)
    return marked.reshape(rows, STRIDE, columns, STRIDE).any((1, 3))


def _feathered(changed: np.ndarray, wraps: tuple[bool, bool]) -> np.ndarray:
    """(rows, columns) cells to (height, width) float32: 1 where a cell has changed, falling to 0 around it."""
    around = [(0 if wrap else FEATHER,) * 2 for wrap in wraps]
    pixels = np.pad(changed.repeat(STRIDE, 0).repeat(STRIDE, 1), around, mode="edge")
    share = grown(pixels, FEATHER // 2).astype(np.float32)
    for axis in (0, 1):
        share = np.mean([np.roll(share, by, axis) for by in range(-(FEATHER // 2), FEATHER // 2 + 1)], 0)
    rows, columns = (slice(before, side - before) for (before, _), side in zip(around, share.shape, strict=True))
    return share[rows, columns].astype(np.float32)


def grown(mask: np.ndarray, by: int) -> np.ndarray:
    """A mask on a torus and what lies so near to it, in rows and columns."""
    for axis in (0, 1):
        mask = np.any([np.roll(mask, step, axis) for step in range(-by, by + 1)], 0)
    return mask
