"""The exemplar of a resynthesis as whole-number features, and the search over it."""

import numpy as np

COMPONENTS = 8
"""Principal components of the latent that are searched."""
LEVELS = 64
"""Whole-number steps per standard deviation of the latent."""
FAR = np.int64(2) ** 40
"""An error that no choice has."""


def whole_features(latent: np.ndarray) -> np.ndarray:
    """Principal components of a latent (channels, rows, columns), in whole numbers.

    Returns:
        (COMPONENTS or fewer, rows, columns) int64. Sums of their products are exact, so a choice
        between blocks never hangs on the last bit of a float.
    """
    cells = latent.reshape(len(latent), -1).astype(np.float64)
    cells -= cells.mean(1, keepdims=True)
    spread = cells @ cells.T / cells.shape[1]
    _, axes = np.linalg.eigh(spread)
    components = axes[:, : -COMPONENTS - 1 : -1].T @ cells
    deviation = max(float(np.sqrt(np.trace(spread))), 1e-6)
    return np.rint(components * (LEVELS / deviation)).astype(np.int64).reshape(-1, *latent.shape[1:])


class Exemplar:
    """Features (components, rows, columns) int64 that blocks are searched in and taken from; `sheets`, if there are
    several side by side, has the columns of each, and none of them wraps."""

    def __init__(self, features: np.ndarray, wraps: tuple[bool, bool], sheets: tuple[int, ...] = ()) -> None:
        self.features = features
        self.wraps = wraps
        self.sheets = sheets or (features.shape[2],)
        self.size = (features.shape[1], features.shape[2])
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
        spectrum = np.fft.fft(np.fft.rfft(kernel, n=self.size[1]), n=self.size[0], axis=1)
        products = np.fft.irfft2((spectrum.conj() * self._spectrum).sum(0), s=self.size)
        errors = np.rint(products).astype(np.int64) + (current**2).sum()
        if not self.wraps[0]:
            errors[self.size[0] - block + 1 :] = FAR
        if not self.wraps[1]:
            for end in np.cumsum(self.sheets):
                errors[:, end - block + 1 : end] = FAR
        return errors

    def cells(self, position: tuple[int, int], block: int) -> tuple[np.ndarray, np.ndarray]:
        """Rows (block, 1) and columns (1, block) of the block at a position."""
        return block_cells(position, block, self.size)

    def count_near(self, positions: np.ndarray, reach: int) -> np.ndarray:
        """How many of the positions (count, 2) are within reach of each cell: (rows, columns) float64."""
        near = []
        for axis, length in enumerate(self.size):
            distance = np.abs(np.arange(length) - positions[:, axis, None] % length)
            if self.wraps[axis]:
                distance = np.minimum(distance, length - distance)
            near.append((distance <= reach).astype(np.float64))
        return near[0].T @ near[1]


def block_cells(position: tuple[int, int], block: int, size: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Rows (block, 1) and columns (1, block) of a block on a torus of the given size."""
    rows, columns = ((np.arange(block) + first) % length for first, length in zip(position, size, strict=True))
    return rows[:, None], columns[None]
