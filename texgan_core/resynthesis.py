"""Resynthesis: an exemplar's latent laid out anew on a torus of any size.

Image quilting (Efros & Freeman 2001) on latents. Blocks of the exemplar are placed row by row; each
is searched over the whole exemplar, chosen at random among those that fit what is already there,
and joined to it along minimum-error cuts. Every cell of the result is a cell of the exemplar, so a
layout is a map of where each cell comes from, and the search works on a few principal components.

What makes it a texture on a torus:
- the closing row and column of blocks know both their sides, in the search and in the cuts;
- where the exemplar repeats (courses, threads, a bond), blocks are taken in step with its pattern,
  which is stretched to a whole number of periods around the torus, so that courses close.

Errors are whole numbers, exact whatever the order of sums: the same seed gives the same layout on
every machine.
"""

from collections.abc import Iterator

import numpy as np

from . import noise
from .cuts import cut_mask
from .errors import Cancelled, RequestError
from .exemplar import FAR, Exemplar, block_cells, whole_features
from .job import IsCancelled, Progress
from .pattern import Pattern

SMALLEST = 8
"""Fewest cells a side of an exemplar and of a torus."""
LARGEST_BLOCK, SMALLEST_BLOCK = 32, 6
"""Cells a side. Large enough for whole stones."""
NEAR_BEST = 10
"""A block may be chosen if its error is at most 1 / NEAR_BEST above the best."""
GOOD_FITS = 16
"""The error of the block with this rank is the unit of the penalties."""
FACE = 4
"""Units for a part whose mirror image is next to it."""
CROWDED = 3
"""Blocks. Within this distance on the torus the same part of the exemplar is avoided."""


def lay_out(
    exemplar: np.ndarray,
    wraps: tuple[bool, bool],
    size: tuple[int, int],
    seed: int,
    on_progress: Progress | None = None,
    is_cancelled: IsCancelled | None = None,
    sheets: tuple[int, ...] = (),
    shift: int | None = None,
) -> np.ndarray:
    """Lay out a latent anew on a torus.

    Args:
        exemplar: (channels, rows, columns) float32 latent.
        wraps: whether the exemplar itself, or each of its sheets, is a torus in rows and columns.
        size: rows and columns of the result, each at least 8.
        seed: another seed is another layout.
        on_progress: called after every block with a fraction 0..1 and what is being done.
        is_cancelled: asked after every block.
        sheets: if the exemplar is several side by side, the columns of each, as from `gather`.
        shift: if the second of two sheets is the mirror image of the first, that of the `MirrorImage`.

    Returns:
        (2, *size) int: the row and the column of the exemplar that each cell of the torus comes from.

    Raises:
        RequestError: exemplar or torus are too small.
        Cancelled: `is_cancelled` said so.
    """
    smallest = (exemplar.shape[1], min(sheets or exemplar.shape[2:]))
    for what, (rows, columns) in (("exemplar", smallest), ("texture", size)):
        if min(rows, columns) < SMALLEST:
            raise RequestError(f"The {what} has {rows} x {columns} cells; use one of at least {SMALLEST} each way.")
    layout = Layout(Exemplar(whole_features(exemplar), wraps, sheets, shift), size, seed)
    for fraction in layout.fill():
        if on_progress:
            on_progress(fraction, "Laying out")
        if is_cancelled and is_cancelled():
            raise Cancelled
    return layout.sources


