"""Where to cut a torus open: at a line across which the texture changes as much as anywhere else.

A torus has no border; a picture of it has one, and it may lie anywhere. Along a joint of bricks it would
look like a seam to a measure, and inside a flat plate like a blur. So a material knows, for every line
between its pixels, how much its maps change there.
"""

from dataclasses import dataclass

import numpy as np

from .grid import STRIDE
from .maps import DEFAULT_MAPS, MAPS

TYPICAL = 32
"""The whole number that stands for a change as large as the map's mean change from pixel to pixel."""
FAINTEST = 2e-3
"""In values of -1..1, a quarter of an 8-bit level: what changes less shows no border anywhere."""
GROUP = 64
"""Cells along a line that share one number."""


@dataclass(frozen=True)
class BorderSteps:
    """How much an exemplar's maps change across the lines between its pixels, in units of mean change / `TYPICAL`.

    `across_rows` (maps, rows * 8, columns / GROUP) uint8: across the line above each row of pixels, by groups
    of cells; `across_columns` (maps, rows / GROUP, columns * 8) uint8: across the line left of each column.
    """

    across_rows: np.ndarray
    across_columns: np.ndarray

    @classmethod
    def of(cls, stack: np.ndarray) -> "BorderSteps":
        """Of a decoded exemplar, (CHANNELS, rows * 8, columns * 8)."""
        maps = [stack[MAPS[name].span] for name in MAPS]
        across_columns = np.stack([_steps(m.transpose(0, 2, 1)).T for m in maps])
        return cls(np.stack([_steps(m) for m in maps]), across_columns)

    def fits(self, shape: tuple[int, ...]) -> bool:
        """Whether these can be the steps of a latent of this shape (channels, rows, columns)."""
        if len(shape) != 3 or self.across_rows.dtype != np.uint8 or self.across_columns.dtype != np.uint8:
            return False
        maps, (rows, columns) = len(MAPS), shape[1:]
        groups = (-(-rows // GROUP), -(-columns // GROUP))
        of_rows, of_columns = (maps, rows * STRIDE, groups[1]), (maps, groups[0], columns * STRIDE)
        return self.across_rows.shape == of_rows and self.across_columns.shape == of_columns

    def beside_mirror_image(self, shift: int, columns: int) -> "BorderSteps":
        """Those of an exemplar beside `columns` of its mirror image, as of `MirrorImage`."""
        pixels = self.across_columns.shape[2]
        mirrored = (pixels - np.arange(columns * STRIDE) - shift * STRIDE) % pixels
        across_columns = np.concatenate([self.across_columns, self.across_columns[:, :, mirrored]], 2)
        width = pixels // STRIDE
        middles = np.minimum(np.arange(0, width + columns, GROUP) + GROUP // 2, width + columns - 1)
        groups = np.where(middles < width, middles, (2 * width - 1 - middles - shift) % width) // GROUP
        return BorderSteps(self.across_rows[:, :, groups], across_columns)

    def typical_lines(self, sources: np.ndarray) -> tuple[int, int]:
        """The row and the column of pixels of a torus that are to become the first.

        Args:
            sources: (2, rows, columns), where in the exemplar each cell of the torus comes from.

        Returns:
            The lines whose least typical map is the most typical. Whole numbers decide, so every machine
            finds the same.
        """
        rows, columns = sources
        by_row = _changes(self.across_rows, rows, columns)
        by_column = _changes(self.across_columns.transpose(0, 2, 1), columns.T, rows.T)
        return _most_typical(by_row, TYPICAL * rows.shape[1]), _most_typical(by_column, TYPICAL * rows.shape[0])


def _changes(across: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Summed change (maps, rows * 8) across every line of pixels of a torus, from sources (rows, columns) each."""
    groups = columns // GROUP
    lines = [across[:, rows * STRIDE + inside, groups].sum(2, dtype=np.int64) for inside in range(STRIDE)]
    return np.stack(lines, 2).reshape(len(across), -1)


def _most_typical(changes: np.ndarray, typical: int) -> int:
    """Index of the line at which the worst of the maps (maps, lines) is closest to typical, as a ratio.

    The maps that are made unless others are asked for count more.
    """
    ratios = _oddness(changes, typical)
    return int(ratios.max(0).argmin())


def _steps(values: np.ndarray) -> np.ndarray:
    """(channels, height, width) to (height, columns / GROUP) uint8: change across the line above each pixel."""
    change = np.abs(values - np.roll(values, 1, 1)).sum(0)
    starts = range(0, change.shape[1], GROUP * STRIDE)
    grouped = np.stack([change[:, start : start + GROUP * STRIDE].mean(1) for start in starts], 1)
    relative = (grouped + FAINTEST) / (float(change.mean()) + FAINTEST)
    return np.clip(np.rint(relative * TYPICAL), 0, 255).astype(np.uint8)


def _oddness(changes: np.ndarray, typical: int) -> np.ndarray:
    """Ratios of 1 or more (maps, lines); those of maps that are not made unless asked for count less."""
    ratios = np.maximum(changes / typical, typical / np.maximum(changes, 1))
    seldom = [name not in DEFAULT_MAPS for name in MAPS]
    ratios[seldom] = np.sqrt(ratios[seldom])
    return ratios
