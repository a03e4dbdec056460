"""What is new, set into a marked region."""

import numpy as np
import pytest

from texgan_core.inlay import SOFT, inlaid

SIDE = 48


@pytest.fixture
def original() -> np.ndarray:
    return (0.5 + 0.2 * np.random.default_rng(0).random((SIDE, SIDE, 3))).astype(np.float32)


def square(rows: tuple[int, int], columns: tuple[int, int]) -> np.ndarray:
    region = np.zeros((SIDE, SIDE), bool)
    region[slice(*rows), slice(*columns)] = True
    return region


def test_outside_is_the_original_and_deep_inside_what_was_made(original) -> None:
    region, made = square((10, 38), (10, 38)), original[::-1] * 0.5
    picture = inlaid(original, made, region, (True, True))
    np.testing.assert_array_equal(picture[~region], original[~region])
    deep = slice(10 + SOFT, 38 - SOFT)
    np.testing.assert_array_equal(picture[deep, deep], made[deep, deep])


def test_what_is_too_dark_by_the_same_everywhere_meets_without_an_edge(original) -> None:
    region = square((10, 38), (10, 38))
    grey = original[..., 0]
    picture = inlaid(grey, grey - np.float32(0.2), region, (True, True))
    lost = (grey - picture)[24]
    np.testing.assert_allclose(lost[10 : 10 + SOFT], 0.2 * np.arange(1, SOFT + 1) / (SOFT + 1), atol=1e-5)


@pytest.mark.parametrize("wraps", [(True, True), (False, False)])
def test_nothing_of_what_is_marked_shows(original, wraps) -> None:
    region, made = square((0, 20), (30, 48)), original[::-1] * 0.5
    blemished = np.where(region[..., None], np.float32(1), original)
    pictures = [inlaid(shown, made, region, wraps) for shown in (original, blemished)]
    np.testing.assert_array_equal(*pictures)


def test_a_torus_goes_on_beyond_its_border(original) -> None:
    region, made = square((0, 20), (30, 48)), original[::-1] * 0.5
    still = inlaid(original, made, region, (True, True))
    rolled = inlaid(*(np.roll(shown, (7, 11), (0, 1)) for shown in (original, made, region)), (True, True))
    np.testing.assert_allclose(np.roll(still, (7, 11), (0, 1)), rolled, atol=1e-6)


def test_at_a_border_that_does_not_tile_there_is_no_edge(original) -> None:
    region, made = square((0, 20), (0, 48)), original * 0.5
    picture = inlaid(original, made, region, (False, False))
    np.testing.assert_array_equal(picture[: 20 - SOFT], made[: 20 - SOFT])


def test_what_is_all_marked_is_what_was_made(original) -> None:
    made = original * 0.5
    np.testing.assert_array_equal(inlaid(original, made, np.ones((SIDE, SIDE), bool), (True, True)), made)
