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
    """Features (components, rows, columns) int64 that blocks are searched in and taken from.

    Several `sheets` may lie side by side, of so many columns each; if columns wrap, each does by itself. With a
    `shift` the second of two sheets is the first one's mirror image, as of `mirror_image`.
    """

    def __init__(
        self,
        features: np.ndarray,
        wraps: tuple[bool, bool],
        sheets: tuple[int, ...] = (),
        shift: int | None = None,
    ) -> None:
        self.features = features
        self.wraps = wraps
        self.sheets = sheets or (features.shape[2],)
        self.shift = shift
        self.size = (features.shape[1], features.shape[2])
        self._ends = np.cumsum(self.sheets)
        squares = (features**2).sum(0, keepdims=True)
        parts = np.split(np.concatenate([features, squares]).astype(np.float64), self._ends[:-1], 2)
        self._spectra = [np.fft.rfft2(part) for part in parts]

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
        block, rows = len(known), self.size[0]
        current = current * known
        kernel = np.concatenate([-2 * current, known[None]]).astype(np.float64)
        ours = {n: np.fft.fft(np.fft.rfft(kernel, n=n), n=rows, axis=1).conj() for n in set(self.sheets)}
        sheets = zip(self._spectra, self.sheets, strict=True)
        products = [np.fft.irfft2((ours[n] * spectrum).sum(0), s=(rows, n)) for spectrum, n in sheets]
        errors = np.rint(np.concatenate(products, 1)).astype(np.int64) + (current**2).sum()
        if not self.wraps[0]:
            errors[rows - block + 1 :] = FAR
        if not self.wraps[1]:
            for end in self._ends:
                errors[:, end - block + 1 : end] = FAR
        return errors

    def cells(self, position: tuple[int, int], block: int) -> tuple[np.ndarray, np.ndarray]:
        """Rows (block, 1) and columns (1, block) of the block at a position."""
        rows, columns = np.array(position)[:, None] + np.arange(block)
        return (rows % self.size[0])[:, None], self._within_sheet(columns, np.array(position[1]))[None]

    def moved(self, positions: np.ndarray, by: np.ndarray) -> np.ndarray:
        """Positions (count, 2) moved by (count, 2), each around its own sheet."""
        rows, columns = (positions + by).T
        return np.stack([rows % self.size[0], self._within_sheet(columns, positions[:, 1])], 1)

    def twins(self, positions: np.ndarray, block: int) -> np.ndarray:
        """Where the mirror images of the blocks at positions (count, 2) are; none if there is no mirror image."""
        if self.shift is None:
            return positions[:0]
        first = self.sheets[0]
        image = positions[:, 1] >= first
        column = first - block - self.shift - np.where(image, positions[:, 1] - first, positions[:, 1])
        start, width = np.where(image, 0, first), np.where(image, first, self.sheets[1])
        there = self.wraps[1] | ((column >= 0) & (column < width))
        return np.stack([positions[:, 0], start + column % width], 1)[there]

    def count_near(self, positions: np.ndarray, reach: int) -> np.ndarray:
        """How many of the positions (count, 2) are within reach of each cell, in its sheet: (rows, columns) float64."""
        down = self._apart(np.arange(self.size[0]), positions[:, :1], self.size[0], self.wraps[0])
        columns, sheet = np.arange(self.size[1]), self._sheet(positions[:, 1:])
        along = self._apart(columns, positions[:, 1:], np.array(self.sheets)[sheet], self.wraps[1])
        near = (along <= reach) & (self._sheet(columns) == sheet)
        return (down <= reach).astype(np.float64).T @ near.astype(np.float64)

    def _sheet(self, columns: np.ndarray) -> np.ndarray:
        return np.searchsorted(self._ends, columns, side="right")

    def _within_sheet(self, columns: np.ndarray, of: np.ndarray) -> np.ndarray:
        """Columns, around the sheets in which the columns `of` lie."""
        sheet = self._sheet(of)
        start = (self._ends - self.sheets)[sheet]
        return start + (columns - start) % np.array(self.sheets)[sheet]

    @staticmethod
    def _apart(cells: np.ndarray, positions: np.ndarray, length: np.ndarray | int, wraps: bool) -> np.ndarray:
        distance = np.abs(cells - positions)
        return np.minimum(distance, length - distance) if wraps else distance


def block_cells(position: tuple[int, int], block: int, size: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Rows (block, 1) and columns (1, block) of a block on a torus of the given size."""
    rows, columns = ((np.arange(block) + first) % length for first, length in zip(position, size, strict=True))
    return rows[:, None], columns[None]
