"""The background way, driven by hand: in the bpy package no timer fires."""

import importlib
import sys
import threading
import time
import types
from functools import partial

import bpy
import numpy as np
import pytest

from .looking import image_nodes, pixels, same, set_pixels


@pytest.fixture
def pump(room):
    return room("pump")


@pytest.fixture
def start(room, pump, texgan):
    """Start what a press on Generate starts."""

    def start():
        operators, materials, settings = room("operators"), room("materials"), room("settings")
        work = partial(room("engine").generate, settings.request(bpy.context))
        deliver = partial(operators._deliver, materials.active_target(bpy.context))
        return pump.start(work, deliver, aside=room("previews").UNSEEN)

    yield start
    pump.stop()


@pytest.fixture
def start_endless(room, pump, texgan):
    """Start a job that runs until it is cancelled."""

    def start():
        def work(on_progress, is_cancelled):
            on_progress(0.3, "Dreaming")
            while not is_cancelled():
                time.sleep(0.005)

        return pump.start(work, lambda result: "delivered")

    yield start
    pump.stop()


def over(job, within):
    limit = time.monotonic() + within
    while not job.is_over and time.monotonic() < limit:
        time.sleep(0.002)
    return job.is_over


def drive(pump):
    limit = time.monotonic() + 60
    while pump.poll() is not None:
        assert time.monotonic() < limit
        time.sleep(0.01)


def test_background_pixels_equal_the_script_s(pump, start, material, texgan):
    texgan.layout_seed = 6
    bpy.ops.texgan.generate()
    by_script = set_pixels(material)
    texgan.layout_seed = 7
    bpy.ops.texgan.generate()
    texgan.layout_seed = 6
    start()
    assert pump.is_running()
    with pytest.raises(RuntimeError, match="poll"):
        bpy.ops.texgan.generate()
    drive(pump)
    assert same(by_script, set_pixels(material))
    assert pump.making.message.startswith("Material: 4 maps in ") and not pump.making.failed


def spare(room):
    """Images that wait for being put somewhere."""
    return [image for image in room("images").previews() if not image.users]


def test_pictures_are_decoded_a_moment_at_a_time_before_they_are_put(pump, start, room, material, monkeypatch):
    monkeypatch.setattr(room("previews"), "MOMENT", 0)
    assert over(start(), 60)
    for count in range(1, 5):
        assert pump.poll() == pump.SOON
        assert len(spare(room)) == count and all(image.has_data for image in spare(room))
        assert not image_nodes(material)
    waiting = set(spare(room))
    assert pump.poll() == pump.SOON
    assert {node.image for node in image_nodes(material).values()} == waiting
    assert not room("images").previews() and pump.poll() is None


def test_small_pictures_are_decoded_and_put_at_once(pump, start, room, material):
    assert over(start(), 60)
    assert pump.poll() == pump.SOON
    assert all(node.image.has_data for node in image_nodes(material).values())


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("channels", [(), (3,), (4,)], ids=["grey", "color", "cutout"])
def test_what_was_made_ready_is_what_the_packed_file_holds(room, material, bits, channels):
    values = np.random.default_rng(0).random((64, 96, *channels), np.float32)
    made = room("finishing").encode_all({"base_color": values}, lambda *_: None, lambda: False, {"base_color": bits})
    images = room("images")
    images.ready(made[0])
    [ready] = images.previews()
    decoded = pixels(ready)
    assert images.put(made[0], None, material, "") == ready and np.array_equal(decoded, pixels(ready))
    assert ready.packed_file.data == made[0].png and not ready.is_dirty
    assert (ready.file_format, ready.alpha_mode) == ("PNG", "STRAIGHT")
    assert np.array_equal(decoded, pixels(images.put(made[0], None, material, "")))


def test_cancelled_while_pictures_are_decoded(pump, start, room, material, monkeypatch):
    monkeypatch.setattr(room("previews"), "MOMENT", 0)
    assert over(start(), 60)
    pump.poll()
    pump.making.cancel()
    drive(pump)
    assert pump.making.message == "Cancelled" and not image_nodes(material) and not spare(room)


