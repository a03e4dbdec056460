"""Models learned from pictures, in another process."""

import time
from functools import partial
from pathlib import Path

import bpy
import numpy as np
import pytest

from texgan_core.library import OWN
from texgan_core.model_file import read_card
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
    assert not room("child").is_running()


def test_what_the_material_shows_becomes_a_model(texgan, material):
    texgan.width = texgan.height = 256
    bpy.ops.texgan.generate()
    texgan.learn_from, texgan.learn_name, texgan.learn_minutes = "", "Shown", 0
    bpy.ops.texgan.learn()
    assert (OWN / "Shown.safetensors").is_file() and texgan.model == "Shown"
    bpy.ops.texgan.generate()
    assert set(image_nodes(material)) == {"base_color", "normal", "roughness", "height"}


def choose(*paths: Path):
    """As the file browser does."""
    files = [{"name": path.name} for path in paths]
    return bpy.ops.texgan.choose_pictures(directory=str(paths[0].parent), files=files)


def chosen(texgan) -> list[str]:
    return [source.path for source in texgan.learn_pictures]


def test_several_pictures_become_one_model(texgan, material, photo):
    other = photo.with_name("other.png")
    write_picture(other, np.random.default_rng(1).random((160, 192, 3)))
    texgan.learn_from = "/no/such/picture.png"
    assert choose(photo, other) == {"FINISHED"}
    assert chosen(texgan) == [str(photo), str(other)] and texgan.learn_from == ""
    texgan.learn_name, texgan.learn_minutes = "Both", 0
    assert bpy.ops.texgan.learn() == {"FINISHED"}
    assert len(read_card(OWN / "Both.safetensors")["sheets"]) == 2


def test_the_path_or_the_list_is_learned_from_whichever_was_set_last(texgan, material, photo):
    bpy.ops.texgan.choose_pictures(directory=str(photo.parent))
    assert chosen(texgan) == [str(photo.parent)], "no picture chosen there: the folder"
    texgan.learn_from, texgan.learn_name, texgan.learn_minutes = str(photo), "Last", 0
    assert chosen(texgan) == []
    choose(photo.with_name("gone.png"))
    with pytest.raises(RuntimeError, match=r"There is no picture at .*gone\.png"):
        bpy.ops.texgan.learn()
    bpy.ops.texgan.clear_pictures()
    with pytest.raises(RuntimeError, match="or a material that shows a base color"):
        bpy.ops.texgan.learn()


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


@pytest.mark.parametrize("name", ["Wall/1", "..", ".hidden"])
def test_a_name_that_no_file_can_have_is_said(texgan, material, name):
    bpy.ops.texgan.generate()
    texgan.learn_from, texgan.learn_name = "", name
    with pytest.raises(RuntimeError, match="is no name for a model"):
        bpy.ops.texgan.learn()


def test_a_name_that_is_taken_is_said_and_can_be_replaced(texgan, material, photo):
    texgan.learn_from, texgan.learn_name, texgan.learn_minutes = str(photo), "Grain", 0
    bpy.ops.texgan.learn()
    before = (OWN / "Grain.safetensors").read_bytes()
    write_picture(photo, np.random.default_rng(1).random((160, 160, 3)))
    with pytest.raises(RuntimeError, match="You have a model named Grain already; choose another name, let it learn"):
        bpy.ops.texgan.learn()
    assert (OWN / "Grain.safetensors").read_bytes() == before
    assert bpy.ops.texgan.learn(replace=True) == {"FINISHED"}
    assert (OWN / "Grain.safetensors").read_bytes() != before


def test_it_is_cancelled_and_paused(extension, photo, room):
    """By way of the job, as the panel does."""
    child, lessons = room("child"), room("lessons")
    told, looks = [], iter(range(10**6))

    def is_cancelled() -> bool:
        look = next(looks)
        if told and told[-1] == "Learning" and not paused:
            lessons.pause_learning()
            paused.append(look)
        return "Paused" in told

    paused: list[int] = []
    with pytest.raises(room("processes").Stopped):
        child.texgan(
            ["learn", str(photo), "--name", "Paused", "--minutes", "5"],
            lambda share, text: told.append(text),
            is_cancelled,
        )
    assert paused and "Paused" in told and not child.is_running() and lessons.learning_sample() == ""
    assert (OWN / "Paused.safetensors").is_file(), "what can be used at once stays"


