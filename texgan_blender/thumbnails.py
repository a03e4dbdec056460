"""Small pictures of models, for the menu."""

from pathlib import Path

import bpy.utils.previews

from . import models

FOLDER = Path(__file__).parent / "gallery"
_loaded: bpy.utils.previews.ImagePreviewCollection | None = None


def icon(model: str) -> int:
    """Blender's number for the picture of a model, 0 if there is none. It is read when it is first shown."""
    if _loaded is None:
        return 0
    if model not in _loaded:
        for path in (FOLDER / f"{model}.jpg", models.own_models() / f"{model}.png"):
            if path.is_file():
                _loaded.load(model, str(path), "IMAGE")
                break
    return _loaded[model].icon_id if model in _loaded else 0


def forget(model: str) -> None:
    """Its picture is another one now, or none."""
    if _loaded is not None and model in _loaded:
        del _loaded[model]


def register() -> None:
    global _loaded
    _loaded = bpy.utils.previews.new()


def unregister() -> None:
    global _loaded
    if _loaded is not None:
        bpy.utils.previews.remove(_loaded)
    _loaded = None
