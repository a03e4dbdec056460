"""Where textures go, how large they are in the world, and the Asset Browser."""

import json

import bpy
import numpy as np
import pytest

from .looking import image_nodes, pixels


@pytest.fixture
def plane(texgan):
    """A second object, active, with the cube selected too."""
    cube = bpy.data.objects["Cube"]
    bpy.ops.mesh.primitive_plane_add()
    plane = bpy.context.object
    cube.select_set(True)
    return plane


def mapping(material):
    return next(n for n in material.node_tree.nodes if n.type == "MAPPING")


def test_a_new_material_leaves_the_old_one(texgan, material):
    texgan.into = "NEW"
    bpy.ops.texgan.generate()
    new = bpy.context.object.active_material
    assert new != material and new.name == "Cube" and image_nodes(new) and not image_nodes(material)


def test_all_selected_objects_get_one_material(texgan, plane):
    texgan.into = "SELECTED"
    bpy.ops.texgan.generate()
    assert plane.active_material is not None and image_nodes(plane.active_material)
    assert bpy.data.objects["Cube"].active_material == plane.active_material
    assert bpy.data.objects["Light"].type == "LIGHT"


def test_others_stay_as_they_are_otherwise(texgan, plane):
    before = bpy.data.objects["Cube"].active_material
    bpy.ops.texgan.generate()
    assert bpy.data.objects["Cube"].active_material == before != plane.active_material


def test_real_width_goes_to_the_mapping_and_pixels_stay_square(texgan, material):
    texgan.metres = 2
    bpy.ops.texgan.generate()  # 128 x 64
    assert mapping(material).inputs["Scale"].default_value[:] == (0.5, 1.0, 1.0)
    texgan.metres = 4
    assert mapping(material).inputs["Scale"].default_value[:] == (0.25, 0.5, 1.0), "at once"
    bpy.ops.texgan.generate()
    assert mapping(material).inputs["Scale"].default_value[:] == (0.25, 0.5, 1.0)


def test_a_scale_that_somebody_set_stays(texgan, material):
    bpy.ops.texgan.generate()
    mapping(material).inputs["Scale"].default_value = (3, 3, 3)
    texgan.metres = 4
    bpy.ops.texgan.generate()
    assert mapping(material).inputs["Scale"].default_value[:] == (3, 3, 3)


def displaced(material):
    return next(n for n in material.node_tree.nodes if n.type == "DISPLACEMENT").inputs["Scale"]


def halved(values):
    """Half as many pixels a side."""
    height, width = values.shape[:2]
    return values.reshape(height // 2, 2, width // 2, 2, *values.shape[2:]).mean((1, 3))


def test_displacement_is_as_high_as_the_normals_say_at_the_real_width(texgan, material):
    texgan.model, texgan.metres = "Bricks097", 2
    bpy.ops.texgan.generate()
    nodes = image_nodes(material)
    height, normal = pixels(nodes["height"].image)[..., 0], pixels(nodes["normal"].image)
    slopes = (normal[..., :2] * 2 - 1) / np.maximum(normal[..., 2:3] * 2 - 1, 0.22)  # 77 degrees at most
    metres = displaced(material).default_value
    down, right = np.gradient(halved(height) * metres * 64 / 2)
    rise = np.stack([-right, down], 2)
    assert (rise * halved(slopes)).sum() / (rise**2).sum() == pytest.approx(1, abs=0.1)
    texgan.metres = 4
    assert displaced(material).default_value == pytest.approx(2 * metres), "at once"
    texgan.relief = 2
    bpy.ops.texgan.generate()
    assert displaced(material).default_value == pytest.approx(4 * metres, rel=0.1)
    texgan.maps = {"height"}
    displaced(material).default_value = 0.3
    bpy.ops.texgan.generate()
    assert displaced(material).default_value == pytest.approx(0.3), "somebody set it"


def test_displacement_without_normals_is_as_usual(texgan, material):
    texgan.metres, texgan.maps = 3, {"base_color", "height"}
    bpy.ops.texgan.generate()
    assert displaced(material).default_value == pytest.approx(0.06)


def test_a_material_becomes_an_asset(texgan, material):
    with pytest.raises(RuntimeError, match="no textures by TexGAN"):
        bpy.ops.texgan.mark_asset()
    texgan.model = "Bricks097"
    bpy.ops.texgan.generate()
    assert bpy.ops.texgan.mark_asset() == {"FINISHED"}
    data = material.asset_data
    assert {tag.name for tag in data.tags} == {"TexGAN", "Bricks097", "bricks"}
    assert data.license == "CC0-1.0" and data.description.startswith("Bricks097, 128 x 64")
    assert material.preview.image_size[0] > 0


def test_of_a_model_of_the_user_s_own_no_licence_is_claimed(no_preview, texgan, material):
    bpy.ops.texgan.generate()
    bpy.ops.texgan.mark_asset()
    assert material.asset_data.license == ""
    assert json.loads(material["texgan_record"])["model"] in [tag.name for tag in material.asset_data.tags]


def test_catalogs_are_written_where_the_file_is_saved(no_preview, texgan, material, tmp_path):
    texgan.model = "Bricks097"
    bpy.ops.texgan.generate()
    bpy.ops.texgan.mark_asset()
    catalogs = tmp_path / "blender_assets.cats.txt"
    catalogs.write_text("VERSION 1\n11111111-1111-1111-1111-111111111111:Mine:Mine")
    for _ in range(2):
        bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "wall.blend"))
        bpy.ops.texgan.mark_asset()
    lines = catalogs.read_text().splitlines()
    assert lines[1:] == [
        "11111111-1111-1111-1111-111111111111:Mine:Mine",
        f"{material.asset_data.catalog_id}:TexGAN/Bricks:TexGAN-Bricks",
    ]
    assert {path.name for path in tmp_path.iterdir()} <= {"wall.blend", "wall.blend1", catalogs.name}


