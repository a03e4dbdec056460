"""What a texture will look like, before it is decoded."""

import numpy as np
import pytest

from tests.tiny import tiny_material_model, tiny_style_model
from texgan_core.guides import Guide
from texgan_core.library import load_model
from texgan_core.look import Look
from texgan_core.mixture import Mixture
from texgan_core.models import Model
from texgan_core.recent import recent
from texgan_core.synthesize import SMALLEST_PREVIEWED, TextureRequest, synthesize


@pytest.fixture(autouse=True)
def nothing_kept():
    recent.forget()


def previews(model: Model, request: TextureRequest) -> tuple[list[dict[str, np.ndarray]], dict[str, np.ndarray]]:
    """Those that were shown, and the texture."""
    shown: list[dict[str, np.ndarray]] = []
    made = synthesize(model, request, "cpu", on_preview=shown.append)
    return shown, made.maps


def quarter(picture: np.ndarray) -> np.ndarray:
    height, width = picture.shape[:2]
    return picture.reshape(height // 4, 4, width // 4, 4, -1).mean((1, 3)).squeeze()


@pytest.mark.parametrize("name", ["Bricks097", "Bricks097-noise"])
def test_it_looks_like_the_texture_at_a_quarter_of_its_size(name) -> None:
    request = TextureRequest((1024, 1152), 3, 2, ("base_color", "normal", "height"), look=Look(warmth=0.3))
    (shown,), maps = previews(load_model(name), request)
    for kind, picture in shown.items():
        wanted = quarter(maps[kind])
        assert picture.shape == wanted.shape
        assert np.corrcoef(picture.ravel(), wanted.ravel())[0, 1] > 0.9, kind
    assert np.abs(shown["base_color"].mean((0, 1)) - maps["base_color"].mean((0, 1))).max() < 0.02


def test_a_mixture_has_one_too() -> None:
    mixed = Mixture(load_model("Bricks097"), load_model("Grass004"))
    (shown,), maps = previews(mixed, TextureRequest((1024, 1024), guide=Guide("cobbles", 4, 4)))
    wanted = quarter(maps["base_color"])
    assert np.corrcoef(shown["base_color"].ravel(), wanted.ravel())[0, 1] > 0.9


def test_small_textures_and_those_that_are_known_have_none(tmp_path) -> None:
    for make in (tiny_material_model, tiny_style_model):
        model = load_model(make(tmp_path))
        large = TextureRequest((SMALLEST_PREVIEWED, SMALLEST_PREVIEWED))
        assert previews(model, TextureRequest((SMALLEST_PREVIEWED, 512)))[0] == []
        assert len(previews(model, large)[0]) == 1
        assert previews(model, large)[0] == [], "it was only looked at another way"


def test_who_wants_none_gets_the_same_texture(tmp_path) -> None:
    model = load_model(tiny_material_model(tmp_path))
    request = TextureRequest((1024, 1024), 5)
    with_preview = previews(model, request)[1]
    recent.forget()
    for name, picture in synthesize(model, request, "cpu").maps.items():
        np.testing.assert_array_equal(picture, with_preview[name])
