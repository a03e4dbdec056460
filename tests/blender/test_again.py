"""What was made is compared with what a material shows, and improved pictures are put back."""

from pathlib import Path

import bpy
import numpy as np
import pytest

from texgan_core.pictures import write_picture

from .looking import image_nodes, pixels, same, set_pixels


@pytest.fixture
def two(texgan, material):
    """Two sets were made, the first is chosen; pixels of both by map."""
    made = []
    for seed in (1, 2):
        texgan.layout_seed = seed
        bpy.ops.texgan.generate()
        made.append(set_pixels(material))
    bpy.context.scene.texgan_history_index = 1
    assert not same(*made)
    return made


def state(material) -> tuple:
    """All of what a comparison must leave as it was."""
    tree = material.node_tree
    images = {node.name: node.image for node in tree.nodes if node.type == "TEX_IMAGE"}
    own = [node.name for node in tree.nodes if "texgan_own" in node]
    mapping = tree.nodes.get("Mapping")
    return (
        *(images, own, len(tree.nodes), list(bpy.data.images), material["texgan_record"]),
        *(mapping and mapping.inputs["Scale"].default_value[:], len(bpy.context.scene.texgan_history)),
    )


def test_both_are_seen_in_turn(room, material, two):
    first, second = two
    before = state(material)
    assert bpy.ops.texgan.compare() == {"FINISHED"}
    for _ in range(2):
        assert same(set_pixels(material), first) and room("previews").is_seen()
        bpy.ops.texgan.flip()
        assert same(set_pixels(material), second) and not room("previews").is_seen()
        bpy.ops.texgan.flip()
    room("previews").end()
    assert state(material) == before and not bpy.ops.texgan.flip.poll()


@pytest.mark.parametrize("flips", [0, 1])
def test_what_is_done_next_ends_it(no_preview, room, texgan, material, two, tmp_path, flips):
    scene = bpy.context.scene

    def choose():
        scene.texgan_history_index = 0

    def save():
        bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "a.blend"), copy=True)

    before = state(material)
    ways = [choose, save, bpy.ops.texgan.mark_region, bpy.ops.texgan.mark_asset]
    for way in (*ways, lambda: bpy.ops.texgan.export(directory=str(tmp_path))):
        texgan.region, scene.texgan_history_index = None, 1
        for image in [image for image in bpy.data.images if image.name.startswith("Material Region")]:
            bpy.data.images.remove(image)
        bpy.ops.texgan.compare()
        for _ in range(flips):
            bpy.ops.texgan.flip()
        way()
        assert not room("previews").is_compared(material)
        assert [image for image in state(material)[3] if image != texgan.region] == before[3]
        assert state(material)[:3] == before[:3]
    texgan.maps = {"base_color"}
    bpy.ops.texgan.compare()
    bpy.ops.texgan.generate()
    assert same(set_pixels(material), two[1]), "all that was there was made again"
    assert state(material)[:4] == before[:4]


def test_undo_ends_it(room, material, two):
    own = {name: node.image.name for name, node in image_nodes(material).items()}
    bpy.ops.ed.undo_push(message="Before")
    bpy.ops.texgan.compare()
    bpy.ops.ed.undo_push(message="While it is compared")
    bpy.ops.texgan.flip()
    bpy.ops.ed.undo_push(message="Its own again")
    for operator in (bpy.ops.ed.undo, bpy.ops.ed.undo, bpy.ops.ed.redo, bpy.ops.ed.redo):
        with bpy.context.temp_override(window=bpy.context.window_manager.windows[0]):
            operator()
        material = bpy.context.object.active_material
        assert {name: node.image.name for name, node in image_nodes(material).items()} == own
        assert not room("images").previews() and not state(material)[1]
        assert not room("previews").is_compared(material)


def test_the_other_is_not_stretched(room, texgan, material, two):
    texgan.metres = 2
    texgan.width = texgan.height = 64
    bpy.ops.texgan.generate()
    bpy.context.scene.texgan_history_index = 1
    scale = material.node_tree.nodes["Mapping"].inputs["Scale"].default_value
    assert scale[:2] == (0.5, 0.5)
    bpy.ops.texgan.compare()
    assert scale[:2] == (0.5, 1), "twice as wide as high"
    bpy.ops.texgan.flip()
    assert scale[:2] == (0.5, 0.5)
    bpy.ops.texgan.flip()
    room("previews").end()
    assert scale[:2] == (0.5, 0.5)


