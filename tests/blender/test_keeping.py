"""Models of the user's own, renamed and deleted by buttons."""

import json

import bpy
import pytest

from tests.tiny import tiny_material_model
from texgan_core.library import OWN

from .looking import same, set_pixels


@pytest.fixture
def wall(texgan, material):
    """A model of the user's own is chosen."""
    OWN.mkdir(exist_ok=True)
    tiny_material_model(OWN, "Wall")
    texgan.model, texgan.model_file = "Wall", ""
    return texgan


def test_renamed_it_stays_chosen_and_records_find_it(wall, material):
    other = bpy.data.scenes.new("Other").texgan
    other.joints = "Wall"
    bpy.ops.texgan.generate()
    before = set_pixels(material)
    assert bpy.ops.texgan.rename_model(new_name="Garden") == {"FINISHED"}
    assert (wall.model, other.joints) == ("Garden", "Garden")
    assert json.loads(material["texgan_record"])["model"] == "Wall"
    assert bpy.ops.texgan.regenerate() == {"FINISHED"}
    assert same(before, set_pixels(material))
    wall.model = "Bricks097"
    assert bpy.ops.texgan.take_settings() == {"FINISHED"} and wall.model == "Garden"


def test_deleted_another_is_chosen(wall, room):
    other = bpy.data.scenes.new("Other").texgan
    other.model, other.joints = "Grass004", "Wall"
    assert bpy.ops.texgan.delete_model() == {"FINISHED"}
    assert not (OWN / "Wall.safetensors").exists()
    assert wall.model == room("models").DEFAULT_MODEL and (other.model, other.joints) == ("Grass004", "SAME")


def test_only_models_of_one_s_own_and_none_while_one_learns(wall, room, run_job):
    assert bpy.ops.texgan.rename_model.poll() and bpy.ops.texgan.delete_model.poll()
    run_job(room("pump").learning, 0.5, "Learning")
    assert not bpy.ops.texgan.rename_model.poll() and not bpy.ops.texgan.delete_model.poll()
    room("pump").learning.job = None
    for chosen in ("Bricks097", "FILE"):
        wall.model = chosen
        assert not bpy.ops.texgan.rename_model.poll() and not bpy.ops.texgan.delete_model.poll()


def test_a_name_that_cannot_be_is_said(wall):
    with pytest.raises(RuntimeError, match="You have a model named Wall already; choose another name"):
        bpy.ops.texgan.rename_model(new_name="Wall")
    assert wall.model == "Wall"


def test_the_panel_offers_it_beside_the_menu(draw, wall):
    def is_offered() -> bool:
        return "TEXGAN_MT_own_model" in [a[0] for name, a, _ in draw().log if name == "menu"]

    assert is_offered() and hasattr(bpy.types, "TEXGAN_MT_own_model")
    wall.model = "Bricks097"
    assert not is_offered()
