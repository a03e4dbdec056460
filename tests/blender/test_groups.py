"""Node groups: what is in them is found and filled, and other materials that have them stay as they are."""

import json
from pathlib import Path

import bpy
import numpy as np
import pytest

from .looking import pixels

WALL = Path(__file__).parents[1] / "assets" / "Bricks097" / "Bricks097_1K-JPG_Color.jpg"
SHARED = "The node group Wall is in the material Other, too; click the number beside its name"


class Group:
    """A node group with an inside, and its node in a material's tree."""

    def __init__(self, tree, name="Wall"):
        self.tree = bpy.data.node_groups.new(name, "ShaderNodeTree")
        self.input, self.output = self.new("NodeGroupInput"), self.new("NodeGroupOutput")
        self.node = tree.nodes.new("ShaderNodeGroup")
        self.node.node_tree = self.tree

    def new(self, kind):
        return self.tree.nodes.new(kind)

    def link(self, output, into):
        self.tree.links.new(output, into)

    def give(self, output, name, kind="NodeSocketColor"):
        """Let the group have an output; returns that of its node."""
        self.tree.interface.new_socket(name, in_out="OUTPUT", socket_type=kind)
        self.link(output, self.output.inputs[name])
        return self.node.outputs[name]

    def take(self, into, name, kind="NodeSocketColor"):
        """Let the group have an input; returns that of its node."""
        self.tree.interface.new_socket(name, in_out="INPUT", socket_type=kind)
        self.link(self.input.outputs[name], into)
        return self.node.inputs[name]

    def share(self):
        """With another material."""
        other = bpy.data.materials.new("Other")
        other.use_nodes = True
        other.node_tree.nodes.new("ShaderNodeGroup").node_tree = self.tree


@pytest.fixture
def tree(material):
    return material.node_tree


@pytest.fixture
def shader(tree):
    """The Principled BSDF in a group, which the material shows."""
    group = Group(tree)
    tree.nodes.remove(tree.nodes["Principled BSDF"])
    group.principled = group.new("ShaderNodeBsdfPrincipled")
    surface = group.give(group.principled.outputs[0], "Shader", "NodeSocketShader")
    tree.links.new(surface, tree.nodes["Material Output"].inputs["Surface"])
    return group


@pytest.fixture
def pictures(tree):
    """Two images in a group that feeds the Principled BSDF."""
    group = Group(tree)
    for name in ("Base Color", "Roughness"):
        image = group.new("ShaderNodeTexImage")
        image.label, image.image = name, bpy.data.images.new(name, 4, 4)
        tree.links.new(group.give(image.outputs["Color"], name), tree.nodes["Principled BSDF"].inputs[name])
    return group


def node_behind(socket):
    return socket.links[0].from_node if socket.is_linked else None


def made_in(tree):
    return {node["texgan_map"] for node in tree.nodes if "texgan_map" in node}


def refused_once_shared(pictures, *operators):
    """What would change a group is told that another material has it, too, as soon as that is so."""
    pictures.share()
    for operator in operators:
        with pytest.raises(RuntimeError, match=SHARED):
            operator()


def state(group):
    return len(group.tree.nodes), len(group.tree.links), [n.image for n in group.tree.nodes if n.type == "TEX_IMAGE"]


def test_images_in_a_group_are_filled_there(texgan, material, tree, pictures):
    before = state(pictures)
    assert bpy.ops.texgan.generate() == {"FINISHED"}
    assert state(pictures) == before and made_in(pictures.tree) == {"base_color", "roughness"}
    assert all(image.size[:] == (128, 64) for image in before[2])
    assert made_in(tree) == {"normal", "height"}, "what is missing is made where the Principled BSDF is"


def test_a_group_in_a_group(texgan, tree, pictures):
    """Its only use is in the other, whose output hands its colour on."""
    around = Group(tree, "Around")
    inner = around.new("ShaderNodeGroup")
    inner.node_tree = pictures.tree
    tree.links.new(around.give(inner.outputs["Base Color"], "Out"), tree.nodes["Principled BSDF"].inputs["Base Color"])
    tree.nodes.remove(pictures.node)
    bpy.ops.texgan.generate()
    assert made_in(pictures.tree) == {"base_color"} and made_in(tree) == {"roughness", "normal", "height"}


