"""Guides: where a layout is to be high and where low. Bonds of bricks, planks, tiles, cobbles, a weave, patches, or
a picture.

Every pattern goes around the torus a whole number of times, so that it closes exactly at any size. It is
described by one function: how far, in pixels, each place is from the nearest joint.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from . import noise
from .errors import ImageError, RequestError
from .grid import SAMPLES, STRUCTURE_PIXELS
from .model_file import hash_tensors
from .pictures import read_grey, resize

EDGE = 4.0
"""Pixels over which a guide goes from its middle to high or low: one sample."""
MOST_UNITS = 256
"""Stones, bricks or threads along a side."""
WIDEST_JOINT = 256.0
PICTURE = "picture"
PATCH_OCTAVES = 4
Distance = Callable[["Guide", np.ndarray, np.ndarray, tuple[float, float]], np.ndarray]


@dataclass(frozen=True)
class Guide:
    """What a layout is to follow.

    Attributes:
        pattern: a key of `PATTERNS`, or "picture".
        columns, rows: bricks, stones, threads or patches around the torus, each way; not for a picture.
        joint: width of the joints in pixels; not for a picture.
        upright: turned by a quarter, so that rows of bricks become columns; not for a picture.
        seed: of what is random in the pattern.
        picture: file whose light parts are to be high and whose dark parts low. It is stretched over the texture.
        picture_hash: of the pixels that the picture must have, as `pinned` gives it; empty for whatever it has.
    """

    pattern: str = "running bond"
    columns: int = 4
    rows: int = 8
    joint: float = 12.0
    upright: bool = False
    seed: int = 0
    picture: str = ""
    picture_hash: str = ""

    def validate(self) -> None:
        """Check what does not depend on a size.

        Raises:
            RequestError: an unknown pattern, or numbers with which it does not close around a torus.
        """
        if self.pattern == PICTURE:
            return
        if self.pattern not in PATTERNS:
            raise RequestError(
                f"There is no pattern named {self.pattern!r}; choose from {', '.join((*PATTERNS, PICTURE))}."
            )
        needed = PATTERNS[self.pattern]
        for count, multiple, what in (
            (self.columns, needed.columns, "columns"),
            (self.rows, needed.rows, "rows"),
        ):
            if not isinstance(count, int) or not 1 <= count <= MOST_UNITS or count % multiple:
                kind = "a whole number" if multiple == 1 else f"a multiple of {multiple}"
                raise RequestError(
                    f"The pattern {self.pattern} has {count} {what}; choose {kind} from {multiple} to {MOST_UNITS}."
                )
        if not 0 <= self.joint <= WIDEST_JOINT:
            raise RequestError(f"Joints are {self.joint} pixels wide; choose from 0 to {WIDEST_JOINT:.0f}.")

    def pinned(self) -> "Guide":
        """The guide as a record is to hold it: of a picture, with the hash of its pixels.

        Raises:
            ImageError: the picture cannot be used, or has changed.
        """
        return replace(self, picture_hash=_hash(self._read_picture())) if self.pattern == PICTURE else self

    def values(self, cells: tuple[int, int]) -> np.ndarray:
        """The guide of a torus of (rows, columns) cells: (2, SAMPLES * rows, SAMPLES * columns) float32.

        First -1 (low) to 1 (high), then 1 everywhere, since it says something everywhere.

        Raises:
            RequestError: as `validate`. ImageError: the picture cannot be used, or has changed.
        """
        self.validate()
        shape = (SAMPLES * cells[0], SAMPLES * cells[1])
        high = self._of_picture(shape) if self.pattern == PICTURE else self._of_pattern(shape)
        return np.stack([high, np.ones(shape)]).astype(np.float32)

    def _of_picture(self, shape: tuple[int, int]) -> np.ndarray:
        return resize(self._read_picture(), shape[1], shape[0]) * 2 - 1

    def _read_picture(self) -> np.ndarray:
        picture = read_grey(Path(self.picture))
        if self.picture_hash and self.picture_hash != _hash(picture):
            raise ImageError(
                f"The picture {self.picture} has changed since the texture was made; bring it back as it was, or "
                "generate anew."
            )
        return picture

    def _of_pattern(self, shape: tuple[int, int]) -> np.ndarray:
        if self.upright:
            shape = shape[::-1]
        y, x = (np.arange(side) + 0.5 for side in shape)
        units = (y[:, None] * self.rows / shape[0], x[None] * self.columns / shape[1])
        pixels = (shape[0] * STRUCTURE_PIXELS / self.rows, shape[1] * STRUCTURE_PIXELS / self.columns)
        distance = PATTERNS[self.pattern].distance(self, *units, pixels)
        high = ((distance - self.joint / 2) / EDGE).clip(-1, 1)
        return high.T if self.upright else high


@dataclass(frozen=True)
class Pattern:
    """`distance` of places (y, x), in units of a brick, whose sides are given in pixels, to the nearest joint, in
    pixels; and what number of columns and rows of bricks must be multiples of to close around a torus."""

    distance: Distance
    columns: int = 1
    rows: int = 1


def bricks(shift: float) -> Distance:
    """Courses, each shifted by a share of a brick against the one above."""

    def distance(guide: Guide, y: np.ndarray, x: np.ndarray, pixels: tuple[float, float]) -> np.ndarray:
        return _courses(y, x + shift * np.floor(y), pixels)

    return distance


def planks(guide: Guide, y: np.ndarray, x: np.ndarray, pixels: tuple[float, float]) -> np.ndarray:
    """Courses, each shifted at random."""
    shifts = noise.uniform((guide.rows,), guide.seed, 5)
    return _courses(y, x + shifts[np.floor(y).astype(int)], pixels)


def herringbone(guide: Guide, y: np.ndarray, x: np.ndarray, pixels: tuple[float, float]) -> np.ndarray:
    """Bricks of two squares, lying and standing, one square further to the side in each row."""
    step = (np.floor(x) - np.floor(y)).astype(int) % 4
    return _squares(y, x, pixels, left=step != 1, right=step != 0, above=step != 2, below=step != 3)


def basket(guide: Guide, y: np.ndarray, x: np.ndarray, pixels: tuple[float, float]) -> np.ndarray:
    """Pairs of lying and of standing bricks, of two squares each, in turn."""
    row, column = (np.floor(a).astype(int) for a in (y, x))
    lying = (row // 2 + column // 2) % 2 == 0
    first_row, first_column = row % 2 == 0, column % 2 == 0
    return _squares(
        y,
        x,
        pixels,
        left=~lying | first_column,
        right=~lying | ~first_column,
        above=lying | first_row,
        below=lying | ~first_row,
    )


def weave(guide: Guide, y: np.ndarray, x: np.ndarray, pixels: tuple[float, float]) -> np.ndarray:
    """Threads that go over and under each other; the one below is not seen."""
    across = (np.floor(x) + np.floor(y)).astype(int) % 2 == 0
    return _squares(y, x, pixels, left=~across, right=~across, above=across, below=across)


def hexagons(guide: Guide, y: np.ndarray, x: np.ndarray, pixels: tuple[float, float]) -> np.ndarray:
    """Six-sided tiles."""
    return _cobbles(guide, y, x, pixels, np.zeros((2, guide.rows, guide.columns)))


def cobbles(guide: Guide, y: np.ndarray, x: np.ndarray, pixels: tuple[float, float]) -> np.ndarray:
    """Stones of irregular form (Worley 1996)."""
    return _cobbles(guide, y, x, pixels, 0.7 * (noise.uniform((2, guide.rows, guide.columns), guide.seed, 5) - 0.5))


def patches(guide: Guide, y: np.ndarray, x: np.ndarray, pixels: tuple[float, float]) -> np.ndarray:
    """Blots of fractal noise (Perlin 1985). Of joints as wide as a patch everything is low, of none nothing."""
    height = np.zeros(np.broadcast_shapes(y.shape, x.shape))
    for octave in range(PATCH_OCTAVES):
        fine = 2**octave
        values = noise.uniform((guide.rows * fine, guide.columns * fine), guide.seed, 6, octave)
        height += _smooth(values, y * fine, x * fine) / fine
    ranks = height.ravel().argsort(kind="stable").argsort(kind="stable").reshape(height.shape)
    return (ranks + 0.5) / ranks.size * min(pixels) / 2


PATTERNS: dict[str, Pattern] = {
    "running bond": Pattern(bricks(1 / 2), rows=2),
    "third bond": Pattern(bricks(1 / 3), rows=3),
    "stack bond": Pattern(bricks(0)),
    "planks": Pattern(planks),
    "herringbone": Pattern(herringbone, columns=4, rows=4),
    "basket": Pattern(basket, columns=4, rows=4),
    "hexagons": Pattern(hexagons, rows=2),
    "cobbles": Pattern(cobbles, rows=2),
    "weave": Pattern(weave, columns=2, rows=2),
    "patches": Pattern(patches),
}


def guide_from_record(record: Any) -> Guide | None:
    """The guide that a texture's record holds, None if it holds none.

    Raises:
        TypeError: it is none. RequestError: as `Guide.validate`.
    """
    if record is None:
        return None
    guide = Guide(**record)
    guide.validate()
    return guide


def _hash(picture: np.ndarray) -> str:
    """Of a grey picture, with 16 bits."""
    return hash_tensors({"picture": np.rint(picture * 65535).astype(np.uint16)})


def _courses(y: np.ndarray, x: np.ndarray, pixels: tuple[float, float]) -> np.ndarray:
    """Distance to the lines of whole y, and of whole x."""
    return np.minimum(_to_whole(y) * pixels[0], _to_whole(x) * pixels[1])


def _to_whole(a: np.ndarray) -> np.ndarray:
    return np.abs(a - np.rint(a))


def _smooth(values: np.ndarray, y: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Values at whole places of a torus, at places (y, 1) and (1, x) between them."""
    for axis, place in ((0, y.ravel()), (1, x.ravel())):
        first = np.floor(place).astype(int)
        share = place - first
        share = np.expand_dims(share**2 * (3 - 2 * share), 1 - axis)
        below, above = (np.take(values, (first + i) % values.shape[axis], axis) for i in (0, 1))
        values = below + share * (above - below)
    return values


