"""Validate the extension and build its zip: `python -m texgan_blender.development.build [FOLDER]`.

Blender's own tool does both; it comes inside the bpy package, so no Blender needs to be installed.
"""

import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).parents[2]


def build(folder: Path) -> Path:
    """Build `texgan-VERSION.zip` in a folder.

    Raises:
        SystemExit: the manifest or the zip is not valid; Blender's words have been printed.
    """
    manifest = tomllib.loads((ROOT / "blender_manifest.toml").read_text())
    folder.mkdir(parents=True, exist_ok=True)
    archive = folder / f"{manifest['id']}-{manifest['version']}.zip"
    _blender_tool("validate", str(ROOT))
    _blender_tool("build", "--source-dir", str(ROOT), "--output-filepath", str(archive))
    _blender_tool("validate", str(archive))
    return archive


def _blender_tool(*arguments: str) -> None:
    done = subprocess.run([sys.executable, str(_tool()), *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{done.stdout}{done.stderr}")


def _tool() -> Path:
    bpy = find_spec("bpy")  # found, not imported
    if bpy is None or bpy.origin is None:
        raise SystemExit("Install bpy first: pip install bpy==4.5.15")
    return next(Path(bpy.origin).parent.glob("*/scripts/addons_core/bl_pkg/cli/blender_ext.py"))


if __name__ == "__main__":
    print(build(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "dist"))
