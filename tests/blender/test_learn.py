"""Models learned from pictures, in another process."""

from pathlib import Path

import bpy
import numpy as np
import pytest

from texgan_core.library import OWN
from texgan_core.pictures import write_picture

from .looking import image_nodes


@pytest.fixture
def photo(tmp_path) -> Path:
    grain = np.random.default_rng(0).random((160, 160, 1)) * np.array([0.9, 0.6, 0.4])
    write_picture(tmp_path / "grain.png", grain)
    return tmp_path / "grain.png"


def test_a_picture_becomes_a_model_in_the_menu(texgan, material, photo, room):
    texgan.learn_from, texgan.learn_name, texgan.learn_minutes = str(photo), "Grain", 0.02
    assert bpy.ops.texgan.learn() == {"FINISHED"}
    assert texgan.model == "Grain"
    assert bpy.ops.texgan.generate() == {"FINISHED"}
    assert "Grain, 128 x 64" in room("records").describe(material["texgan_record"])
    assert not room("engine").is_learning()


def test_what_the_material_shows_becomes_a_model(texgan, material):
    texgan.width = texgan.height = 256
    bpy.ops.texgan.generate()
    texgan.learn_from, texgan.learn_name, texgan.learn_minutes = "", "Shown", 0
    bpy.ops.texgan.learn()
    assert (OWN / "Shown.safetensors").is_file() and texgan.model == "Shown"
    bpy.ops.texgan.generate()
    assert set(image_nodes(material)) == {"base_color", "normal", "roughness", "height"}


@pytest.mark.parametrize(
    ("name", "source", "said"),
    [
        ("", "/grain.png", "Give the model a name first"),
        ("Grain", "", "Choose a picture or folder to learn from, or a material that shows a base color"),
        ("Grain", "/no/such/picture.png", "There is no picture at"),
        ("Bricks097", "photo", "A model that comes with TexGAN is called Bricks097"),
    ],
)
def test_what_cannot_be_learned_is_said(texgan, material, photo, name, source, said):
    texgan.learn_from, texgan.learn_name = str(photo) if source == "photo" else source, name
    with pytest.raises(RuntimeError, match=said):
        bpy.ops.texgan.learn()


def test_it_is_cancelled_and_paused(extension, photo, room):
    """By way of the job, as the panel does."""
    child, engine = room("child"), room("engine")
    told, looks = [], iter(range(10**6))

    def is_cancelled() -> bool:
        look = next(looks)
        if told and told[-1] == "Learning" and not paused:
            engine.pause_learning()
            paused.append(look)
        return "Paused" in told

    paused: list[int] = []
    with pytest.raises(room("processes").Stopped):
        child.texgan(
            ["learn", str(photo), "--name", "Paused", "--minutes", "5"],
            lambda share, text: told.append(text),
            is_cancelled,
        )
    assert paused and "Paused" in told and not engine.is_learning() and engine.learning_sample() == ""
    assert (OWN / "Paused.safetensors").is_file(), "what can be used at once stays"
