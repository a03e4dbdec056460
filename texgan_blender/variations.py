"""The strip of variations in the panel: a small picture for each pair of seeds. They live until other settings than the
seeds change, or Blender ends: what is taken is to look like its picture."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import bpy.utils.previews
from bpy.app.handlers import persistent

from . import settings
from .errors import UserError
from .values import VARIATION_SIDE, Request, Variation

shown: list[Variation] = []
_shown_of: Request | None = None
_pictures: bpy.utils.previews.ImagePreviewCollection | None = None


def show(variations: Sequence[Variation], request: Request) -> None:
    """Put new variations of what was requested in place of those that are there."""
    global _shown_of
    assert _pictures is not None
    _pictures.clear()
    shown[:], _shown_of = variations, _without_seeds(request)
    for number, variation in enumerate(shown):
        preview = _pictures.new(str(number))
        preview.image_size = (VARIATION_SIDE, VARIATION_SIDE)
        preview.image_pixels_float.foreach_set(variation.rgba)


def icon(number: int) -> int:
    """The number of a variation's picture; 0 in background mode."""
    assert _pictures is not None
    return _pictures[str(number)].icon_id


def look_again(context: bpy.types.Context) -> None:
    """Settings have changed: forget what is of others."""
    if not shown:
        return
    try:
        wanted = _without_seeds(settings.request(context))
    except UserError:
        wanted = None
    if wanted != _shown_of:
        shown.clear()


def _without_seeds(request: Request) -> Request:
    return replace(request, layout_seed=0, style_seed=0)


@persistent
def _look_again(*_: Any) -> None:
    look_again(bpy.context)


def register() -> None:
    global _pictures
    _pictures = bpy.utils.previews.new()
    settings.listeners.append(look_again)
    bpy.app.handlers.load_post.append(_look_again)


def unregister() -> None:
    global _pictures
    settings.listeners.remove(look_again)
    bpy.app.handlers.load_post.remove(_look_again)
    shown.clear()
    bpy.utils.previews.remove(_pictures)
    _pictures = None