def test_beside_a_principled_in_a_group_new_nodes_are_made(texgan, material, tree, shader):
    texgan.metres = 2
    bpy.ops.texgan.generate()
    assert made_in(shader.tree) == {"base_color", "roughness", "normal"}
    assert made_in(tree) == {"height"}, "the displacement is the material's"
    colour = node_behind(shader.principled.inputs["Base Color"])
    assert colour["texgan_map"] == "base_color" and colour.image.size[:] == (128, 64)
    assert node_behind(shader.principled.inputs["Normal"]).type == "NORMAL_MAP"
    scales = [n.inputs["Scale"].default_value[:] for t in (tree, shader.tree) for n in t.nodes if n.type == "MAPPING"]
    assert scales == [(0.5, 1.0, 1.0)] * 2
    count = len(bpy.data.images)
    bpy.ops.texgan.generate()
    assert len(bpy.data.images) == count, "the same nodes again"


def test_images_outside_are_filled_through_the_group_and_new_ones_join_them(texgan, tree, shader):
    outside = tree.nodes.new("ShaderNodeTexImage")
    tree.links.new(outside.outputs["Color"], shader.take(shader.principled.inputs["Base Color"], "Color"))
    rough = shader.take(shader.principled.inputs["Roughness"], "Rough", "NodeSocketFloat")
    normal_map = shader.new("ShaderNodeNormalMap")
    shader.link(normal_map.outputs[0], shader.principled.inputs["Normal"])
    normal = shader.take(normal_map.inputs["Color"], "Normal")
    shader.share()
    before = state(shader)
    assert bpy.ops.texgan.generate() == {"FINISHED"}
    assert state(shader) == before, "other materials have the group, and it needs no change"
    assert outside["texgan_map"] == "base_color" and outside.image.size[:] == (128, 64)
    assert [node_behind(socket)["texgan_map"] for socket in (rough, normal)] == ["roughness", "normal"]


def test_an_input_of_the_group_for_two_maps_is_left(texgan, tree, shader):
    both = shader.take(shader.principled.inputs["Roughness"], "Value", "NodeSocketFloat")
    shader.link(shader.input.outputs["Value"], shader.principled.inputs["Metallic"])
    texgan.maps = {"roughness"}
    bpy.ops.texgan.generate()
    assert not both.is_linked and node_behind(shader.principled.inputs["Roughness"])["texgan_map"] == "roughness"
    assert node_behind(shader.principled.inputs["Metallic"]) == shader.input


@pytest.mark.parametrize("kind", ["shader", "pictures"])
def test_a_group_of_other_materials_stays_as_it_is(texgan, tree, request, kind):
    group = request.getfixturevalue(kind)
    group.share()
    before, count = state(group), len(tree.nodes)
    with pytest.raises(RuntimeError, match=SHARED):
        bpy.ops.texgan.generate()
    assert state(group) == before and len(tree.nodes) == count
    group.node.node_tree = group.tree.copy()
    assert bpy.ops.texgan.generate() == {"FINISHED"}
    assert state(group) == before and made_in(group.node.node_tree)


def test_a_group_that_is_shared_while_it_is_filled_stays_as_it_is(texgan, room, material, pictures):
    materials = room("materials")
    target, before = materials.active_target(bpy.context), state(pictures)
    made = room("engine").generate(room("settings").request(bpy.context), lambda share, text: None, lambda: False)
    pictures.share()
    with pytest.raises(room("errors").UserError, match=SHARED):
        materials.fill(target, made)
    assert state(pictures) == before


def test_an_image_that_another_material_s_group_shows_is_not_overwritten(texgan, tree, material):
    node = tree.nodes.new("ShaderNodeTexImage")
    node.image = blank = bpy.data.images.new("blank", 4, 4)
    tree.links.new(node.outputs["Color"], tree.nodes["Principled BSDF"].inputs["Base Color"])
    other = bpy.data.materials.new("Other")
    other.use_nodes = True
    Group(other.node_tree).new("ShaderNodeTexImage").image = blank
    bpy.ops.texgan.generate()
    assert node.image != blank and blank.size[:] == (4, 4)


