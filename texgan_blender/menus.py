"""A menu in the Shader Editor and the 3D viewport, by which Blender's search finds what the panel has."""

import bpy
from bpy.types import Context, Menu

PLACES = ("NODE_MT_node", "VIEW3D_MT_object")
OPERATORS = (
    ("generate", "fill_node", "variations", "animate"),
    ("improve", "check_tiling", "mark_region", "reroll_region", "before_after", "learn"),
    ("export", "mark_asset", "show_tiled"),
    ("doctor", "free_memory"),
)
"""What can be called without the panel, in groups."""


class TEXGAN_MT_main(Menu):
    bl_label = "TexGAN"
    bl_description = "What TexGAN can do with the settings in its panel"

    def draw(self, context: Context) -> None:
        for group in OPERATORS:
            self.layout.separator()
            for name in group:
                self.layout.operator(f"texgan.{name}")


def _draw(menu: Menu, context: Context) -> None:
    if menu.bl_idname != "NODE_MT_node" or context.space_data.tree_type == "ShaderNodeTree":
        menu.layout.separator()
        menu.layout.menu("TEXGAN_MT_main")


def register() -> None:
    bpy.utils.register_class(TEXGAN_MT_main)
    for place in PLACES:
        getattr(bpy.types, place).append(_draw)


def unregister() -> None:
    for place in PLACES:
        getattr(bpy.types, place).remove(_draw)
    bpy.utils.unregister_class(TEXGAN_MT_main)
