"""Textures made anew while settings change; timers and clock are driven by hand, as the bpy package fires none."""

import json
import time
from types import SimpleNamespace

import bpy
import pytest

from .looking import image_nodes


class Timers:
    """What was registered."""

    def __init__(self):
        self.running = []

    def is_registered(self, function):
        return function in self.running

    def register(self, function, first_interval):
        self.running.append(function)

    def unregister(self, function):
        self.running.remove(function)


@pytest.fixture
def live(room, texgan, monkeypatch):
    live, pump = room("live"), room("pump")
    texgan.live = True
    app = SimpleNamespace(background=False, timers=Timers())
    monkeypatch.setattr(live, "bpy", SimpleNamespace(context=bpy.context, app=app))
    monkeypatch.setattr(live, "PAUSE", 0.02)
    yield live
    pump.stop()


class Pictures(dict):
    """Stands for Blender's collection of pictures for the panel, which is empty in background mode."""

    def new(self, name):
        self[name] = SimpleNamespace(icon_id=1, image_pixels_float=SimpleNamespace(foreach_set=self.put))
        return self[name]

    def put(self, rgba):
        assert rgba.shape == (128 * 128 * 4,) and 0 <= rgba.min() < rgba.max() <= 1


def drive(live, room, until=lambda: False):
    """Let the timers run until nothing is due and nothing runs, or until something is so."""
    pump, limit = room("pump"), time.monotonic() + 30
    while (live.bpy.app.timers.running or pump.is_running()) and not until():
        assert time.monotonic() < limit
        for tick in list(live.bpy.app.timers.running):
            if tick() is None:
                live.bpy.app.timers.unregister(tick)
        pump.poll()
        time.sleep(0.005)


def test_a_change_makes_the_textures_anew(live, room, texgan, material):
    texgan.layout_seed = 5
    assert not image_nodes(material), "not before the pause is over"
    drive(live, room)
    assert image_nodes(material) and '"layout_seed": 5' in material["texgan_record"]
    assert "live" in room("pump").making.message
    assert seeds() == [5]


def seeds():
    """The layouts in the history, the newest first."""
    return [json.loads(entry.record)["layout_seed"] for entry in bpy.context.scene.texgan_history]


def test_what_stood_for_a_while_is_in_the_history(live, room, texgan, monkeypatch):
    for seed in (1, 2, 3):
        texgan.layout_seed = seed
        drive(live, room)
    assert seeds() == [3], "what was passed on the way is not"
    monkeypatch.setattr(live, "REST", 0)
    texgan.layout_seed = 4
    drive(live, room)
    assert seeds() == [4, 3]


def test_what_was_made_by_the_button_stays_in_the_history(live, room, texgan):
    texgan.live = False
    texgan.layout_seed = 1
    bpy.ops.texgan.generate()
    texgan.live = True
    drive(live, room)
    assert seeds() == [1], "the same is made, live"
    texgan.layout_seed = 2
    drive(live, room)
    bpy.ops.texgan.generate()
    texgan.layout_seed = 3
    drive(live, room)
    assert seeds() == [3, 2, 1]


def test_the_material_pinned_where_the_change_was_made_is_meant(live, room, texgan, material, monkeypatch):
    """The timer knows no editor. Nor does the bpy package pin: its editors are never drawn."""
    pinned, asked = bpy.data.materials.new("Pinned"), []

    def pinned_in(context):
        asked.append(context.space_data)
        return pinned if context.space_data is not None and context.space_data.type == "NODE_EDITOR" else None

    monkeypatch.setattr(room("materials"), "_pinned", pinned_in)
    window = bpy.context.window_manager.windows[0]
    area = window.screen.areas[0]
    area.type = "NODE_EDITOR"
    with bpy.context.temp_override(window=window, area=area):
        texgan.layout_seed = 5
    assert asked
    drive(live, room)
    assert image_nodes(pinned) and not image_nodes(material)


def test_who_is_active_when_the_timer_comes_does_not_matter(live, room, texgan, material):
    texgan.layout_seed = 5
    bpy.ops.mesh.primitive_plane_add()
    drive(live, room)
    assert image_nodes(material) and bpy.context.object.active_material is None


def test_where_nothing_can_have_a_material_it_is_said(live, room, texgan):
    bpy.context.view_layer.objects.active = None
    texgan.layout_seed = 5
    assert room("pump").making.failed and "Select an object first" in room("pump").making.message
    assert not live.bpy.app.timers.running


def test_many_changes_at_once_are_one_job(live, room, texgan, monkeypatch):
    started = []
    start = room("pump").start
    monkeypatch.setattr(room("pump"), "start", lambda *a, **o: started.append(a) or start(*a, **o))
    for seed in range(5):
        texgan.layout_seed = seed
    drive(live, room)
    assert len(started) == 1


