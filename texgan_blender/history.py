"""What was made in this file: `Scene.texgan_history`, the newest first, each as the record that makes it again."""

import bpy
from bpy.props import BoolProperty, CollectionProperty, IntProperty, StringProperty
from bpy.types import PropertyGroup, UIList

from . import records

LONGEST = 100
"""Entries that are kept."""


class TexganMade(PropertyGroup):
    """One set that was made."""

    record: StringProperty(description="All that makes these textures again")
    material: StringProperty(description="The material that it went to")
    passing: BoolProperty(description="Whether what Live makes next takes its place")


class TEXGAN_UL_history(UIList):
    """The list in the panel: what was made, and for which material."""

    def draw_item(self, context, layout, data, item, icon, active_data, active_property, index):
        layout.label(text=" · ".join([*records.describe(item.record), item.material]))


def add(scene: bpy.types.Scene, record: str, material: str, passing: bool = False) -> None:
    """Remember a set; the same one again moves to the top. A `passing` one takes the place of another such."""
    made = scene.texgan_history
    stays = not passing
    for index in reversed(range(len(made))):
        there = made[index]
        is_same = there.record == record
        if there.material == material and (is_same or (passing and there.passing)):
            stays = stays or (is_same and not there.passing)
            made.remove(index)
    entry = made.add()
    entry.record, entry.material, entry.passing = record, material, not stays
    made.move(len(made) - 1, 0)
    while len(made) > LONGEST:
        made.remove(len(made) - 1)
    scene.texgan_history_index = 0


def keep(scene: bpy.types.Scene) -> None:
    """Let none give way any more."""
    for entry in scene.texgan_history:
        entry.passing = False


def chosen(scene: bpy.types.Scene) -> TexganMade | None:
    """The entry that is selected in the list."""
    made, index = scene.texgan_history, scene.texgan_history_index
    return made[index] if 0 <= index < len(made) else None


_CLASSES = (TexganMade, TEXGAN_UL_history)


def register() -> None:
    for cls in _CLASSES:
        bpy.utils.register_class(cls)
    bpy.types.Scene.texgan_history = CollectionProperty(type=TexganMade)
    bpy.types.Scene.texgan_history_index = IntProperty(name="Made")


def unregister() -> None:
    del bpy.types.Scene.texgan_history_index
    del bpy.types.Scene.texgan_history
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
