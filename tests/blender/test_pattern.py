"""Patterns, joints of another material, and the menu's pictures, in Blender."""

import json

import bpy
import numpy as np
import pytest

from tests.tiny import tiny_style_model
from texgan_core.guides import PATTERNS, PICTURE
from texgan_core.library import list_models
from texgan_core.pictures import write_picture

from .looking import image_nodes, pixels


@pytest.fixture
def from_noise(texgan, tmp_path):
    """Settings for a model that follows patterns."""
    texgan.model_file = str(tiny_style_model(tmp_path))
    texgan.width = texgan.height = 128
    texgan.pattern, texgan.pattern_columns, texgan.pattern_rows = "running bond", 2, 2
    return texgan


def record(material):
    return json.loads(material["texgan_record"])


def test_patterns_are_those_of_the_core(room):
    assert list(room("settings").PATTERNS) == [*PATTERNS, PICTURE]


def test_a_pattern_changes_the_layout_and_is_recorded(from_noise, material):
    bpy.ops.texgan.generate()
    laid = pixels(image_nodes(material)["base_color"].image)
    assert record(material)["guide"]["pattern"] == "running bond"
    from_noise.pattern = "NONE"
    bpy.ops.texgan.generate()
    assert record(material)["guide"] is None
    assert (pixels(image_nodes(material)["base_color"].image) != laid).any()


def test_the_record_of_a_pattern_makes_the_same_again(from_noise, material):
    from_noise.pattern, from_noise.pattern_seed = "cobbles", 7
    bpy.ops.texgan.generate()
    before = pixels(image_nodes(material)["base_color"].image)
    from_noise.pattern = "NONE"
    assert bpy.ops.texgan.regenerate() == {"FINISHED"}
    np.testing.assert_array_equal(pixels(image_nodes(material)["base_color"].image), before)


def test_a_picture_is_followed(from_noise, material, tmp_path):
    path = tmp_path / "mask.png"
    write_picture(path, np.repeat(np.array([[0.0, 1.0]]), 32, 0).repeat(16, 1))
    from_noise.pattern, from_noise.pattern_picture = "picture", str(path)
    assert bpy.ops.texgan.generate() == {"FINISHED"}
    assert record(material)["guide"]["picture"] == str(path)
    before = pixels(image_nodes(material)["base_color"].image)
    assert bpy.ops.texgan.regenerate() == {"FINISHED"}
    np.testing.assert_array_equal(pixels(image_nodes(material)["base_color"].image), before)
    write_picture(path, np.repeat(np.array([[1.0, 0.0]]), 32, 0).repeat(16, 1))
    with pytest.raises(RuntimeError, match="has changed since the texture was made; bring it back as it was"):
        bpy.ops.texgan.regenerate()
    assert bpy.ops.texgan.take_settings() == {"FINISHED"}
    assert from_noise.pattern_picture == str(path)
    assert bpy.ops.texgan.generate() == {"FINISHED"}, "with the picture as it is now"


def test_joints_of_another_material(texgan, material):
    texgan.model, texgan.joints, texgan.pattern = "Rock_01", "Grass004", "cobbles"
    texgan.width = texgan.height = 256
    assert bpy.ops.texgan.generate() == {"FINISHED"}
    assert record(material)["model"] == "Rock_01"
    assert record(material)["joints"]["model"] == "Grass004"
    before = pixels(image_nodes(material)["base_color"].image)
    texgan.pattern, texgan.joints = "NONE", "SAME"
    assert bpy.ops.texgan.regenerate() == {"FINISHED"}
    np.testing.assert_array_equal(pixels(image_nodes(material)["base_color"].image), before)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"pattern_rows": 3}, "has 3 rows; choose a multiple of 2"),
        ({"pattern": "picture"}, "Choose the picture to follow first"),
        ({"pattern": "picture", "pattern_picture": "/none.png"}, "There is no picture"),
        ({"joints": "Grass004"}, "different codecs"),
    ],
)
def test_what_cannot_be_followed_is_said(from_noise, material, changes, says):
    for name, value in changes.items():
        setattr(from_noise, name, value)
    with pytest.raises(RuntimeError, match=says):
        bpy.ops.texgan.generate()
    assert not image_nodes(material)


def test_what_the_chosen_model_cannot_follow_is_left_out(texgan, material):
    """It is grey then, and may be left over from a model that could."""
    texgan.model, texgan.pattern, texgan.blend = "Grass004-noise", "cobbles", "Bricks097-noise"
    texgan.model = "Rock_01"
    assert bpy.ops.texgan.generate() == {"FINISHED"}
    assert record(material)["guide"] is None and record(material)["blend"] is None
    texgan.model = "Grass004-noise"
    bpy.ops.texgan.generate()
    assert record(material)["guide"] and record(material)["blend"], "it is remembered"


def test_every_bundled_model_has_a_picture_in_the_menu(room, extension):
    thumbnails = room("thumbnails")
    names = [info.name for info in list_models()]
    assert {path.stem for path in thumbnails.FOLDER.glob("*.jpg")} == set(names)
    for name in names:
        thumbnails.icon(name)  # a number that only a window has
        assert tuple(thumbnails._loaded[name].image_size) == (128, 128)
    assert thumbnails.icon("no such model") == 0
