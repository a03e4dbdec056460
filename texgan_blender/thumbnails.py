"""Small pictures of the bundled models, for the menu."""

from pathlib import Path

import bpy.utils.previews

FOLDER = Path(__file__).parent / "gallery"
_loaded: bpy.utils.previews.ImagePreviewCollection | None = None


def icon(model: str) -> int:
    """Blender's number for the picture of a bundled model, 0 if there is none. It is read when it is first shown."""
    path = FOLDER / f"{model}.jpg"
    if _loaded is None or not path.is_file():
        return 0
    if model not in _loaded:
        _loaded.load(model, str(path), "IMAGE")
    return _loaded[model].icon_id


def register() -> None:
    global _loaded
    _loaded = bpy.utils.previews.new()


def unregister() -> None:
    global _loaded
    if _loaded is not None:
        bpy.utils.previews.remove(_loaded)
    _loaded = None
