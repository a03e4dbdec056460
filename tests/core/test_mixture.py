"""Two materials in one texture."""

import json

import numpy as np
import pytest

from tests.tiny import tiny_classic_model, tiny_material_model, tiny_style_model
from texgan_core.errors import RequestError
from texgan_core.guides import Guide
from texgan_core.library import load_model
from texgan_core.mixture import DEPTH, Mixture, carve
from texgan_core.request import request_from_record
from texgan_core.synthesize import TextureRequest, synthesize

BRICKS = Guide("stack bond", columns=2, rows=2, joint=48)
SIZE = (128, 128)


@pytest.fixture
def stone(tmp_path):
    return load_model(tiny_material_model(tmp_path, "Stone"))


@pytest.fixture
def moss(tmp_path, stone):
    return load_model(tiny_style_model(tmp_path, "Moss"))


def colors(model, guide=None) -> np.ndarray:
    return synthesize(model, TextureRequest(SIZE, maps=("base_color",), guide=guide), "cpu").maps["base_color"]


def test_stones_are_of_one_model_and_joints_of_the_other(stone, moss) -> None:
    """With a guide that is high everywhere the texture is the first model's, with one that is low the second's."""
    mixed = Mixture(moss, stone)
    all_high, all_low = Guide("stack bond", 1, 1, joint=0), Guide("stack bond", 1, 1, joint=256)
    high = synthesize(mixed, TextureRequest(SIZE, guide=all_high), "cpu").maps["base_color"]
    inner = slice(48, 80)  # far from the line where the one brick meets itself
    latent = moss.latent(TextureRequest(SIZE, guide=all_high), *nothing())
    alone = decoded(moss, latent)
    np.testing.assert_allclose(high[inner, inner], alone[inner, inner], atol=0.02)
    low = synthesize(mixed, TextureRequest(SIZE, guide=all_low), "cpu").maps["base_color"]
    alone = decoded(stone, stone.latent(TextureRequest(SIZE), *nothing()))
    np.testing.assert_allclose(low, alone, atol=0.02)


def nothing():
    import torch

    return torch.device("cpu"), lambda share, text: None, lambda: False


def decoded(model, latent: np.ndarray) -> np.ndarray:
    from texgan_core.decode import decode_torus
    from texgan_core.maps import picture_from_stack

    return picture_from_stack(decode_torus(model.decoder, latent), "base_color")


def test_it_is_a_torus(stone, moss) -> None:
    """Twice the bricks on twice the torus differ in layout, but the relief at the border goes on."""
    textures = synthesize(Mixture(stone, moss), TextureRequest(SIZE, maps=("height", "normal"), guide=BRICKS), "cpu")
    height = textures.maps["height"]
    assert np.abs(height[0] - height[-1]).mean() < 2 * np.abs(np.diff(height, axis=0)).mean()


def test_a_record_makes_the_same_again(stone, moss) -> None:
    mixed = Mixture(stone, moss)
    made = synthesize(mixed, TextureRequest(SIZE, guide=BRICKS), "cpu")
    record = json.loads(json.dumps(made.record))
    assert record["joints"] == {"model": "Moss", "model_hash": moss.hash}
    again = synthesize(mixed, request_from_record(record), "cpu")
    for name, picture in made.maps.items():
        np.testing.assert_array_equal(picture, again.maps[name])


def test_joints_lie_deeper_and_their_edges_lean_outwards() -> None:
    stack = np.zeros((9, 16, 16), np.float32)
    relief = np.zeros((18, 18), np.float32)
    relief[:] = np.linspace(-1, 1, 18)[None]  # rises to the right
    carve(stack, relief)
    height, x, y = stack[6], stack[3], stack[4]
    assert (np.diff(height, axis=1) > 0).all()
    slope = DEPTH / 2 * (relief[0, 1] - relief[0, 0])
    np.testing.assert_allclose(x, -slope / np.sqrt(1 + slope**2), rtol=1e-4)
    np.testing.assert_allclose(y, 0, atol=1e-6)


def test_what_cannot_be_mixed(tmp_path, stone, moss) -> None:
    with pytest.raises(RequestError, match="cannot be mixed"):
        Mixture(stone, load_model(tiny_classic_model(tmp_path)))
    with pytest.raises(RequestError, match="pattern or a picture"):
        synthesize(Mixture(stone, moss), TextureRequest(SIZE), "cpu")
    other = tmp_path / "other"
    other.mkdir()
    with pytest.raises(RequestError, match="different codecs"):
        Mixture(stone, load_model(tiny_material_model(other, "Other")))
    with pytest.raises(RequestError, match="follows no pattern by itself"):
        synthesize(stone, TextureRequest(SIZE, guide=BRICKS), "cpu")
