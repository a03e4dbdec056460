"""Runs inside a windowed Blender and works the add-on as a user does: real clicks, keys and files.

Every scene is a generator that yields how many seconds to wait, or a function to wait for. What it finds goes to
$OUT/results.json, pictures of the window beside it. Started by `run.py` with --enable-event-simulate.
"""

import json
import os
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

import bpy
import numpy as np

OUT = Path(os.environ["OUT"])
MODULE = "bl_ext.user_default.texgan.texgan_blender"
BELOW, ABOVE = 92, 121
"""Pixels from the upper edge of Generate, with a button and a message below it, to the headers Variations and Look."""
MADE, LEARN, IMPROVE = 13, 38, 63
"""Pixels from the panel's lower end to the headers Made in This File, Learn and Improve, all closed."""
PLAIN = "DOPESHEET_EDITOR"
"""The editor that is soonest drawn."""
PATIENCE = 120
"""Seconds that a condition may take."""
Wait = float | Callable[[], bool]
results: dict[str, object] = {}
clicked = 0
"""How high the last click was."""
bpy.context.preferences.view.show_splash = False


def room(name: str):
    return import_module(f"{MODULE}.{name}")


def window() -> bpy.types.Window:
    return bpy.context.window_manager.windows[0]


def area(kind: str) -> bpy.types.Area:
    return next(a for a in window().screen.areas if a.type == kind)


def region(kind: str, part: str = "WINDOW") -> bpy.types.Region:
    return next(r for r in area(kind).regions if r.type == part)


def override(kind: str, part: str = "WINDOW"):
    return bpy.context.temp_override(
        window=window(), screen=window().screen, area=area(kind), region=region(kind, part)
    )


def texgan():
    return bpy.context.scene.texgan


def is_idle() -> bool:
    return room("pump").making.job is None


def is_running() -> bool:
    return not is_idle()


def material() -> bpy.types.Material:
    return bpy.data.objects["Cube"].active_material


def maps_of(owner: bpy.types.Material) -> int:
    return len([n for n in owner.node_tree.nodes if n.get("texgan_map")])


def shot(name: str) -> None:
    subprocess.run(["import", "-window", "root", str(OUT / f"{name}.png")], check=True)


def check(name: str, value: object) -> None:
    print(f"[gui] {name}: {value}", flush=True)
    results[name] = value


def redraw() -> None:
    for one in window().screen.areas:
        one.tag_redraw()


def over_nodes() -> tuple[int, int]:
    """Move the mouse to where nothing is but the Shader Editor's nodes; returns where."""
    editor = region("NODE_EDITOR")
    x, y = editor.x + editor.width // 3, editor.y + editor.height // 2
    window().event_simulate("MOUSEMOVE", "NOTHING", x=x, y=y)
    return x, y


def press(key: str) -> None:
    """A key, with the mouse over the Shader Editor's nodes."""
    x, y = over_nodes()
    window().event_simulate(key, "PRESS", x=x, y=y)
    window().event_simulate(key, "RELEASE", x=x, y=y)


def click(operator: str, across: float = 0.4) -> Iterator[Wait]:
    """Find an operator's button in the panel, so far from left to right, by hovering over it from the top on down, and
    click it."""
    sidebar = region("NODE_EDITOR", "UI")
    wm, x = bpy.context.window_manager, sidebar.x + int(sidebar.width * across)
    over_nodes()  # off the button that was clicked last, which would be found again
    yield 0.2
    for y in range(sidebar.y + sidebar.height - 20, sidebar.y + 10, -9):
        wm.clipboard = ""
        window().event_simulate("MOUSEMOVE", "NOTHING", x=x, y=y)
        yield 0.05
        with override("NODE_EDITOR", "UI"):
            if bpy.ops.ui.copy_python_command_button.poll():
                bpy.ops.ui.copy_python_command_button()
        if operator in wm.clipboard:
            yield from click_at(x, y)
            return
    raise LookupError(f"no button for {operator} in the panel")


def click_at(x: int, y: int) -> Iterator[Wait]:
    global clicked
    clicked = y
    window().event_simulate("MOUSEMOVE", "NOTHING", x=x, y=y)
    yield 0.1
    window().event_simulate("LEFTMOUSE", "PRESS", x=x, y=y)
    window().event_simulate("LEFTMOUSE", "RELEASE", x=x, y=y)
    yield 0.3


