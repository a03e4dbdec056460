"""Pictures and PBR sets made seamless and completed."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.tiny import tiny_codec, tiny_estimator
from texgan_core import encode
from texgan_core import improve as module
from texgan_core.errors import Cancelled, DeviceError, ImageError, RequestError
from texgan_core.improve import AXES, Improvement, improve
from texgan_core.maps import MAPS
from texgan_core.measure import seam
from texgan_core.pictures import read_picture, write_picture

ASSETS = Path(__file__).parents[1] / "assets"
BRICKS = ASSETS / "Bricks097"


@pytest.fixture
def tiny(tmp_path_factory, monkeypatch):
    """Small networks instead of the bundled ones."""
    folder = tmp_path_factory.mktemp("networks")
    paths = {"codec": tiny_codec(folder), "estimator": tiny_estimator(folder)}
    for room in (encode, module):
        monkeypatch.setattr(room, "bundled", paths.get)


@pytest.fixture
def photo(tmp_path) -> Path:
    """A part of a wall, which does not tile, of sides that are no multiples of 8."""
    wall = read_picture(next(path for path in BRICKS.iterdir() if "col" in path.name.lower()))
    return _saved(tmp_path / "photo.png", np.tile(wall, (3, 3, 1))[10:213, 5:246])


def _saved(path: Path, picture: np.ndarray) -> Path:
    write_picture(path, picture)
    return path


def exactly(picture: np.ndarray) -> np.ndarray:
    """As eight bits."""
    return np.round(picture * 255).astype(int)


def test_a_photo_tiles_and_its_middle_is_the_original_s(photo) -> None:
    original = read_picture(photo)
    assert max(seam(original)) > 1.4
    made = improve(photo, Improvement(), "cpu")
    picture = made.maps["base_color"]
    assert picture.shape == (200, 240, 3)
    assert made.tiled == (False, False) and made.closed == (True, True)
    assert max(seam(picture)) <= 1.5
    same = (exactly(picture) == exactly(original[:200, :240])).all(2)
    assert same[60:140, 60:180].all()
    assert 0.5 < made.kept <= same.mean()


@pytest.mark.parametrize(("axes", "closed"), [("x", (True, False)), ("y", (False, True)), ("none", (False, False))])
def test_one_axis_alone(tiny, photo, axes, closed) -> None:
    made = improve(photo, Improvement(axes), "cpu")
    assert made.closed == closed
    original = exactly(read_picture(photo))[:200, :240]
    picture = exactly(made.maps["base_color"])
    if axes == "none":
        np.testing.assert_array_equal(picture, exactly(read_picture(photo)))
    else:
        kept = (slice(None), slice(60, 180)) if axes == "x" else (slice(60, 140), slice(None))
        np.testing.assert_array_equal(picture[kept], original[kept])
        assert (picture != original).any()


def test_what_tiles_is_left_alone_unless_asked(tiny, tmp_path) -> None:
    torus = np.random.default_rng(0).random((160, 136, 3))
    path = _saved(tmp_path / "torus.png", torus)
    made = improve(path, Improvement(), "cpu")
    assert made.tiled == (True, True) and made.closed == (False, False) and made.kept == 1
    np.testing.assert_array_equal(exactly(made.maps["base_color"]), exactly(torus))
    again = improve(path, Improvement("both"), "cpu")
    assert again.closed == (True, True) and again.kept < 1


def test_a_set_stays_in_step_and_its_height_at_its_own_scale(tmp_path, photo) -> None:
    base = read_picture(photo)[:192, :192]
    height = 0.2 + 0.3 * base.mean(2)
    folder = tmp_path / "set"
    _saved(folder / "wall_color.png", base)
    write_picture(folder / "wall_height.png", height, 16)
    made = improve(folder, Improvement("both"), "cpu")
    changed = (exactly(made.maps["base_color"]) != exactly(base)).any(2)
    risen = np.abs(made.maps["height"] - height) > 0.002
    assert not (risen & ~changed).any() or (risen & ~changed).mean() < 0.01
    assert abs(made.maps["height"][changed].mean() - height.mean()) < 0.05
    np.testing.assert_allclose(made.maps["height"][90:100, 90:100], height[90:100, 90:100], atol=1e-4)


def test_missing_maps_are_estimated_and_said(photo) -> None:
    made = improve(photo, Improvement("both", tuple(MAPS)), "cpu")
    assert set(made.estimated) == set(MAPS) - {"base_color"}
    assert made.record["estimated"] == list(made.estimated)
    for name, picture in made.maps.items():
        assert picture.shape[:2] == (200, 240)
        assert picture.min() >= 0 and picture.max() <= 1
        assert max(seam(picture)) < 3, name


def test_what_tiles_is_estimated_as_what_tiles(tiny, tmp_path) -> None:
    """Rolled by some pixels before, or after: the same."""
    rng = np.random.default_rng(0)
    torus = rng.random((160, 136, 3)).astype(np.float32)
    wish = Improvement("none", tuple(MAPS))
    plain = improve(_saved(tmp_path / "a.png", torus), wish, "cpu").maps
    rolled = improve(_saved(tmp_path / "b.png", np.roll(torus, (40, 16), (0, 1))), wish, "cpu").maps
    for name in ("normal", "roughness", "height", "ambient_occlusion"):
        np.testing.assert_allclose(rolled[name], np.roll(plain[name], (40, 16), (0, 1)), atol=2e-3)


def test_windows_change_nothing(tiny, photo, monkeypatch) -> None:
    from texgan_core import estimate, seamless

    wish = Improvement("both", tuple(MAPS), seed=3)
    whole = improve(photo, wish, "cpu").maps
    monkeypatch.setattr(estimate, "WINDOW", 64)
    monkeypatch.setattr(seamless, "WINDOW", 8)
    parts = improve(photo, wish, "cpu").maps
    for name, picture in whole.items():
        np.testing.assert_allclose(parts[name], picture, atol=1e-3)


def test_seeds_fill_the_border_in_other_ways_and_repeat(tiny, photo) -> None:
    first, again, other = (improve(photo, Improvement("both", seed=seed), "cpu") for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.maps["base_color"], again.maps["base_color"])
    assert (first.maps["base_color"] != other.maps["base_color"]).any()
    assert first.record == again.record != other.record


def test_the_source_is_not_touched(tiny, photo) -> None:
    before = photo.read_bytes()
    improve(photo, Improvement("both"), "cpu")
    assert photo.read_bytes() == before


def test_a_small_picture_is_closed_by_its_periodic_component(tiny, tmp_path) -> None:
    ramp = np.linspace(0.2, 0.8, 72)[None].repeat(64, 0)
    noise = np.random.default_rng(0).random((64, 72)) * 0.05
    path = _saved(tmp_path / "small.png", (ramp + noise)[..., None].repeat(3, 2))
    picture = improve(path, Improvement("x"), "cpu").maps["base_color"]
    assert picture.shape == (64, 72, 3) and seam(picture)[0] < 1.4
    with pytest.raises(RequestError, match="128 pixels a side; it has 64"):
        improve(path, Improvement("x", tuple(MAPS)), "cpu")


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        (Improvement("left"), "no borders named 'left'; choose from auto, none, x, y, both"),
        (Improvement(maps=("color",)), "no map named 'color'"),
        (Improvement(seed=-1), "seed is -1"),
    ],
)
def test_what_cannot_be_done_is_said(wish, said, tmp_path) -> None:
    with pytest.raises(RequestError, match=said):
        improve(tmp_path / "none.png", wish)


def test_no_picture_no_device_and_cancelling(tiny, photo, tmp_path) -> None:
    with pytest.raises(ImageError, match="no picture at"):
        improve(tmp_path / "none.png", Improvement())
    with pytest.raises(DeviceError):
        improve(photo, Improvement("both"), "abacus")
    for after in range(4):
        asked = iter([False] * after + [True] * 99)
        with pytest.raises(Cancelled):
            improve(photo, replace(Improvement("both"), maps=tuple(MAPS)), "cpu", None, lambda asked=asked: next(asked))


def test_all_axes_are_explained() -> None:
    assert all(AXES.values())
