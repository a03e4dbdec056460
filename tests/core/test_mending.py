"""Cells of a latent filled anew from the rest of it."""

import numpy as np
import pytest

from texgan_core.errors import Cancelled, RequestError
from texgan_core.exemplar import Exemplar, whole_features
from texgan_core.mending import mend

SIZE = (40, 48)
BLOCK = 8
EVERYWHERE = np.ones(SIZE, bool)
IDENTITY = np.indices(SIZE)


def waves() -> np.ndarray:
    """A latent that has a period of 10 cells in x and none in y."""
    rng = np.random.default_rng(0)
    return np.tile(rng.standard_normal((8, SIZE[0], 10)), (1, 1, 5))[:, :, : SIZE[1]].astype(np.float32)


def hole(rows: slice, columns: slice) -> np.ndarray:
    unknown = np.zeros(SIZE, bool)
    unknown[rows, columns] = True
    return unknown


def mended(latent: np.ndarray, unknown: np.ndarray, places: list[tuple[int, int]], **other) -> np.ndarray:
    options = {"free": EVERYWHERE, "sources": ~unknown, "block": BLOCK, "seed": 0, "near_best": 10}
    options |= {"is_cancelled": lambda: False} | other
    exemplar = Exemplar(whole_features(latent), (False, False))
    return mend(exemplar, unknown, places=places, on_progress=lambda s, t: None, **options)


def test_a_hole_in_a_pattern_is_filled_with_what_the_pattern_wants() -> None:
    latent, unknown = waves(), hole(slice(20, 24), slice(20, 24))
    damaged = np.where(unknown, 0, latent).astype(np.float32)
    sources = mended(damaged, unknown, [(18, 18)])
    np.testing.assert_array_equal(damaged[:, sources[0], sources[1]], latent)
    assert not unknown[sources[0], sources[1]].any(), "nothing comes from the hole itself"


def test_only_blocks_around_the_hole_change() -> None:
    rng = np.random.default_rng(1)
    latent = rng.standard_normal((8, *SIZE)).astype(np.float32)
    sources = mended(latent, hole(slice(20, 24), slice(20, 24)), [(18, 18)])
    changed = (sources != IDENTITY).any(0)
    assert changed[20:24, 20:24].all()
    changed[18:26, 18:26] = False
    assert not changed.any()


def test_cells_that_are_not_free_stay() -> None:
    rng = np.random.default_rng(2)
    latent, unknown = rng.standard_normal((8, *SIZE)).astype(np.float32), hole(slice(20, 24), slice(20, 24))
    sources = mended(latent, unknown, [(18, 18)], free=unknown)
    np.testing.assert_array_equal((sources != IDENTITY).any(0), unknown)


def test_around_the_border_of_the_torus() -> None:
    latent = waves()
    unknown = np.zeros(SIZE, bool)
    unknown[:, [0, 1, -1, -2]] = True
    sources = mended(latent, unknown, [(row, -4) for row in range(0, 40, 5)], sources=EVERYWHERE)
    filled = latent[:, sources[0], sources[1]]
    steps = np.abs(np.diff(filled, axis=2)).mean((0, 1))
    across = np.abs(filled[:, :, 0] - filled[:, :, -1]).mean()
    assert across < 1.2 * steps.max()
    assert (sources[:, :, 8:40] == IDENTITY[:, :, 8:40]).all()


def test_seeds_differ_and_repeat() -> None:
    rng = np.random.default_rng(3)
    latent, unknown = np.round(rng.standard_normal((8, *SIZE))).astype(np.float32), hole(slice(8, 20), slice(8, 20))
    places = [(row, column) for row in (6, 11, 15) for column in (6, 11, 15)]
    first, again, other = (mended(latent, unknown, places, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_nothing_left_to_take_from_and_cancelling() -> None:
    unknown = hole(slice(4, 40), slice(4, 48))
    with pytest.raises(RequestError, match="Too little would be left"):
        mended(waves(), unknown, [(2, 2)])
    with pytest.raises(Cancelled):
        mended(waves(), unknown, [(2, 2)], sources=EVERYWHERE, is_cancelled=lambda: True)
