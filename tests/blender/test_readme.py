"""The README's Python for Blender, run as it stands there, at a smaller size."""

import re
from pathlib import Path

import bpy

from .looking import image_nodes

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def test_python(texgan, tmp_path):
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "a.blend"))
    (code,) = [c for c in re.findall(r"```python\n(.*?)```", README, re.DOTALL) if "bpy" in c]
    exec(code.replace("1024, 1024", "128, 128"), {"bpy": bpy})
    assert len(image_nodes(bpy.context.object.active_material)) == 4
    assert {path.suffix for path in (tmp_path / "textures").iterdir()} == {".png"}
