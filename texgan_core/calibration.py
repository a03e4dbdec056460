"""What a codec gets wrong of one material as a whole, put right: shades of colour, contrast, steepness.

A few numbers a material, the same for every pixel, so a torus stays a torus and tiles exact. Maps are put right apart
in what is broad, means of 5 x 5 pixels, and in what is fine, the rest: a codec may draw a grain too strong and the ribs
under it too weak.
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
"""Pixels around a stack that what is broad at its border depends on."""
SHAPE = (CHANNELS, 2 * CHANNELS + 1)
COLORS_ALONE = (CHANNELS, CHANNELS + 3 + 1)
"""What models have whose colours alone were put right apart: of the broad channels, theirs."""


@dataclass(frozen=True)
class Calibration:
    """`matrix` (CHANNELS, 2 * CHANNELS + 1) float32: a linear map of the channels, then of the broad channels, and last
    what is added. One of the shape `COLORS_ALONE` is brought to this one."""

    matrix: np.ndarray

    def __post_init__(self) -> None:
        """Raises ValueError: of another shape or type."""
        if self.matrix.shape == COLORS_ALONE:
            others = np.zeros((CHANNELS, SHAPE[1] - COLORS_ALONE[1]), self.matrix.dtype)
            object.__setattr__(self, "matrix", np.hstack([self.matrix[:, :-1], others, self.matrix[:, -1:]]))
        if self.matrix.shape != SHAPE or self.matrix.dtype != np.float32:
            raise ValueError(self.matrix.shape)

    @classmethod
    def none(cls) -> "Calibration":
        """Changes nothing."""
        return cls(np.eye(*SHAPE, dtype=np.float32))

    @classmethod
    def of(
        cls,
        originals: Sequence[np.ndarray],
        decoded: np.ndarray,
        known: frozenset[str],
        apart: frozenset[str] = frozenset(MAPS),
    ) -> "Calibration":
        """The one that gives decoded maps the mean and the covariances of the originals' broad and fine colours, and of
        each other known map the mean and the deviations of what is broad and what is fine, or, unless it is put right
        `apart`, of all.

        All (CHANNELS, height, width). Colours take the optimal transport between normal distributions
        (Pitié & Kokaram 2007), the linear map that moves them least.
        """
        originals = [stack.astype(np.float32) for stack in originals]  # sums of half precision overflow
        matrix = np.eye(*SHAPE)
        if "base_color" in known:
            matrix[COLOR] = _between_colors([stack[COLOR] for stack in originals], decoded[COLOR])
        for name in known - {"base_color"}:
            for channel in range(MAPS[name].span.start, MAPS[name].span.stop):
                stretches = _stretches if name in apart else _stretches_alike
                broad, fine, added = stretches([stack[channel] for stack in originals], decoded[channel])
                matrix[channel, [channel, CHANNELS + channel, -1]] = fine, broad - fine, added
        return cls(matrix.astype(np.float32))

    def apply(self, stack: np.ndarray) -> np.ndarray:
        """A stack (CHANNELS, height + 2 * RIM, width + 2 * RIM), put right: (CHANNELS, height, width)."""
        inner = stack[:, RIM:-RIM, RIM:-RIM]
        planes = [*inner, *np.zeros_like(inner)]
        for channel in np.flatnonzero(self.matrix[:, CHANNELS:-1].any(0)):
            planes[CHANNELS + channel] = _broad(stack[channel : channel + 1])[0]
        return np.stack([_sum_of(planes, weights[:-1], weights[-1]) for weights in self.matrix])


def _sum_of(planes: Sequence[np.ndarray], weights: np.ndarray, added: np.float32) -> np.ndarray:
    """A weighted sum, plane by plane: the last bits of a matrix product can hang on where in it a pixel lies."""
    total, weighted = np.full_like(planes[0], added), np.empty_like(planes[0])
    for plane, weight in zip(planes, weights, strict=True):
        if weight:
            total += np.multiply(plane, weight, out=weighted)
    return total


def _broad(planes: np.ndarray) -> np.ndarray:
    """Means around each pixel (planes, height + 2 * RIM, width + 2 * RIM): (planes, height, width)."""
    height, width = (side - 2 * RIM for side in planes.shape[1:])
    planes, shifts = np.ascontiguousarray(planes), range(2 * RIM + 1)
    rows = reduce(np.add, (planes[:, first : first + height] for first in shifts))
    means = reduce(np.add, (rows[:, :, first : first + width] for first in shifts))
    return means / np.float32(len(shifts) ** 2)


def _between_colors(originals: Sequence[np.ndarray], decoded: np.ndarray) -> np.ndarray:
    """The rows of the matrix for colours, between pictures (3, height, width)."""
    (broad, move), (fine, _) = (
        _transport(ours, np.concatenate(theirs, 1))
        for ours, theirs in zip(_bands(decoded), zip(*map(_bands, originals), strict=True), strict=True)
    )
    others = np.zeros((3, CHANNELS - 3))
    return np.concatenate([fine, others, broad - fine, others, move[:, None]], 1)


def _stretches(originals: Sequence[np.ndarray], decoded: np.ndarray) -> tuple[float, float, float]:
    """Of a channel (height, width): the gain of what is broad, that of what is fine, and what is added."""
    theirs = [np.concatenate(bands, 1) for bands in zip(*(_bands(plane[None]) for plane in originals), strict=True)]
    (broad, added), (fine, _) = (_stretch(*pair) for pair in zip(_bands(decoded[None]), theirs, strict=True))
    return broad, fine, added


def _stretches_alike(originals: Sequence[np.ndarray], decoded: np.ndarray) -> tuple[float, float, float]:
    """As `_stretches`, with one gain for both."""
    gain, added = _stretch(decoded, np.concatenate([plane.ravel() for plane in originals]))
    return gain, gain, added


def _bands(planes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What is broad and what is fine in pictures (planes, height, width) but for their border, (planes, pixels)
    each."""
    broad = _broad(planes)
    inner = planes[:, RIM:-RIM, RIM:-RIM]
    return broad.reshape(len(planes), -1), (inner - broad).reshape(len(planes), -1)


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