def let_go() -> Iterator[Wait]:
    """A file browser that opens under a simulated click swallows its end, and the button stays pressed."""
    x, y = region("NODE_EDITOR", "UI").x + 60, clicked
    window().event_simulate("MOUSEMOVE", "NOTHING", x=x, y=y)
    yield 0.2
    window().event_simulate("LEFTMOUSE", "RELEASE", x=x, y=y)
    yield 0.2
    window().event_simulate("MOUSEMOVE", "NOTHING", x=40, y=400)
    yield 0.5


def drag_edge(pixels: int) -> Iterator[Wait]:
    """Pull the left edge of the sidebar."""
    sidebar = region("NODE_EDITOR", "UI")
    x, y = sidebar.x - 1, sidebar.y + sidebar.height // 2
    for near in (x - 1, x):
        window().event_simulate("MOUSEMOVE", "NOTHING", x=near, y=y)
        yield 0.2
    window().event_simulate("LEFTMOUSE", "PRESS", x=x, y=y)
    yield 0.1
    for step in range(1, 11):
        window().event_simulate("MOUSEMOVE", "NOTHING", x=x + pixels * step // 10, y=y)
        yield 0.05
    window().event_simulate("LEFTMOUSE", "RELEASE", x=x + pixels, y=y)
    yield 1.0


def start() -> Iterator[Wait]:
    """A Shader Editor with the tab open beside the 3D view."""
    bpy.ops.preferences.addon_enable(module=MODULE.rpartition(".")[0])
    before = list(window().screen.areas)
    with override("VIEW_3D"):
        bpy.ops.screen.area_split(direction="VERTICAL", factor=0.4)
    editor = next(a for a in window().screen.areas if a not in before)
    editor.ui_type = "ShaderNodeTree"
    editor.spaces.active.show_region_ui = True
    area("VIEW_3D").spaces.active.shading.type = "MATERIAL"
    yield 1.0
    region("NODE_EDITOR", "UI").active_panel_category = "TexGAN"
    yield 25.0  # the first preview compiles shaders
    texgan().width = texgan().height = 512
    redraw()
    yield 1.0
    shot("idle")


def generating() -> Iterator[Wait]:
    """The button fills the material; it is told for how long the window stands still while PyTorch is loaded. Undo and
    redo are one step each."""
    yield from click("texgan.generate")
    beats = Beats()
    yield is_idle
    beats.taken("generating for the first time")
    beats.stop()
    check("generate", maps_of(material()) == 4)
    yield 1.0
    with override("NODE_EDITOR"):
        bpy.ops.node.view_all()
    yield 4.0
    shot("done")
    with override("VIEW_3D"):
        bpy.ops.ed.undo()
    yield 0.5
    check("undo", maps_of(material()) == 0)
    with override("VIEW_3D"):
        bpy.ops.ed.redo()
    yield 0.5
    check("redo", maps_of(material()) == 4)


def tiling() -> Iterator[Wait]:
    """The texture repeated on all sides, in a window of its own."""
    with override("NODE_EDITOR", "UI"):
        bpy.ops.texgan.show_tiled()
    yield 2.0
    new = bpy.context.window_manager.windows[-1]
    space = new.screen.areas[0].spaces.active
    check("shown tiled", space.show_repeat and space.image is not None)
    with bpy.context.temp_override(window=new, area=new.screen.areas[0], region=new.screen.areas[0].regions[-1]):
        bpy.ops.image.view_zoom_ratio(ratio=0.6)
    yield 1.0
    shot("tiled")
    with bpy.context.temp_override(window=new):
        bpy.ops.wm.window_close()
    yield 0.5


def cancelling() -> Iterator[Wait]:
    """Esc stops a large one; the material stays as it is."""
    texgan().width = texgan().height = 4096
    before = material().get("texgan_record")
    with override("NODE_EDITOR"):
        bpy.ops.texgan.generate("INVOKE_DEFAULT")
    yield lambda: is_running() and room("pump").making.job.share > 0.3
    shot("running")
    job, pressed = room("pump").making.job, time.monotonic()
    press("ESC")
    yield lambda: job.is_cancelled
    heard = time.monotonic()
    yield lambda: job.is_over
    check("seconds until Esc is heard", round(heard - pressed, 2))
    check("seconds until the work has stopped", round(time.monotonic() - heard, 2))
    yield is_idle
    check("cancel by Esc", material().get("texgan_record") == before and room("pump").making.message == "Cancelled")
    yield 0.5
    with override("NODE_EDITOR"):
        bpy.ops.texgan.generate("INVOKE_DEFAULT")
    yield lambda: is_running() and room("pump").making.job.share > 0.05
    redraw()
    yield 0.3
    yield from click("texgan.cancel")
    yield is_idle
    check("cancel by button", room("pump").making.message == "Cancelled")


def deleting() -> Iterator[Wait]:
    """The material is deleted in mid-job."""
    texgan().width = texgan().height = 1024
    with override("NODE_EDITOR"):
        bpy.ops.texgan.generate("INVOKE_DEFAULT")
    yield 0.3
    bpy.data.materials.remove(material())
    yield is_idle
    check("deleted material", "was deleted" in room("pump").making.message)
    yield 0.5
    shot("deleted")
    bpy.data.objects["Cube"].active_material = bpy.data.materials.new("Material")
    yield 0.5


def little_is_drawn() -> Iterator[Wait]:
    """The timeline alone fills the window: to draw the other editors takes long without a graphics card."""
    with override(PLAIN):
        bpy.ops.screen.screen_full_area()
    yield 1.0


def all_is_drawn() -> Iterator[Wait]:
    """As before, once the operators that were called there have heard that their jobs are over."""
    window().event_simulate("MOUSEMOVE", "NOTHING", x=800, y=500)
    yield 0.5
    with override(PLAIN):
        bpy.ops.screen.back_to_previous()
    yield 1.0


class Beats:
    """How late a timer came each time, in seconds: for so long the window stood still."""

    WANTED = 0.005

    def __init__(self) -> None:
        self.gaps: list[float] = []
        self._last, self._timer = time.monotonic(), self._beat
        bpy.app.timers.register(self._timer)

    def _beat(self) -> float:
        now = time.monotonic()
        self.gaps.append(now - self._last - self.WANTED)
        self._last = now
        return self.WANTED

    def taken(self, what: str) -> list[float]:
        """Those since the last time, told and sorted."""
        gaps, self.gaps = sorted(self.gaps), []
        most = [round(1000 * gap) for gap in gaps[-12:]]
        print(
            f"[gui] {what}: {len(gaps)} beats, median {1000 * gaps[len(gaps) // 2]:.0f} ms, the longest {most}",
            flush=True,
        )
        return gaps

    def stop(self) -> None:
        bpy.app.timers.unregister(self._timer)


def smooth() -> Iterator[Wait]:
    """How long the window stands still while 2048 x 2048 is made and put into the material, beside how long Blender
    takes to draw four images alone: without a graphics card, long."""
    texgan().width = texgan().height = 2048
    area("VIEW_3D").spaces.active.shading.type = "SOLID"
    yield 1.0
    beats = Beats()
    for _ in range(12):
        region("NODE_EDITOR", "UI").tag_redraw()
        yield 0.25
    beats.taken("drawing the panel alone")
    fill, push, seconds = room("materials").fill, room("pump")._push_undo, []

    def timed(function):
        def run(*arguments):
            start = time.monotonic()
            made = function(*arguments)
            seconds.append(time.monotonic() - start)
            return made

        return run

    room("materials").fill, room("pump")._push_undo = timed(fill), timed(push)
    with override("NODE_EDITOR"):
        bpy.ops.texgan.generate("INVOKE_DEFAULT")
    yield is_idle
    room("materials").fill, room("pump")._push_undo = fill, push
    yield 1.0
    gaps = beats.taken("generating at 2048")
    for node in [n for n in material().node_tree.nodes if n.get("texgan_map")]:
        node.image = _copied(node.image)
    yield 3.0
    alone = beats.taken("Blender alone, given four other images of 2048")
    yield from little_is_drawn()
    beats.taken("the timeline alone")
    texgan().layout_seed += 1
    with override(PLAIN):
        bpy.ops.texgan.generate("INVOKE_DEFAULT")
    yield is_idle
    yield 1.0
    undrawn = beats.taken("generating at 2048 beside the timeline alone")
    beats.stop()
    yield from all_is_drawn()
    area("VIEW_3D").spaces.active.shading.type = "MATERIAL"
    check("seconds to write four maps of 2048", round(seconds[0], 3))
    print(f"[gui] the undo step took {1000 * seconds[1]:.0f} ms", flush=True)
    check("gaps at 2048, p99 in ms", round(1000 * gaps[int(0.99 * len(gaps))]))
    check("gaps at 2048, worst in ms", round(1000 * gaps[-1]))
    print(f"[gui] that is {1000 * (gaps[-1] - alone[-1]):.0f} ms beyond Blender's own", flush=True)
    check("gaps at 2048 where little is drawn, worst in ms", round(1000 * undrawn[-1]))


def _copied(image: bpy.types.Image) -> bpy.types.Image:
    """Another image of the same packed file."""
    copy, data = bpy.data.images.new(image.name, 1, 1), image.packed_file.data
    copy.pack(data=data, data_len=len(data))
    copy.source = "FILE"
    return copy


def seed_made() -> int:
    """The layout seed of what the material shows."""
    return json.loads(material()["texgan_record"])["layout_seed"]


def take_and_undo(number: int) -> Iterator[Wait]:
    """A variation, as its button does."""
    before = seed_made()
    bpy.ops.ed.undo_push(message="Before")
    with override("VIEW_3D"):
        bpy.ops.texgan.take_variation("INVOKE_DEFAULT", number=number)
    yield lambda: seed_made() != before and is_idle()
    check("taken variation", seed_made() == texgan().layout_seed)
    over_nodes()  # so that the operator hears that its job is over
    yield 0.5
    with override("VIEW_3D"):
        bpy.ops.ed.undo()
    yield 0.5


def exploring() -> Iterator[Wait]:
    """Variations, look, history: opened and looked at."""
    texgan().width = texgan().height = 512
    texgan().model = "Bricks097"
    redraw()
    yield 0.5
    yield from click("texgan.generate")
    yield is_idle
    yield 0.5
    x, generate = region("NODE_EDITOR", "UI").x + 80, clicked
    yield from click_at(x, generate - BELOW)  # the header "Variations"
    yield from click("texgan.variations")
    yield is_idle
    check("variations", len(room("variations").shown) == 6)
    yield 1.0
    shot("variations")
    before = seed_made()
    yield from take_and_undo(1)
    check("a taken variation undone in one step", texgan().layout_seed == seed_made() == before)
    texgan().live = True
    yield from take_and_undo(2)
    check("so with Live", texgan().layout_seed == seed_made() == before)
    texgan().live = False
    yield from click_at(x, generate - BELOW)
    yield from click_at(x, generate + ABOVE)  # the header "Look"
    texgan().warmth, texgan().relief = 0.4, 1.6
    redraw()
    yield 1.0
    shot("look")
    yield from click_at(x, generate + ABOVE)


def improving() -> Iterator[Wait]:
    """What the material shows is closed anew and completed; then back to what it was, and forth."""
    texgan().close, texgan().maps = "both", {"base_color", "normal", "roughness", "height", "ambient_occlusion"}
    shown = material().node_tree.nodes
    before = {node.name: node.image for node in shown if node.get("texgan_map")}
    with override("NODE_EDITOR"):
        bpy.ops.texgan.improve("INVOKE_DEFAULT")
    yield is_idle
    check("improved", len(before) == 4 and all(shown[name].image != image for name, image in before.items()))
    check("completed", maps_of(material()) == 5)
    yield 2.0
    shot("improved")
    yield from _checked()
    with override("NODE_EDITOR"):
        bpy.ops.texgan.before_after()
    check("before", all(shown[name].image == image for name, image in before.items()))
    yield from _cancelled_improvement(before)
    yield from _region()
    for name in ("close", "maps", "region", "enlarge"):
        texgan().property_unset(name)
    bpy.data.objects["Cube"].active_material = bpy.data.materials.new("Material")
    yield 0.5


def _checked() -> Iterator[Wait]:
    """Whether it tiles is told, and is no step of undo."""
    before = {image.name for image in bpy.data.images}
    with override("NODE_EDITOR"):
        bpy.ops.texgan.check_tiling("INVOKE_DEFAULT")
    yield is_idle
    told = room("pump").making.message
    check("told that it tiles", "tiles left and right" in told and before == {image.name for image in bpy.data.images})
    yield from _at_two_widths("checked")
    yield from _scroll(bpy.ops.view2d.scroll_up)


def _cancelled_improvement(before: dict[str, bpy.types.Image]) -> Iterator[Wait]:
    texgan().enlarge = "4"
    with override("NODE_EDITOR"):
        bpy.ops.texgan.improve("INVOKE_DEFAULT")
    yield lambda: room("pump").making.job.share > 0.1
    press("ESC")
    yield is_idle
    shown = material().node_tree.nodes
    same = all(shown[name].image == image for name, image in before.items())
    check("improving cancelled by Esc", same and room("pump").making.message == "Cancelled")


def _region() -> Iterator[Wait]:
    """Marked by painting, made anew; then what was there before comes back by undo."""
    color = _colour()
    before = _pixels(color.image)
    area("VIEW_3D").type = "IMAGE_EDITOR"
    with override("NODE_EDITOR"):
        bpy.ops.texgan.mark_region()
    check("painting is on", area("IMAGE_EDITOR").spaces.active.mode == "PAINT")
    painted = before.copy()
    side = painted.shape[0]
    inside = np.zeros(painted.shape[:2], bool)
    inside[side // 4 : side // 2, side // 4 : side // 2] = True
    painted[inside, :3] = (1, 0, 0)
    texgan().region.pixels.foreach_set(painted.ravel())
    texgan().region.update()
    redraw()
    yield 1.0
    shot("region")
    with override("NODE_EDITOR"):
        bpy.ops.texgan.reroll_region("INVOKE_DEFAULT")
    yield is_idle
    made = _pixels(color.image)
    check("region", bool((made[inside] != before[inside]).any() and (made[~inside] == before[~inside]).all()))
    area("IMAGE_EDITOR").spaces.active.image = color.image
    yield 1.0
    shot("rerolled")
    area("IMAGE_EDITOR").type = "VIEW_3D"
    yield 0.5


def _colour() -> bpy.types.Node:
    """The node that shows the base color."""
    return next(node for node in material().node_tree.nodes if node.get("texgan_map") == "base_color")


def _pixels(image: bpy.types.Image) -> np.ndarray:
    values = np.empty(image.size[0] * image.size[1] * 4, np.float32)
    image.pixels.foreach_get(values)
    return values.reshape(image.size[1], image.size[0], 4)


def learning() -> Iterator[Wait]:
    """A model of what the material shows; it waits, goes on, and is in the menu."""
    texgan().model, texgan().width, texgan().height = "Bricks097", 512, 512
    with override("NODE_EDITOR"):
        bpy.ops.texgan.generate("INVOKE_DEFAULT")
    yield is_idle
    texgan().learn_name, texgan().learn_minutes = "My Bricks", 1
    yield from _scroll(bpy.ops.view2d.scroll_down)
    x, bottom = region("NODE_EDITOR", "UI").x + 80, region("NODE_EDITOR", "UI").y
    yield from click_at(x, bottom + IMPROVE)
    yield from _scroll(bpy.ops.view2d.scroll_down)
    yield from _at_two_widths("improve")
    yield from click_at(x, bottom + LEARN)
    yield from _scroll(bpy.ops.view2d.scroll_down)
    yield from _chosen_pictures()
    yield from _at_two_widths("learn")
    bpy.ops.texgan.clear_pictures()
    with override("NODE_EDITOR"):
        bpy.ops.texgan.learn("INVOKE_DEFAULT")
    yield lambda: bool(room("lessons").learning_sample())
    room("lessons").pause_learning()
    yield lambda: room("pump").learning.job.text == "Paused"
    yield from _scroll(bpy.ops.view2d.scroll_down)
    shot("learning")
    room("lessons").pause_learning()
    texgan().layout_seed += 1
    with override("NODE_EDITOR"):
        bpy.ops.texgan.generate("INVOKE_DEFAULT")
    yield is_idle
    meanwhile = json.loads(material()["texgan_record"])["layout_seed"] == texgan().layout_seed
    check("made while another process learns", meanwhile and room("pump").is_running(room("pump").learning))
    yield lambda: room("pump").learning.job.share > 0.5
    bpy.ops.texgan.finish_learning()
    yield lambda: not room("pump").is_running()
    print(f"[gui] {room('pump').learning.message}", flush=True)
    check("learned", texgan().model == "My Bricks" and "has learned" in room("pump").learning.message)
    redraw()
    yield 0.5
    shot("learned")
    with override("NODE_EDITOR"):
        bpy.ops.texgan.generate("INVOKE_DEFAULT")
    yield is_idle
    check("made of what was learned", json.loads(material()["texgan_record"])["model"] == "My Bricks")
    texgan().property_unset("model")
    yield from _scroll(bpy.ops.view2d.scroll_up)


def _chosen_pictures() -> Iterator[Wait]:
    """Several pictures at once, by way of the file browser."""
    folder = OUT / "walls"
    folder.mkdir()
    for number in range(3):
        (folder / f"wall_{number}.png").write_bytes(bytes(_colour().image.packed_file.data))
    yield from click("texgan.choose_pictures", across=0.84)
    yield lambda: browser() is not None
    window_of, space = browser()
    space.params.directory = bytes(folder)
    yield 1.0
    with bpy.context.temp_override(window=window_of, area=window_of.screen.areas[0]):
        bpy.ops.file.select_all(action="SELECT")
        bpy.ops.file.execute()
    yield from let_go()
    chosen = [Path(source.path) for source in texgan().learn_pictures]
    check("several pictures chosen", sorted(chosen) == sorted(folder.iterdir()))


def _at_two_widths(name: str) -> Iterator[Wait]:
    """Pictures of the panel's lower end, as wide as it is and wider."""
    for width, pixels in ((name, -120), (f"{name}_wide", 120)):
        yield from _scroll(bpy.ops.view2d.scroll_down)
        shot(width)
        yield from drag_edge(pixels)
    yield from _scroll(bpy.ops.view2d.scroll_down)


def _scroll(by_some_lines: Callable[[], set[str]]) -> Iterator[Wait]:
    """The panel to one of its ends."""
    redraw()
    yield 0.5
    with override("NODE_EDITOR", "UI"):
        for _ in range(40):
            by_some_lines()
    redraw()
    yield 0.5


def mixing() -> Iterator[Wait]:
    """Two materials by a pattern."""
    for name, value in {
        "model": "Rock_01",
        "pattern": "cobbles",
        "pattern_columns": 5,
        "pattern_rows": 6,
        "pattern_joint": 24,
        "joints": "Grass004",
    }.items():
        setattr(texgan(), name, value)
    with override("NODE_EDITOR"):
        bpy.ops.texgan.generate("INVOKE_DEFAULT")
    yield is_idle
    check("two materials", json.loads(material()["texgan_record"])["joints"]["model"] == "Grass004")
    redraw()
    yield 4.0
    shot("pattern")
    for name in ("model", "pattern", "joints"):
        texgan().property_unset(name)


def living() -> Iterator[Wait]:
    """Live: a slider that moves changes the textures."""
    texgan().width = texgan().height = 256
    texgan().live = True
    for seed in range(8):
        texgan().layout_seed = seed
        yield 0.1
    yield lambda: json.loads(material()["texgan_record"])["layout_seed"] == 7 and is_idle()
    check("live", "live" in room("pump").making.message)
    texgan().width = texgan().height = 2048
    start = time.monotonic()
    yield lambda: bool(_previews())
    print(f"[gui] preview at 2048 after {time.monotonic() - start:.1f} s", flush=True)
    check("a preview comes first", all(image.size[:] == (512, 512) for image in _previews()))
    with override("VIEW_3D"):
        bpy.ops.ed.undo_push(message="While the preview shows")
    yield lambda: json.loads(material()["texgan_record"])["size"] == [2048, 2048] and is_idle()
    print(f"[gui] live at 2048 after {time.monotonic() - start:.1f} s", flush=True)
    check("the preview is gone", not _previews())
    for operator in (bpy.ops.ed.undo, bpy.ops.ed.redo):
        with override("VIEW_3D"):
            operator()
        yield 0.5
        shown = [node.image.name for node in material().node_tree.nodes if node.get("texgan_map")]
        check(
            f"{operator.idname_py()} brings no preview back", not _previews() and shown and "Preview" not in str(shown)
        )
    texgan().live = False


def pinning() -> Iterator[Wait]:
    """Live fills what is pinned in the editor where a setting is changed, not what is active."""
    space, cube = area("NODE_EDITOR").spaces.active, bpy.data.objects["Cube"]
    texgan().width = texgan().height = 256
    space.pin = True
    with override("VIEW_3D"):
        bpy.ops.mesh.primitive_plane_add()
    plane = bpy.context.view_layer.objects.active
    plane.active_material = other = bpy.data.materials.new("Plane")
    with override("NODE_EDITOR", "UI"):
        texgan().live, texgan().layout_seed = True, 21
    yield lambda: json.loads(material()["texgan_record"])["layout_seed"] == 21 and is_idle()
    check("the pinned material is filled, not the active one", space.pin and "texgan_record" not in other)
    texgan().live = space.pin = False
    bpy.data.objects.remove(plane)
    bpy.context.view_layer.objects.active = cube
    cube.select_set(True)
    yield 0.5


def _previews() -> list[bpy.types.Image]:
    return [image for image in bpy.data.images if image.name.startswith("TexGAN Preview")]


def saving() -> Iterator[Wait]:
    """Another file in mid-job; then what was saved is still there."""
    path = str(OUT / "saved.blend")
    record = material()["texgan_record"]
    size = json.loads(record)["size"][0]
    bpy.ops.wm.save_as_mainfile(filepath=path)
    texgan().width = texgan().height = 2048
    with override("NODE_EDITOR"):
        bpy.ops.texgan.generate("INVOKE_DEFAULT")
    yield 0.3
    bpy.ops.wm.open_mainfile(filepath=path)
    yield 2.0
    check("another file in mid-job", is_idle() and material()["texgan_record"] == record)
    check("history is in the file", len(bpy.context.scene.texgan_history) > 0)
    images = [n.image for n in material().node_tree.nodes if n.get("texgan_map")]
    check("images are in the file", len(images) == 4 and all(i.size[0] == size and i.packed_file for i in images))


def keeping() -> Iterator[Wait]:
    """Textures and an animation are saved by way of the file browser."""
    texgan().width = texgan().height = 128
    for operator, count in (("texgan.export", 4), ("texgan.animate", 8), ("texgan.animate", 8), ("texgan.export", 4)):
        folder = OUT / f"{operator}_{len(list(OUT.glob('texgan*')))}"
        folder.mkdir()
        yield from _scroll(bpy.ops.view2d.scroll_down)
        yield from click(operator)
        yield lambda: browser() is not None
        yield 1.0
        shot(folder.name)
        window_of, space = browser()
        space.params.directory = bytes(folder)
        if operator == "texgan.animate":
            space.active_operator.frames, space.active_operator.styles = 2, 1
        yield 0.5
        with bpy.context.temp_override(window=window_of, area=window_of.screen.areas[0]):
            bpy.ops.file.execute()
        yield lambda found=folder, wanted=count: is_idle() and len(list(found.glob("*.png"))) == wanted
        check(f"saved by {folder.name}", True)
        yield from let_go()
    yield from _scroll(bpy.ops.view2d.scroll_up)


def recalling() -> Iterator[Wait]:
    """The list of what was made, with pictures; one of it is compared with what the material shows."""
    bpy.data.objects["Cube"].active_material = bpy.data.materials.new("Material")
    texgan().width = texgan().height = 512
    for texgan().model in ("Grass004", "Rock_01", "Bricks097"):
        with override("NODE_EDITOR"):
            bpy.ops.texgan.generate("INVOKE_DEFAULT")
        yield is_idle
    texgan().property_unset("model")
    own = {node.name: node.image for node in material().node_tree.nodes if node.get("texgan_map")}
    yield from _scroll(bpy.ops.view2d.scroll_down)
    yield from click_at(region("NODE_EDITOR", "UI").x + 80, region("NODE_EDITOR", "UI").y + MADE)
    bpy.context.scene.texgan_history_index = 2
    yield from _scroll(bpy.ops.view2d.scroll_down)
    for width, pixels in (("made", 80), ("made_narrow", -200), ("made_wide", 120)):
        yield from _scroll(bpy.ops.view2d.scroll_down)
        shot(width)
        yield from drag_edge(pixels)
    yield from _scroll(bpy.ops.view2d.scroll_down)
    yield from click("texgan.compare")
    yield is_idle
    seen = [node.image for node in material().node_tree.nodes if node.get("texgan_map")]
    check("compared", len(seen) == 4 and not set(seen) & set(own.values()))
    yield from _scroll(bpy.ops.view2d.scroll_down)
    yield 4.0
    shot("compared")
    for name, shown in (("its own again", own.values()), ("and the other", seen)):
        yield from click("texgan.flip")
        check(name, {node.image for node in material().node_tree.nodes if node.get("texgan_map")} == set(shown))
        yield 4.0
        shot(name.replace(" ", "_"))
    with override("VIEW_3D"):
        bpy.ops.ed.undo_push(message="While it is compared")
        bpy.ops.ed.undo()
        bpy.ops.ed.redo()
    yield 0.5
    shown = {node.name: node.image.name for node in material().node_tree.nodes if node.get("texgan_map")}
    check("undo ends it", shown.keys() == own.keys() and not _previews() and "Preview" not in str(shown))
    count = len(bpy.context.scene.texgan_history)
    yield from click("texgan.forget", across=0.83)
    check("removed from the list", len(bpy.context.scene.texgan_history) == count - 1)
    yield from _scroll(bpy.ops.view2d.scroll_up)


def browser() -> tuple[bpy.types.Window, bpy.types.SpaceFileBrowser] | None:
    """The window of the file browser that a button has opened, once it is ready."""
    for one in bpy.context.window_manager.windows:
        space = one.screen.areas[0].spaces.active
        if space.type == "FILE_BROWSER" and space.params is not None and space.active_operator is not None:
            return one, space
    return None


def speaking() -> Iterator[Wait]:
    """The panel in German, where this Blender knows languages."""
    view = bpy.context.preferences.view
    try:
        view.language = "de_DE"
    except TypeError:
        print("[gui] this Blender has no languages", flush=True)
        return
    view.use_translate_interface = view.use_translate_tooltips = True
    yield 1.5
    check("in German", bpy.app.translations.pgettext_iface("Generate", "Operator") == "Erzeugen")
    shot("german")
    view.language = "en_US"
    yield 0.5


def sizes() -> Iterator[Wait]:
    """The panel at two widths and two scales of the interface, and the preferences."""
    for scale in (1.0, 1.5):
        bpy.context.preferences.view.ui_scale = scale
        yield 1.5
        shot(f"scale_{scale:g}")
        before = region("NODE_EDITOR", "UI").width
        yield from drag_edge(-120)
        check(f"the sidebar at scale {scale:g} is wider", region("NODE_EDITOR", "UI").width > before)
        shot(f"scale_{scale:g}_wide")
        yield from drag_edge(120)
    bpy.context.preferences.view.ui_scale = 1.0
    area("VIEW_3D").ui_type = "PREFERENCES"
    bpy.context.preferences.active_section = "ADDONS"
    bpy.context.window_manager.addon_search = "TexGAN"
    bpy.ops.preferences.addon_expand(module=MODULE.rpartition(".")[0])
    yield 2.0
    shot("preferences")


def missing() -> Iterator[Wait]:
    """What a new user sees: nothing but Install, which asks before it goes online."""
    titles = room("packages").TITLES
    titles["no_such_package"] = "PyTorch"
    redraw()
    yield 1.0
    shot("missing")
    bpy.context.preferences.system.use_online_access = False
    yield from click("texgan.install")
    yield 1.0
    check("nothing is fetched while Blender is to stay offline", is_idle())
    shot("offline")
    del titles["no_such_package"]
    redraw()
    yield 0.5


def growth() -> Iterator[Wait]:
    """Many sets in a row leave no data-blocks behind."""
    texgan().width = texgan().height = 256
    yield from little_is_drawn()
    counts, memory = [], []
    for number in range(int(os.environ.get("ROUNDS", "200"))):
        texgan().layout_seed = number
        with override(PLAIN):
            bpy.ops.texgan.generate("INVOKE_DEFAULT")
        yield is_idle
        counts.append((len(bpy.data.images), len(bpy.data.materials), len(bpy.data.node_groups)))
        memory.append(_resident())
    yield from all_is_drawn()
    check("data-blocks do not grow", len(set(counts)) == 1)
    check("memory grown in the second half, MB", round(memory[-1] - memory[len(memory) // 2]))


def _resident() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def story() -> Iterator[Wait]:
    """All scenes; one that fails does not stop the next."""
    scenes = (
        start,
        generating,
        tiling,
        cancelling,
        deleting,
        smooth,
        exploring,
        improving,
        learning,
        mixing,
        living,
        pinning,
        missing,
        growth,
        saving,
        keeping,
        recalling,
        speaking,
        sizes,
    )
    wanted = os.environ.get("SCENES", "").split(",")
    for scene in scenes:
        if scene is not start and wanted != [""] and scene.__name__ not in wanted:
            continue
        try:
            yield from scene()
        except Exception:
            check(scene.__name__, traceback.format_exc())
            shot(f"failed_{scene.__name__}")
            room("pump").making.cancel()
            yield is_idle


running, condition, since = story(), None, 0.0


WAITING = Exception("not yet")


def _trouble(condition: Callable[[], bool]) -> Exception | None:
    """None if a condition holds, `WAITING` if not, or why it can never be told."""
    try:
        return None if condition() else WAITING
    except Exception as error:
        return error


def step() -> float | None:
    """One beat of the story; the time to the next."""
    global condition, since
    try:
        if condition is not None:
            late = TimeoutError(f"waited {PATIENCE} s") if time.monotonic() - since > PATIENCE else None
            trouble = late or _trouble(condition)
            if trouble is WAITING:
                return 0.02
            wait = next(running) if trouble is None else running.throw(trouble)
        else:
            wait = next(running)
    except StopIteration:
        (OUT / "results.json").write_text(json.dumps(results))
        sys.stdout.flush()
        bpy.ops.wm.quit_blender()
        return None
    condition, since = (wait, time.monotonic()) if callable(wait) else (None, 0.0)
    return 0.02 if callable(wait) else wait


def rest() -> float:
    """Blender sleeps so long wherever it has nothing to do, but never if its events are simulated: then one core of the
    machine is lost to all else."""
    time.sleep(0.005)
    return 0.0


bpy.app.timers.register(rest, persistent=True)
bpy.app.timers.register(step, first_interval=1.0, persistent=True)
