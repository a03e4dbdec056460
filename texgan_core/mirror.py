"""A material's latent beside that of its mirror image: twice as much to lay out, and half of it seen in no photo.

An encoder sees a picture that is mirrored left to right as the mirrored latent, whose cells are changed in a way that
is nearly linear. So one convolution makes the mirror image's latent, which no file has to hold.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
import torch

from .exemplar import whole_features
from .gather import columns_out_of_step
from .losses import patch_distance
from .pattern import ALIKE, CLEAR_IN_PLANE, DIGITS, alike

KERNEL = 3
"""Cells a side of what a mirrored cell depends on."""
GRAIN = 1024
"""Mirrored values are whole numbers of 1 / GRAIN before cells are brought to RMS 1, so every machine has the same."""
MOST_UNLIKE = 1.3
"""How far apart a material's left and its mirrored right may be, in units of how far its left and right are. What is
lit from the side, or slants, is farther from its mirror image."""
FEWEST = 16
"""Cells a side of a half, of which fewer say too little."""
WIDE_ENOUGH = 3 / 4
"""Share of the columns that must be left when those out of step are cut off."""
DIRECTIONS = 128
"""Along which distributions of cells are compared."""


@dataclass(frozen=True)
class MirrorImage:
    """A mirror image's latent (channels, rows, columns), in step with the original that it is put beside. Its column
    0 is the original's last column but `shift`; `likeness` is how they correlate, cell by cell."""

    latent: np.ndarray
    shift: int
    likeness: float


def mirror_image(latent: np.ndarray, wraps: tuple[bool, bool], kernel: np.ndarray) -> MirrorImage:
    """The mirror image of a latent (channels, rows, columns), so rolled, or cut where its columns do not wrap, that
    courses go on in it as beside it.

    Args:
        kernel: (channels, channels, KERNEL, KERNEL), as a mirror's file has it.
    """
    columns = latent.shape[2]
    image = mirrored(latent, wraps, kernel)
    both = whole_features(np.concatenate([latent, image], 2))
    ours, theirs = both[:, :, :columns], both[:, :, columns:]
    if not wraps[1]:
        cut = columns_out_of_step(ours, theirs, columns)
        return MirrorImage(image[:, :, cut:], cut, 0.0)
    spectra = [np.fft.rfft(f - f.mean((1, 2), keepdims=True), axis=2) for f in (ours, theirs)]
    correlation = np.fft.irfft((spectra[0].conj() * spectra[1]).sum((0, 1)), columns)
    correlation = np.round(correlation / max(float(ours.var() * ours.size), 1e-12), DIGITS)
    roll = int(correlation.argmax())
    return MirrorImage(np.roll(image, -roll, 2), roll, float(correlation[roll]))


def mirrored(latent: np.ndarray, wraps: tuple[bool, bool], kernel: np.ndarray) -> np.ndarray:
    """The latent (channels, rows, columns) float32 of the picture mirrored left to right. Its cells have RMS 1."""
    made = sum(kernel[:, :, y, x].astype(np.float64) @ cells for y, x, cells in neighbours(latent[:, :, ::-1], wraps))
    whole = np.rint(np.reshape(made, latent.shape) * GRAIN)
    spread = np.sqrt(np.maximum((whole**2).mean(0), 1))
    return (whole / spread).astype(np.float32)


def neighbours(latent: np.ndarray, wraps: tuple[bool, bool]) -> Iterator[tuple[int, int, np.ndarray]]:
    """The place (y, x) in a kernel, and what it is applied to there, (channels, rows * columns) float64. What does not
    wrap goes on as it ends."""
    channels, rows, columns = latent.shape
    reach, padded = KERNEL // 2, latent.astype(np.float64)
    for axis, wrap in enumerate(wraps, 1):
        around = [(reach, reach) if a == axis else (0, 0) for a in range(3)]
        padded = np.pad(padded, around, mode="wrap" if wrap else "edge")
    for y, x in product(range(KERNEL), repeat=2):
        yield y, x, padded[:, y : y + rows, x : x + columns].reshape(channels, -1)


def looks_mirrored(latent: np.ndarray, encoded: np.ndarray, wraps: tuple[bool, bool], kernel: np.ndarray) -> bool:
    """Whether a material can be told from its mirror image so little that both may be mixed: it is not lit from one
    side, does not slant, and its bond is that of its mirror image.

    Args:
        latent, encoded: of the material and, from the same encoder, of its mirrored picture.
    """
    if min(latent.shape[1], latent.shape[2] // 2) < FEWEST:
        return False
    image = mirror_image(latent, wraps, kernel)
    if image.latent.shape[2] < WIDE_ENOUGH * latent.shape[2]:
        return False
    has_bond = all(wraps) and alike(whole_features(latent)) is not None
    if has_bond and image.likeness < CLEAR_IN_PLANE * ALIKE[1]:
        return False
    left, right = _halves(latent)
    mirrored_right, mirrored_left = _halves(encoded)
    unlike = _distance(left, mirrored_right) + _distance(right, mirrored_left)
    return unlike <= MOST_UNLIKE * (_distance(left, right) + _distance(right, left))


def _halves(latent: np.ndarray) -> list[torch.Tensor]:
    columns = latent.shape[2] // 2
    return [
        torch.from_numpy(np.ascontiguousarray(part))[None] for part in (latent[..., :columns], latent[..., -columns:])
    ]


def _distance(first: torch.Tensor, second: torch.Tensor) -> float:
    return patch_distance(first, second, 1, torch.Generator().manual_seed(0), DIRECTIONS).item()
