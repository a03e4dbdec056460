"""A set with some of its latent's cells replaced by others of its own: what changes is decoded and laid over the rest.

The set is encoded, someone decides where each cell comes from, and the decoder, calibrated by the set itself, draws
what has changed. The latent is a torus and the decoder keeps it one, so what closes in the latent closes in all maps.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from .calibration import RIM, Calibration
from .codec import STRIDE, Decoder, Encoder
from .decode import decode_tiles, decode_torus
from .errors import Cancelled
from .job import IsCancelled, Progress, part_of
from .materials import Material
from .parts import Part, parts, through
from .windows import surrounded

WINDOW, MARGIN = 64, 8
"""Cells a side that are encoded at a time, and cells around them that the encoder looks at."""
FEATHER = 8
"""Pixels over which what is new gives way to the original; there, both show the same."""
LOOKED_AT = 48
"""Cells a side, at most, of the middle by which colours and contrasts are calibrated."""
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
) -> Refilled:
    """Replace cells of a material of whole cells as `find_sources` wants it.

    Args:
        wraps: whether the result tiles in y and in x; what changes at another border changes nothing at the opposite.

    Raises:
        Cancelled.
    """
    stack = material.stack.astype(np.float32)
    latent = encode_windows(encoder, stack, material.known_flags(), part_of(on_progress, 0.0, 0.2), is_cancelled)
    calibration = _calibration(decoder, latent, stack, material.known)

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


def _calibration(decoder: Decoder, latent: np.ndarray, stack: np.ndarray, known: frozenset[str]) -> Calibration:
    """By the middle of the original."""
    rows, columns = (min(side, LOOKED_AT) for side in latent.shape[1:])
    top, left = (latent.shape[1] - rows) // 2, (latent.shape[2] - columns) // 2
    (tile,) = decode_tiles(decoder, np.ascontiguousarray(latent[:, top : top + rows, left : left + columns]))
    inside = slice(MARGIN // 2 * STRIDE, -MARGIN // 2 * STRIDE)
    part = stack[:, top * STRIDE : (top + rows) * STRIDE, left * STRIDE : (left + columns) * STRIDE]
    return Calibration.of([part[:, inside, inside]], tile.stack[:, inside, inside], known)


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
