"""What was made in a file, and made again."""

import bpy
import numpy as np
import pytest

from .looking import image_nodes, pixels


@pytest.fixture
def made():
    return lambda: [(entry.record, entry.material, entry.icon) for entry in bpy.context.scene.texgan_history]


def color(material) -> np.ndarray:
    return pixels(image_nodes(material)["base_color"].image)


def test_sets_are_remembered_the_newest_first(texgan, material, made):
    records = []
    for seed in (1, 2, 1):
        texgan.layout_seed = seed
        bpy.ops.texgan.generate()
        records.append(material["texgan_record"])
    assert [entry[:2] for entry in made()] == [(records[2], "Material"), (records[1], "Material")]


def test_an_earlier_set_is_made_again(texgan, material, made):
    texgan.layout_seed = 1
    bpy.ops.texgan.generate()
    first = color(material)
    texgan.layout_seed = 2
    bpy.ops.texgan.generate()
    bpy.context.scene.texgan_history_index = 1
    assert bpy.ops.texgan.restore() == {"FINISHED"}
    np.testing.assert_array_equal(color(material), first)
    assert texgan.layout_seed == 2 and len(made()) == 2


def test_settings_are_taken_from_a_set(texgan, material):
    wanted = {
        "model": "Bricks097-noise",
        "blend": "Grass004-noise",
        "joints": "Grass004",
        "pattern": "cobbles",
        "pattern_rows": 4,
        "pattern_columns": 3,
        "pattern_seed": 9,
        "layout_seed": 5,
        "style_seed": 6,
        "width": 128,
        "height": 64,
        "maps": {"base_color", "height"},
    }
    reals = {"blend_share": 0.25, "relief": 2.0, "warmth": -0.5, "pattern_joint": 20.0}
    for name, value in (wanted | reals).items():
        setattr(texgan, name, value)
    bpy.ops.texgan.generate()
    for name in wanted | reals:
        texgan.property_unset(name)
    assert bpy.ops.texgan.take_settings() == {"FINISHED"}
    assert {name: getattr(texgan, name) for name in wanted} == wanted
    assert {name: getattr(texgan, name) for name in reals} == pytest.approx(reals)


def test_a_model_of_the_user_s_own_stays_a_file(texgan, material):
    bpy.ops.texgan.generate()
    texgan.model = "Bricks097"
    bpy.ops.texgan.take_settings()
    assert texgan.model == "FILE"


def test_it_is_saved_with_the_file(texgan, material, made, tmp_path):
    bpy.ops.texgan.generate()
    before = made()
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "a.blend"))
    bpy.ops.wm.read_homefile(use_factory_startup=True)
    assert made() == []
    with pytest.raises(RuntimeError, match="Nothing is chosen"):
        bpy.ops.texgan.restore()
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "a.blend"))
    assert made() == before


def shown_in_list(room, entry) -> np.ndarray:
    """The small picture, (side, side, 4), the first row at the top; the bpy package gives it no number."""
    history, side = room("history"), room("values").ICON_SIDE
    assert history.picture(entry) == 0
    found = []
    for kind in ("icon", "image"):
        values = np.empty(side * side * 4, np.float32)
        getattr(history._pictures[entry.icon], f"{kind}_pixels_float").foreach_get(values)
        found.append(values.reshape(side, side, 4)[::-1])
    np.testing.assert_array_equal(*found)
    return found[0]


def test_each_has_a_small_picture_of_itself(room, texgan, material):
    texgan.width = texgan.height = 96
    small = {}
    for seed in (1, 2):
        texgan.layout_seed = seed
        bpy.ops.texgan.generate()
        by_two = color(material).reshape(48, 2, 48, 2, 4).mean((1, 3))
        small[seed] = shown_in_list(room, bpy.context.scene.texgan_history[0])
        off, upside_down = (np.abs(found - by_two).mean() for found in (small[seed], small[seed][::-1]))
        assert off < upside_down / 2
    assert np.abs(small[1] - small[2]).mean() > off * 2
    bytes_in_full = room("history").LONGEST * len(bpy.context.scene.texgan_history[0].icon)
    assert bytes_in_full < 1e6, "the file stays small"


