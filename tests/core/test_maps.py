"""Map stacks: pictures in, pictures out, and what a normal is."""

import numpy as np
import pytest

from texgan_core.maps import CHANNELS, MAPS, picture_from_stack, stack_values_from_picture


def test_the_maps_fill_the_stack_without_gap_or_overlap() -> None:
    channels = [channel for spec in MAPS.values() for channel in range(spec.span.start, spec.span.stop)]
    assert channels == list(range(CHANNELS))


def test_only_base_color_is_a_colour() -> None:
    assert [name for name, spec in MAPS.items() if spec.color_space == "sRGB"] == ["base_color"]


@pytest.mark.parametrize("name", [name for name in MAPS if name != "normal"])
def test_pictures_survive_the_stack(name: str) -> None:
    channels = MAPS[name].picture_channels
    picture = np.random.default_rng(0).random((5, 7, channels) if channels > 1 else (5, 7)).astype(np.float32)
    stack = np.zeros((CHANNELS, 5, 7), np.float32)
    stack[MAPS[name].span] = stack_values_from_picture(picture, name)
    np.testing.assert_allclose(picture_from_stack(stack, name), picture, atol=1e-6)


def test_unit_normals_survive_the_stack() -> None:
    vectors = np.random.default_rng(0).standard_normal((6, 6, 3))
    vectors[..., 2] = np.abs(vectors[..., 2]) + 0.1
    vectors /= np.linalg.norm(vectors, axis=2, keepdims=True)
    stack = np.zeros((CHANNELS, 6, 6), np.float32)
    stack[MAPS["normal"].span] = stack_values_from_picture((vectors * 0.5 + 0.5).astype(np.float32), "normal")
    np.testing.assert_allclose(picture_from_stack(stack, "normal"), vectors * 0.5 + 0.5, atol=1e-5)


def test_any_values_become_unit_normals_that_face_outwards() -> None:
    stack = np.random.default_rng(1).uniform(-3, 3, (CHANNELS, 16, 16)).astype(np.float32)
    vectors = picture_from_stack(stack, "normal") * 2 - 1
    np.testing.assert_allclose((vectors**2).sum(2), 1, atol=1e-4)
    assert vectors[..., 2].min() >= 0


def test_a_normal_picture_of_wrong_length_or_backwards_is_made_usable() -> None:
    picture = np.full((2, 2, 3), 0.5, np.float32)  # length zero
    picture[1] = [0.8, 0.5, 0.1]  # points into the surface
    values = stack_values_from_picture(picture, "normal")
    assert np.isfinite(values).all()
    assert np.abs(values[:, 0]).max() < 1e-6
    assert (values**2).sum(0).max() <= 1


def test_values_beyond_the_range_are_clipped() -> None:
    stack = np.full((CHANNELS, 2, 2), 5.0, np.float32)
    assert (picture_from_stack(stack, "roughness") == 1).all()
    assert (picture_from_stack(-stack, "base_color") == 0).all()