def test_the_latest_wins(live, room, texgan, material):
    texgan.width = texgan.height = 1024
    limit = time.monotonic() + 10
    while not room("pump").is_running():
        for tick in list(live.bpy.app.timers.running):
            tick()
        assert time.monotonic() < limit
        time.sleep(0.005)
    live.bpy.app.timers.running.clear()
    first = room("pump").making.job
    texgan.width = texgan.height = 64
    drive(live, room)
    assert first.is_cancelled
    assert image_nodes(material)["base_color"].image.size[:] == (64, 64)


def test_a_job_of_another_kind_is_waited_for(live, room, texgan, material):
    pump = room("pump")
    job = pump.start(lambda p, c: time.sleep(0.1), lambda result: "done")
    texgan.layout_seed = 3
    drive(live, room)
    assert not job.is_cancelled and image_nodes(material)


def test_what_is_wrong_is_told(live, room, texgan):
    texgan.maps = set()
    drive(live, room)
    assert room("pump").making.failed and "at least one map" in room("pump").making.message


def test_nothing_happens_when_it_is_off(live, room, texgan, material):
    texgan.live = False
    texgan.layout_seed = 9
    assert not live.bpy.app.timers.running


def preview_images():
    return [image for image in bpy.data.images if image.name.startswith("TexGAN Preview")]


@pytest.fixture
def large(live, room, texgan, material):
    """A material with a large texture, and a change of its seed that has just been seen; its images before."""
    texgan.width = texgan.height = 1024
    drive(live, room)
    before = {name: node.image for name, node in image_nodes(material).items()}
    texgan.layout_seed = 6
    drive(live, room, until=preview_images)
    assert preview_images()
    return before


def test_a_large_texture_has_a_preview_first(live, room, material, large):
    nodes = image_nodes(material)
    assert all(node.image.size[:] == (256, 256) for node in nodes.values())
    assert len(preview_images()) == len(nodes) == len(large)
    names = {name: image.name for name, image in large.items()}
    drive(live, room)
    shown = {name: node.image for name, node in image_nodes(material).items()}
    assert {name: image.name for name, image in shown.items()} == names
    assert '"layout_seed": 6' in shown["base_color"]["texgan_record"]
    assert not preview_images()


def test_where_no_node_can_show_it_the_preview_is_in_the_panel(live, room, texgan, material, monkeypatch):
    previews, shown = room("previews"), []
    monkeypatch.setattr(previews, "_pictures", pictures := Pictures())
    texgan.width = texgan.height = 1024
    drive(live, room, until=lambda: shown.extend(pictures) or pictures)
    assert shown == [previews.IN_PANEL] and not preview_images() and not image_nodes(material)
    drive(live, room)
    assert not pictures and image_nodes(material)


def test_cancelled_all_is_as_it_was(live, room, material, large):
    record = large["base_color"]["texgan_record"]
    room("pump").making.cancel()
    drive(live, room)
    assert {name: node.image for name, node in image_nodes(material).items()} == large
    assert large["base_color"]["texgan_record"] == record and not preview_images()


def test_a_preview_is_not_saved(live, room, material, large, tmp_path):
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "saved.blend"), copy=True)
    assert {name: node.image for name, node in image_nodes(material).items()} == large and not preview_images()


def step(operator):
    """Through the history of undo, which Blender has only where there is a window."""
    with bpy.context.temp_override(window=bpy.context.window_manager.windows[0]):
        assert operator() == {"FINISHED"}


def test_undo_and_redo_bring_no_preview_back(live, room, texgan, large):
    """A step that was made while it showed has it; a second slider that is let go of makes one."""
    own = {name: image.name for name, image in large.items()}
    bpy.ops.ed.undo_push(message="While the preview shows")
    drive(live, room)
    bpy.ops.ed.undo_push(message="Done")

    def shown():
        nodes = image_nodes(bpy.context.object.active_material)
        assert not preview_images() and not [node for node in nodes.values() if "texgan_own" in node]
        return {name: node.image.name for name, node in nodes.items()}

    for operator in (bpy.ops.ed.undo, bpy.ops.ed.redo, bpy.ops.ed.undo):
        step(operator)
        assert shown() == own


def test_a_file_that_was_saved_with_a_preview_opens_without(live, room, material, large, tmp_path):
    """As Blender does by itself, without telling anyone."""
    own = {name: image.name for name, image in large.items()}
    bpy.data.libraries.write(str(tmp_path / "auto.blend"), {bpy.context.scene})
    room("pump").making.cancel()
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "auto.blend"))
    nodes = image_nodes(bpy.data.materials["Material"])
    assert {name: node.image.name for name, node in nodes.items()} == own and not preview_images()
    assert all(node.image.packed_file for node in nodes.values())


def test_a_node_that_was_deleted_or_changed_meanwhile_is_left(live, room, material, large):
    nodes = image_nodes(material)
    other = bpy.data.images.new("Other", 4, 4)
    nodes["base_color"].image = other
    material.node_tree.nodes.remove(nodes["roughness"])
    room("previews").end()
    assert image_nodes(material)["base_color"].image == other and not preview_images()
    room("pump").making.cancel()
    drive(live, room)
