"""A picture or a PBR set made to tile: its border is filled anew from its middle, which stays as it is.

The set is encoded, the latent's cells around the border are filled with others of its cells that fit on all sides
(`mending`), and what has changed is decoded and laid over the original. The latent is a torus and the decoder keeps
it one, so the result meets itself exactly, in all maps.
"""

from dataclasses import dataclass

import numpy as np
import torch

from .border import BorderSteps
from .calibration import Calibration
from .codec import STRIDE, Decoder, Encoder
from .decode import decode_tiles
from .errors import Cancelled
from .materials import Material
from .mending import LARGEST_BLOCK, SMALLEST_BLOCK, mend
from .resynthesis import IsCancelled, Progress

SMALLEST_SIDE = 128
"""Pixels."""
SHARE = 4
"""The band that may change is at most one part in so many of the shorter side."""
WINDOW, MARGIN = 64, 8
"""Cells a side that are encoded at a time, and cells around them that the encoder looks at."""
TRIES = 3
"""Ways to fill the border, at most, from which the best is chosen."""
TYPICAL = 1.25
"""A border is good enough if the pictures change across it at most so many times more, or less, than elsewhere."""
FEATHER = 8
"""Pixels over which what is new gives way to the original; there, both show the same."""
LOOKED_AT = 48
"""Cells a side, at most, of the middle by which colours and contrasts are calibrated."""


@dataclass(frozen=True)
class Closed:
    """A closed set: `stack` (CHANNELS, height, width) float32 in -1..1 as decoded, and `share` (height, width)
    float32 in 0..1, how much of it replaces the original; where it is 0, the stack holds nothing."""

    stack: np.ndarray
    share: np.ndarray


def close(
    material: Material,
    encoder: Encoder,
    decoder: Decoder,
    axes: tuple[bool, bool],
    seed: int,
    on_progress: Progress,
    is_cancelled: IsCancelled,
) -> Closed:
    """Fill the border of a material of whole cells anew.

    Args:
        axes: whether to close it in y and in x; a border that is not closed is left.
        seed: another seed fills the border with other parts.

    Raises:
        Cancelled.
    """
    stack = material.stack.astype(np.float32)
    latent = encode_windows(encoder, stack, material.known_flags(), lambda s, t: on_progress(s * 0.2, t), is_cancelled)
    calibration = _calibration(decoder, latent, stack, material.known)
    steps = BorderSteps.of(stack)
    sources = _best(latent, steps, axes, seed, lambda s, t: on_progress(0.2 + s * 0.4, t), is_cancelled)
    changed = (sources != np.indices(sources.shape[1:])).any(0)
    closed = Closed(np.zeros_like(stack), _feathered(changed))
    needed = _grown(changed, FEATHER // STRIDE + 1)
    filled = np.ascontiguousarray(latent[:, sources[0], sources[1]])
    for tile in decode_tiles(decoder, filled, needed=needed):
        calibration.apply(tile.stack)
        height, width = tile.stack.shape[1:]
        closed.stack[:, tile.row : tile.row + height, tile.column : tile.column + width] = tile.stack
        on_progress(0.6 + 0.4 * tile.done, "Decoding")
        if is_cancelled():
            raise Cancelled
    return closed


def encode_windows(
    encoder: Encoder, stack: np.ndarray, known: np.ndarray, on_progress: Progress, is_cancelled: IsCancelled
) -> np.ndarray:
    """The latent (channels, rows, columns) of a stack (CHANNELS, height, width) that need not tile, in bounded memory;
    beyond its borders the encoder sees its mirror image."""
    rows, columns = (side // STRIDE for side in stack.shape[1:])
    border = MARGIN * STRIDE
    mirrored = np.pad(stack, ((0, 0), (border, border), (border, border)), mode="reflect")
    device = next(encoder.parameters()).device
    flags = torch.from_numpy(known)[None].to(device)
    latent: np.ndarray | None = None
    places = [(row, column) for row in range(0, rows, WINDOW) for column in range(0, columns, WINDOW)]
    for done, (row, column) in enumerate(places):
        bottom, right = min(row + WINDOW, rows) + 2 * MARGIN, min(column + WINDOW, columns) + 2 * MARGIN
        window = mirrored[:, row * STRIDE : bottom * STRIDE, column * STRIDE : right * STRIDE]
        with torch.inference_mode():
            z = encoder(torch.from_numpy(np.ascontiguousarray(window))[None].to(device), flags)[0].cpu().numpy()
        if latent is None:
            latent = np.empty((len(z), rows, columns), np.float32)
        latent[:, row : row + WINDOW, column : column + WINDOW] = z[:, MARGIN:-MARGIN, MARGIN:-MARGIN]
        on_progress((done + 1) / len(places), "Encoding")
        if is_cancelled():
            raise Cancelled
    assert latent is not None
    return latent


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

        def report(share: float, text: str, done: int = number) -> None:
            on_progress((done + share) / TRIES, text)

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
    return mend(latent, unknown, anywhere, anywhere, places, block, seed, on_progress, is_cancelled)


def _calibration(decoder: Decoder, latent: np.ndarray, stack: np.ndarray, known: frozenset[str]) -> Calibration:
    """By the middle of the original."""
    rows, columns = (min(side, LOOKED_AT) for side in latent.shape[1:])
    top, left = (latent.shape[1] - rows) // 2, (latent.shape[2] - columns) // 2
    (tile,) = decode_tiles(decoder, np.ascontiguousarray(latent[:, top : top + rows, left : left + columns]))
    inside = slice(MARGIN // 2 * STRIDE, -MARGIN // 2 * STRIDE)
    part = stack[:, top * STRIDE : (top + rows) * STRIDE, left * STRIDE : (left + columns) * STRIDE]
    return Calibration.of(part[:, inside, inside], tile.stack[:, inside, inside], known)


def _feathered(changed: np.ndarray) -> np.ndarray:
    """(rows, columns) cells to (height, width) float32: 1 where a cell has changed, falling to 0 around it."""
    pixels = changed.repeat(STRIDE, 0).repeat(STRIDE, 1)
    share = _grown(pixels, FEATHER // 2).astype(np.float32)
    for axis in (0, 1):
        share = np.mean([np.roll(share, by, axis) for by in range(-(FEATHER // 2), FEATHER // 2 + 1)], 0)
    return share.astype(np.float32)


def _grown(mask: np.ndarray, by: int) -> np.ndarray:
    """A mask on a torus and what lies so near to it, in rows and columns."""
    for axis in (0, 1):
        mask = np.any([np.roll(mask, step, axis) for step in range(-by, by + 1)], 0)
    return mask