@pytest.fixture
def opened(material, tree):
    """A function that opens a group in a Shader Editor, which is then the one that asks."""
    window = bpy.context.window_manager.windows[0]
    area = window.screen.areas[0]
    before = area.ui_type
    area.ui_type = "ShaderNodeTree"
    space = area.spaces.active

    def opened(group):
        space.path.start(tree)
        space.path.append(group.tree, node=group.node)
        return bpy.context.temp_override(window=window, area=area)

    yield opened
    area.ui_type = before


def test_the_active_node_of_an_opened_group_is_filled(texgan, tree, pictures, opened):
    node = next(n for n in pictures.tree.nodes if n.label == "Roughness")
    pictures.tree.nodes.active = node
    with pytest.raises(RuntimeError, match="Select an Image Texture node"):
        bpy.ops.texgan.fill_node()
    with opened(pictures):
        assert bpy.ops.texgan.fill_node() == {"FINISHED"}
    assert node.image.size[:] == (128, 64) and node.image.colorspace_settings.name == "Non-Color"
    assert json.loads(node.image["texgan_record"])["maps"] == ["roughness"]
    pictures.share()
    with opened(pictures), pytest.raises(RuntimeError, match=SHARED):
        bpy.ops.texgan.fill_node()


@pytest.fixture
def photo(pictures):
    """Its base color is a photo."""
    node = next(n for n in pictures.tree.nodes if n.label == "Base Color")
    node.image = bpy.data.images.load(str(WALL))
    node.image.scale(240, 200)
    node.image.pack()
    pictures.tree.nodes.remove(next(n for n in pictures.tree.nodes if n.label == "Roughness"))
    return node


def test_pictures_in_a_group_are_improved_and_shown_as_before(texgan, tree, pictures, photo):
    before, texgan.maps = photo.image, {"base_color", "normal"}
    texgan.close, texgan.even = "none", 0.5
    assert bpy.ops.texgan.improve() == {"FINISHED"}
    improved = photo.image
    assert improved != before and made_in(tree) == {"normal"}
    np.testing.assert_equal(pixels(improved).shape, pixels(before).shape)
    bpy.ops.texgan.before_after()
    assert photo.image == before
    refused_once_shared(pictures, bpy.ops.texgan.improve, bpy.ops.texgan.before_after)
    assert photo.image == before


def test_a_picture_alone_in_an_opened_group_is_improved(texgan, tree, pictures, photo, opened):
    tree.nodes.remove(tree.nodes["Principled BSDF"])
    pictures.tree.nodes.active = photo
    before, texgan.close, texgan.even = photo.image, "none", 0.5
    with pytest.raises(RuntimeError, match="no picture as its base color"):
        bpy.ops.texgan.improve()
    with opened(pictures):
        assert bpy.ops.texgan.improve() == {"FINISHED"}
    assert photo.image != before and not made_in(tree)


def test_what_is_in_a_group_is_compared_and_put_back(texgan, room, material, pictures, photo):
    before, texgan.maps = photo.image, {"base_color"}
    texgan.close, texgan.complete = "both", False
    bpy.ops.texgan.improve()
    improved = photo.image
    bpy.ops.texgan.generate()
    generated, bpy.context.scene.texgan_history_index = photo.image, 1
    bpy.ops.texgan.compare()
    np.testing.assert_array_equal(pixels(photo.image), pixels(improved))
    bpy.ops.texgan.flip()
    assert photo.image == generated
    bpy.ops.texgan.flip()
    room("previews").end()
    assert photo.image == generated and "texgan_own" not in photo
    bpy.ops.texgan.restore()
    assert photo.image == improved
    bpy.ops.texgan.before_after()
    assert photo.image == before
    refused_once_shared(pictures, bpy.ops.texgan.compare, bpy.ops.texgan.restore)
    assert photo.image == before and not room("images").previews()
