"""Work on a picture part by part. A part that an accelerator's memory does not hold is done in quarters."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from .devices import forget_cached, ran_out

SMALLEST = 16
"""Units a side of a part that is not divided further."""
T = TypeVar("T")


@dataclass(frozen=True)
class Part:
    """Some rows and columns of a picture, or of a latent."""

    rows: slice
    columns: slice

    @property
    def sides(self) -> tuple[int, int]:
        """How many rows and columns."""
        return self.rows.stop - self.rows.start, self.columns.stop - self.columns.start

    def cut(self, largest: tuple[int, int]) -> "list[Part]":
        """Parts of it, row by row, of at most so many rows and columns."""
        rows, columns = (range(s.start, s.stop, n) for s, n in zip((self.rows, self.columns), largest, strict=True))
        return [
            Part(
                slice(row, min(row + largest[0], self.rows.stop)),
                slice(column, min(column + largest[1], self.columns.stop)),
            )
            for row in rows
            for column in columns
        ]


def parts(height: int, width: int, largest: tuple[int, int]) -> list[Part]:
    """What covers a picture once, row by row."""
    return Part(slice(0, height), slice(0, width)).cut(largest)


def through(places: Iterable[Part], work: Callable[[Part], T], unit: int = 1) -> Iterator[tuple[Part, T, float]]:
    """Work on each part in turn.

    Args:
        unit: of which sides and starts of parts are multiples, and stay so when parts are divided.

    Yields:
        Parts, what came of each, and the share done.

    Raises:
        MemoryError, RuntimeError: the memory does not hold the smallest part either.
    """
    left = deque(places)
    total, done = sum(_area(part) for part in left), 0
    while left:
        part = left.popleft()
        made: T | None = None
        try:
            made = work(part)
        except (MemoryError, RuntimeError) as error:
            if not ran_out(error) or max(part.sides) <= SMALLEST * unit:
                raise
        if made is None:  # here, the failed work's own memory is free again
            forget_cached()
            rows, columns = (-(-side // (2 * unit)) * unit for side in part.sides)
            left.extendleft(reversed(part.cut((rows, columns))))
            continue
        done += _area(part)
        yield part, made, done / total


def _area(part: Part) -> int:
    rows, columns = part.sides
    return rows * columns
