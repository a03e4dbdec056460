"""Where to cut a torus open: at a line across which the texture changes as much as anywhere else.

A torus has no border; a picture of it has one, and it may lie anywhere. Along a joint of bricks it would
look like a seam to a measure, and inside a flat plate like a blur. So a material knows, for every line
between its cells, how much its maps change there.
"""

from dataclasses import dataclass

import numpy as np

from .codec import STRIDE
from .maps import DEFAULT_MAPS, MAPS

TYPICAL = 32
"""The whole number that stands for a change as large as the map's mean change from pixel to pixel."""
GROUP = 4
"""Cells along a line that share one number."""


@dataclass(frozen=True)
class BorderSteps:
    """How much an exemplar's maps change across the lines between its cells, in units of mean change / `TYPICAL`.

    `across_rows` (maps, rows, columns / GROUP) uint8: across the line above each group of cells;
    `across_columns` (maps, rows / GROUP, columns) uint8: across the line to its left.
    """

    across_rows: np.ndarray
    across_columns: np.ndarray

    @classmethod
    def of(cls, stack: np.ndarray) -> "BorderSteps":
        """Of a decoded exemplar, (CHANNELS, rows * 8, columns * 8)."""
        maps = [stack[MAPS[name].span] for name in DEFAULT_MAPS]
        across_columns = np.stack([_steps(m.transpose(0, 2, 1)).T for m in maps])
        return cls(np.stack([_steps(m) for m in maps]), across_columns)

    def fits(self, shape: tuple[int, ...]) -> bool:
        """Whether these can be the steps of a latent of this shape (channels, rows, columns)."""
        if len(shape) != 3 or self.across_rows.dtype != np.uint8 or self.across_columns.dtype != np.uint8:
            return False
        maps, (rows, columns) = len(DEFAULT_MAPS), shape[1:]
        groups = (-(-rows // GROUP), -(-columns // GROUP))
        return self.across_rows.shape == (maps, rows, groups[1]) and self.across_columns.shape == (
            maps,
            groups[0],
            columns,
        )

    def typical_lines(self, sources: np.ndarray) -> tuple[int, int]:
        """The row and the column of a torus that are to become the first.

        Args:
            sources: (2, rows, columns), where in the exemplar each cell of the torus comes from.

        Returns:
            The lines whose least typical map is the most typical. Whole numbers decide, so every machine
            finds the same.
        """
        rows, columns = sources
        by_row = self.across_rows[:, rows, columns // GROUP].astype(np.int64).sum(2)
        by_column = self.across_columns[:, rows // GROUP, columns].astype(np.int64).sum(1)
        return _most_typical(by_row, TYPICAL * rows.shape[1]), _most_typical(by_column, TYPICAL * rows.shape[0])


def _most_typical(changes: np.ndarray, typical: int) -> int:
    """Index of the line at which the worst of the maps (maps, lines) is closest to typical, as a ratio."""
    return int(np.maximum(changes / typical, typical / np.maximum(changes, 1)).max(0).argmin())


def _steps(values: np.ndarray) -> np.ndarray:
    """(channels, height, width) to (rows, columns / GROUP) uint8: change across the line above each group."""
    change = np.abs(values - np.roll(values, 1, 1)).sum(0)
    at_lines = change[::STRIDE]
    starts = range(0, at_lines.shape[1], GROUP * STRIDE)
    grouped = np.stack([at_lines[:, start : start + GROUP * STRIDE].mean(1) for start in starts], 1)
    return np.clip(np.rint(grouped * (TYPICAL / max(float(change.mean()), 1e-6))), 0, 255).astype(np.uint8)
