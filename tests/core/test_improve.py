"""Pictures and PBR sets made seamless and completed."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from tests.sets import grain
from tests.tiny import tiny_networks
from texgan_core import encode, machine
from texgan_core import improve as module
from texgan_core.errors import Cancelled, DeviceError, ImageError, RequestError
from texgan_core.improve import AXES, Improvement, improve, improve_set
from texgan_core.maps import MAPS
from texgan_core.measure import seam
from texgan_core.pictures import read_picture, resize, to_linear, to_srgb, write_picture

ASSETS = Path(__file__).parents[1] / "assets"
BRICKS = ASSETS / "Bricks097"


@pytest.fixture
def tiny(tmp_path_factory, monkeypatch):
    """Small networks instead of the bundled ones."""
    folder = tmp_path_factory.mktemp("networks")
    paths = tiny_networks(folder)
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
    made = improve(photo, Improvement(crop=False), "cpu")
    picture = made.maps["base_color"]
    assert picture.shape == original.shape == (203, 241, 3)
    assert made.tiled == (False, False) and made.closed == (True, True)
    assert max(seam(picture)) <= 1.5
    same = (exactly(picture) == exactly(original)).all(2)
    assert same[60:140, 60:180].all()
    assert 0.45 < made.kept <= same.mean()


@pytest.mark.parametrize(("axes", "closed"), [("x", (True, False)), ("y", (False, True)), ("none", (False, False))])
def test_one_axis_alone(tiny, photo, axes, closed) -> None:
    made = improve(photo, Improvement(axes, crop=False), "cpu")
    assert made.closed == closed
    original, picture = (exactly(found) for found in (read_picture(photo), made.maps["base_color"]))
    if axes == "none":
        np.testing.assert_array_equal(picture, original)
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
    made = improve(photo, Improvement("both", tuple(MAPS), crop=False), "cpu")
    assert set(made.estimated) == set(MAPS) - {"base_color"}
    assert made.record["estimated"] == list(made.estimated)
    for name, picture in made.maps.items():
        assert picture.shape[:2] == (203, 241)
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
    from texgan_core import refill, windows

    wish = Improvement("both", tuple(MAPS), seed=3, clean=1.0, upscale=2)
    whole = improve(photo, wish, "cpu").maps
    monkeypatch.setattr(windows, "WINDOW", 64)
    monkeypatch.setattr(refill, "WINDOW", 8)
    parts = improve(photo, wish, "cpu").maps
    for name, picture in whole.items():
        np.testing.assert_allclose(parts[name], picture, atol=1e-3)


@pytest.fixture(scope="module")
def torus() -> np.ndarray:
    """What tiles, of sides that are no multiples of 8."""
    soil = 0.15 + 0.5 * grain(176, 1, 3.0)[..., None] * np.array([1, 0.8, 0.6]) + 0.2 * grain(176, 2, 3.0)[..., None]
    return resize(soil, 213, 170, (True, True))


@pytest.mark.parametrize(
    "wish",
    [
        Improvement(),
        Improvement(clean=0.5),
        Improvement(maps=tuple(MAPS)),
        Improvement(upscale=2),
        Improvement("both"),
        Improvement(clean=0.5, even=0.5, maps=tuple(MAPS), upscale=2),
    ],
)
def test_what_tiles_keeps_its_size_and_tiles_still(torus, wish) -> None:
    made = improve_set("", {"base_color": torus}, wish, "cpu")
    assert made.tiled == (True, True)
    for name, picture in made.maps.items():
        assert picture.shape[:2] == (170 * wish.upscale, 213 * wish.upscale)
        assert max(seam(picture)) < 1.4, name
    if not (wish.clean or wish.upscale > 1 or wish.seamless == "both"):
        assert made.kept == 1
        np.testing.assert_array_equal(made.maps["base_color"], torus)


def test_what_is_estimated_of_a_rolled_torus_is_rolled() -> None:
    """So it has no border, however a map's few spots lie."""
    soil = grain(176, 1, 3.0)[..., None] * np.array([0.6, 0.5, 0.4], np.float32)
    wish, shift = Improvement("none", maps=tuple(MAPS)), (88, 48)
    straight, rolled = (
        improve_set("", {"base_color": picture.astype(np.float32)}, wish, "cpu").maps
        for picture in (soil, np.roll(soil, shift, (0, 1)))
    )
    for name, picture in straight.items():
        np.testing.assert_allclose(np.roll(picture, shift, (0, 1)), rolled[name], atol=1e-4, err_msg=name)


