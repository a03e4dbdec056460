"""A Blender of its own for scripts: with the extension built and installed as a user would, and no trace left."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

# Before `import bpy`: leaves the real user's Blender alone.
os.environ["BLENDER_USER_RESOURCES"] = tempfile.mkdtemp(prefix="texgan-")

import bpy

from .build import ROOT, build

EXTENSION = "bl_ext.user_default.texgan"


def install() -> None:
    """Build the extension's zip into dist/ and install it from there."""
    with quiet():
        archive = build(ROOT / "dist")
        bpy.ops.extensions.package_install_files(filepath=str(archive), repo="user_default", enable_on_install=True)


@contextmanager
def quiet() -> Iterator[None]:
    """Silences Blender's own lines, which its C code prints."""
    keep, null = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    sys.stdout.flush()
    os.dup2(null, 1)
    try:
        yield
    finally:
        os.dup2(keep, 1)
        os.close(keep)
        os.close(null)


def close() -> None:
    """End the process."""
    bpy.ops.preferences.addon_disable(module=EXTENSION)
    sys.stdout.flush()
    shutil.rmtree(os.environ["BLENDER_USER_RESOURCES"])
    os._exit(0)  # Blender 4.5 hangs in its own exit code
