"""What a folder holds to learn from, as text: to be looked at before a long run."""

from pathlib import Path

from texgan_core.encode import wrapping
from texgan_core.errors import ImageError
from texgan_core.maps import MAPS
from texgan_core.materials import Material, MaterialFiles

from .choose import Choice

TILING = {(True, True): "tiles", (False, True): "tiles in x", (True, False): "tiles in y", (False, False): "-"}


def listing(folder: Path, choice: Choice) -> str:
    """A line a material: its name, pixels as learned from, whether it tiles, the maps that are read, and the convention
    of its normals, as its file name says; or why it is left out. Raises as `Choice.files`."""
    found = choice.files(folder)
    width = max(len(files.name) for files in found)
    return "\n".join(f"{files.name:{width}}  {_line(files, choice)}" for files in found)


def _line(files: MaterialFiles, choice: Choice) -> str:
    try:
        material = choice.load(files)
    except ImageError as error:
        return f"left out: {error}"
    return f"{_size(material):11}  {TILING[wrapping(material)]:10}  {_maps(files)}"


def _size(material: Material) -> str:
    height, width = material.stack.shape[1:]
    return f"{width} x {height}"


def _maps(files: MaterialFiles) -> str:
    """Maps as they are read; what is derived of them is not named."""
    said = {"normal": "normal (DirectX)" if files.directx_normals else "normal (OpenGL)"}
    return ", ".join(said.get(name, name) for name in (*MAPS, "gloss") if name in files.files)
