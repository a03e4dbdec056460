"""How much of a picture is kept, so that what repeats in it meets across its borders."""

import numpy as np
import pytest

from texgan_core.whole_repeats import NEARLY, whole_repeats

SMALLEST = 128


def wall(height: int, width: int, course: int, first: int = 0, brick: int = 0) -> np.ndarray:
    """Courses of so many rows, the first one cut off by so many, of bricks of so many columns, if any; each pixel a
    little different."""
    grain = np.random.default_rng(0).random((height, width, 3)) * 0.2
    rows, columns = np.mgrid[first : first + height, :width]
    joints = rows % course < course // 8
    if brick:
        joints |= columns % brick < brick // 12
    return np.where(joints[..., None], 0.7, 0.1) + grain


def kept(color: np.ndarray, axes: tuple[bool, bool] = (True, True)) -> tuple[int, int]:
    return whole_repeats(color, axes, SMALLEST).sides


@pytest.mark.parametrize("course", [16, 33, 64, 90])
@pytest.mark.parametrize("left_over", [0.3, 0.5, 0.8])
def test_a_whole_number_of_courses_is_kept(course, left_over) -> None:
    height = round((10 + left_over) * course)
    rows, columns = kept(wall(height, 400, course, first=course // 2))
    assert columns == 400, "nothing repeats in x"
    assert height - 3 * course < rows < height
    assert abs(rows / course - round(rows / course)) <= NEARLY


def test_what_fits_or_nearly_fits_stays_whole() -> None:
    for height in (384, 386, 382):
        assert kept(wall(height, 300, 64)) == (height, 300)


@pytest.mark.parametrize("course", [96, 120, 130])
def test_it_is_enough_to_be_seen_twice(course) -> None:
    height = round(2.3 * course)
    rows, columns = kept(wall(height, 330, course, brick=150))
    assert abs(rows - 2 * course) <= NEARLY * course and abs(columns - 300) <= NEARLY * 150


def test_each_axis_for_itself() -> None:
    tiles = wall(420, 430, 60, brick=80)
    assert kept(tiles) == (420, 400)
    assert kept(tiles[:400], (False, True)) == (400, 400)
    assert kept(tiles[:400], (True, False)) == (360, 430)
    assert kept(tiles[:400], (False, False)) == (400, 430)


def test_what_does_not_repeat_stays_whole() -> None:
    assert kept(np.random.default_rng(1).random((300, 330, 3))) == (300, 330)
    assert kept(np.full((300, 330, 3), 0.5)) == (300, 330)


def test_what_just_fades_with_distance_does_not_repeat() -> None:
    """Rows of chance under a slope of light are alike from near, a little more at some distances than at others."""
    cropped = 0
    for seed in range(8):
        rng = np.random.default_rng(seed)
        rows = np.linspace(0.3, 0.6, 475) + rng.normal(0, 0.06, 40).repeat(12)[:475]
        cropped += kept(rows[:, None, None] + rng.random((475, 480, 3)) * 0.1) != (475, 480)
    assert cropped <= 1


def test_so_little_that_networks_could_not_look_at_it_is_not_left() -> None:
    assert kept(wall(140, 300, 40)) == (140, 300)
    assert whole_repeats(wall(140, 300, 40), (True, True), 64).sides == (120, 300)


def test_the_border_does_not_lie_along_a_joint() -> None:
    color = wall(416, 300, 64)
    part = whole_repeats(color, (True, True), SMALLEST)
    first, last = part.rows.start, part.rows.stop - 1
    changes = np.abs(np.diff(color, axis=0)).mean((1, 2))
    assert part.sides[0] == 384
    assert changes[max(first - 1, 0)] < 0.2 and changes[min(last, len(changes) - 1)] < 0.2 < changes.max()
