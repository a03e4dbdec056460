"""What a codec gets wrong of one material as a whole, put right: shades of colour, contrast, steepness.

A few numbers a material, the same for every pixel, so a torus stays a torus and tiles exact.
"""

from dataclasses import dataclass

import numpy as np

from .maps import CHANNELS, MAPS

COLOR = MAPS["base_color"].span
GAINS = (0.5, 2.0)
"""Contrast is lowered or raised by these factors at most."""
FAINT = 0.01
"""Deviation, of -1..1, below which a channel is flat and keeps its contrast."""
FLAT = 0.004
"""Deviation, half an 8-bit level, that is added to colours along every direction: what hardly varies is left so."""
SHAPE = (CHANNELS, CHANNELS + 1)


@dataclass(frozen=True)
class Calibration:
    """`matrix` (CHANNELS, CHANNELS + 1) float32: a linear map of the channels and, last, what is added."""

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
    def of(cls, original: np.ndarray, decoded: np.ndarray, known: frozenset[str]) -> "Calibration":
        """The one that gives decoded maps the mean and the covariance of the original's colours, and of each other
        known map the mean and the deviation.

        Both (CHANNELS, height, width). Colours take the optimal transport between normal distributions
        (Pitié & Kokaram 2007), the linear map that moves them least.
        """
        original = original.astype(np.float32)  # materials in memory have half precision, whose sums overflow
        matrix = np.eye(*SHAPE)
        if "base_color" in known:
            matrix[COLOR, COLOR], matrix[COLOR, -1] = _transport(decoded[COLOR], original[COLOR])
        for name in known - {"base_color"}:
            for channel in range(MAPS[name].span.start, MAPS[name].span.stop):
                matrix[channel, channel], matrix[channel, -1] = _stretch(decoded[channel], original[channel])
        return cls(matrix.astype(np.float32))

    def apply(self, stack: np.ndarray) -> None:
        """Change a stack (CHANNELS, height, width) in place."""
        pixels = stack.transpose(1, 2, 0)
        pixels[:] = pixels @ self.matrix[:, :-1].T + self.matrix[:, -1]


def _transport(decoded: np.ndarray, original: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Matrix (3, 3) and offset (3,) between two pictures (3, height, width)."""
    ours, theirs = (a.reshape(3, -1).astype(np.float64) for a in (decoded, original))
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
