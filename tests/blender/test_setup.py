"""The buttons that install, remove and examine, in Blender."""

import subprocess
import sys

import bpy
import pytest

from tests.wheels import make_wheels


@pytest.fixture
def preferences(room, texgan):
    """The add-on's preferences, as they were before after each test."""
    chosen = room("preferences").of(bpy.context)
    yield chosen
    for name in ("source", "wheels", "environment", "index"):
        chosen.property_unset(name)
    if room("packages").current(room("preferences").folder()):
        bpy.ops.texgan.uninstall()


def test_install_from_wheels_and_remove(room, preferences, tmp_path):
    folder, packages = room("preferences").folder(), room("packages")
    assert not bpy.ops.texgan.uninstall.poll()
    preferences.source, preferences.wheels = "WHEELS", str(make_wheels(tmp_path / "wheels"))
    assert bpy.ops.texgan.install() == {"FINISHED"}
    place = packages.current(folder)
    assert place is not None and str(place) in sys.path
    assert bpy.ops.texgan.open_log() == {"FINISHED"}
    assert "Successfully installed" in bpy.data.texts["install.log"].as_string()
    assert bpy.ops.texgan.uninstall() == {"FINISHED"}
    assert str(place) not in sys.path and not place.exists()


def test_what_is_installed_is_found_at_the_next_start(room, preferences, tmp_path):
    preferences.source, preferences.wheels = "WHEELS", str(make_wheels(tmp_path / "wheels"))
    bpy.ops.texgan.install()
    place = str(room("packages").current(room("preferences").folder()))
    room("packages").deactivate()
    assert place not in sys.path
    room("preferences").activate_packages()
    assert place in sys.path


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"source": "WHEELS"}, "Choose the folder of wheels first"),
        ({"source": "WHEELS", "wheels": "/nothing/here"}, "holds no wheels"),
        ({"source": "ENVIRONMENT", "environment": "/nothing/here"}, "has no PyTorch for Python"),
    ],
)
def test_what_cannot_be_installed_is_said(preferences, changes, says):
    for name, value in changes.items():
        setattr(preferences, name, value)
    with pytest.raises(RuntimeError, match=says):
        bpy.ops.texgan.install()


def test_nothing_is_fetched_while_blender_is_to_stay_offline(preferences):
    if bpy.app.online_access:
        pytest.skip("this Blender may go online")
    with pytest.raises(RuntimeError, match="set to stay offline"):
        bpy.ops.texgan.install()


def test_the_doctor_s_report(room, preferences):
    assert bpy.ops.texgan.doctor() == {"FINISHED"}
    report = bpy.data.texts["TexGAN Report"].as_string()
    assert report.startswith(f"Blender {bpy.app.version_string}")
    assert "PyTorch" in report and "256 x 256 on cpu" in report and "\n!" not in report


def test_the_doctor_tells_what_is_missing(room, preferences, monkeypatch):
    monkeypatch.setitem(room("packages").TITLES, "no_such_package", "PyTorch")
    assert bpy.ops.texgan.doctor() == {"FINISHED"}
    report = bpy.data.texts["TexGAN Report"].as_string()
    assert (
        "! PyTorch must be installed" in report and "GiB free" in report and str(room("preferences").folder()) in report
    )


LOADING = """
import gc, importlib, sys
from pathlib import Path
from texgan_blender import packages
load, told = importlib.import_module, []
def noted(name):
    told[:] = [name, "torch" in sys.modules, Path("/proc/self/maps").read_text().count("libtorch_cpu"), gc.isenabled()]
    return load(name)
importlib.import_module = noted
packages.load_torch()
assert told[:2] == ["torch", False]
import torch
print(told[2], int(told[3]), int(gc.isenabled()), gc.get_freeze_count(), int(torch.ones(3).sum()))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="what a process has loaded is told by Linux")
def test_pytorch_is_imported_with_its_libraries_loaded_and_no_search_for_garbage():
    done = subprocess.run([sys.executable, "-c", LOADING], capture_output=True, text=True, check=True)
    mapped, collects_meanwhile, collects, frozen, total = (int(word) for word in done.stdout.split())
    assert mapped and not collects_meanwhile and collects and frozen > 100_000 and total == 3