def _squares(
    y: np.ndarray,
    x: np.ndarray,
    pixels: tuple[float, float],
    left: np.ndarray,
    right: np.ndarray,
    above: np.ndarray,
    below: np.ndarray,
) -> np.ndarray:
    """Distance to those sides of unit squares that are joints."""
    down, along = y % 1, x % 1
    sides = (
        (left, along * pixels[1]),
        (right, (1 - along) * pixels[1]),
        (above, down * pixels[0]),
        (below, (1 - down) * pixels[0]),
    )
    nearest = np.full(np.broadcast_shapes(y.shape, x.shape), np.inf)
    for is_joint, distance in sides:
        nearest = np.minimum(nearest, np.where(is_joint, distance, np.inf))
    return nearest


def _cobbles(guide: Guide, y: np.ndarray, x: np.ndarray, pixels: tuple[float, float], jitter: np.ndarray) -> np.ndarray:
    """Distance to the borders of the Voronoi cells of points in unit squares, of which every second row is shifted."""
    row, column = np.broadcast_arrays(np.floor(y).astype(int), np.floor(x).astype(int))

    def to_point(down: int, along: int) -> tuple[np.ndarray, np.ndarray]:
        r, c = (row + down) % guide.rows, (column + along) % guide.columns
        dy = row + down + 0.5 + jitter[0, r, c] - y
        dx = column + along + 0.25 + 0.5 * (r % 2) + jitter[1, r, c] - x
        return dy * pixels[0], dx * pixels[1]

    around = list(product(range(-2, 3), repeat=2))
    near_y, near_x = to_point(0, 0)
    for offset in around:
        dy, dx = to_point(*offset)
        closer = dy**2 + dx**2 < near_y**2 + near_x**2
        near_y, near_x = np.where(closer, dy, near_y), np.where(closer, dx, near_x)
    nearest = np.full(near_y.shape, np.inf)
    for offset in around:
        dy, dx = to_point(*offset)
        apart = np.hypot(dy - near_y, dx - near_x)
        other = apart > 1e-6
        beyond = (dy**2 + dx**2 - near_y**2 - near_x**2) / (2 * np.where(other, apart, 1))
        nearest = np.where(other, np.minimum(nearest, beyond), nearest)
    return nearest
