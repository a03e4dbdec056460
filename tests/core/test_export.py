"""Maps as files for other programs."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from texgan_core.errors import ImageError, RequestError
from texgan_core.export import FILE_WORDS, FORMATS, PACKINGS, ExportOptions, export
from texgan_core.maps import MAPS
from texgan_core.materials import find_materials
from texgan_core.pictures import read_picture, to_srgb


@pytest.fixture
def maps() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    return {name: rng.random((40, 32, 3) if MAPS[name].picture_channels == 3 else (40, 32)) for name in MAPS}


def pixels(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path)).astype(int)


def eight(values: np.ndarray) -> np.ndarray:
    return np.round(values * 255).astype(int)


def test_each_map_a_file_that_is_known_by_its_name(maps, tmp_path) -> None:
    paths = export(maps, tmp_path, "Old Wall.001")
    assert {name: path.name for name, path in paths.items()} == {
        name: f"Old_Wall.001_{word}.png" for name, word in FILE_WORDS.items()
    }
    for name, path in paths.items():
        if name != "height":
            np.testing.assert_array_equal(pixels(path), eight(maps[name]))
    np.testing.assert_array_equal(pixels(paths["height"]), np.round(maps["height"] * 65535).astype(int))
    (found,) = find_materials(tmp_path)
    assert set(found.files) == set(MAPS)


def test_directx_normals_point_down_and_say_so(maps, tmp_path) -> None:
    path = export(maps, tmp_path, "a", ExportOptions(directx=True))["normal"]
    assert path.name == "a_normal_directx.png"
    found, wanted = pixels(path), eight(maps["normal"])
    np.testing.assert_array_equal(found[..., [0, 2]], wanted[..., [0, 2]])
    assert np.abs(found[..., 1] + wanted[..., 1] - 255).max() <= 1
    assert maps["normal"][0, 0, 1] * 255 == pytest.approx(wanted[0, 0, 1], abs=0.5), "the set itself is as it was"


def test_occlusion_roughness_and_metallic_in_one(maps, tmp_path) -> None:
    paths = export(maps, tmp_path, "a", ExportOptions("orm"))
    assert set(paths) == {"base_color", "normal", "height", "orm"}
    channels = [maps[name] for name in ("ambient_occlusion", "roughness", "metallic")]
    np.testing.assert_array_equal(pixels(paths["orm"]), eight(np.stack(channels, 2)))


def test_sixteen_bits(maps, tmp_path) -> None:
    for name, path in export(maps, tmp_path, "a", ExportOptions(format="png16")).items():
        assert path.read_bytes()[24] == 16
        assert path.suffix == ".png", name


def test_openexr_has_colours_as_light_and_the_rest_as_it_is(maps, tmp_path) -> None:
    paths = export(maps, tmp_path, "a", ExportOptions("orm", format="exr"))
    assert {path.suffix for path in paths.values()} == {".exr"}
    np.testing.assert_allclose(to_srgb(read_picture(paths["base_color"])), maps["base_color"], atol=1e-3)
    np.testing.assert_allclose(read_picture(paths["normal"]), maps["normal"], atol=1e-3)
    np.testing.assert_allclose(read_picture(paths["height"]), maps["height"], atol=1e-7)
    np.testing.assert_allclose(read_picture(paths["orm"])[..., 1], maps["roughness"], atol=1e-3)


def test_unity_s_mask_map(maps, tmp_path) -> None:
    mask = pixels(export(maps, tmp_path, "a", ExportOptions("mask"))["mask"])
    np.testing.assert_array_equal(mask[..., 0], eight(maps["metallic"]))
    np.testing.assert_array_equal(mask[..., 1], eight(maps["ambient_occlusion"]))
    assert (mask[..., 2] == 0).all()
    np.testing.assert_array_equal(mask[..., 3], eight(1 - maps["roughness"]))


def test_what_is_missing_is_made_up_or_said(maps, tmp_path) -> None:
    packed = pixels(export({"roughness": maps["roughness"]}, tmp_path, "a", ExportOptions("orm"))["orm"])
    assert (packed[..., 0] == 255).all() and (packed[..., 2] == 0).all()
    with pytest.raises(RequestError, match="must have a roughness map"):
        export({"base_color": maps["base_color"]}, tmp_path, "b", ExportOptions("orm"))
    with pytest.raises(RequestError, match="no packing named 'rmo'; choose from none, orm, mask"):
        export(maps, tmp_path, "b", ExportOptions("rmo"))
    with pytest.raises(RequestError, match="no format named 'gif'; choose from png, png16, exr"):
        export(maps, tmp_path, "b", ExportOptions(format="gif"))
    assert not list(tmp_path.glob("b*"))


def test_a_file_in_the_way(maps, tmp_path) -> None:
    (tmp_path / "out").write_text("")
    with pytest.raises(ImageError, match="cannot be written"):
        export(maps, tmp_path / "out", "a")


def test_every_packing_and_format_is_explained() -> None:
    assert all(PACKINGS.values()) and all(FORMATS.values())
