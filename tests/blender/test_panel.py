"""The panel, drawn onto a layout that writes down what it is asked for."""

import re
from functools import partial

import bpy
import pytest


def test_idle(draw):
    layout = draw()
    made_better = ["texgan.roll_seed", "texgan.improve", "texgan.check_tiling", "texgan.mark_region"]
    rolls, ways = ["texgan.roll_seed"] * 2, ["texgan.reset_look", "texgan.generate", "texgan.variations"]
    assert layout.operators() == [*rolls, *ways, *made_better, "texgan.choose_pictures", "texgan.learn"]
    shown = {a[1] for name, a, _ in layout.log if name == "prop"}
    assert shown == {
        *("model", "model_file", "width", "height", "layout_seed", "style_seed", "pattern", "blend", "vary"),
        *("metres", "into", "live", "upscale"),
        *("learn_from", "learn_name", "learn_minutes", "learn_noise", "learn_further"),
        *("clean", "even", "close", "crop", "complete", "enlarge", "border_seed", "region"),
        *("lightness", "saturation", "warmth", "tint", "roughness", "relief"),
    }


def test_a_pattern_shows_its_settings(draw, texgan):
    texgan.pattern = "cobbles"
    shown = {a[1] for name, a, _ in draw().log if name == "prop"}
    assert shown >= {"pattern_columns", "pattern_rows", "pattern_joint", "pattern_upright", "pattern_seed", "joints"}
    texgan.pattern = "picture"
    shown = {a[1] for name, a, _ in draw().log if name == "prop"}
    assert "pattern_picture" in shown and "pattern_rows" not in shown


@pytest.mark.parametrize(
    ("model", "joints", "shown"),
    [
        ("Bricks097", "SAME", {"reason", "joints"}),
        ("Bricks097", "Grass004", {"pattern", "joints"}),
        ("Bricks097-noise", "SAME", {"pattern"}),
    ],
)
def test_a_pattern_or_what_it_needs_is_shown(draw, texgan, model, joints, shown):
    texgan.model, texgan.joints = model, joints
    layout = draw()
    found = {a[1] for name, a, _ in layout.log if name == "prop"}
    found |= {"reason"} if "For a pattern, choose Joints below" in layout.texts() else set()
    assert found & {"reason", "pattern", "joints"} == shown


def test_running_shows_progress_and_cancel(draw, room, run_job):
    job = run_job(room("pump").making, 0.25, "Decoding")
    layout = draw()
    assert "texgan.cancel" in layout.operators() and "texgan.generate" not in layout.operators()
    assert ("progress", (), {"factor": 0.25, "text": "Decoding"}) in layout.log
    job.cancel()
    assert "Cancelling" in draw().texts()


def told_in(layout) -> list[str]:
    """Buttons, labels and progress, from top to bottom."""
    return [o.get("text") or a[0] for name, a, o in layout.log if name in ("operator", "label", "progress")]


def test_improving_is_told_where_its_buttons_are(draw, room, run_job, monkeypatch):
    pump, improving = room("pump"), room("improving")
    monkeypatch.setattr(pump.making, "deliver", partial(improving._deliver, 0, {}, set(), True))
    run_job(pump.making, 0.25, "Cleaning")
    layout = draw()
    places = told_in(layout)
    assert places.index("texgan.generate") < places.index("Improve") < places.index("Cleaning")
    assert places.count("texgan.cancel") == 1 and "texgan.improve" not in places
    pump.making.job = None
    monkeypatch.setattr(pump.making, "message", "Improved")
    for deliver in (pump.making.deliver, partial(improving._tell_tiling, "wall.png")):
        monkeypatch.setattr(pump.making, "deliver", deliver)
        texts = draw().texts()
        assert texts.count("Improved") == 1 and texts.index("Improved") > texts.index("Improve")


def test_comparing_is_told_where_its_button_is(draw, room, run_job, monkeypatch):
    bpy.ops.texgan.generate()
    pump, again = room("pump"), room("again")
    monkeypatch.setattr(pump.making, "deliver", partial(again._compare, None))
    run_job(pump.making, 0.25, "Decoding")
    layout = draw()
    places = told_in(layout)
    assert places.index("texgan.generate") < places.index("texgan.forget") < places.index("Decoding")
    assert places.count("texgan.cancel") == 1 and "texgan.compare" not in places
    pump.making.job = None
    monkeypatch.setattr(pump.making, "message", "To compare")
    texts = draw().texts()
    assert texts.count("To compare") == 1 and texts.index("To compare") > texts.index("Made in This File")


