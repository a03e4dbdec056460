"""`bpy.ops.texgan.generate` as scripts call it."""

import json
from types import SimpleNamespace

import bpy
import numpy as np
import pytest

from texgan_core.library import OWN, load_model
from texgan_core.maps import MAPS
from texgan_core.model_file import read_model_file, write_model_file
from texgan_core.synthesize import TextureRequest, synthesize

from .looking import image_nodes, pixels, same, set_pixels

FOUR = {"base_color", "normal", "roughness", "height"}


def behind(socket):
    return socket.links[0].from_node if socket.is_linked else None


def test_maps_are_those_of_the_core(room):
    assert tuple(MAPS) == room("settings").MAPS


def test_pixels_equal_the_core_api(texgan, material, tiny_model):
    texgan.layout_seed, texgan.style_seed = 5, 2
    assert bpy.ops.texgan.generate() == {"FINISHED"}
    made = synthesize(load_model(tiny_model), TextureRequest((128, 64), 5, 2), "cpu")
    for name, node in image_nodes(material).items():
        levels = 65535 if name == "height" else 255
        expected = np.round(made.maps[name] * levels)
        channels = pixels(node.image)[..., :3] if expected.ndim == 3 else pixels(node.image)[..., 0]
        assert np.array_equal(np.round(channels * levels), expected), name
        assert node.image.is_float == (name == "height")
    assert json.loads(material["texgan_record"]) == made.record


def test_tree_is_laid_out_like_node_wrangler(texgan, material):
    bpy.ops.texgan.generate()
    nodes = image_nodes(material)
    assert nodes.keys() == FOUR
    tree = material.node_tree
    principled, output = tree.nodes["Principled BSDF"], tree.nodes["Material Output"]
    assert behind(principled.inputs["Base Color"]) == nodes["base_color"]
    assert behind(principled.inputs["Roughness"]) == nodes["roughness"]
    assert behind(principled.inputs["Normal"]).type == "NORMAL_MAP"
    assert behind(behind(principled.inputs["Normal"]).inputs["Color"]) == nodes["normal"]
    assert behind(output.inputs["Displacement"]).type == "DISPLACEMENT"
    assert behind(behind(output.inputs["Displacement"]).inputs["Height"]) == nodes["height"]
    assert {n.parent.label for n in nodes.values()} == {"Textures"}
    assert {n.location.x - principled.location.x for n in nodes.values()} == {-550}
    rows = sorted(n.location.y for n in nodes.values())
    assert np.diff(rows).tolist() == [280, 280, 280]
    for node in nodes.values():
        mapping = behind(behind(node.inputs["Vector"]).inputs[0])
        assert mapping.type == "MAPPING"
        assert mapping.inputs["Vector"].links[0].from_socket.name == "UV"


def test_color_spaces_names_and_packing(texgan, material):
    texgan.maps = set(MAPS)
    bpy.ops.texgan.generate()
    for name, node in image_nodes(material).items():
        assert node.image.colorspace_settings.name == ("sRGB" if name == "base_color" else "Non-Color")
        assert node.image.packed_file is not None and node.image.source == "FILE"
    assert image_nodes(material)["base_color"].image.name == "Material Base Color"
    occlusion = image_nodes(material)["ambient_occlusion"]
    assert not occlusion.outputs["Color"].is_linked
    assert occlusion.location.y == max(n.location.y for n in image_nodes(material).values())


def test_second_run_updates_and_doubles_nothing(texgan, material):
    bpy.ops.texgan.generate()
    before = set_pixels(material)
    counts = len(bpy.data.images), len(bpy.data.materials), len(material.node_tree.nodes), len(material.node_tree.links)
    names = {image.name for image in bpy.data.images}
    texgan.layout_seed = 9
    texgan.width = 64
    bpy.ops.texgan.generate()
    after = set_pixels(material)
    assert counts == (
        len(bpy.data.images),
        len(bpy.data.materials),
        len(material.node_tree.nodes),
        len(material.node_tree.links),
    )
    assert names == {image.name for image in bpy.data.images}
    assert before["base_color"].shape == (64, 128, 4) and after["base_color"].shape == (64, 64, 4)
    assert not same(before, after)


def test_another_map_joins_the_column(texgan, material):
    bpy.ops.texgan.generate()
    texgan.maps = FOUR | {"metallic"}
    bpy.ops.texgan.generate()
    nodes = image_nodes(material)
    assert nodes["metallic"].location.y == min(n.location.y for n in nodes.values())
    assert nodes["metallic"].parent == nodes["base_color"].parent
    assert behind(nodes["metallic"].inputs["Vector"]) == behind(nodes["base_color"].inputs["Vector"])


