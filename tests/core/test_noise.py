"""Random numbers: the same for ever, different for every seed, of the right distribution."""

import numpy as np

from texgan_core import noise


def test_the_numbers_of_a_seed_never_change() -> None:
    np.testing.assert_allclose(noise.uniform((3,), 7), noise.uniform((3,), 7))
    assert noise.generator(0).bit_generator.random_raw(2).tolist() == FIRST_OF_SEED_0


def test_seeds_and_counters_are_independent() -> None:
    draws = [noise.uniform((1000,), *key) for key in ((1,), (2,), (1, 0), (1, 1), (1, 0, 0))]
    for i, a in enumerate(draws):
        for b in draws[i + 1 :]:
            assert abs(np.corrcoef(a, b)[0, 1]) < 0.15


def test_normal_numbers_are_normal() -> None:
    x = noise.normal((200, 500), 3)
    assert x.dtype == np.float32
    assert abs(x.mean()) < 0.02
    assert abs(x.std() - 1) < 0.02
    assert abs((np.abs(x) < 1).mean() - 0.6827) < 0.01


FIRST_OF_SEED_0 = [259491006799949737, 4754966410622352325]
