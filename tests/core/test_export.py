"""Maps as files for other programs."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from texgan_core.errors import ImageError, RequestError
from texgan_core.export import FILE_WORDS, FORMATS, LARGEST_OWN, PACKINGS, ExportOptions, export, export_files
from texgan_core.maps import MAPS
from texgan_core.materials import find_materials
from texgan_core.pictures import (
    decode_picture,
    encode_picture,
    read_cutout,
    read_picture,
    to_linear,
    to_srgb,
    write_picture,
)
from texgan_core.request import FACTORS, LARGEST_SIZE


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


def test_what_is_packed_is_as_large_as_the_largest(maps, tmp_path) -> None:
    maps["metallic"] = maps["metallic"].repeat(2, 0).repeat(2, 1)
    packed = pixels(export(maps, tmp_path, "a", ExportOptions("orm"))["orm"])
    assert packed.shape == (80, 64, 3)
    np.testing.assert_array_equal(packed[..., 2], eight(maps["metallic"]))
    means = packed[..., 1].reshape(40, 2, 32, 2).mean((1, 3))
    assert np.corrcoef(means.ravel(), maps["roughness"].ravel())[0, 1] > 0.98


def test_files_stay_as_they_are_but_for_what_is_packed_or_turned(maps, tmp_path) -> None:
    maps["base_color"] = np.dstack([maps["base_color"], maps["roughness"]])
    files = {name: encode_picture(picture, 16) for name, picture in maps.items()}
    paths = export_files(files, tmp_path, "a", ExportOptions("none", False))
    assert {name: path.read_bytes() for name, path in paths.items()} == files
    assert {path.name for path in tmp_path.iterdir()} == {f"a_{word}.png" for word in FILE_WORDS.values()}
    paths = export_files(files, tmp_path / "b", "a", ExportOptions("orm", True))
    assert (
        set(paths) == {"base_color", "normal", "height", "orm"}
        and paths["base_color"].read_bytes() == files["base_color"]
    )
    normal = read_picture(paths["normal"])
    np.testing.assert_allclose(normal[..., 1], 1 - maps["normal"][..., 1], atol=1e-4)


def test_files_of_other_kinds_become_png(maps, tmp_path) -> None:
    write_picture(tmp_path / "light.exr", to_linear(maps["base_color"]), 32)
    data = (tmp_path / "light.exr").read_bytes()
    path = export_files({"base_color": data}, tmp_path, "a", ExportOptions("none", False))["base_color"]
    np.testing.assert_allclose(read_picture(path), maps["base_color"], atol=1e-4)
    with pytest.raises(ImageError, match="a base_color cannot be read as a picture"):
        export_files({"base_color": b"none"}, tmp_path / "b", "a", ExportOptions("none", False))
    assert not (tmp_path / "b").exists()


@pytest.mark.parametrize("bits", [8, 16])
def test_what_was_made_may_be_larger_than_what_is_read(tmp_path, monkeypatch, bits) -> None:
    assert LARGEST_SIZE * FACTORS[-1] == LARGEST_OWN
    long = np.full((32, 9000, 3), 0.25)
    files = {"normal": encode_picture(long, bits), "roughness": encode_picture(long[..., 0], bits)}
    with monkeypatch.context() as patched:
        patched.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
        paths = export_files(files, tmp_path, "a", ExportOptions("orm", True))
    assert {name: Image.open(path).size for name, path in paths.items()} == {"normal": (9000, 32), "orm": (9000, 32)}
    with pytest.raises(ImageError, match="a normal is 9000 x 32; scale it down to 8192 pixels"):
        decode_picture(files["normal"], "a normal")


def test_the_opacity_of_colours_is_written_in_every_format(maps, tmp_path) -> None:
    opacity = np.clip(maps["roughness"] * 2 - 0.5, 0, 1)
    cutout = {"base_color": np.dstack([maps["base_color"], opacity])}
    for form in FORMATS:
        path = export(cutout, tmp_path / form, "a", ExportOptions(format=form))["base_color"]
        found = read_cutout(path)
        np.testing.assert_allclose(found[..., 3], opacity, atol=0.003)
        seen = opacity > 0.1
        np.testing.assert_allclose(found[seen, :3], maps["base_color"][seen], atol=0.01)


def test_maps_that_need_more_bits_get_them(maps, tmp_path) -> None:
    paths = export(maps, tmp_path, "a", bits={"roughness": 16, "height": 8})
    assert {name: Image.open(path).mode for name, path in paths.items()}["roughness"] == "I;16"
    assert Image.open(paths["height"]).mode == "I;16" and Image.open(paths["metallic"]).mode == "L"


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
