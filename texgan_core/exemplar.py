"""The exemplar of a resynthesis as whole-number features, and the search over it."""

import numpy as np

COMPONENTS = 8
"""Principal components of the latent that are searched."""
LEVELS = 64
"""Whole-number steps per standard deviation of the latent."""
FAR = np.int64(2) ** 40
"""An error that no choice has."""


def whole_features(exemplar: np.ndarray) -> np.ndarray:
    """Principal components of a latent, in whole numbers: (COMPONENTS or fewer, rows, columns) int64."""
    cells = exemplar.reshape(len(exemplar), -1).astype(np.float64)
    cells -= cells.mean(1, keepdims=True)
    spread = cells @ cells.T / cells.shape[1]
    _, axes = np.linalg.eigh(spread)
    components = axes[:, : -COMPONENTS - 1 : -1].T @ cells
    deviation = max(np.sqrt(np.trace(spread)), 1e-6)
    whole = np.rint(components * (LEVELS / deviation)).astype(np.int64)
    return whole.reshape(-1, *exemplar.shape[1:])


class Exemplar:
    """Features (components, rows, columns) int64 that blocks are searched in and taken from."""

    def __init__(self, features: np.ndarray, wraps: tuple[bool, bool]) -> None:
        self.features = features
        self.wraps = wraps
        self.size = features.shape[1:]
        squares = (features**2).sum(0, keepdims=True)
        self._spectrum = np.fft.rfft2(np.concatenate([features, squares]).astype(np.float64))

    def errors(self, current: np.ndarray, known: np.ndarray) -> np.ndarray:
        """Squared difference of a partly known block to the exemplar's block at every position.

        Args:
            current: (components, block, block) int64, read only where known.
            known: (block, block) bool.

        Returns:
            (rows, columns) int64, FAR where a block would cross a border that does not wrap. The sums
            of products are correlations by FFT; in double precision they are right to far less than
            the half that rounding needs.
        """
        block = len(known)
        current = current * known
        kernel = np.concatenate([-2 * current, known[None]]).astype(np.float64)
        partial = np.fft.rfft(kernel, n=self.size[1])
        spectrum = np.fft.fft(partial, n=self.size[0], axis=1)
        products = np.fft.irfft2((spectrum.conj() * self._spectrum).sum(0), s=self.size)
        errors = np.rint(products).astype(np.int64) + (current**2).sum()
        if not self.wraps[0]:
            errors[self.size[0] - block + 1 :] = FAR
        if not self.wraps[1]:
            errors[:, self.size[1] - block + 1 :] = FAR
        return errors

    def near(self, positions: np.ndarray, axis: int, reach: int) -> np.ndarray:
        """(positions, cells of the axis) float64: 1 where a cell is within reach of a position, else 0."""
        length = self.size[axis]
        distance = np.abs(np.arange(length) - positions[:, None] % length)
        if self.wraps[axis]:
            distance = np.minimum(distance, length - distance)
        return (distance <= reach).astype(np.float64)
