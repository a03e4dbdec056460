"""The zip: what is in it, and that Blender starts quickly with it."""

import os
import subprocess
import sys
import zipfile

START = """
import os, sys, time
import bpy
bpy.ops.extensions.package_install_files(filepath=sys.argv[1], repo="user_default", enable_on_install=False)
before = set(sys.modules)
started = time.thread_time()
sum(i * i for i in range(1_000_000))
print("YARDSTICK", time.thread_time() - started)
started = time.thread_time()
import addon_utils
module = addon_utils.enable("bl_ext.user_default.texgan")
print("SECONDS", time.thread_time() - started)
print("HEAVY", [m for m in ("torch", "PIL", "safetensors", "numpy") if m in sys.modules and m not in before])
print("REGISTERED", hasattr(bpy.types, "TEXGAN_OT_generate"), hasattr(bpy.context.scene, "texgan"))
bpy.ops.preferences.addon_disable(module="bl_ext.user_default.texgan")
print("GONE", not hasattr(bpy.types, "TEXGAN_OT_generate"), not hasattr(bpy.types.Scene, "texgan"))
sys.stdout.flush()
os._exit(0)
"""


def test_zip_holds_the_extension_and_nothing_else(archive):
    names = zipfile.ZipFile(archive).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {"blender_manifest.toml", "__init__.py", "texgan_core", "texgan_blender"} <= tops
    assert tops <= {
        "blender_manifest.toml",
        "__init__.py",
        "texgan_core",
        "texgan_blender",
        "README.md",
        "LICENSE",
        "CHANGELOG.md",
    }
    assert not [name for name in names if "development" in name or "__pycache__" in name]


def test_register_is_quick_and_light_in_a_fresh_blender(archive, tmp_path):
    environment = {**os.environ, "BLENDER_USER_RESOURCES": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", START, str(archive)], env=environment, capture_output=True, text=True, timeout=120
    )
    told = dict(line.split(" ", 1) for line in done.stdout.splitlines() if line[:1].isupper() and " " in line)
    assert told["REGISTERED"] == "True True", done.stderr
    assert told["HEAVY"] == "[]"
    assert float(told["SECONDS"]) < 4 * float(told["YARDSTICK"]), "of processor time; 1.5 is usual, 4 is too slow"
    assert told["GONE"] == "True True"