def test_a_file_that_is_loaded_while_pictures_are_decoded_gets_none(pump, start, room, material, monkeypatch):
    monkeypatch.setattr(room("previews"), "MOMENT", 0)
    assert over(start(), 60)
    pump.poll()
    bpy.ops.wm.read_homefile(use_factory_startup=True)
    drive(pump)
    assert not pump.is_running() and not room("images").previews()
    assert not image_nodes(bpy.context.object.active_material)


def test_pictures_that_were_thrown_away_meanwhile_are_decoded_again(pump, start, room, material, monkeypatch):
    monkeypatch.setattr(room("previews"), "MOMENT", 0)
    assert over(start(), 60)
    pump.poll()
    room("previews").end()  # as undo does, and a file that is saved
    drive(pump)
    assert len(set_pixels(material)) == 4 and not room("images").previews()


def test_what_shows_an_image_shows_the_one_that_replaces_it(pump, start, texgan, material):
    bpy.ops.texgan.generate()
    shown = image_nodes(material)["base_color"].image
    before, names, texgan.region = pixels(shown), set(bpy.data.images.keys()), shown
    shown.name, shown.use_fake_user, shown.alpha_mode = "Mine", True, "NONE"
    texgan.layout_seed += 1
    start()
    drive(pump)
    now = image_nodes(material)["base_color"].image
    assert texgan.region == now and (now.name, now.use_fake_user, now.alpha_mode) == ("Mine", True, "NONE")
    assert not (pixels(now) == before).all()
    assert set(bpy.data.images.keys()) == names - {"Material Base Color"} | {"Mine"}


def test_cancel_by_the_operator(pump, start_endless, material):
    assert not bpy.ops.texgan.cancel.poll()
    job = start_endless()
    assert bpy.ops.texgan.cancel() == {"FINISHED"}
    assert over(job, 0.5)
    drive(pump)
    assert (pump.making.message, pump.making.failed) == ("Cancelled", False)
    assert not image_nodes(material)


def test_cancel_leaves_the_material_alone(pump, start, material, texgan):
    texgan.width = texgan.height = 2048
    start()
    pump.making.cancel()
    drive(pump)
    assert pump.making.message == "Cancelled"
    assert not image_nodes(material)


@pytest.mark.parametrize(
    ("rooms", "name"),
    [
        ("operators", "TEXGAN_OT_generate"),
        ("improving", "TEXGAN_OT_improve"),
        ("improving", "TEXGAN_OT_reroll_region"),
        ("operators", "TEXGAN_OT_variations"),
    ],
)
def test_esc_cancels_and_other_keys_pass(pump, start_endless, room, rooms, name):
    class Event:
        type, value = "A", "PRESS"

    class Operator:
        lane, lasting, _job = pump.making, False, None

    heard = []
    manager = types.SimpleNamespace(modal_handler_add=heard.append)
    kind, operator = getattr(room(rooms), name), Operator()
    context = types.SimpleNamespace(window_manager=manager)
    assert kind.started(operator, context, start_endless()) == {"RUNNING_MODAL"} and heard == [operator]
    Operator._job, modal = operator._job, kind.modal
    assert modal(Operator, bpy.context, Event) == {"PASS_THROUGH"}
    Event.type = "ESC"
    assert modal(Operator, bpy.context, Event) == {"RUNNING_MODAL"}
    drive(pump)
    assert pump.making.message == "Cancelled"
    assert modal(Operator, bpy.context, Event) == {"CANCELLED", "PASS_THROUGH"}, "Esc is free again"


def test_material_deleted_in_mid_job(pump, start, material):
    start()
    bpy.data.materials.remove(material)
    drive(pump)
    assert pump.making.failed and "was deleted" in pump.making.message
    assert not [image for image in bpy.data.images if "texgan_written" in image]


def test_object_deleted_before_it_gets_a_material(pump, start):
    bpy.ops.mesh.primitive_plane_add()
    start()
    bpy.data.objects.remove(bpy.context.object)
    drive(pump)
    assert pump.making.failed and "object was deleted" in pump.making.message


