"""Of several ways to fill a border, the one that shows least."""

import numpy as np
import pytest
import torch

from texgan_core import seamless
from texgan_core.errors import Cancelled
from texgan_core.job import unseen
from texgan_core.maps import CHANNELS, MAPS
from texgan_core.materials import Material

SIDE = 32


def draw(latent: np.ndarray) -> np.ndarray:
    """A decoder that draws straight slopes from cell to cell."""
    stack = torch.from_numpy(latent)[None]
    return torch.nn.functional.interpolate(stack, scale_factor=8, mode="bilinear")[0].numpy()


STRAIGHT = np.arange(SIDE)
"""Where each column comes from, if nothing changes."""
TYPICAL = np.where(STRAIGHT < SIDE // 2, SIDE - 2 - STRAIGHT, STRAIGHT)
"""The first column fits the last one as any column fits the next."""
RAMP = np.tile(np.linspace(-1, 1, SIDE, dtype=np.float32), (CHANNELS, SIDE, 1))


def sources(columns: np.ndarray) -> np.ndarray:
    return np.stack(np.meshgrid(STRAIGHT, columns, indexing="ij"))


def closed(
    monkeypatch, ways: list[np.ndarray], stack: np.ndarray, own: set[str], most: int = 99
) -> tuple[np.ndarray, int]:
    """Where the columns come from in the way that is chosen to close left and right, and how many were drawn; cancelled
    after `most`."""
    drawn: list[np.ndarray] = []
    monkeypatch.setattr(seamless, "_fill_border", lambda exemplar, axes, block, number, *_: sources(ways[number]))

    def counted(latent: np.ndarray) -> np.ndarray:
        drawn.append(latent)
        return draw(latent)

    material = Material("ramp", stack.astype(np.float16), frozenset(MAPS))
    find = seamless.closing(material, frozenset(own), (False, True), 0)
    return find(RAMP, counted, unseen, lambda: len(drawn) >= most)[1, 0], len(drawn)


def test_the_border_that_changes_as_the_rest_is_chosen(monkeypatch) -> None:
    flat = np.where(STRAIGHT < SIDE // 2, SIDE - 1, STRAIGHT)
    ways = [STRAIGHT, flat, TYPICAL, STRAIGHT] + [flat] * 8
    assert len(ways) == seamless.TRIES
    chosen, _ = closed(monkeypatch, ways, draw(RAMP), set(MAPS))
    np.testing.assert_array_equal(chosen, TYPICAL)


def test_of_borders_that_change_as_the_rest_the_one_around_which_it_looks_so_is_chosen(monkeypatch) -> None:
    broken = TYPICAL.copy()
    broken[[4, 6, 8]] = 20
    chosen, drawn = closed(monkeypatch, [broken] * 3 + [TYPICAL] + [broken] * 8, draw(RAMP), set(MAPS))
    np.testing.assert_array_equal(chosen, TYPICAL)
    assert drawn == 1, "what is good enough ends the search"


@pytest.mark.parametrize(("unlike", "is_narrow"), [(1.02, True), (1.08, False)])
def test_a_narrow_band_may_be_a_little_more_unlike_the_rest(monkeypatch, unlike: float, is_narrow: bool) -> None:
    broad = np.where(STRAIGHT < SIDE // 2, STRAIGHT, SIDE - STRAIGHT)
    monkeypatch.setattr(seamless, "BANDS", (4, 2))
    monkeypatch.setattr(seamless, "_unlikeness", lambda found, *_: 1.0 if (found[1, 0] == broad).all() else unlike)
    chosen, _ = closed(monkeypatch, [TYPICAL, broad] * 6, draw(RAMP), set(MAPS))
    np.testing.assert_array_equal(chosen, TYPICAL if is_narrow else broad)


@pytest.mark.parametrize("most", [0, 2])
def test_it_is_cancelled_between_two_ways(monkeypatch, most: int) -> None:
    compared, compare = [], seamless._unlikeness
    monkeypatch.setattr(seamless, "_unlikeness", lambda *given: compared.append(given) or compare(*given))
    with pytest.raises(Cancelled):
        closed(monkeypatch, [STRAIGHT] * seamless.TRIES, draw(RAMP), set(MAPS), most)
    assert len(compared) == (seamless.TRIES if most else 1)


def test_borders_are_judged_by_maps_of_the_source_that_vary(monkeypatch) -> None:
    stack = draw(RAMP)
    stack[MAPS["metallic"].span] = -1

    def drawn(own: set[str]) -> int:
        return closed(monkeypatch, [TYPICAL] * seamless.TRIES, stack, own)[1]

    assert drawn({"base_color", "metallic"}) == 1, "a constant map, drawn as a slope here, says nothing"
    stack[MAPS["height"].span] = np.random.default_rng(0).uniform(-1, 1, stack[MAPS["height"].span].shape)
    assert drawn({"base_color"}) == 1, "nor does one that the source does not have"
    assert drawn({"base_color", "height"}) == seamless.TRIES
    assert drawn({"metallic"}) == 1
