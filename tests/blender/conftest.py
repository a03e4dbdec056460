"""A real Blender (the bpy package) with the extension built, installed and enabled as a user would."""

import atexit
import importlib
import os
import tempfile
from types import ModuleType, SimpleNamespace

import pytest

# Before `import bpy`, or Blender reads and writes the real user's folders.
os.environ["BLENDER_USER_RESOURCES"] = tempfile.mkdtemp(prefix="texgan-blender-")

import bpy

from tests.tiny import tiny_material_model
from texgan_blender.development.build import build

EXTENSION = "bl_ext.user_default.texgan"


@pytest.fixture(scope="session")
def archive(tmp_path_factory):
    return build(tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="session")
def extension(archive):
    """The name of the installed extension's package."""
    bpy.ops.extensions.package_install_files(filepath=str(archive), repo="user_default", enable_on_install=True)
    assert EXTENSION in bpy.context.preferences.addons
    atexit.register(bpy.ops.preferences.addon_disable, module=EXTENSION)
    return EXTENSION


@pytest.fixture(scope="session")
def room(extension):
    """Modules of the installed extension by name: `room("pump")`."""

    def find(name: str) -> ModuleType:
        return importlib.import_module(f"{extension}.texgan_blender.{name}")

    return find


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory):
    return tiny_material_model(tmp_path_factory.mktemp("models"))


@pytest.fixture
def texgan(extension, tiny_model):
    """Settings for a small, quick set in a new file with the default cube active."""
    bpy.ops.wm.read_homefile(use_factory_startup=True)
    settings = bpy.context.scene.texgan
    settings.model = "FILE"
    settings.model_file = str(tiny_model)
    settings.width, settings.height = 128, 64
    return settings


@pytest.fixture
def material(texgan):
    return bpy.context.object.active_material


@pytest.fixture
def no_preview(room, monkeypatch):
    """Assets without a picture, which Blender takes seconds to draw."""
    monkeypatch.setattr(room("assets"), "_draw_preview", lambda material: None)


class Layout:
    """Stands in for Blender's layout, which exists only in a window."""

    def __init__(self, log=None):
        self.log = [] if log is None else log

    def __getattr__(self, name):
        def record(*arguments, **options):
            self.log.append((name, arguments, options))
            return Layout(self.log)

        return record

    def panel(self, *arguments, **options):
        """An open one: its header and its body."""
        return self, self

    def texts(self):
        return [o.get("text", "") for name, _, o in self.log if name in ("label", "progress")]

    def operators(self):
        return [a[0] for name, a, _ in self.log if name == "operator"]


@pytest.fixture
def draw(room, texgan):
    window = SimpleNamespace(region=SimpleNamespace(width=300), system=SimpleNamespace(ui_scale=1.0))
    context = SimpleNamespace(
        scene=bpy.context.scene,
        space_data=None,
        area=None,
        view_layer=bpy.context.view_layer,
        region=window.region,
        preferences=window,
    )

    def draw():
        class Panel(room("panels")._TexganPanel):
            layout = Layout()

        Panel().draw(context)
        return Panel.layout

    return draw


@pytest.fixture
def run_job(room):
    """Let a lane of the pump have a job that is so far."""
    pump = room("pump")

    def run_job(lane, share, text):
        lane.job = room("jobs").Job(lambda p, c: None)
        lane.job._report(share, text)
        return lane.job

    yield run_job
    pump.making.job = pump.learning.job = None