@pytest.fixture
def learning(room, texgan, photo):
    """A job that learns until it is told to end."""
    pump, lessons = room("pump"), room("lessons")
    texgan.learn_from, texgan.learn_name = str(photo), "Meanwhile"
    wish = ([str(photo)], {}, "Meanwhile", 5.0, False, False, False, "cpu")
    deliver = partial(room("learning")._deliver, bpy.data.filepath, bpy.context.scene.name, texgan.model)
    pump.start(partial(lessons.learn, *wish), deliver, lane=pump.learning, lasting=True)
    wait(room("child").is_running)
    yield
    pump.stop()


def wait(until):
    limit = time.monotonic() + 60
    while not until():
        assert time.monotonic() < limit
        time.sleep(0.02)


def test_textures_are_made_while_it_learns_and_it_can_be_finished(learning, room, texgan, material):
    pump, lessons = room("pump"), room("lessons")
    assert not bpy.ops.texgan.learn.poll() and not bpy.ops.texgan.install.poll()
    assert bpy.ops.texgan.generate() == {"FINISHED"}
    assert image_nodes(material) and pump.is_running(pump.learning)
    wait(lessons.learning_sample)
    assert bpy.ops.texgan.finish_learning() == {"FINISHED"}
    wait(lambda: pump.poll() is None)
    assert "Meanwhile" in pump.learning.message and not pump.learning.failed
    assert texgan.model == "Meanwhile" and not bpy.ops.texgan.finish_learning.poll()


@pytest.mark.parametrize("change", [{"model": "Bricks097"}, {"live": True}])
def test_what_was_chosen_meanwhile_stays(learning, room, texgan, change):
    """With Live, a change of the model would go into a material at once."""
    pump = room("pump")
    for name, value in change.items():
        setattr(texgan, name, value)
    chosen = texgan.model
    wait(room("lessons").learning_sample)
    bpy.ops.texgan.finish_learning()
    wait(lambda: pump.poll() is None)
    assert texgan.model == chosen and "it is in the menu of models" in pump.learning.message


def test_another_file_leaves_it_to_learn_and_its_own_model_alone(learning, room, tmp_path):
    pump = room("pump")
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "other.blend"))
    assert pump.is_running(pump.learning)
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "other.blend"))
    before = bpy.context.scene.texgan.model
    wait(room("lessons").learning_sample)
    bpy.ops.texgan.finish_learning()
    wait(lambda: pump.poll() is None)
    assert (OWN / "Meanwhile.safetensors").is_file() and bpy.context.scene.texgan.model == before


def test_its_cancel_is_its_own(learning, room):
    pump = room("pump")
    assert not bpy.ops.texgan.cancel.poll()
    assert bpy.ops.texgan.cancel_learning() == {"FINISHED"}
    wait(lambda: pump.poll() is None)
    assert pump.learning.message == "Cancelled" and not pump.making.message


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ({"psnr": 24.1, "quality": 2.1}, {"psnr": 23.9, "quality": 1.3}, "unlikeness 1.30, before 2.10, 1 is as real"),
        (
            {"psnr": 24.1, "quality": 0.8},
            {"psnr": 25.0, "quality": 0.9},
            "has learned: colours to 25.0 dB, before 24.1",
        ),
        ({"psnr": 24.1}, {"psnr": 25.0}, "has learned: colours to 25.0 dB, before 24.1"),
        ({"psnr": 24.1}, {"psnr": 24.1}, "can be used: colours to 24.1 dB"),
        ({"psnr": 24.1, "quality": 2}, {"psnr": 24.1, "quality": 2}, "can be used: unlikeness 2.00, 1 is as real; col"),
        ({"quality": 3.0}, {"quality": 0.9}, "has learned: unlikeness 0.90, before 3.00, 1 is as real"),
    ],
)
def test_a_gain_is_told_as_one(extension, room, before, after, told):
    assert told in room("learning")._told(room("values").Taught("Wall", before, after))