def test_image_and_node_deleted_in_mid_job(pump, start, material):
    bpy.ops.texgan.generate()
    start()
    nodes = image_nodes(material)
    bpy.data.images.remove(nodes["normal"].image)
    material.node_tree.nodes.remove(nodes["roughness"])
    drive(pump)
    assert not pump.making.failed
    assert all(node.image.size[:] == (128, 64) for node in image_nodes(material).values())
    assert len(image_nodes(material)) == 4


def test_renamed_material_still_gets_its_textures(pump, start, material):
    start()
    material.name = "Renamed"
    bpy.data.materials.new("Material")
    drive(pump)
    assert len(image_nodes(material)) == 4


def test_file_load_in_mid_job_cancels(pump, start_endless):
    job = start_endless()
    bpy.ops.wm.read_homefile(use_factory_startup=True)
    assert over(job, 0.5) and job.is_cancelled
    assert not pump.is_running()
    drive(pump)
    assert pump.making.message == "" and not [i for i in bpy.data.images if "texgan_record" in i]


@pytest.fixture
def press(room, pump, texgan, monkeypatch):
    """Press a button, as in a window, whose job waits until it is let go on."""
    go_on = threading.Event()

    def press(operator):
        class Pressed(room("background").InBackground):
            lane, lasting, undo = operator.lane, operator.lasting, operator.undo

            def start(self, context):
                return lambda on_progress, is_cancelled: go_on.wait(60), lambda result: "delivered"

            def started(self, context, job):
                return {"CANCELLED"}  # only a window has an operator that hears keys

        monkeypatch.setattr(
            room("background"), "bpy", types.SimpleNamespace(app=types.SimpleNamespace(background=False))
        )
        Pressed().invoke(bpy.context, None)
        return go_on

    yield press
    go_on.set()
    pump.stop()


@pytest.mark.parametrize(
    ("where", "button"),
    [("setup", "install"), ("setup", "doctor"), ("output", "export"), ("learning", "learn")],
)
def test_what_does_not_depend_on_the_file_goes_on_in_another(room, pump, press, where, button):
    operator = getattr(room(where), f"TEXGAN_OT_{button}")
    go_on = press(operator)
    bpy.ops.wm.read_homefile(use_factory_startup=True)
    assert pump.is_running(operator.lane)
    if operator.lane is pump.making:
        assert bpy.ops.texgan.cancel.poll() and not bpy.ops.texgan.generate.poll()
    go_on.set()
    drive(pump)
    assert (operator.lane.message, operator.lane.failed) == ("delivered", False)


@pytest.mark.parametrize(
    ("where", "button"),
    [("operators", "variations"), ("operators", "fill_node"), ("improving", "improve"), ("output", "animate")],
)
def test_what_was_to_go_into_the_file_does_not(room, pump, press, where, button):
    go_on = press(getattr(room(where), f"TEXGAN_OT_{button}"))
    bpy.ops.wm.read_homefile(use_factory_startup=True)
    go_on.set()
    drive(pump)
    assert not pump.is_running() and pump.making.message == ""


def test_mistakes_of_ours_are_shown_and_do_not_stop_the_pump(pump, start_endless, capsys):
    def work(on_progress, is_cancelled):
        raise ZeroDivisionError("oh")

    pump.start(work, lambda result: "delivered")
    drive(pump)
    assert pump.making.failed and "ZeroDivisionError" in pump.making.message
    assert "oh" in capsys.readouterr().err
    start_endless()
    pump.making.cancel()
    drive(pump)
    assert pump.making.message == "Cancelled"


def test_disabling_in_mid_job_ends_cleanly(pump, start_endless, extension):
    job = start_endless()
    bpy.ops.preferences.addon_disable(module=extension)
    try:
        assert job.is_over
        assert not [t for t in threading.enumerate() if t.name == "TexGAN"]
        assert not hasattr(bpy.types.Scene, "texgan")
        assert not bpy.app.timers.is_registered(pump.poll)
    finally:
        bpy.ops.preferences.addon_enable(module=extension)
    assert sys.modules[extension] is importlib.import_module(extension)


def test_the_background_thread_never_touches_bpy(room):
    for name in ("jobs", "engine", "models", "errors"):
        assert "bpy" not in vars(room(name))


