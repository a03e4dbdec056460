"""Pictures that a material already shows, made better."""

from pathlib import Path

import bpy
import numpy as np
import pytest

from texgan_core.measure import seam

from .looking import image_nodes, pixels

WALL = Path(__file__).parents[1] / "assets" / "Bricks097" / "Bricks097_1K-JPG_Color.jpg"
SIZE = (240, 200)


@pytest.fixture
def shown(texgan, material, tmp_path):
    """The material shows a part of a wall that does not tile."""
    wall = bpy.data.images.load(str(WALL))
    part = np.tile(pixels(wall), (3, 3, 1))[10 : 10 + SIZE[1], 5 : 5 + SIZE[0]]
    image = bpy.data.images.new("Photo", *SIZE)
    image.pixels.foreach_set(np.ascontiguousarray(part[::-1], np.float32).ravel())
    image.filepath_raw, image.file_format = str(tmp_path / "photo.png"), "PNG"
    image.save()
    tree = material.node_tree
    node = tree.nodes.new("ShaderNodeTexImage")
    node.image = image
    tree.links.new(node.outputs["Color"], tree.nodes["Principled BSDF"].inputs["Base Color"])
    return node


def test_a_photo_tiles_and_is_kept(texgan, material, shown):
    photo = shown.image
    before = pixels(photo)
    texgan.complete = False
    assert bpy.ops.texgan.improve() == {"FINISHED"}
    assert set(image_nodes(material)) == {"base_color"} and image_nodes(material)["base_color"] == shown
    improved = pixels(shown.image)[..., :3]
    assert shown.image != photo and shown.image.packed_file is not None
    assert max(seam(before[..., :3])) > 1.5 > max(seam(improved))
    np.testing.assert_array_equal(pixels(photo), before)
    middle = (slice(60, 140), slice(60, 180))
    np.testing.assert_allclose(improved[middle], before[..., :3][middle], atol=1e-6)


def test_before_and_after(texgan, material, shown):
    with pytest.raises(RuntimeError, match="no improved pictures"):
        bpy.ops.texgan.before_after()
    photo, texgan.complete = shown.image, False
    bpy.ops.texgan.improve()
    improved = shown.image
    bpy.ops.texgan.before_after()
    assert shown.image == photo
    bpy.ops.texgan.before_after()
    assert shown.image == improved


def test_missing_maps_are_estimated(texgan, material, shown):
    texgan.maps = {"base_color", "normal", "roughness", "height"}
    bpy.ops.texgan.improve()
    nodes = image_nodes(material)
    assert set(nodes) == {"base_color", "normal", "roughness", "height"}
    assert all(tuple(node.image.size) == SIZE for node in nodes.values())
    assert nodes["normal"].image.colorspace_settings.name == "Non-Color"
    assert pixels(nodes["normal"].image)[..., 2].mean() > 0.7, "normals point out of the surface"


def test_an_improved_material_becomes_an_asset_without_a_licence(texgan, material, shown):
    texgan.complete = False
    bpy.ops.texgan.improve()
    assert bpy.ops.texgan.mark_asset() == {"FINISHED"}
    assert material.asset_data.license == "" and material.asset_data.author == "Improved with TexGAN"
    with pytest.raises(RuntimeError, match="not a record"):
        bpy.ops.texgan.regenerate()


def test_what_was_generated_is_kept_too(texgan, material):
    bpy.ops.texgan.generate()
    generated = image_nodes(material)["base_color"].image
    before = pixels(generated)
    texgan.close = "both"
    texgan.width = texgan.height = 128
    bpy.ops.texgan.generate()
    bpy.ops.texgan.improve()
    assert image_nodes(material)["base_color"].image != generated
    assert pixels(generated).shape != before.shape, "generating fills its own images; improving makes new ones"


def test_what_cannot_be_improved_is_said(texgan, material, shown):
    shown.image.pixels[0] = 0.5
    with pytest.raises(RuntimeError, match="save or pack it first"):
        bpy.ops.texgan.improve()
    shown.image = None
    with pytest.raises(RuntimeError, match="no picture as its base color"):
        bpy.ops.texgan.improve()
    bpy.context.object.active_material = None
    with pytest.raises(RuntimeError, match="no material to improve"):
        bpy.ops.texgan.improve()