def test_of_any_size_the_mean_of_what_is_enlarged_is_the_original(torus) -> None:
    made = improve_set("", {"base_color": torus}, Improvement(upscale=2), "cpu").maps["base_color"]
    small = made.reshape(170, 2, 213, 2, 3).mean((1, 3))
    inner = (torus > 0.02) & (torus < 0.98)
    assert np.abs(small - torus)[inner].mean() < 1e-3


def test_a_region_of_a_picture_of_any_size(tiny, torus) -> None:
    region = np.zeros(torus.shape[:2], bool)
    region[41:117, 53:154] = True
    for shift in ((0, 0), (85, 107)):
        before, marked = (np.roll(what, shift, (0, 1)) for what in (torus, region))
        made = improve_set("", {"base_color": before}, Improvement("none"), "cpu", region=marked).maps["base_color"]
        np.testing.assert_array_equal(made[~marked], before[~marked])
        changed = np.roll((made != before).any(2), (-shift[0], -shift[1]), (0, 1))
        assert changed[65:90, 80:125].mean() > 0.9


@pytest.fixture
def cutout(torus) -> np.ndarray:
    """With an opacity that is told by the colours."""
    return np.dstack([torus, torus.mean(2) > 0.45]).astype(np.float32)


def test_opacity_stays_where_nothing_had_to_change(cutout) -> None:
    for wish in (Improvement(), Improvement(clean=1.0, even=1.0), Improvement(maps=tuple(MAPS))):
        made = improve_set("", {"base_color": cutout}, wish, "cpu").maps["base_color"]
        np.testing.assert_array_equal(made[..., 3], cutout[..., 3])


def test_opacity_goes_where_the_colours_go(cutout) -> None:
    """New parts show what is light as opaque, as the original does, and they meet."""
    region = np.zeros(cutout.shape[:2], bool)
    region[30:140, 40:170] = True
    for wish, marked in ((Improvement("both", seed=2), None), (Improvement("none"), region)):
        made = improve_set("", {"base_color": cutout}, wish, "cpu", region=marked)
        picture, changed = made.maps["base_color"], (made.maps["base_color"] != cutout).any(2)
        assert picture.shape == cutout.shape and 0.1 < changed.mean() < 0.9
        light = picture[..., :3].mean(2)[changed]
        opaque = picture[..., 3][changed] > 0.5
        assert light[opaque].mean() > light[~opaque].mean() + 0.05
        assert (picture[..., 3] != cutout[..., 3]).any() and max(seam(picture[..., 3])) < 1.5
        if marked is not None:
            np.testing.assert_array_equal(picture[~marked], cutout[~marked])


def test_opacity_is_enlarged_and_closed_when_small(tiny, cutout) -> None:
    made = improve_set("", {"base_color": cutout}, Improvement("none", upscale=2), "cpu").maps["base_color"]
    assert made.shape == (340, 426, 4)
    small = made[..., 3].reshape(170, 2, 213, 2).mean((1, 3))
    assert ((small > 0.5) == (cutout[..., 3] > 0.5)).mean() > 0.99
    part = cutout[:72, :80]
    made = improve_set("", {"base_color": part}, Improvement("both"), "cpu").maps["base_color"]
    assert made.shape == part.shape and max(seam(made)) < max(seam(part))


def test_as_many_bits_as_the_source_had(tiny, photo) -> None:
    color = read_picture(photo)
    pictures = {"base_color": color, "normal": color, "roughness": color.mean(2), "metallic": color[..., 0]}
    made = improve_set("", pictures, Improvement("none", maps=tuple(MAPS)), "cpu")
    deep = {"roughness", "height"}
    assert made.bits == {name: 16 if name in deep else 8 for name in MAPS}


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
    assert improve(path, Improvement("none", upscale=4), "cpu").maps["base_color"].shape == (256, 288, 3)


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        (Improvement("left"), "no borders named 'left'; choose from auto, none, x, y, both"),
        (Improvement(maps=("color",)), "no map named 'color'"),
        (Improvement(seed=-1), "seed is -1"),
        (Improvement(clean=1.5), "strength of clean is 1.5; choose a number from 0 to 1"),
        (Improvement(even=-1), "strength of even is -1"),
        (Improvement(upscale=3), "3 times as large; choose 1, 2 or 4"),
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
    wish = Improvement("both", tuple(MAPS), clean=1.0, upscale=2)
    for after in range(6):
        asked = iter([False] * after + [True] * 99)
        with pytest.raises(Cancelled):
            improve(photo, wish, "cpu", None, lambda asked=asked: next(asked))