def test_the_other_is_as_high_as_it_is(room, texgan, material, two):
    texgan.relief = 3.0
    bpy.ops.texgan.generate()
    bpy.context.scene.texgan_history_index = 1
    node = next(node for node in material.node_tree.nodes if node.type == "DISPLACEMENT")
    own = node.inputs["Scale"].default_value
    bpy.ops.texgan.compare()
    other = node.inputs["Scale"].default_value
    assert other < own / 2
    bpy.ops.texgan.flip()
    assert node.inputs["Scale"].default_value == own
    bpy.ops.texgan.flip()
    assert node.inputs["Scale"].default_value == other
    room("previews").end()
    assert node.inputs["Scale"].default_value == own


def test_maps_that_the_material_has_are_compared_and_no_more(texgan, material, two):
    texgan.maps = {"metallic"}
    other = bpy.data.materials.new("Other")
    bpy.context.object.active_material = other
    with pytest.raises(RuntimeError, match="shows no textures to compare"):
        bpy.ops.texgan.compare()
    texgan.maps = {"base_color"}
    bpy.ops.texgan.generate()
    bpy.context.scene.texgan_history_index = 2
    bpy.ops.texgan.compare()
    assert set(image_nodes(other)) == {"base_color"}
    np.testing.assert_array_equal(pixels(image_nodes(other)["base_color"].image), two[0]["base_color"])
    assert same(set_pixels(material), two[1])


def test_an_image_that_is_chosen_meanwhile_stays(room, material, two):
    node, mine = image_nodes(material)["base_color"], bpy.data.images.new("Mine", 8, 8)
    bpy.ops.texgan.compare()
    node.image = mine
    bpy.ops.texgan.flip()
    assert node.image == mine
    room("previews").end()
    assert node.image == mine and "texgan_own" not in node


def test_one_node_is_compared(room, texgan, material):
    node = material.node_tree.nodes.new("ShaderNodeTexImage")
    material.node_tree.nodes.active = node
    made = []
    for seed in (1, 2):
        texgan.layout_seed = seed
        bpy.ops.texgan.fill_node()
        made.append(pixels(node.image))
    bpy.context.scene.texgan_history_index = 1
    bpy.ops.texgan.compare()
    np.testing.assert_array_equal(pixels(node.image), made[0])
    bpy.ops.texgan.flip()
    np.testing.assert_array_equal(pixels(node.image), made[1])
    node.image = None
    with pytest.raises(RuntimeError, match="shows no textures to compare"):
        bpy.ops.texgan.compare()


@pytest.fixture
def improved(texgan, material):
    """A set was made, improved with a map that was estimated, and then another was made; pixels by map of these."""
    texgan.maps, texgan.close = {"base_color", "roughness"}, "both"
    texgan.width = texgan.height = 128
    bpy.ops.texgan.generate()
    made = [set_pixels(material)]
    texgan.maps |= {"normal"}
    bpy.ops.texgan.improve()
    made.append(set_pixels(material))
    texgan.layout_seed = 5
    bpy.ops.texgan.generate()
    bpy.context.scene.texgan_history_index = 1
    return [*made, set_pixels(material)]


def test_improved_pictures_are_put_back(room, texgan, material, improved):
    start, better, other = improved
    record = bpy.context.scene.texgan_history[1].record
    count = len(bpy.data.images)
    assert not same(better, other) and bpy.ops.texgan.restore() == {"FINISHED"}
    assert same(set_pixels(material), better) and len(bpy.data.images) == count
    assert material["texgan_record"] == record == bpy.context.scene.texgan_history[0].record
    assert "texgan_seam" not in material and len(bpy.context.scene.texgan_history) == 3
    assert image_nodes(material)["normal"].label == "Normal (estimated)"
    bpy.ops.texgan.before_after()
    assert same(set_pixels(material), start | {"normal": better["normal"]})
    bpy.context.scene.texgan_history_index = 1
    bpy.ops.texgan.restore()
    assert same(set_pixels(material), other)


