"""What a codec gets wrong of one material as a whole, put right: shades of colour, contrast, steepness.

A few numbers a material, the same for every pixel, so a torus stays a torus and tiles exact. Colours are put right
apart in what is broad, their means of 5 x 5 pixels, and in what is fine, the rest: a codec may draw a grain too strong
and the ribs under it too weak.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np

from .maps import CHANNELS, MAPS

COLOR = MAPS["base_color"].span
GAINS = (0.5, 2.0)
"""Contrast is lowered or raised by these factors at most."""
FAINT = 0.01
"""Deviation, of -1..1, below which a channel is flat and keeps its contrast."""
FLAT = 0.004
"""Deviation, half an 8-bit level, that is added to colours along every direction: what hardly varies is left so."""
RIM = 2
"""Pixels around a stack that the broad colours at its border depend on."""
SHAPE = (CHANNELS, CHANNELS + 3 + 1)


@dataclass(frozen=True)
class Calibration:
    """`matrix` (CHANNELS, CHANNELS + 3 + 1) float32: a linear map of the channels, then of the broad colours, and last
    what is added."""

    matrix: np.ndarray

    def __post_init__(self) -> None:
        """Raises ValueError: of another shape or type."""
        if self.matrix.shape != SHAPE or self.matrix.dtype != np.float32:
            raise ValueError(self.matrix.shape)

    @classmethod
    def none(cls) -> "Calibration":
        """Changes nothing."""
        return cls(np.eye(*SHAPE, dtype=np.float32))

    @classmethod
    def of(cls, originals: Sequence[np.ndarray], decoded: np.ndarray, known: frozenset[str]) -> "Calibration":
        """The one that gives decoded maps the mean and the covariances of the originals' broad and fine colours, and of
        each other known map the mean and the deviation.

        All (CHANNELS, height, width). Colours take the optimal transport between normal distributions
        (Pitié & Kokaram 2007), the linear map that moves them least.
        """
        originals = [stack.astype(np.float32) for stack in originals]  # sums of half precision overflow
        matrix = np.eye(*SHAPE)
        if "base_color" in known:
            matrix[COLOR] = _between_colors([stack[COLOR] for stack in originals], decoded[COLOR])
        for name in known - {"base_color"}:
            for channel in range(MAPS[name].span.start, MAPS[name].span.stop):
                wanted = np.concatenate([stack[channel].ravel() for stack in originals])
                matrix[channel, channel], matrix[channel, -1] = _stretch(decoded[channel], wanted)
        return cls(matrix.astype(np.float32))

    def apply(self, stack: np.ndarray) -> np.ndarray:
        """A stack (CHANNELS, height + 2 * RIM, width + 2 * RIM), put right: (CHANNELS, height, width)."""
        inner = stack[:, RIM:-RIM, RIM:-RIM]
        planes = [*inner, *_broad(stack[COLOR])]
        return np.stack([_sum_of(planes, weights[:-1], weights[-1]) for weights in self.matrix])


def _sum_of(planes: Sequence[np.ndarray], weights: np.ndarray, added: np.float32) -> np.ndarray:
    """A weighted sum, plane by plane: the last bits of a matrix product can hang on where in it a pixel lies."""
    total = np.full_like(planes[0], added)
    for plane, weight in zip(planes, weights, strict=True):
        if weight:
            total += weight * plane
    return total


def _broad(colors: np.ndarray) -> np.ndarray:
    """Means around each pixel (3, height + 2 * RIM, width + 2 * RIM): (3, height, width)."""
    height, width = (side - 2 * RIM for side in colors.shape[1:])
    colors, shifts = np.ascontiguousarray(colors), range(2 * RIM + 1)
    rows = reduce(np.add, (colors[:, first : first + height] for first in shifts))
    means = reduce(np.add, (rows[:, :, first : first + width] for first in shifts))
    return means / np.float32(len(shifts) ** 2)


def _between_colors(originals: Sequence[np.ndarray], decoded: np.ndarray) -> np.ndarray:
    """The rows of the matrix for colours, between pictures (3, height, width)."""
    (broad, move), (fine, _) = (
        _transport(ours, np.concatenate(theirs, 1))
        for ours, theirs in zip(_bands(decoded), zip(*map(_bands, originals), strict=True), strict=True)
    )
    return np.concatenate([fine, np.zeros((3, CHANNELS - 3)), broad - fine, move[:, None]], 1)


def _bands(colors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What is broad and what is fine in a picture but for its border, (3, pixels) each."""
    broad = _broad(colors)
    return broad.reshape(3, -1), (colors[:, RIM:-RIM, RIM:-RIM] - broad).reshape(3, -1)


def _transport(decoded: np.ndarray, original: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Matrix (3, 3) and offset (3,) between two sets of colours (3, pixels)."""
    ours, theirs = (a.astype(np.float64) for a in (decoded, original))
    spread, wanted = (np.cov(a) + FLAT**2 * np.eye(3) for a in (ours, theirs))
    root, inverse = _power(spread, 0.5), _power(spread, -0.5)
    matrix = inverse @ _power(root @ wanted @ root, 0.5) @ inverse
    return matrix, theirs.mean(1) - matrix @ ours.mean(1)


def _power(covariance: np.ndarray, exponent: float) -> np.ndarray:
    """Power of a positive symmetric matrix."""
    sizes, axes = np.linalg.eigh(covariance)
    return (axes * sizes**exponent) @ axes.T


def _stretch(decoded: np.ndarray, original: np.ndarray) -> tuple[float, float]:
    """Gain and offset between two channels."""
    ours, theirs = float(decoded.std()), float(original.std())
    gain = float(np.clip(theirs / ours, *GAINS)) if min(ours, theirs) > FAINT else 1.0
    return gain, float(original.mean()) - gain * float(decoded.mean())