def test_while_it_learns_all_else_can_be_used(draw, room, run_job):
    run_job(room("pump").learning, 0.5, "Learning")
    layout = draw()
    buttons = {"texgan.cancel_learning", "texgan.pause_learning", "texgan.finish_learning", "texgan.generate"}
    assert buttons <= set(layout.operators()) and "texgan.learn" not in layout.operators()
    assert ("progress", (), {"factor": 0.5, "text": "Learning"}) in layout.log


def test_a_name_that_is_taken_can_be_replaced(draw, room, texgan, monkeypatch):
    monkeypatch.setattr(room("models"), "is_learned", lambda name, noise: name == "Wall" and not noise)

    def learns() -> list[str]:
        return [o.get("text", "") for name, a, o in draw().log if name == "operator" and a[0] == "texgan.learn"]

    texgan.learn_name = "Wall"
    assert learns() == ["", "Replace"]
    texgan.learn_further = True
    assert learns() == [""]
    texgan.learn_further, texgan.learn_noise = False, True
    assert learns() == [""]


def test_pictures_to_learn_from_are_listed(draw, texgan):
    for number in range(8):
        texgan.learn_pictures.add().path = f"/walls/wall_{number}.jpg"
    layout = draw()
    listed = [text for text in layout.texts() if text.startswith("wall_")]
    assert listed == [f"wall_{number}.jpg" for number in range(6)] and "and 2 more" in layout.texts()
    assert "texgan.clear_pictures" in layout.operators()
    assert "learn_from" not in {a[1] for name, a, _ in layout.log if name == "prop"}


def test_how_learning_ended_is_told(draw, room, monkeypatch):
    monkeypatch.setattr(room("pump").learning, "message", "It has learned")
    assert "It has learned" in " ".join(draw().texts())


def test_last_result_and_record(draw):
    bpy.ops.texgan.generate()
    layout = draw()
    assert "Tiny, 128 x 64" in layout.texts() and "Layout 0, style 0" in layout.texts()
    operators = layout.operators()
    first, made = operators.index("texgan.show_tiled"), operators[-4:]
    buttons = ("show_tiled", "regenerate", "export", "animate", "mark_asset")
    assert operators[first : first + 5] == [f"texgan.{name}" for name in buttons]
    assert any(re.fullmatch(r"Seam x \d\.\d\d, y \d\.\d\d \(1 is none\)", text) for text in layout.texts())
    assert made == ["texgan.forget", "texgan.restore", "texgan.take_settings", "texgan.compare"]
    bpy.ops.texgan.compare()
    for pressed in (True, False):
        assert ("operator", ("texgan.flip",), {"icon": "ARROW_LEFTRIGHT", "depress": pressed}) in draw().log
        bpy.ops.texgan.flip()


def test_missing_packages_are_told_in_one_sentence(draw, room, monkeypatch):
    monkeypatch.setitem(room("packages").TITLES, "no_such_package", "PyTorch")
    layout = draw()
    assert layout.operators() == ["texgan.install", "preferences.addon_show"]
    assert " ".join(layout.texts()).startswith("To make textures, TexGAN needs PyTorch.")
    with pytest.raises(RuntimeError, match="PyTorch must be installed first"):
        bpy.ops.texgan.generate()


def test_default_model_is_bundled(room, texgan):
    models = room("models")
    assert models.DEFAULT_MODEL in [choice.name for choice in models.bundled_models()]
    texgan.property_unset("model")
    assert texgan.model == models.DEFAULT_MODEL


def test_menu_numbers_are_the_models_own(room, texgan):
    menu = room("settings")._model_menu(texgan, None)
    numbers = [item[4] for item in menu if item[0]]
    assert len(set(numbers)) == len(numbers)


def test_all_of_the_menu_can_be_called(room, extension):
    menus = room("menus")
    for name in (name for group in menus.OPERATORS for name in group):
        assert getattr(bpy.ops.texgan, name).get_rna_type().name, name
    for place in menus.PLACES:
        assert menus._draw in getattr(bpy.types, place)._dyn_ui_initialize()


def test_usual_sizes_can_be_taken(texgan, room):
    for width, height in room("panels").SIZES:
        assert bpy.ops.texgan.take_size(width=width, height=height) == {"FINISHED"}
        assert (texgan.width, texgan.height) == (width, height)
