"""A material's textures as files."""

import bpy
import numpy as np
import pytest
from PIL import Image

from texgan_core.pictures import to_linear

from .looking import image_nodes, pixels


@pytest.fixture
def made(texgan, material):
    texgan.maps = {"base_color", "normal", "roughness", "height"}
    bpy.ops.texgan.generate()
    return material


def test_files_are_the_images_pixel_by_pixel(made, tmp_path):
    assert bpy.ops.texgan.export(directory=str(tmp_path)) == {"FINISHED"}
    assert {p.name for p in tmp_path.iterdir()} == {
        f"Material_{word}.png" for word in ("basecolor", "normal", "roughness", "height")
    }
    saved = np.asarray(Image.open(tmp_path / "Material_normal.png"))
    shown = pixels(image_nodes(made)["normal"].image)[..., :3]
    np.testing.assert_array_equal(saved, np.round(shown * 255))


def test_packed_for_a_game_engine(made, tmp_path):
    bpy.ops.texgan.export(directory=str(tmp_path), packing="orm", directx=True)
    assert {p.name for p in tmp_path.iterdir()} == {
        f"Material_{word}.png" for word in ("basecolor", "normal_directx", "orm", "height")
    }
    green = np.asarray(Image.open(tmp_path / "Material_orm.png"))[..., 1]
    np.testing.assert_array_equal(green, np.round(pixels(image_nodes(made)["roughness"].image)[..., 0] * 255))


def test_an_image_that_was_unpacked_is_read_from_its_file(made, tmp_path):
    image = image_nodes(made)["base_color"].image
    before = pixels(image)
    image.filepath_raw = str(tmp_path / "elsewhere.png")
    (tmp_path / "elsewhere.png").write_bytes(bytes(image.packed_file.data))
    image.unpack(method="REMOVE")
    out = tmp_path / "out"
    bpy.ops.texgan.export(directory=str(out))
    np.testing.assert_array_equal(
        np.asarray(Image.open(out / "Material_basecolor.png")), np.round(before[..., :3] * 255)
    )
    (tmp_path / "elsewhere.png").unlink()
    with pytest.raises(RuntimeError, match="cannot be read"):
        bpy.ops.texgan.export(directory=str(out))


@pytest.mark.parametrize(("form", "suffix"), [("exr", "exr"), ("png16", "png")])
def test_more_bits_than_the_images_have(made, tmp_path, form, suffix):
    """They are made again: the same picture, with values between those of eight bits."""
    bpy.ops.texgan.export(directory=str(tmp_path), format=form)
    found = stored(tmp_path / f"Material_roughness.{suffix}")[..., 0]
    np.testing.assert_allclose(found, pixels(image_nodes(made)["roughness"].image)[..., 0], atol=0.003)
    assert len(np.unique(found)) > 256
    shown = pixels(image_nodes(made)["base_color"].image)[..., :3]
    expected = to_linear(shown) if suffix == "exr" else shown
    np.testing.assert_allclose(stored(tmp_path / f"Material_basecolor.{suffix}")[..., :3], expected, atol=0.01)


def test_what_was_painted_is_saved_with_more_bits_too(made, tmp_path, capfd):
    image = image_nodes(made)["base_color"].image
    image.pixels.foreach_set(np.tile(np.array([1, 0, 0, 1], np.float32), image.size[0] * image.size[1]))
    image.update()
    image.pack()
    bpy.ops.texgan.export(directory=str(tmp_path), format="png16")
    np.testing.assert_array_equal(stored(tmp_path / "Material_basecolor.png")[..., :3].reshape(-1, 3)[0], [1, 0, 0])
    assert "some were changed" in capfd.readouterr().out


def test_images_that_lie_beside_the_file_are_made_again_too(made, tmp_path):
    image = image_nodes(made)["roughness"].image
    image.filepath_raw = str(tmp_path / "elsewhere.png")
    (tmp_path / "elsewhere.png").write_bytes(bytes(image.packed_file.data))
    image.unpack(method="REMOVE")
    bpy.ops.texgan.export(directory=str(tmp_path / "out"), format="png16")
    assert len(np.unique(stored(tmp_path / "out" / "Material_roughness.png"))) > 256


@pytest.mark.parametrize("form", ["png", "png16"])
def test_no_file_is_overwritten_unless_it_is_wanted(made, tmp_path, form):
    taken = tmp_path / "Material_normal_directx.png"
    taken.write_text("mine")
    options = {"directory": str(tmp_path), "directx": True, "format": form}
    with pytest.raises(RuntimeError, match=f"{taken.name} is there already"):
        bpy.ops.texgan.export(**options)
    assert [path.read_text() for path in tmp_path.iterdir()] == ["mine"]
    assert bpy.ops.texgan.export(**options, overwrite=True) == {"FINISHED"}
    assert Image.open(taken).size == (128, 64)


def stored(path):
    """The numbers of a picture file, as Blender reads them."""
    image = bpy.data.images.load(str(path))
    image.colorspace_settings.name = "Non-Color"
    return pixels(image)


def test_what_cannot_be_saved_is_said(texgan, material, tmp_path):
    with pytest.raises(RuntimeError, match="no textures by TexGAN"):
        bpy.ops.texgan.export(directory=str(tmp_path))
    texgan.maps = {"base_color"}
    bpy.ops.texgan.generate()
    with pytest.raises(RuntimeError, match="must have a roughness map"):
        bpy.ops.texgan.export(directory=str(tmp_path), packing="orm")
    with pytest.raises(RuntimeError, match="Choose the folder"):
        bpy.ops.texgan.export()