def test_catalogs_of_a_file_in_a_library_are_in_its_root(no_preview, texgan, material, tmp_path):
    bpy.ops.preferences.asset_library_add(directory=str(tmp_path))
    try:
        (tmp_path / "walls").mkdir()
        bpy.ops.texgan.generate()
        bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "walls" / "wall.blend"))
        bpy.ops.texgan.mark_asset()
    finally:
        bpy.ops.preferences.asset_library_remove(index=len(bpy.context.preferences.filepaths.asset_libraries) - 1)
    text = (tmp_path / "blender_assets.cats.txt").read_text()
    assert text.endswith(f"{material.asset_data.catalog_id}:TexGAN:TexGAN\n")
    assert not (tmp_path / "walls" / "blender_assets.cats.txt").exists()


def test_one_image_node_alone_is_filled(texgan, material):
    tree = material.node_tree
    node = tree.nodes.new("ShaderNodeTexImage")
    tree.links.new(node.outputs["Color"], tree.nodes["Principled BSDF"].inputs["Roughness"])
    tree.nodes.active = node
    before = len(tree.nodes), len(tree.links)
    assert bpy.ops.texgan.fill_node() == {"FINISHED"}
    assert node.image.size[:] == (128, 64) and node.image.colorspace_settings.name == "Non-Color"
    assert json.loads(node.image["texgan_record"])["maps"] == ["roughness"]
    assert (len(tree.nodes), len(tree.links)) == before and "texgan_record" not in material


def test_a_copy_of_a_node_is_filled_without_the_other(texgan, material):
    bpy.ops.texgan.generate()
    tree, node = material.node_tree, image_nodes(material)["base_color"]
    copy = tree.nodes.new("ShaderNodeTexImage")
    copy.image, tree.nodes.active = node.image, copy
    before = pixels(node.image)
    texgan.layout_seed += 1
    assert bpy.ops.texgan.fill_node() == {"FINISHED"}
    assert copy.image != node.image and (pixels(node.image) == before).all()


def test_a_node_that_leads_nowhere_gets_a_base_color(texgan, material):
    node = material.node_tree.nodes.new("ShaderNodeTexImage")
    material.node_tree.nodes.active = node
    bpy.ops.texgan.fill_node()
    assert json.loads(node.image["texgan_record"])["maps"] == ["base_color"]


def test_no_image_node_to_fill(texgan, material):
    with pytest.raises(RuntimeError, match="Select an Image Texture node"):
        bpy.ops.texgan.fill_node()
