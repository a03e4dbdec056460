"""What a set does not say, guessed."""

from pathlib import Path

import numpy as np
import pytest

from tests.sets import grain
from texgan_core.encode import bundled, completed, one_material
from texgan_core.estimate import complete
from texgan_core.maps import MAPS, stack_values_from_picture
from texgan_core.networks import read_estimator
from texgan_core.normals import slopes_of_height, to_slopes
from texgan_core.pictures import read_picture, write_picture

WALL = Path(__file__).parents[1] / "assets" / "Bricks097"


def wall(word: str) -> np.ndarray:
    return read_picture(next(path for path in WALL.iterdir() if word in path.name))


def slopes(pictures: dict[str, np.ndarray]) -> np.ndarray:
    return to_slopes(stack_values_from_picture(pictures["normal"], "normal"))


def guessed(wraps: tuple[bool, bool], **pictures: np.ndarray) -> dict[str, np.ndarray]:
    return complete(pictures, wraps, read_estimator(bundled("estimator")), lambda share, text: None, lambda: False)


def test_other_maps_do_not_flatten_the_guessed_normals(tmp_path) -> None:
    """The codec, which knows those that it is not told, thinks of them as nearly flat."""
    write_picture(tmp_path / "alone" / "wall.png", wall("Color"))
    for name in ("Color", "Roughness"):
        write_picture(tmp_path / "set" / f"wall_{name}.png", wall(name))
    alone, beside = (completed(one_material(tmp_path / name)) for name in ("alone", "set"))
    assert beside.known == set(MAPS)
    spread = [material.stack[MAPS["normal"].span].astype(np.float32).std() for material in (alone, beside)]
    assert spread[1] == pytest.approx(spread[0], rel=0.01) and spread[0] > 0.05


def test_a_given_height_shapes_the_normals_and_colours_tell_how_steep_they_are() -> None:
    color, height = wall("Color"), np.tile(grain(128, 5), (1, 2))
    made = guessed((True, True), base_color=color, height=height)
    np.testing.assert_array_equal(made["height"], height)
    wanted, found = slopes_of_height(height, (True, True)), slopes(made)
    assert np.corrcoef(wanted.ravel(), found.ravel())[0, 1] > 0.999
    again = guessed((True, True), base_color=color, height=0.1 + 0.2 * height)
    np.testing.assert_allclose(again["normal"], made["normal"], atol=1e-4)
    assert 1 < found.std() / slopes(guessed((True, True), base_color=color)).std() < 2.5


def test_what_does_not_tile_has_no_cliff_at_its_border() -> None:
    color = wall("Color")
    ramp = np.linspace(0.2, 0.8, color.shape[1], dtype=np.float32)[None].repeat(color.shape[0], 0)
    found = slopes(guessed((False, False), base_color=color, height=ramp))
    np.testing.assert_allclose(found[0], found[0].mean(), rtol=0.02)


def test_a_flat_height_has_flat_normals() -> None:
    color = wall("Color")
    made = guessed((True, True), base_color=color, height=np.full(color.shape[:2], 0.5, np.float32))
    assert np.abs(slopes(made)).max() < 1e-3


def test_nothing_is_taken_for_metal() -> None:
    assert not guessed((True, True), base_color=wall("Color"))["metallic"].any()


def test_what_is_dark_is_a_little_rougher_and_occlusion_is_slight() -> None:
    color = wall("Color")
    made = guessed((True, True), base_color=color)
    grey, roughness = color.mean(2), made["roughness"]
    assert roughness.shape == grey.shape and roughness.mean() == pytest.approx(0.64, abs=0.01)
    assert np.corrcoef(grey.ravel(), roughness.ravel())[0, 1] < -0.99
    assert 0.1 < np.ptp(roughness) < 0.3
    assert np.median(made["ambient_occlusion"]) == pytest.approx(0.975, abs=0.01)
    assert 0.02 < made["ambient_occlusion"].std() < 0.15
