"""How a texture looks: sliders and style seeds."""

from dataclasses import asdict, replace

import numpy as np
import pytest

from tests.tiny import tiny_classic_model, tiny_material_model, tiny_style_model
from texgan_core.errors import RequestError
from texgan_core.library import load_model
from texgan_core.look import RANGES, WARMEST, Look, look_from_record, look_of
from texgan_core.maps import CHANNELS, MAPS
from texgan_core.request import request_from_record
from texgan_core.synthesize import TextureRequest, synthesize

COLOR, NORMAL, ROUGHNESS = (MAPS[name].span for name in ("base_color", "normal", "roughness"))


@pytest.fixture
def stack() -> np.ndarray:
    return np.random.default_rng(0).uniform(-0.5, 0.5, (CHANNELS, 16, 16)).astype(np.float32)


def changed(stack: np.ndarray, **look: float) -> np.ndarray:
    copy = stack.copy()
    Look(**look).apply(copy)
    return copy


def test_no_look_changes_nothing(stack) -> None:
    np.testing.assert_array_equal(changed(stack), stack)


def test_each_part_changes_what_it_says(stack) -> None:
    color = stack[COLOR]
    np.testing.assert_allclose(changed(stack, lightness=0.3)[COLOR], color + 0.3, atol=1e-6)
    grey = changed(stack, saturation=0)[COLOR]
    np.testing.assert_allclose(grey, np.broadcast_to(color.mean(0), grey.shape), atol=1e-6)
    shift = np.array([1, 0, -1])[:, None, None] * WARMEST
    np.testing.assert_allclose(changed(stack, warmth=1)[COLOR], color + shift, atol=1e-6)
    np.testing.assert_allclose(changed(stack, tint=-1)[COLOR][1], color[1] - WARMEST, atol=1e-6)
    np.testing.assert_allclose(changed(stack, roughness=0.4)[ROUGHNESS], stack[ROUGHNESS] + 0.4, atol=1e-6)


def test_relief_makes_normals_steeper_or_flat(stack) -> None:
    assert (changed(stack, relief=0)[NORMAL] == 0).all()
    flat = np.zeros((CHANNELS, 1, 1), np.float32)
    flat[NORMAL] = np.array([0.6, 0.0])[:, None, None]  # a slope of 3 / 4
    steep = changed(flat, relief=2)[NORMAL]
    np.testing.assert_allclose(steep.ravel(), [1.5 / np.hypot(1, 1.5), 0], atol=1e-6)


def test_a_part_touches_no_other_map(stack) -> None:
    others = np.ones(CHANNELS, bool)
    others[COLOR] = False
    np.testing.assert_array_equal(changed(stack, lightness=0.2, warmth=0.5, saturation=2)[others], stack[others])


def test_seeds_draw_looks_within_their_ranges() -> None:
    assert look_of(0) == Look() and look_of(1) == look_of(1) != look_of(2)
    for seed in range(1, 200):
        look_of(seed).validate()


@pytest.mark.parametrize("name", RANGES)
def test_what_is_out_of_range_is_said(name: str) -> None:
    for wrong in (RANGES[name][1] + 0.1, float("nan")):
        with pytest.raises(RequestError, match=f"The {name} is"):
            TextureRequest(look=Look(**{name: wrong})).validate()


def test_a_record_holds_the_look() -> None:
    look = Look(lightness=0.1, relief=2)
    assert look_from_record(asdict(look)) == look
    assert look_from_record(None) == Look()
    for wrong in ({"shine": 1}, "bright", {"warmth": "hot"}, {"warmth": None}):
        with pytest.raises((TypeError, ValueError)):
            look_from_record(wrong)


@pytest.mark.parametrize("make", [tiny_material_model, tiny_style_model, tiny_classic_model])
def test_every_kind_of_model_takes_a_look(tmp_path, make) -> None:
    model = load_model(make(tmp_path))
    request = TextureRequest((128, 128), maps=("base_color",))
    plain = synthesize(model, request, "cpu").maps["base_color"]
    lit = synthesize(model, replace(request, look=Look(lightness=0.2)), "cpu")
    np.testing.assert_allclose(lit.maps["base_color"], (plain + 0.1).clip(0, 1), atol=0.02)
    again = synthesize(model, request_from_record(lit.record), "cpu")
    np.testing.assert_array_equal(again.maps["base_color"], lit.maps["base_color"])
