"""Resynthesis: an exemplar's latent laid out anew on a torus of any size.

Image quilting (Efros & Freeman 2001) on latents. Blocks of the exemplar are placed row by row; each
is searched over the whole exemplar, chosen at random among those that fit what is already there,
and joined to it along minimum-error cuts. Then the worst joints are mended by blocks that know all
four sides. Every cell of the result is a cell of the exemplar, so the layout is a map of where each
cell comes from, and the search can work on a few principal components.

What makes it a texture on a torus:
- the closing row and column of blocks know both their sides, in the search and in the cuts;
- where the exemplar repeats (courses, threads), blocks are taken in step with a lattice that has
  a whole number of periods around the torus, so that courses close.

Errors are whole numbers, exact whatever the order of sums: the same seed gives the same layout on
every machine.
"""

from collections.abc import Callable

import numpy as np

from .cuts import cut_mask
from .errors import Cancelled, RequestError
from .exemplar import FAR, Exemplar, whole_features
from .pattern import Pattern

Progress = Callable[[float, str], None]
IsCancelled = Callable[[], bool]

COMPONENTS = 8
"""Principal components of the latent that are searched."""
LEVELS = 64
"""Whole-number steps per standard deviation of the exemplar."""
BLOCK, OVERLAP = 24, 8
"""Cells. Large enough for whole stones."""
SMALLEST = 8
"""Fewest cells a side of an exemplar and of a torus."""
NEAR_BEST = 0.1
"""A block may be chosen if its error is at most this much above the best one's."""


def resynthesize(
    exemplar: np.ndarray,
    wraps: tuple[bool, bool],
    size: tuple[int, int],
    seed: int,
    on_progress: Progress | None = None,
    is_cancelled: IsCancelled | None = None,
) -> np.ndarray:
    """Lay out a latent anew on a torus.

    Args:
        exemplar: (channels, rows, columns) float32 latent.
        wraps: whether the exemplar itself is a torus in rows and columns.
        size: rows and columns of the result, each at least 8.
        seed: another seed is another layout.
        on_progress: called with a fraction 0..1 and what is being done.
        is_cancelled: asked before every block.

    Returns:
        (channels, *size) float32 torus made of cells of the exemplar.

    Raises:
        RequestError: exemplar or torus are too small.
        Cancelled: `is_cancelled` said so.
    """
    rows, columns = lay_out(exemplar, wraps, size, seed, on_progress, is_cancelled)
    return exemplar[:, rows, columns]


def lay_out(
    exemplar: np.ndarray,
    wraps: tuple[bool, bool],
    size: tuple[int, int],
    seed: int,
    on_progress: Progress | None = None,
    is_cancelled: IsCancelled | None = None,
) -> np.ndarray:
    """Where each cell of the torus comes from: (2, *size) int rows and columns of the exemplar."""
    if min(exemplar.shape[1:]) < SMALLEST:
        raise RequestError(
            f"The exemplar has {exemplar.shape[1]} x {exemplar.shape[2]} cells, it needs at least {SMALLEST} each way."
        )
    if min(size) < SMALLEST:
        raise RequestError(f"A torus of {size[0]} x {size[1]} cells is too small, it needs at least {SMALLEST} each way.")
    layout = Layout(Exemplar(whole_features(exemplar), wraps), size, seed)
    places = layout.places()
    for done, place in enumerate(places):
        if is_cancelled and is_cancelled():
            raise Cancelled
        layout.put(place)
        if on_progress:
            on_progress((done + 1) / len(places), "Laying out")
    return layout.sources