class Layout:
    """A torus being laid out in blocks.

    Attributes:
        sources: (2, rows, columns) int, where in the exemplar each cell comes from.
        features: (components, rows, columns) int64, what is there.
        known: (rows, columns) bool, what is filled.
    """

    def __init__(self, exemplar: Exemplar, size: tuple[int, int], seed: int) -> None:
        self.exemplar = exemplar
        self.size = size
        self.seed, self.drawn = seed, 0
        self.block = max(
            SMALLEST_BLOCK, min(LARGEST_BLOCK, min(exemplar.size[0], *exemplar.sheets) // 3, 3 * min(size) // 4)
        )
        self.step = self.block - 3 * self.block // 8
        self.pattern = Pattern(exemplar, size, self._anywhere())
        self.sources = np.zeros((2, *size), int)
        self.features = np.zeros((len(exemplar.features), *size), np.int64)
        self.known = np.zeros(size, bool)
        self.used = np.zeros(exemplar.size)
        self.places = np.empty((0, 2), int)
        self.choices = np.empty((0, 2), int)

    def fill(self) -> Iterator[float]:
        """Place all blocks row by row, yielding the fraction done."""
        rows, columns = (_starts(length, self.step) for length in self.size)
        places = [(row, column) for row in rows for column in columns]
        for done, place in enumerate(places):
            self._put(place)
            yield (done + 1) / len(places)

    def _put(self, place: tuple[int, int]) -> None:
        """Choose a block for a place and join it to what is there."""
        rows, columns = block_cells(place, self.block, self.size)
        current, known = self.features[:, rows, columns], self.known[rows, columns]
        choice = self._choose(place, self.exemplar.errors(current, known))
        from_rows, from_columns = self.exemplar.cells(choice, self.block)
        new = self.exemplar.features[:, from_rows, from_columns]
        inside = cut_mask(((new - current) ** 2).sum(0), known) | ~known
        self.features[:, rows, columns] = np.where(inside, new, current)
        for sources, come_from in zip(self.sources, (from_rows, from_columns), strict=True):
            sources[rows, columns] = np.where(inside, come_from, sources[rows, columns])
        self.known[rows, columns] = True
        self.used += self._count(np.array([choice]), self.block // 3)
        self.places = np.vstack([self.places, place])
        self.choices = np.vstack([self.choices, choice])

    def _choose(self, place: tuple[int, int], errors: np.ndarray) -> tuple[int, int]:
        """One of the positions in the exemplar that fit best, at random."""
        errors = np.where(self.pattern.in_step(place, self.block), errors, FAR)
        possible = errors[errors < FAR]
        rank = min(GOOD_FITS, len(possible)) - 1
        unit = np.partition(possible, rank)[rank]
        errors += (self._penalties(place) * 8).astype(np.int64) * (unit // 8)
        best = errors.min()
        rows, columns = np.nonzero(errors <= best + best // NEAR_BEST)
        pick = self._below(len(rows))
        return int(rows[pick]), int(columns[pick])

    def _penalties(self, place: tuple[int, int]) -> np.ndarray:
        """What discourages taking from each position (rows, columns), in units of a good fit's error.

        Parts that were used more than others, parts used near this place, and what would only go on with
        a neighbour's copy. That is what fits best of all, so it is discouraged, not forbidden: where
        nothing else comes close, a stone is better finished. A neighbour's mirror image fits as well, and would
        make a face of both; it is discouraged far more.
        """
        half = np.array(self.size) // 2
        apart = (np.array(place) - self.places + half) % self.size - half
        distance = np.abs(apart).max(1)
        close, next_to = distance <= CROWDED * self.block, distance <= self.block
        choices = self.choices[close]
        crowd = self._count(choices, self.block // 2)
        copies = self.exemplar.count_near(self.exemplar.moved(choices, apart[close]), self.block // 8)
        faces = self.exemplar.count_near(self.exemplar.twins(self.choices[next_to], self.block), self.block // 2)
        return (self.used - self.used.min()) / 8 + crowd / 4 + copies / 4 + faces * FACE

    def _count(self, choices: np.ndarray, reach: int) -> np.ndarray:
        """How often the parts of the exemplar around each position are among the choices, as they are or mirrored."""
        exemplar = self.exemplar
        return exemplar.count_near(choices, reach) + exemplar.count_near(exemplar.twins(choices, self.block), reach)

    def _below(self, count: int) -> int:
        self.drawn += 1
        return int(noise.uniform((1,), self.seed, self.drawn)[0] * count)

    def _anywhere(self) -> tuple[int, int]:
        return self._below(self.exemplar.size[0]), self._below(self.exemplar.size[1])


def _starts(length: int, step: int) -> list[int]:
    """First cells of blocks, at most a step apart, evenly spread around the torus."""
    count = -(-length // step)
    return [i * length // count for i in range(count)]
