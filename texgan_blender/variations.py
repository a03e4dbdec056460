"""The strip of variations in the panel: a small picture for each pair of seeds. They live until Blender ends."""

from collections.abc import Sequence

import bpy.utils.previews

from .values import VARIATION_SIDE, Variation

shown: list[Variation] = []
_pictures: bpy.utils.previews.ImagePreviewCollection | None = None


def show(variations: Sequence[Variation]) -> None:
    """Put new variations in place of those that are there."""
    assert _pictures is not None
    _pictures.clear()
    shown[:] = variations
    for number, variation in enumerate(shown):
        preview = _pictures.new(str(number))
        preview.image_size = (VARIATION_SIDE, VARIATION_SIDE)
        preview.image_pixels_float.foreach_set(variation.rgba)


def icon(number: int) -> int:
    """The number of a variation's picture; 0 in background mode."""
    assert _pictures is not None
    return _pictures[str(number)].icon_id


def register() -> None:
    global _pictures
    _pictures = bpy.utils.previews.new()


def unregister() -> None:
    global _pictures
    shown.clear()
    bpy.utils.previews.remove(_pictures)
    _pictures = None
