"""Latents in few bytes."""

import zlib

import numpy as np
import pytest

from texgan_core.packing import STEP, pack, unpack


def test_what_comes_back_is_off_by_half_a_step_at_most() -> None:
    latent = np.random.default_rng(0).standard_normal((16, 24, 20)).astype(np.float32)
    packed = pack(latent)
    back = unpack(packed, latent.shape)
    assert packed.dtype == np.uint8 and back.dtype == np.float32
    assert np.abs(back - latent).max() <= STEP / 2 + 1e-6
    np.testing.assert_array_equal(unpack(pack(back), latent.shape), back)


def test_a_value_takes_less_than_five_bits() -> None:
    latent = np.random.default_rng(0).standard_normal((64, 32, 32)).astype(np.float32)
    assert len(pack(latent)) * 8 < 5 * latent.size


@pytest.mark.parametrize("shape", [(2, 3, 5), (2, 3, 3), (0, 3, 4), (-2, -3, 4), (2**14, 2**14, 2**14)])
def test_a_shape_that_does_not_fit(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="shape"):
        unpack(pack(np.zeros((2, 3, 4), np.float32)), shape)


def test_damaged_bytes() -> None:
    packed = pack(np.ones((2, 3, 4), np.float32))
    for damaged in (packed[:-4], packed[::-1], packed[:0]):
        with pytest.raises(ValueError):
            unpack(damaged, (2, 3, 4))


def test_a_bomb_is_not_unpacked() -> None:
    bomb = np.frombuffer(zlib.compress(bytes(2**28), 9), np.uint8)
    with pytest.raises(ValueError, match="25 values"):
        unpack(bomb, (2, 3, 4))
