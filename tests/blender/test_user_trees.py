"""Trees that users have built: what is theirs stays theirs."""

import bpy
import pytest

from .looking import image_nodes, pixels


@pytest.fixture
def tree(material):
    return material.node_tree


def add_image(tree, name, blank=True):
    node = tree.nodes.new("ShaderNodeTexImage")
    node.image = bpy.data.images.new(name, 4, 4)
    if not blank:
        node.image.pixels[0] = 0.5
    return node


def test_user_nodes_are_filled_through_what_stands_between(texgan, tree):
    principled, output = tree.nodes["Principled BSDF"], tree.nodes["Material Output"]
    color, rough, normal, height = (add_image(tree, name) for name in ("a", "b", "c", "d"))
    adjust = tree.nodes.new("ShaderNodeHueSaturation")
    tree.links.new(color.outputs[0], adjust.inputs["Color"])
    tree.links.new(adjust.outputs[0], principled.inputs["Base Color"])
    tree.links.new(rough.outputs[0], principled.inputs["Roughness"])
    normal_map = tree.nodes.new("ShaderNodeNormalMap")
    tree.links.new(normal.outputs[0], normal_map.inputs["Color"])
    tree.links.new(normal_map.outputs[0], principled.inputs["Normal"])
    displacement = tree.nodes.new("ShaderNodeDisplacement")
    displacement.inputs["Scale"].default_value = 3
    tree.links.new(height.outputs[0], displacement.inputs["Height"])
    tree.links.new(displacement.outputs[0], output.inputs["Displacement"])
    counts = len(tree.nodes), len(tree.links), len(bpy.data.images)
    bpy.ops.texgan.generate()
    assert counts == (len(tree.nodes), len(tree.links), len(bpy.data.images))
    assert image_nodes(bpy.context.object.active_material) == {
        "base_color": color,
        "roughness": rough,
        "normal": normal,
        "height": height,
    }
    assert [n.image.name for n in (color, rough, normal, height)] == ["a", "b", "c", "d"], "blank images are filled"
    assert color.image.size[:] == (128, 64)
    assert displacement.inputs["Scale"].default_value == 3


def test_height_and_normal_through_bump(texgan, tree):
    bump = tree.nodes.new("ShaderNodeBump")
    height = add_image(tree, "height")
    tree.links.new(height.outputs[0], bump.inputs["Height"])
    tree.links.new(bump.outputs[0], tree.nodes["Principled BSDF"].inputs["Normal"])
    bpy.ops.texgan.generate()
    nodes = image_nodes(bpy.context.object.active_material)
    assert nodes["height"] == height
    assert bump.inputs["Normal"].links[0].from_node.inputs["Color"].links[0].from_node == nodes["normal"]
    assert not tree.nodes["Material Output"].inputs["Displacement"].is_linked


def test_painted_pictures_are_not_overwritten(texgan, tree):
    mine = add_image(tree, "painted", blank=False)
    painted = mine.image
    tree.links.new(mine.outputs[0], tree.nodes["Principled BSDF"].inputs["Base Color"])
    bpy.ops.texgan.generate()
    assert painted.size[:] == (4, 4) and pixels(painted)[-1, 0, 0] == pytest.approx(0.5, abs=0.01)
    assert mine.image != painted and mine.image.size[:] == (128, 64)


def test_a_copied_material_gets_images_of_its_own(texgan, material):
    bpy.ops.texgan.generate()
    copy = material.copy()
    bpy.context.object.active_material = copy
    before = pixels(image_nodes(material)["base_color"].image)
    texgan.layout_seed = 8
    bpy.ops.texgan.generate()
    assert (pixels(image_nodes(material)["base_color"].image) == before).all()
    assert image_nodes(copy)["base_color"].image != image_nodes(material)["base_color"].image


def test_one_image_for_two_maps_is_parted(texgan, tree):
    shared = add_image(tree, "shared")
    principled = tree.nodes["Principled BSDF"]
    tree.links.new(shared.outputs[0], principled.inputs["Base Color"])
    tree.links.new(shared.outputs[0], principled.inputs["Roughness"])
    bpy.ops.texgan.generate()
    nodes = image_nodes(bpy.context.object.active_material)
    assert nodes["base_color"] == shared
    assert principled.inputs["Roughness"].links[0].from_node == nodes["roughness"] != shared


def test_other_nodes_are_left_alone(texgan, tree):
    noise = tree.nodes.new("ShaderNodeTexNoise")
    noise.location = (-900, 77)
    tree.links.new(noise.outputs["Fac"], tree.nodes["Principled BSDF"].inputs["Alpha"])
    frame = tree.nodes.new("NodeFrame")
    frame.label = "Mine"
    bpy.ops.texgan.generate()
    bpy.ops.texgan.generate()
    assert noise.location[:] == (-900, 77)
    assert tree.nodes["Principled BSDF"].inputs["Alpha"].links[0].from_node == noise
    assert [n for n in tree.nodes if n.type == "FRAME" and n.label == "Mine"] == [frame]