def test_record_makes_the_same_after_save_and_reopen(texgan, material, tmp_path):
    texgan.layout_seed, texgan.style_seed = 3, 4
    bpy.ops.texgan.generate()
    first = set_pixels(material)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "made.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "made.blend"))
    material = bpy.data.materials["Material"]
    assert same(first, set_pixels(material)), "packed pixels survive"
    bpy.context.scene.texgan.layout_seed = 77
    for node in image_nodes(material).values():
        assert node.image["texgan_record"] == material["texgan_record"]
        bpy.data.images.remove(node.image)
    assert bpy.ops.texgan.regenerate() == {"FINISHED"}
    assert same(first, set_pixels(material))


def test_a_changed_model_is_noticed(texgan, material):
    bpy.ops.texgan.generate()
    record = json.loads(material["texgan_record"])
    material["texgan_record"] = json.dumps({**record, "model_hash": "0" * 64})
    with pytest.raises(RuntimeError, match=r"made with the model Tiny, which .*safetensors is not"):
        bpy.ops.texgan.regenerate()
    texgan.model_file = ""
    with pytest.raises(RuntimeError, match="The model Tiny is not in the menu; choose its file"):
        bpy.ops.texgan.regenerate()
    material["texgan_record"] = json.dumps({**record, "model": "Bricks097", "model_hash": "0" * 64})
    with pytest.raises(RuntimeError, match="Bricks097 has changed since the texture was made; choose the file"):
        bpy.ops.texgan.regenerate()


def test_a_model_is_known_by_its_hash_whatever_it_is_called(texgan, material, tiny_model):
    """A model of the user's own was learned further, and its earlier file is chosen."""
    bpy.ops.texgan.generate()
    first = set_pixels(material)
    OWN.mkdir(exist_ok=True)
    (OWN / "codec.safetensors").write_bytes((tiny_model.parent / "codec.safetensors").read_bytes())
    file = read_model_file(tiny_model)
    further = {**file.tensors, "calibration": file.tensors["calibration"] * 0.9}
    write_model_file(OWN / "Tiny.safetensors", file.card, further)
    assert bpy.ops.texgan.regenerate() == {"FINISHED"}
    assert same(first, set_pixels(material))
    write_model_file(OWN / "Renamed.safetensors", {**file.card, "name": "Renamed"}, file.tensors)
    texgan.model_file = "/no/longer/there.safetensors"
    assert bpy.ops.texgan.regenerate() == {"FINISHED"}
    assert same(first, set_pixels(material))


def test_a_record_of_old_that_has_no_hash_goes_by_the_name(texgan, material):
    bpy.ops.texgan.generate()
    record = json.loads(material["texgan_record"])
    material["texgan_record"] = json.dumps({**record, "model_hash": ""})
    assert bpy.ops.texgan.regenerate() == {"FINISHED"}


@pytest.mark.parametrize("record", ["{", "[]", '{"size": 3}', '{"model": "Tiny", "size": [9, 9]}'])
def test_a_damaged_record_is_refused_in_words(texgan, material, record):
    material["texgan_record"] = record
    with pytest.raises(RuntimeError, match="record"):
        bpy.ops.texgan.regenerate()


def test_no_record(texgan):
    with pytest.raises(RuntimeError, match="has no record"):
        bpy.ops.texgan.regenerate()


def test_an_object_without_material_gets_one(texgan):
    bpy.ops.mesh.primitive_plane_add()
    plane = bpy.context.object
    bpy.ops.texgan.generate()
    assert plane.active_material.name == "Plane"
    assert image_nodes(plane.active_material).keys() == FOUR


def test_an_empty_tree_gets_its_shader(texgan, material):
    material.node_tree.nodes.clear()
    bpy.ops.texgan.generate()
    output = material.node_tree.get_output_node("ALL")
    assert behind(output.inputs["Surface"]).type == "BSDF_PRINCIPLED"


def test_a_material_with_another_shader_is_left_alone(texgan, material):
    tree = material.node_tree
    tree.nodes.remove(tree.nodes["Principled BSDF"])
    emission = tree.nodes.new("ShaderNodeEmission")
    tree.links.new(emission.outputs[0], tree.nodes["Material Output"].inputs["Surface"])
    with pytest.raises(RuntimeError, match="no Principled BSDF"):
        bpy.ops.texgan.generate()
    assert len(tree.nodes) == 2