def test_improved_pictures_are_compared(material, improved):
    before = state(material)
    bpy.ops.texgan.compare()
    assert same(set_pixels(material), improved[1])
    bpy.ops.texgan.flip()
    assert same(set_pixels(material), improved[2])
    bpy.ops.texgan.flip()
    bpy.context.scene.texgan_history_index = 0
    assert state(material) == before


def test_improved_pictures_go_into_another_material(texgan, material, improved):
    bpy.context.object.active_material = None
    bpy.ops.texgan.restore()
    other = bpy.context.object.active_material
    assert other != material and same(set_pixels(other), improved[1]) and same(set_pixels(material), improved[2])


def test_where_improved_pictures_are_gone_the_buttons_say_so(texgan, material, improved):
    record = bpy.context.scene.texgan_history[1].record
    assert bpy.ops.texgan.restore.poll() and bpy.ops.texgan.compare.poll() and not bpy.ops.texgan.take_settings.poll()
    with pytest.raises(RuntimeError, match="not made with these settings"):
        bpy.ops.texgan.take_settings()
    for image in [image for image in bpy.data.images if image.get("texgan_record") == record]:
        bpy.data.images.remove(image)
    for operator in (bpy.ops.texgan.restore, bpy.ops.texgan.compare):
        assert not operator.poll()
        with pytest.raises(RuntimeError, match="no longer in this file"):
            operator()
    bpy.context.scene.texgan_history_index = 0
    assert bpy.ops.texgan.restore.poll() and bpy.ops.texgan.take_settings.poll()


@pytest.fixture
def wall(material, tmp_path):
    """Random pictures: of colours, and of ambient occlusion, roughness and metallic in one."""
    tree, random = material.node_tree, np.random.default_rng(0)
    shader, parts = tree.nodes["Principled BSDF"], tree.nodes.new("ShaderNodeSeparateColor")
    found = []
    for name, space in (("color", "sRGB"), ("orm", "Non-Color")):
        write_picture(Path(tmp_path / f"{name}.png"), random.random((96, 96, 3)))
        node = tree.nodes.new("ShaderNodeTexImage")
        node.image = bpy.data.images.load(str(tmp_path / f"{name}.png"))
        node.image.colorspace_settings.name = space
        found.append(node)
    color, orm = found
    tree.links.new(color.outputs["Color"], shader.inputs["Base Color"])
    tree.links.new(orm.outputs["Color"], parts.inputs["Color"])
    tree.links.new(parts.outputs["Green"], shader.inputs["Roughness"])
    tree.links.new(parts.outputs["Blue"], shader.inputs["Metallic"])
    return found


def test_maps_in_one_picture_are_compared_and_put_back_as_one(texgan, material, wall):
    _, orm = wall
    before, texgan.complete, texgan.close = orm.image, False, "both"
    bpy.ops.texgan.improve()
    better = orm.image
    bpy.ops.texgan.before_after()
    bpy.ops.texgan.compare()
    np.testing.assert_array_equal(pixels(orm.image), pixels(better))
    bpy.ops.texgan.flip()
    assert orm.image == before
    bpy.ops.texgan.restore()
    assert orm.image == better
    bpy.context.object.active_material = bpy.data.materials.new("Other")
    with pytest.raises(RuntimeError, match="no picture of several maps in one"):
        bpy.ops.texgan.restore()


def test_an_improved_picture_alone_goes_into_the_active_node(texgan, material, wall):
    tree, (color, orm) = material.node_tree, wall
    tree.nodes.remove(tree.nodes["Principled BSDF"])
    tree.nodes.active, photo, texgan.close = color, color.image, "both"
    bpy.ops.texgan.improve()
    better = color.image
    assert better != photo
    tree.nodes.active = orm
    bpy.ops.texgan.compare()
    np.testing.assert_array_equal(pixels(orm.image), pixels(better))
    bpy.ops.texgan.restore()
    assert orm.image == better
    bpy.ops.texgan.before_after()
    assert (color.image, orm.image) == (photo, photo)
