"""Large pictures are seen, and judged, at the scale of their latents."""

import numpy as np
import pytest

from tests.sets import grain
from tests.tiny import tiny_codec
from texgan_core.cells import fit_to_cells, scaled_down
from texgan_core.errors import ImageError
from texgan_core.maps import CHANNELS
from texgan_core.materials import Material
from texgan_core.models import material_model
from texgan_core.networks import read_codec


def test_what_is_larger_is_scaled_and_fitted() -> None:
    stack = np.zeros((CHANNELS, 300, 200), np.float32)
    assert scaled_down(stack).shape == stack.shape
    assert scaled_down(np.zeros((CHANNELS, 1500, 2100), np.float16)).shape == (CHANNELS, 731, 1024)
    assert fit_to_cells(stack, (True, False)).shape == (CHANNELS, 304, 200)
    assert fit_to_cells(stack, (False, False)).shape == (CHANNELS, 296, 200)
    with pytest.raises(ImageError, match="The picture is 100 x 300; at least 128"):
        fit_to_cells(np.zeros((CHANNELS, 300, 100), np.float32), (True, True))


def test_fine_grain_that_a_latent_cannot_hold_is_not_asked_of_it(tmp_path) -> None:
    fine = np.tile(np.clip(grain(2048, 3, 1.0) * 2 - 1, -1, 1).astype(np.float32), (CHANNELS, 1, 1))
    small = scaled_down(fine)
    latent = np.random.default_rng(0).standard_normal((32, 16, 16)).astype(np.float32)
    decoder = read_codec(tiny_codec(tmp_path))[1]
    card = {"name": "grain", "kind": "material", "hash": ""}
    found = [
        material_model(card, latent[: decoder.latent_channels], (True, True), decoder, [material]).calibration.matrix
        for material in (Material("grain", stack, frozenset({"base_color"})) for stack in (fine, small))
    ]
    assert small.std() < 0.8 * fine.std()
    np.testing.assert_array_equal(found[0], found[1])