def test_wrong_object_or_none(texgan):
    bpy.context.view_layer.objects.active = bpy.data.objects["Light"]
    with pytest.raises(RuntimeError, match="Light has no surface"):
        bpy.ops.texgan.generate()
    bpy.context.view_layer.objects.active = None
    with pytest.raises(RuntimeError, match="Select an object"):
        bpy.ops.texgan.generate()


def test_wrong_requests_are_told_in_words(texgan):
    texgan.model_file = "/nowhere.safetensors"
    with pytest.raises(RuntimeError, match="no model file"):
        bpy.ops.texgan.generate()
    texgan.model_file = ""
    with pytest.raises(RuntimeError, match="Choose a model"):
        bpy.ops.texgan.generate()
    texgan.model_file, texgan.maps = "x", set()
    with pytest.raises(RuntimeError, match="at least one map"):
        bpy.ops.texgan.generate()
    assert not [image for image in bpy.data.images if "texgan_record" in image]


def test_sizes_snap_and_stay_in_range(texgan):
    texgan.width, texgan.height = 1001, 20
    assert (texgan.width, texgan.height) == (1000, 64)
    texgan.height = 100000
    assert texgan.height == 16384


def test_sizes_of_models_from_noise_snap_to_theirs(texgan, material):
    """Which is told before anything is made, where the sizes stand."""
    texgan.model, texgan.width, texgan.height = "Grass004", 1000, 72
    assert (texgan.width, texgan.height) == (1000, 72)
    texgan.model = "Grass004-noise"
    assert (texgan.width, texgan.height) == (992, 64)
    texgan.width = 104
    assert texgan.width == 96
    assert bpy.ops.texgan.generate() == {"FINISHED"}


def test_sizes_snap_to_those_of_what_fills_the_joints(texgan, material):
    texgan.model, texgan.width, texgan.height, texgan.joints = "Rock_01", 104, 104, "Grass004-noise"
    assert texgan.width == 104, "without a pattern there are no joints"
    texgan.pattern = "cobbles"
    assert (texgan.width, texgan.height) == (96, 96)
    assert bpy.ops.texgan.generate() == {"FINISHED"}


def test_dice(texgan):
    bpy.ops.texgan.roll_seed(seed="style_seed")
    first = texgan.style_seed
    bpy.ops.texgan.roll_seed(seed="style_seed")
    assert texgan.style_seed != first and texgan.layout_seed == 0


def test_a_pinned_material_is_meant_wherever_the_selection_goes(texgan, room):
    materials, pinned = room("materials"), bpy.data.materials.new("Pinned")
    editor = SimpleNamespace(type="NODE_EDITOR", pin=True, id=pinned)
    context = SimpleNamespace(space_data=editor, view_layer=bpy.context.view_layer)
    assert materials.active_target(context) == materials.Target((), pinned.session_uid)
    assert materials.active_material(context) is pinned
    editor.pin = False
    active = bpy.context.object
    expected = materials.Target((active.session_uid,), active.active_material.session_uid)
    assert materials.active_target(context) == expected
    assert materials.active_material(context) is active.active_material


def test_enlarged_it_keeps_its_proportions_and_its_record(texgan, material):
    texgan.upscale = "2"
    bpy.ops.texgan.generate()
    assert tuple(image_nodes(material)["base_color"].image.size) == (256, 128)
    before = pixels(image_nodes(material)["base_color"].image)
    texgan.upscale = "1"
    bpy.ops.texgan.regenerate()
    np.testing.assert_array_equal(pixels(image_nodes(material)["base_color"].image), before)


def test_maps_that_are_there_already_stay_in_step(texgan, material):
    texgan.maps = {"base_color", "metallic"}
    bpy.ops.texgan.generate()
    record = material["texgan_record"]
    texgan.maps, texgan.layout_seed = {"base_color", "roughness"}, 9
    bpy.ops.texgan.generate()
    made = {name: node.image for name, node in image_nodes(material).items()}
    assert {image["texgan_record"] for image in made.values()} == {material["texgan_record"]}
    assert set(made) == {"base_color", "metallic", "roughness"}
    material["texgan_record"] = record
    bpy.ops.texgan.regenerate()
    made = {name: node.image["texgan_record"] for name, node in image_nodes(material).items()}
    assert set(made.values()) == {material["texgan_record"]}
