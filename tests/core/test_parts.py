"""Pictures worked on part by part."""

import numpy as np
import pytest
import torch

from texgan_core.parts import SMALLEST, Part, parts, through


def covered(places, height: int, width: int) -> np.ndarray:
    times = np.zeros((height, width), int)
    for place in places:
        times[place.rows, place.columns] += 1
    return times


def test_parts_cover_a_picture_once() -> None:
    places = parts(130, 70, (64, 32))
    assert (covered(places, 130, 70) == 1).all() and len(places) == 9
    assert places[0].sides == (64, 32) and places[-1].sides == (2, 6)


def test_all_is_told_as_it_is_done() -> None:
    done = [share for _, _, share in through(parts(40, 20, (20, 20)), lambda place: place.sides)]
    assert done == [0.5, 1.0]


@pytest.mark.parametrize("error", [torch.OutOfMemoryError("CUDA"), RuntimeError("MPS backend out of memory (...)")])
def test_what_the_memory_does_not_hold_is_done_in_quarters(error: Exception) -> None:
    tried = []

    def work(place: Part) -> int:
        tried.append(place.sides)
        if max(place.sides) > 40:
            raise error
        return place.sides[0]

    made = list(through(parts(100, 72, (72, 72)), work, unit=4))
    assert (covered([place for place, _, _ in made], 100, 72) == 1).all()
    assert {place.rows.start % 4 for place, _, _ in made} == {place.columns.start % 4 for place, _, _ in made} == {0}
    assert tried[:2] == [(72, 72), (36, 36)] and made[-1][2] == 1.0


def test_the_smallest_part_is_not_divided() -> None:
    def work(place: Part) -> None:
        raise torch.OutOfMemoryError

    with pytest.raises(torch.OutOfMemoryError):
        list(through(parts(64, 64, (64, 64)), work))
    assert SMALLEST == 16


def test_other_errors_are_not_taken_for_want_of_memory() -> None:
    tried = []

    def work(place: Part) -> None:
        tried.append(place)
        raise RuntimeError("weights and input are of different types")

    with pytest.raises(RuntimeError, match="different types"):
        list(through(parts(64, 64, (64, 64)), work))
    assert len(tried) == 1