def a_set(photo: Path) -> dict[str, np.ndarray]:
    """A set of 200 x 240 pixels with maps that follow its colours."""
    color = read_picture(photo)[:200, :240]
    grey = color.mean(2)
    return {"base_color": color, "roughness": 1 - grey, "height": 0.2 + 0.3 * grey}


def test_a_region_is_made_anew_and_nothing_else(photo) -> None:
    before = a_set(photo)
    region = np.zeros((200, 240), bool)
    region[60:150, 70:170] = True
    first, again, other = (
        improve_set("wall", before, Improvement("none", seed=seed), "cpu", region=region) for seed in (1, 1, 2)
    )
    for name, picture in before.items():
        np.testing.assert_array_equal(first.maps[name][~region], picture[~region])
        np.testing.assert_array_equal(first.maps[name], again.maps[name])
        assert np.abs(first.maps[name] - picture)[90:120, 100:140].mean() > 0.005, name
        assert (first.maps[name] != other.maps[name]).any()
    assert 0.8 < first.kept < 0.95
    assert first.record == again.record and first.record["region_hash"]


def test_a_region_across_the_border_of_a_torus(tiny) -> None:
    """Rolled before, or after: the same places change."""
    torus = np.random.default_rng(0).random((160, 160, 3)).astype(np.float32)
    region = np.zeros((160, 160), bool)
    region[40:112, 40:112] = True
    for shift in ((0, 0), (80, 80)):
        rolled = {"base_color": np.roll(torus, shift, (0, 1))}
        made = improve_set("", rolled, Improvement("none"), "cpu", region=np.roll(region, shift, (0, 1)))
        changed = np.roll((made.maps["base_color"] != rolled["base_color"]).any(2), (-shift[0], -shift[1]), (0, 1))
        assert not changed[~region].any() and changed[60:90, 60:90].mean() > 0.9


def test_a_region_at_a_border_that_does_not_tile_reaches_it_and_not_the_other(tiny, photo) -> None:
    before = a_set(photo)
    region = np.zeros((200, 240), bool)
    region[60:130, :64] = True
    for axis in (0, 1):
        pictures = {name: np.ascontiguousarray(picture.swapaxes(0, axis)) for name, picture in before.items()}
        marked = np.ascontiguousarray(region.swapaxes(0, axis))
        made = improve_set("", pictures, Improvement("none"), "cpu", region=marked)
        assert made.tiled == (False, False)
        changed = (made.maps["base_color"] != pictures["base_color"]).any(2).swapaxes(0, axis)
        assert changed[80:110, :40].mean() > 0.9 and not changed[~region].any()


@pytest.mark.parametrize("side", [3, 12, 24, 39, 60])
def test_a_small_region_is_made_anew_and_nothing_else(photo, side) -> None:
    before = a_set(photo)
    region = np.zeros((200, 240), bool)
    region[91 : 91 + side, 101 : 101 + side] = True
    made = improve_set("", before, Improvement("none"), "cpu", region=region).maps
    for name, picture in before.items():
        np.testing.assert_array_equal(made[name][~region], picture[~region])
    assert (made["base_color"] != before["base_color"]).any(2)[region].mean() > 0.9


@pytest.mark.parametrize(
    ("region", "said"),
    [
        (np.ones((8, 8), bool), "The region is 8 x 8, the picture 240 x 200; they must be of one size"),
        (np.zeros((200, 240), bool), "region is empty"),
        (np.ones((200, 240), bool), "Too little would be left"),
    ],
)
def test_regions_that_cannot_be(tiny, photo, region, said) -> None:
    with pytest.raises(RequestError, match=said):
        improve_set("", a_set(photo), Improvement("none"), "cpu", region=region)


def test_nothing_of_a_blemish_is_left_in_a_region(photo) -> None:
    before = a_set(photo)
    region = np.zeros((200, 240), bool)
    region[60:120, 70:140] = True
    red = before | {"base_color": np.where(region[..., None], np.float32([1, 0, 0]), before["base_color"])}
    made = [improve_set("", pictures, Improvement("none"), "cpu", region=region).maps for pictures in (before, red)]
    for name in before:
        np.testing.assert_allclose(made[0][name], made[1][name], atol=1e-6)


def of_own_sizes(photo: Path) -> dict[str, np.ndarray]:
    """A set whose roughness is twice as large as its base color, and whose height is half as large."""
    before = a_set(photo)
    sizes = {"base_color": (240, 200), "roughness": (480, 400), "height": (120, 100)}
    return {name: resize(picture, *sizes[name]) for name, picture in before.items()}