def test_a_map_alone_has_one_too(room, texgan, material):
    texgan.maps = {"height"}
    bpy.ops.texgan.generate()
    small = shown_in_list(room, bpy.context.scene.texgan_history[0])
    assert (small[..., 0] == small[..., 2]).all() and small[..., 0].std() > 0.01


def test_pictures_go_with_their_entries(room, texgan, material):
    history, scene = room("history"), bpy.context.scene
    for seed in (1, 2):
        texgan.layout_seed = seed
        bpy.ops.texgan.generate()
        history.picture(scene.texgan_history[0])
    first = scene.texgan_history[1].icon
    assert set(history._pictures) == {first, scene.texgan_history[0].icon}
    assert bpy.ops.texgan.forget() == {"FINISHED"}
    assert set(history._pictures) == {first}


def test_an_entry_is_removed(texgan, material, made):
    for seed in (1, 2, 3):
        texgan.layout_seed = seed
        bpy.ops.texgan.generate()
    third, second, _ = made()
    scene, shown = bpy.context.scene, color(material)
    for chosen, left in ((2, [third, second]), (0, [second]), (0, [])):
        scene.texgan_history_index = chosen
        assert bpy.ops.texgan.forget() == {"FINISHED"}
        assert made() == left and scene.texgan_history_index == max(len(left) - 1, 0)
    np.testing.assert_array_equal(color(material), shown)
    with pytest.raises(RuntimeError, match="Nothing is chosen"):
        bpy.ops.texgan.forget()


def described(room) -> list[list[str]]:
    return [room("history").describe(entry) for entry in bpy.context.scene.texgan_history]


def test_animations_are_in_it_and_made_again_as_their_first_frame(room, texgan, material, tmp_path):
    texgan.maps = {"base_color"}
    bpy.ops.texgan.generate()
    still = color(material)
    bpy.ops.texgan.animate(directory=str(tmp_path), frames=2)
    assert described(room)[0][2:] == ["Animated through styles 1, 2", "Material"] and len(described(room)) == 2
    bpy.ops.texgan.restore()
    assert image_nodes(material)["base_color"].image.source == "FILE"
    np.testing.assert_array_equal(color(material), still)


def test_what_one_node_was_filled_with_is_in_it_and_goes_into_the_active_node(room, texgan, material):
    nodes = material.node_tree.nodes
    one, other = nodes.new("ShaderNodeTexImage"), nodes.new("ShaderNodeTexImage")
    nodes.active = one
    bpy.ops.texgan.fill_node()
    assert described(room)[0][-1] == "Material, one image node"
    first, count = pixels(one.image), len(nodes)
    texgan.layout_seed = 7
    bpy.ops.texgan.fill_node()
    bpy.context.scene.texgan_history_index, nodes.active = 1, other
    bpy.ops.texgan.restore()
    np.testing.assert_array_equal(pixels(other.image), first)
    assert (pixels(one.image) != first).any() and len(nodes) == count
    nodes.active = nodes["Principled BSDF"]
    with pytest.raises(RuntimeError, match="Select an Image Texture node"):
        bpy.ops.texgan.restore()


def test_a_damaged_entry_is_said(texgan, material):
    bpy.ops.texgan.generate()
    bpy.context.scene.texgan_history[0].record = "{}"
    for operator in (bpy.ops.texgan.restore, bpy.ops.texgan.take_settings):
        with pytest.raises(RuntimeError, match="not a record of a TexGAN texture"):
            operator()


def test_it_does_not_grow_for_ever(room, texgan):
    history = room("history")
    for number in range(history.LONGEST + 5):
        history.add(bpy.context.scene, str(number), "", "a")
    assert len(bpy.context.scene.texgan_history) == history.LONGEST
    assert history.chosen(bpy.context.scene).record == str(history.LONGEST + 4)