def test_models_are_let_go_when_nothing_is_made_for_long(room, pump, texgan, material):
    models = room("models")
    bpy.ops.texgan.generate()
    assert models._load_file.cache_info().currsize > 0
    pump.release_when_idle()
    assert models._load_file.cache_info().currsize == 0
    bpy.ops.texgan.generate()
    assert bpy.ops.texgan.free_memory() == {"FINISHED"}
    assert models._load_file.cache_info().currsize == 0


def test_while_blender_renders_results_wait(pump, start, material, monkeypatch):
    job = start()
    assert over(job, 60)
    rendering = types.SimpleNamespace(is_job_running=lambda kind: kind == "RENDER")
    with monkeypatch.context() as patched:
        patched.setattr(pump, "bpy", types.SimpleNamespace(app=rendering))
        assert pump.poll() == pump.INTERVAL and pump.making.job is job and not image_nodes(material)
    drive(pump)
    assert image_nodes(material)


def test_packages_that_cannot_be_loaded_are_said(pump):
    pump.start(lambda *_: importlib.import_module("no_such_package"), str)
    drive(pump)
    assert pump.making.failed and "install anew in TexGAN's preferences" in pump.making.message


def test_before_a_render_a_graphics_card_is_left_to_it(room, pump, texgan, material, monkeypatch):
    models = room("models")
    bpy.ops.texgan.generate()
    pump._before_render()
    assert models._load_file.cache_info().currsize > 0, "on a processor there is nothing to give back"
    monkeypatch.setattr(models, "device_in_use", lambda: "cuda")
    pump._before_render()
    assert models._load_file.cache_info().currsize == 0


def test_it_is_said_that_the_processor_took_over(room, texgan, material, monkeypatch):
    engine = room("engine")
    monkeypatch.setattr(room("models"), "device_type", lambda name: "cuda")
    made = engine.generate(room("settings").request(bpy.context), lambda *_: None, lambda: False)
    assert made.fell_back
    target = room("materials").active_target(bpy.context)
    assert "by the processor" in room("operators")._deliver(target, made)


def test_so_it_is_of_all_that_is_made(room, texgan, material, monkeypatch, tmp_path, capfd):
    operators = bpy.ops.texgan
    material.node_tree.nodes.active = material.node_tree.nodes.new("ShaderNodeTexImage")
    for is_card, said in ((False, 0), (True, 3)):
        if is_card:
            monkeypatch.setattr(room("models"), "device_type", lambda name: "cuda")
        operators.fill_node()
        operators.variations()
        operators.animate(directory=str(tmp_path), frames=2, overwrite=True)
        assert capfd.readouterr().out.count("by the processor, as the graphics card's memory ran out") == said


def test_where_drawing_is_slow_it_is_rarer(pump, start_endless, monkeypatch):
    clock, drawn = [100.0], []
    monkeypatch.setattr(pump, "time", types.SimpleNamespace(monotonic=lambda: clock[0]))
    monkeypatch.setattr(pump, "_redraw", lambda: drawn.append(clock[0]) or setattr(pump._pace, "drawn", clock[0]))

    def drawings(cost: float) -> int:
        drawn.clear()
        monkeypatch.setattr(pump, "_pace", pump._Pace())
        end = clock[0] + 6
        while clock[0] < end:
            before = len(drawn)
            clock[0] += pump.poll() + (cost if len(drawn) > before else 0)
        return len(drawn)

    job = start_endless()
    assert drawings(cost=0.0) >= 15, "every 0.4 s of 6"
    assert 3 <= drawings(cost=0.06) <= 5
    assert drawings(cost=1.0) >= 2, "but never seldom"
    job.cancel()


def test_the_undo_step_comes_after_the_result(pump, start, material, monkeypatch):
    pushed = []
    monkeypatch.setattr(pump, "_push_undo", lambda name: pushed.append(len(image_nodes(material))))
    job = start()
    assert over(job, 60)
    assert pump.poll() == pump.SOON and image_nodes(material) and not pushed and pump.is_running()
    assert pump.poll() is None and pushed == [4] and not pump.is_running()