def test_maps_of_their_own_sizes_keep_them_and_their_middle(photo) -> None:
    before = of_own_sizes(photo)
    made = improve_set("wall", before, Improvement("both", crop=False), "cpu")
    for name, picture in made.maps.items():
        assert picture.shape == before[name].shape
        height, width = picture.shape[:2]
        middle = (slice(height * 3 // 8, height * 5 // 8), slice(width * 3 // 8, width * 5 // 8))
        np.testing.assert_array_equal(picture[middle], before[name][middle])
        assert max(seam(picture)) <= 1.5 < max(seam(before[name])), name
    assert 0.2 < made.kept < 0.9


def tiles(height: int, width: int) -> np.ndarray:
    """A floor of tiles of 60 x 80, each of its own brightness, of which no whole number fits."""
    rng = np.random.default_rng(3)
    rows, columns = np.mgrid[:height, :width]
    shade = rng.uniform(0.3, 0.6, (9, 9))[rows // 60, columns // 80]
    shade = np.where((rows % 60 < 6) | (columns % 80 < 6), 0.9, shade)
    return (shade[..., None] + rng.uniform(-0.05, 0.05, (height, width, 3))).astype(np.float32)


def test_what_repeats_is_cropped_so_that_it_meets(tiny) -> None:
    color = tiles(330, 440)
    before = {"base_color": color, "roughness": resize(color.mean(2), 880, 660), "height": color.mean(2)[::2, ::2]}
    made = improve_set("tiles", before, Improvement(), "cpu")
    left = (made.part.rows, made.part.columns)
    sizes = {"base_color": (300, 400, 3), "roughness": (600, 800), "height": (150, 200)}
    assert {name: picture.shape for name, picture in made.maps.items()} == sizes
    np.testing.assert_array_equal(made.maps["base_color"][130:170, 180:220], color[left][130:170, 180:220])
    assert made.record["part"] == {axis: [s.start, s.stop] for axis, s in (("y", left[0]), ("x", left[1]))}
    assert 0.2 < made.kept < 1
    for what in (Improvement(crop=False), Improvement("none")):
        whole = improve_set("tiles", before, what, "cpu")
        assert whole.maps["base_color"].shape == color.shape and whole.record["part"] is None
    assert improve_set("tiles", before, Improvement("x"), "cpu").part.sides == (330, 400)


@pytest.mark.parametrize("size", [(2, 2), (2, 900), (900, 3), (127, 500)])
def test_what_is_small_is_not_cropped(size) -> None:
    strip = np.tile(np.linspace(0, 1, 20, dtype=np.float32), 45)[: size[1], None] * np.ones((size[0], 1, 3), np.float32)
    made = improve_set("", {"base_color": strip}, Improvement("both"), "cpu")
    assert made.maps["base_color"].shape == strip.shape and made.record["part"] is None


def test_a_region_of_maps_of_their_own_sizes(photo) -> None:
    before = of_own_sizes(photo)
    region = np.zeros((200, 240), bool)
    region[60:150, 70:170] = True
    made = improve_set("wall", before, Improvement("none"), "cpu", region=region)
    for name, picture in made.maps.items():
        height, width = picture.shape[:2]
        marked = resize(region.astype(np.float32), width, height, resampling=Image.Resampling.NEAREST) > 0
        changed = picture != before[name]
        changed = changed.any(2) if changed.ndim == 3 else changed
        assert not changed[~marked].any(), name
        assert changed[marked].mean() > 0.9, name


def test_maps_of_their_own_sizes_are_enlarged_alike(tiny, photo) -> None:
    before = of_own_sizes(photo)
    made = improve_set("", before, Improvement("none", upscale=2), "cpu")
    for name, picture in made.maps.items():
        height, width = before[name].shape[:2]
        assert picture.shape[:2] == (2 * height, 2 * width)
        assert np.abs(resize(picture, width, height) - before[name]).mean() < 0.03, name


def test_what_is_estimated_is_of_the_base_color_s_size(tiny, photo) -> None:
    made = improve_set("", of_own_sizes(photo), Improvement("none", tuple(MAPS)), "cpu")
    sizes = {name: picture.shape[:2] for name, picture in made.maps.items()}
    estimated = dict.fromkeys(made.estimated, (200, 240))
    assert sizes == estimated | {"base_color": (200, 240), "roughness": (400, 480), "height": (100, 120)}


@pytest.mark.parametrize("factor", [2, 4])
def test_larger_it_still_gives_the_small_one_and_maps_stay_in_step(tiny, photo, factor) -> None:
    before = a_set(photo)
    made = improve_set("", before, Improvement("none", upscale=factor), "cpu")
    assert made.record["upscale"] == factor and made.kept == 0
    for name, picture in made.maps.items():
        assert picture.shape[:2] == (200 * factor, 240 * factor)
        small = picture.reshape(200, factor, 240, factor, -1).mean((1, 3)).reshape(before[name].shape)
        inner = (before[name] > 0.02) & (before[name] < 0.98)
        assert np.abs(small - before[name])[inner].mean() < 1e-3, name


def test_what_tiles_is_enlarged_as_what_tiles(tiny) -> None:
    torus = np.random.default_rng(0).random((160, 128, 3)).astype(np.float32)
    wish = Improvement("none", upscale=2)
    plain = improve_set("", {"base_color": torus}, wish, "cpu").maps["base_color"]
    rolled = improve_set("", {"base_color": np.roll(torus, (42, 16), (0, 1))}, wish, "cpu").maps["base_color"]
    np.testing.assert_allclose(rolled, np.roll(plain, (84, 32), (0, 1)), atol=1e-4)


def test_normals_stay_unit_vectors_when_enlarged(tiny, photo) -> None:
    normal = np.random.default_rng(0).standard_normal((128, 128, 3)) + np.array([0, 0, 3])
    normal /= np.linalg.norm(normal, axis=2, keepdims=True)
    maps = {"base_color": read_picture(photo)[:128, :128], "normal": (normal * 0.5 + 0.5).astype(np.float32)}
    made = improve_set("", maps, Improvement("none", upscale=2), "cpu").maps["normal"] * 2 - 1
    np.testing.assert_allclose(np.linalg.norm(made, axis=2), 1, atol=1e-3)


def test_uneven_light_is_evened_out_and_colours_stay(tiny) -> None:
    rng = np.random.default_rng(0)
    material = 0.3 + 0.2 * rng.random((256, 256, 1)) * np.array([1.0, 0.8, 0.6])
    shade = np.linspace(0.5, 1.5, 256)[None, :, None]
    photo = {"base_color": to_srgb(material * shade)}
    even, half, none = (
        improve_set("", photo, Improvement("none", even=strength), "cpu").maps["base_color"] for strength in (1, 0.5, 0)
    )
    np.testing.assert_array_equal(none, photo["base_color"])
    left, right = (to_linear(even)[:, part].mean() for part in (slice(32, 64), slice(-64, -32)))
    assert abs(left / right - 1) < 0.1
    assert 0.5 < to_linear(half)[:, 32:64].mean() / to_linear(half)[:, -64:-32].mean() < 0.9
    assert abs(to_linear(even).mean() / (material * shade).mean() - 1) < 0.1


def test_all_axes_are_explained() -> None:
    assert all(AXES.values())


def test_when_an_accelerator_s_memory_runs_out_the_processor_goes_on(photo, tiny, monkeypatch) -> None:
    wish = Improvement("none", upscale=2)
    wanted = improve(photo, wish, "cpu")
    monkeypatch.setattr(module, "choose_device", lambda name: torch.device("meta"))
    read, devices = module.read_upscaler, []

    class ShortOfMemory:
        def to(self, device: torch.device) -> torch.nn.Module:
            devices.append(device.type)
            if device.type != "cpu":
                raise torch.OutOfMemoryError
            return read(encode.bundled("upscaler"))

    monkeypatch.setattr(module, "read_upscaler", lambda path: ShortOfMemory())
    made = improve(photo, wish)
    assert devices == ["meta", "cpu"] and made.device == "cpu"
    np.testing.assert_array_equal(made.maps["base_color"], wanted.maps["base_color"])


def test_what_needs_more_memory_than_there_is_is_said_at_once(photo, tiny, monkeypatch) -> None:
    """By the size of what comes out, and by how many maps are enlarged."""
    monkeypatch.setattr(machine, "memory", lambda: 4 * 241 * 4 * 203 * 40)
    monkeypatch.setattr(module, "upscale", lambda maps, *others: maps)
    improve(photo, Improvement("none", upscale=4), "cpu")
    for wish in (Improvement("none", maps=tuple(MAPS), upscale=4), Improvement("none", maps=("normal",), upscale=4)):
        with pytest.raises(DeviceError, match=r"964 x 812 needs about .* choose a smaller size"):
            improve(photo, wish, "cpu")
    improve(photo, Improvement("none", maps=("normal",), upscale=2), "cpu")


def test_when_the_processor_s_memory_runs_out_it_is_said(photo, tiny, monkeypatch) -> None:
    def short_of_memory(*arguments):
        raise MemoryError

    monkeypatch.setattr(module, "upscale", short_of_memory)
    with pytest.raises(DeviceError, match="not enough memory to improve a picture of 241 x 203"):
        improve(photo, Improvement(upscale=2), "cpu")
