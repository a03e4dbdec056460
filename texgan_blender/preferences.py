"""The add-on's preferences."""

import bpy
from bpy.props import EnumProperty

EXTENSION = __package__.rpartition(".")[0]
"""The installed package's name, which Blender chooses and keeps the preferences under."""


class TexganPreferences(bpy.types.AddonPreferences):
    bl_idname = EXTENSION

    device: EnumProperty(
        name="Device",
        description="What computes the textures",
        items=[
            ("auto", "Automatic", "The graphics card if PyTorch can use it, otherwise the processor"),
            ("cpu", "Processor", "Slower, always there"),
            ("cuda", "CUDA or ROCm", "A graphics card by NVIDIA or AMD"),
            ("mps", "Apple Metal", "The graphics of an Apple computer"),
        ],
        default="auto",
    )

    def draw(self, context: bpy.types.Context) -> None:
        self.layout.prop(self, "device")


def device(context: bpy.types.Context) -> str:
    """The chosen device. `blender --addons` enables the add-on without giving it preferences."""
    addon = context.preferences.addons.get(EXTENSION)
    return "auto" if addon is None else addon.preferences.device


def register() -> None:
    bpy.utils.register_class(TexganPreferences)


def unregister() -> None:
    bpy.utils.unregister_class(TexganPreferences)