class Layout:
    """A torus being laid out in blocks.

    `sources` (2, rows, columns): where each cell comes from. `features`: what is there, for the search.
    """

    def __init__(self, exemplar: Exemplar, size: tuple[int, int], seed: int) -> None:
        self.exemplar = exemplar
        self.size = size
        self.random = np.random.Generator(np.random.Philox(seed))
        side = min(exemplar.size) // 3
        self.block = max(6, min(BLOCK, side, 3 * min(size) // 4))
        self.overlap = self.block // 3
        self.sources = np.zeros((2, *size), int)
        self.features = np.zeros((len(exemplar.features), *size), np.int64)
        self.known = np.zeros(size, bool)
        origin = self.random.integers(0, exemplar.size)
        self.pattern = Pattern(exemplar.features, exemplar.wraps, size, (float(origin[0]), float(origin[1])))
        self.placed: list[tuple[int, int, int, int]] = []
        self.usage = np.zeros(exemplar.size)

    def starts(self, axis: int) -> list[int]:
        """First cells of the rows or columns of blocks, evenly spread around the torus."""
        length = self.size[axis]
        count = -(-length // (self.block - self.overlap))
        return [i * length // count for i in range(count)]

    def places(self) -> list[tuple[int, int]]:
        return [(row, column) for row in self.starts(0) for column in self.starts(1)]

    def put(self, place: tuple[int, int]) -> None:
        """Choose a block for this place and join it to what is there."""
        rows, columns = (np.arange(self.block) + start for start in place)
        torus = np.ix_(rows % self.size[0], columns % self.size[1])
        known = self.known[torus]
        current = self.features[:, *torus]
        row, column = self.choose(place, self.exemplar.errors(current, known))
        source = np.ix_(
            (np.arange(self.block) + row) % self.exemplar.size[0], (np.arange(self.block) + column) % self.exemplar.size[1]
        )
        new = self.exemplar.features[:, *source]
        inside = cut_mask(((new - current) ** 2).sum(0), overlaps_of(known)) | ~known
        self.paste(torus, source, inside)
        self.placed.append((*place, row, column))

    def paste(self, torus, source, inside) -> None:
        rows, columns = (np.broadcast_to(i, inside.shape)[inside] for i in torus)
        from_rows, from_columns = (np.broadcast_to(i, inside.shape)[inside] for i in source)
        self.sources[:, rows, columns] = from_rows, from_columns
        self.features[:, rows, columns] = self.exemplar.features[:, from_rows, from_columns]
        self.known[rows, columns] = True

    def choose(self, place: tuple[int, int], errors: np.ndarray) -> tuple[int, int]:
        """One of the positions in the exemplar that fit best, at random."""
        errors = np.where(self.pattern.in_step(place, self.block), errors, FAR)
        possible = errors[errors < FAR]
        unit = np.partition(possible, 16)[16] if len(possible) > 16 else possible.max()
        errors = errors + np.minimum(self.penalty(place), 64).astype(np.int64) * (unit // 4)
        best = errors.min()
        rows, columns = np.nonzero(errors <= best + best // 10)
        pick = int(self.random.random() * len(rows))
        row, column = int(rows[pick]), int(columns[pick])
        one = np.array([[row], [column]])
        self.usage += self.exemplar.near(one[0], 0, self.block // 3).T @ self.exemplar.near(one[1], 1, self.block // 3)
        return row, column

    def penalty(self, place: tuple[int, int]) -> np.ndarray:
        penalty = (self.usage - self.usage.min()) / 2
        if not self.placed:
            return penalty
        placed = np.array(self.placed)
        delta = []
        for axis in (0, 1):
            half = self.size[axis] // 2
            delta.append((place[axis] - placed[:, axis] + half) % self.size[axis] - half)
        close = np.maximum(np.abs(delta[0]), np.abs(delta[1])) <= 3 * self.block
        delta = [d[close] for d in delta]
        source = placed[close].T[2:]
        near = self.exemplar.near
        crowd = near(source[0], 0, self.block // 2).T @ near(source[1], 1, self.block // 2)
        going_on = near(source[0] + delta[0], 0, 4).T @ near(source[1] + delta[1], 1, 4)
        return penalty + crowd + 32 * going_on


def overlaps_of(known: np.ndarray) -> tuple[int, int, int, int]:
    """How many rows or columns are known at the top, bottom, left and right of a block."""
    block = len(known)
    rows, columns = known.all(1), known.all(0)
    runs = (int(run.argmin()) if not run.all() else block for run in (rows, rows[::-1], columns, columns[::-1]))
    return tuple(min(run, block // 2) for run in runs)
