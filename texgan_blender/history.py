"""What was made in this file and put into materials: `Scene.texgan_history`, the newest first, each with the record
that tells how it was made, and a small picture."""

import base64
from collections.abc import Callable

import bpy
import bpy.utils.previews
from bpy.props import BoolProperty, CollectionProperty, IntProperty, StringProperty
from bpy.types import PropertyGroup, UIList

from . import records
from .translations import phrase
from .values import ICON_SIDE

LONGEST = 100
"""Entries that are kept."""
listeners: list[Callable[[bpy.types.Context], None]] = []
"""What is to be told when another entry is chosen."""
_pictures: bpy.utils.previews.ImagePreviewCollection | None = None


class TexganMade(PropertyGroup):
    """One set that was made."""

    record: StringProperty(description="How these textures were made")
    icon: StringProperty(description="A small picture of them, as Generated.icon has it")
    material: StringProperty(description="The material that it went to")
    single: BoolProperty(description="Whether it went into one image node alone")
    passing: BoolProperty(description="Whether what Live makes next takes its place")


class TEXGAN_UL_history(UIList):
    """The list in the panel: a picture and what is made of which model."""

    def draw_item(self, context, layout, data, item, icon, active_data, active_property, index):
        lines = describe(item)
        layout.label(text=lines[0], icon_value=picture(item), translate=False)


def describe(entry: TexganMade) -> list[str]:
    """An entry in some short lines."""
    place = phrase("{}, one image node", entry.material) if entry.single else entry.material
    return [*records.describe(entry.record, phrase), place]


def picture(entry: TexganMade) -> int:
    """Blender's number for the small picture of an entry; 0 in background mode, and for those of old, without one."""
    import numpy as np

    assert _pictures is not None
    if not entry.icon:
        return 0
    if entry.icon not in _pictures:
        rgba = np.ones((ICON_SIDE**2, 4), np.float32)
        rgba[:, :3] = np.frombuffer(base64.b64decode(entry.icon), np.uint8).reshape(-1, 3) / 255
        new = _pictures.new(entry.icon)
        new.icon_size = new.image_size = (ICON_SIDE, ICON_SIDE)
        for pixels in (new.icon_pixels_float, new.image_pixels_float):
            pixels.foreach_set(rgba.ravel())
    return _pictures[entry.icon].icon_id


def add(
    scene: bpy.types.Scene, record: str, icon: str, material: str, single: bool = False, passing: bool = False
) -> None:
    """Remember what was put into a material, or into a `single` image node of it; the same one again moves to the top.
    A `passing` one takes the place of another such."""
    made = scene.texgan_history
    stays = not passing
    for index in reversed(range(len(made))):
        there = made[index]
        is_same = (there.record, there.single) == (record, single)
        if there.material == material and (is_same or (passing and there.passing)):
            stays = stays or (is_same and not there.passing)
            made.remove(index)
    entry = made.add()
    entry.record, entry.icon, entry.material, entry.single, entry.passing = record, icon, material, single, not stays
    made.move(len(made) - 1, 0)
    while len(made) > LONGEST:
        made.remove(len(made) - 1)
    scene.texgan_history_index = 0
    _forget_pictures(scene)


def remove(scene: bpy.types.Scene) -> None:
    """Forget the entry that is selected in the list."""
    scene.texgan_history.remove(scene.texgan_history_index)
    scene.texgan_history_index = max(min(scene.texgan_history_index, len(scene.texgan_history) - 1), 0)
    _forget_pictures(scene)


def _forget_pictures(scene: bpy.types.Scene) -> None:
    """Those of no entry; the panel makes anew what it needs."""
    assert _pictures is not None
    for icon in set(_pictures) - {entry.icon for entry in scene.texgan_history}:
        del _pictures[icon]


def keep(scene: bpy.types.Scene) -> None:
    """Let none give way any more."""
    for entry in scene.texgan_history:
        entry.passing = False


def _choose(scene: bpy.types.Scene, context: bpy.types.Context) -> None:
    for listener in listeners:
        listener(context)


def chosen(scene: bpy.types.Scene) -> TexganMade | None:
    """The entry that is selected in the list."""
    made, index = scene.texgan_history, scene.texgan_history_index
    return made[index] if 0 <= index < len(made) else None


_CLASSES = (TexganMade, TEXGAN_UL_history)


def register() -> None:
    global _pictures
    _pictures = bpy.utils.previews.new()
    for cls in _CLASSES:
        bpy.utils.register_class(cls)
    bpy.types.Scene.texgan_history = CollectionProperty(type=TexganMade)
    bpy.types.Scene.texgan_history_index = IntProperty(name="Made", update=_choose)


def unregister() -> None:
    global _pictures
    del bpy.types.Scene.texgan_history_index
    del bpy.types.Scene.texgan_history
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
    bpy.utils.previews.remove(_pictures)
    _pictures = None