def test_a_texture_that_was_painted_on_is_kept(texgan, tree):
    bpy.ops.texgan.generate()
    node = image_nodes(bpy.context.object.active_material)["base_color"]
    for keep in (lambda image: None, lambda image: image.pack()):
        painted = node.image
        values = pixels(painted).copy()
        values[:8] = (1, 0, 0, 1)
        painted.pixels.foreach_set(values[::-1].ravel())
        painted.update()
        keep(painted)
        texgan.layout_seed += 1
        bpy.ops.texgan.generate()
        assert node.image != painted and (pixels(painted)[:8] == (1, 0, 0, 1)).all()
        again = node.image
        texgan.layout_seed += 1
        bpy.ops.texgan.generate()
        assert node.image == again, "what nobody has touched is filled anew"


def test_a_bump_of_the_photo_s_brightness_gets_the_height(texgan, tree):
    principled, photo = tree.nodes["Principled BSDF"], add_image(tree, "photo")
    bump = tree.nodes.new("ShaderNodeBump")
    tree.links.new(photo.outputs[0], principled.inputs["Base Color"])
    tree.links.new(photo.outputs[0], bump.inputs["Height"])
    tree.links.new(bump.outputs[0], principled.inputs["Normal"])
    bpy.ops.texgan.generate()
    nodes = image_nodes(bpy.context.object.active_material)
    assert nodes["base_color"] == photo
    assert bump.inputs["Height"].links[0].from_node == nodes["height"] != photo
    assert not tree.nodes["Material Output"].inputs["Displacement"].is_linked


def test_a_principled_that_leads_nowhere_is_ignored(texgan, tree):
    left_over, shown = tree.nodes["Principled BSDF"], tree.nodes.new("ShaderNodeBsdfPrincipled")
    tree.links.new(shown.outputs[0], tree.nodes["Material Output"].inputs["Surface"])
    old, new = add_image(tree, "old", blank=False), add_image(tree, "new")
    tree.links.new(old.outputs[0], left_over.inputs["Base Color"])
    tree.links.new(new.outputs[0], shown.inputs["Base Color"])
    bpy.ops.texgan.generate()
    new.image.pack()
    bpy.ops.texgan.mark_region()
    assert texgan.region["texgan_region_of"] == new.image


def test_maps_that_share_a_picture_get_pictures_of_their_own(texgan, tree):
    principled, shared = tree.nodes["Principled BSDF"], add_image(tree, "orm")
    parts = tree.nodes.new("ShaderNodeSeparateColor")
    tree.links.new(shared.outputs[0], parts.inputs[0])
    tree.links.new(parts.outputs["Green"], principled.inputs["Roughness"])
    tree.links.new(parts.outputs["Blue"], principled.inputs["Metallic"])
    bpy.ops.texgan.generate()
    nodes = image_nodes(bpy.context.object.active_material)
    assert shared not in nodes.values() and shared.image.size[:] == (4, 4)
    assert principled.inputs["Roughness"].links[0].from_node == nodes["roughness"]
    assert principled.inputs["Metallic"].links[0].from_node == parts, "no metallic was asked for"


def test_what_a_texture_takes_the_place_of_stays_in_the_tree_and_is_named(texgan, tree, capfd):
    principled, output = tree.nodes["Principled BSDF"], tree.nodes["Material Output"]
    noise, bumps = tree.nodes.new("ShaderNodeTexNoise"), tree.nodes.new("ShaderNodeTexVoronoi")
    noise.label = "My Noise"
    normal_map, displacement = tree.nodes.new("ShaderNodeNormalMap"), tree.nodes.new("ShaderNodeDisplacement")
    tree.links.new(noise.outputs[0], principled.inputs["Roughness"])
    tree.links.new(noise.outputs["Color"], normal_map.inputs["Color"])
    tree.links.new(normal_map.outputs[0], principled.inputs["Normal"])
    tree.links.new(bumps.outputs[0], displacement.inputs["Height"])
    tree.links.new(displacement.outputs[0], output.inputs["Displacement"])
    before = set(tree.nodes.keys())
    bpy.ops.texgan.generate()
    told = "; no longer connected: My Noise → Roughness, Voronoi Texture → Height, My Noise → Normal"
    assert told in capfd.readouterr().out
    assert before <= set(tree.nodes.keys())
    bpy.ops.texgan.generate()
    assert "connected" not in capfd.readouterr().out, "only what was lost now"


def test_a_bump_of_a_noise_is_left(texgan, tree, capfd):
    principled, bump = tree.nodes["Principled BSDF"], tree.nodes.new("ShaderNodeBump")
    noise = tree.nodes.new("ShaderNodeTexNoise")
    tree.links.new(noise.outputs[0], bump.inputs["Height"])
    tree.links.new(bump.outputs[0], principled.inputs["Normal"])
    bpy.ops.texgan.generate()
    assert bump.inputs["Height"].links[0].from_node == noise and principled.inputs["Normal"].links[0].from_node == bump
    assert "connected" not in capfd.readouterr().out
