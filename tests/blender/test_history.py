"""What was made in a file, and made again."""

import bpy
import numpy as np
import pytest

from .looking import image_nodes, pixels


@pytest.fixture
def made():
    return lambda: [(entry.record, entry.material) for entry in bpy.context.scene.texgan_history]


def color(material) -> np.ndarray:
    return pixels(image_nodes(material)["base_color"].image)


def test_sets_are_remembered_the_newest_first(texgan, material, made):
    records = []
    for seed in (1, 2, 1):
        texgan.layout_seed = seed
        bpy.ops.texgan.generate()
        records.append(material["texgan_record"])
    assert made() == [(records[2], "Material"), (records[1], "Material")]


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


def test_a_damaged_entry_is_said(texgan, material):
    bpy.ops.texgan.generate()
    bpy.context.scene.texgan_history[0].record = "{}"
    for operator in (bpy.ops.texgan.restore, bpy.ops.texgan.take_settings):
        with pytest.raises(RuntimeError, match="not a record of a TexGAN texture"):
            operator()


def test_it_does_not_grow_for_ever(room, texgan):
    history = room("history")
    for number in range(history.LONGEST + 5):
        history.add(bpy.context.scene, str(number), "a")
    assert len(bpy.context.scene.texgan_history) == history.LONGEST
    assert history.chosen(bpy.context.scene).record == str(history.LONGEST + 4)
