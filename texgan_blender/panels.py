"""The tab "TexGAN" in the sidebars of the Shader Editor and the 3D viewport. Draws only."""

from pathlib import Path

import bpy
from bpy.types import Context, Menu, Panel, UILayout

from . import (
    again,
    history,
    improving,
    learning,
    materials,
    packages,
    preferences,
    previews,
    pump,
    records,
    settings,
    variations,
)
from .drawing import draw_job, draw_message, draw_text
from .translations import phrase
from .values import Variation

SIZES = ((512, 512), (1024, 1024), (2048, 2048), (4096, 4096), (1024, 512), (2048, 1024), (2048, 512), (4096, 1024))
"""In pixels: squares, and what suits walls and trim."""
SOURCES = 6
"""What is learned from is listed by name up to so many."""


class _TexganPanel:
    bl_label = "TexGAN"
    bl_category = "TexGAN"
    bl_region_type = "UI"
    layout: UILayout

    def draw(self, context: Context) -> None:
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        if missing := packages.missing():
            _draw_missing(layout, context, missing)
            return
        _draw_settings(layout, context.scene.texgan)
        _draw_buttons(layout, context)
        _draw_variations(layout, context.scene.texgan)
        _draw_record(layout, context)
        _draw_improve(layout, context)
        _draw_learn(layout, context)
        _draw_history(layout, context)


class TEXGAN_PT_shader_editor(_TexganPanel, Panel):
    bl_idname = "TEXGAN_PT_shader_editor"
    bl_space_type = "NODE_EDITOR"

    @classmethod
    def poll(cls, context: Context) -> bool:
        return context.space_data.tree_type == "ShaderNodeTree"


class TEXGAN_PT_view_3d(_TexganPanel, Panel):
    bl_idname = "TEXGAN_PT_view_3d"
    bl_space_type = "VIEW_3D"


class TEXGAN_MT_own_model(Menu):
    bl_idname = "TEXGAN_MT_own_model"
    bl_label = "Own Model"
    bl_description = "Rename or delete this model of your own"

    def draw(self, context: Context) -> None:
        self.layout.operator("texgan.rename_model", icon="GREASEPENCIL")
        self.layout.operator("texgan.delete_model", icon="TRASH")


class TEXGAN_MT_sizes(Menu):
    bl_idname = "TEXGAN_MT_sizes"
    bl_label = "Usual Sizes"
    bl_description = "Usual sizes"

    def draw(self, context: Context) -> None:
        for width, height in SIZES:
            taken = self.layout.operator("texgan.take_size", text=f"{width} x {height}", translate=False)
            taken.width, taken.height = width, height


def _draw_missing(layout: UILayout, context: Context, missing: list[str]) -> None:
    draw_text(layout, context, phrase("To make textures, TexGAN needs {}.", ", ".join(missing)), "INFO")
    if not bpy.app.online_access:
        layout.prop(context.preferences.system, "use_online_access", text="Go Online")
    if not draw_job(layout):
        row = layout.row()
        row.scale_y = 1.5
        row.operator("texgan.install", icon="IMPORT")
        layout.operator("preferences.addon_show", text="More Ways", icon="PREFERENCES").module = preferences.EXTENSION
        draw_message(layout, context)


def _draw_settings(layout: UILayout, texgan: settings.TexganSettings) -> None:
    if texgan.model == settings.MODEL_FILE:
        layout.prop(texgan, "model")
        layout.prop(texgan, "model_file", text="File")
    else:
        layout.template_icon_view(texgan, "model", show_labels=True, scale=6, scale_popup=4)
        row = layout.row(align=True)
        row.prop(texgan, "model")
        if settings.is_own(texgan):
            row.menu("TEXGAN_MT_own_model", text="", icon="DOWNARROW_HLT")
    size = layout.column(align=True)
    row = size.row(align=True)
    row.prop(texgan, "width", text="Width")
    row.menu("TEXGAN_MT_sizes", text="", icon="DOWNARROW_HLT")
    size.prop(texgan, "height", text="Height")
    size.row(align=True).prop(texgan, "upscale", expand=True)
    size.prop(texgan, "metres")
    for seed, text in (("layout_seed", "Layout"), ("style_seed", "Style")):
        row = layout.row(align=True)
        row.prop(texgan, seed, text=text)
        row.operator("texgan.roll_seed", text="", icon="FILE_REFRESH").seed = seed
    _draw_pattern(layout, texgan)
    _draw_blend(layout, texgan)
    _draw_look(layout, texgan)
    maps = layout.grid_flow(columns=2, even_columns=True, align=True)
    maps.use_property_split = False
    for name in settings.MAPS:
        maps.prop_enum(texgan, "maps", name)


def _draw_pattern(layout: UILayout, texgan: settings.TexganSettings) -> None:
    """A pattern, where one can be followed, and what fills its joints: with that, any model follows one."""
    if settings.takes_pattern(texgan):
        column = layout.column(align=True)
        column.prop(texgan, "pattern")
        if texgan.pattern == settings.PICTURE:
            column.prop(texgan, "pattern_picture", text="Picture")
        elif texgan.pattern != settings.NO_PATTERN:
            for name in ("columns", "rows", "joint", "upright"):
                column.prop(texgan, f"pattern_{name}")
            row = column.row(align=True)
            row.prop(texgan, "pattern_seed", text="Seed")
            row.operator("texgan.roll_seed", text="", icon="FILE_REFRESH").seed = "pattern_seed"
    else:
        layout.label(text="For a pattern, choose Joints below", icon="INFO")
    if texgan.pattern != settings.NO_PATTERN or not settings.is_style(texgan):
        layout.prop(texgan, "joints")


def _draw_blend(layout: UILayout, texgan: settings.TexganSettings) -> None:
    """Only models from noise can be blended."""
    if not settings.is_style(texgan):
        return
    column = layout.column(align=True)
    column.prop(texgan, "blend")
    if texgan.blend != settings.ALONE:
        column.prop(texgan, "blend_share")


def _draw_look(layout: UILayout, texgan: settings.TexganSettings) -> None:
    header, body = layout.panel("texgan_look", default_closed=True)
    header.label(text="Look")
    if body:
        column = body.column(align=True)
        for name in settings.LOOK:
            column.prop(texgan, name, slider=True)
        body.operator("texgan.reset_look", icon="LOOP_BACK")


def _draw_buttons(layout: UILayout, context: Context) -> None:
    is_told_here = not (improving.is_told() or again.is_told())
    if is_told_here and draw_job(layout):
        if number := previews.icon():
            layout.template_icon(number, scale=8)
        return
    layout.prop(context.scene.texgan, "into")
    row = layout.row(align=True)
    row.scale_y = 1.5
    row.operator("texgan.generate", icon="TEXTURE")
    row.prop(context.scene.texgan, "live", text="", icon="TIME")
    if context.area is not None and context.area.type == "NODE_EDITOR":
        layout.operator("texgan.fill_node", icon="IMAGE_DATA")
    if is_told_here:
        draw_message(layout, context)


def _draw_record(layout: UILayout, context: Context) -> None:
    material = materials.active_material(context)
    lines = records.describe(materials.record_of(material), phrase)
    if lines:
        box = layout.box().column(align=True)
        for line in [*lines, *materials.figures_of(material)]:
            draw_text(box, context, line)
        box.operator("texgan.show_tiled", icon="MESH_GRID")
        box.operator("texgan.regenerate", icon="LOOP_BACK")
        box.operator("texgan.export", icon="EXPORT")
        box.operator("texgan.animate", icon="RENDER_ANIMATION")
        box.operator("texgan.mark_asset", icon="ASSET_MANAGER")


def _draw_improve(layout: UILayout, context: Context) -> None:
    """How it goes is told there even while the section is closed."""
    header, body = layout.panel("texgan_improve", default_closed=True)
    header.label(text="Improve")
    place = body or layout
    if improving.is_told() and draw_job(place):
        return
    if body:
        _draw_improve_settings(body, context)
    if improving.is_told():
        draw_message(place, context)


def _draw_improve_settings(body: UILayout, context: Context) -> None:
    texgan = context.scene.texgan
    sliders = body.column(align=True)
    sliders.prop(texgan, "clean", slider=True)
    sliders.prop(texgan, "even", slider=True)
    body.prop(texgan, "close")
    for name, counts in (("crop", texgan.close != "none"), ("complete", True)):
        row = body.row()
        row.use_property_split, row.active = False, counts
        row.prop(texgan, name)
    body.row().prop(texgan, "enlarge", expand=True)
    row = body.row(align=True)
    row.prop(texgan, "border_seed", text="Seed")
    row.operator("texgan.roll_seed", text="", icon="FILE_REFRESH").seed = "border_seed"
    row = body.split(factor=0.65, align=True)
    row.operator("texgan.improve", icon="MOD_ARRAY")
    row.operator("texgan.check_tiling", text="Check", icon="VIEWZOOM")
    row = body.row(align=True)
    row.operator("texgan.mark_region", icon="BRUSH_DATA")
    row.prop(texgan, "region", text="")
    if texgan.region is not None:
        body.operator("texgan.reroll_region", icon="FILE_REFRESH")
    if improving.improved_nodes(materials.active_material(context)):
        body.operator("texgan.before_after", icon="ARROW_LEFTRIGHT")


def _draw_learn(layout: UILayout, context: Context) -> None:
    header, body = layout.panel("texgan_learn", default_closed=True)
    header.label(text="Learn")
    if not body:
        return
    if draw_job(body, pump.learning, "texgan.cancel_learning"):
        if number := learning.sample():
            body.template_icon(number, scale=10)
        row = body.row(align=True)
        row.operator("texgan.pause_learning", icon="PAUSE")
        row.operator("texgan.finish_learning", icon="CHECKMARK")
        return
    texgan = context.scene.texgan
    _draw_sources(body, texgan)
    for name in ("learn_name", "learn_minutes", "learn_noise", "learn_further"):
        body.prop(texgan, name)
    row = body.row(align=True)
    row.operator("texgan.learn", icon="OUTLINER_OB_LIGHTPROBE")
    if learning.is_there(texgan) and not texgan.learn_further:
        row.operator("texgan.learn", text="Replace", icon="FILE_REFRESH").replace = True
    draw_message(body, context, pump.learning)


def _draw_sources(body: UILayout, texgan: settings.TexganSettings) -> None:
    """A path, or the list that was chosen instead."""
    chosen = texgan.learn_pictures
    row = body.row(align=True)
    if chosen:
        row.label(text="Learn from these")
    else:
        row.prop(texgan, "learn_from")
    row.operator("texgan.choose_pictures", text="", icon="FILE_FOLDER")
    if chosen:
        row.operator("texgan.clear_pictures", text="", icon="X")
        names = body.box().column(align=True)
        for source in chosen[:SOURCES]:
            names.label(text=Path(source.path).name, translate=False)
        if len(chosen) > SOURCES:
            names.label(text=phrase("and {} more", len(chosen) - SOURCES))


def _draw_variations(layout: UILayout, texgan: settings.TexganSettings) -> None:
    header, body = layout.panel("texgan_variations", default_closed=True)
    header.label(text="Variations")
    if not body:
        return
    body.row().prop(texgan, "vary", expand=True)
    body.operator("texgan.variations", text="Make Variations", icon="RENDERLAYERS")
    grid = body.grid_flow(columns=3, even_columns=True, even_rows=True, align=True)
    for number, variation in enumerate(variations.shown):
        column = grid.column(align=True)
        column.template_icon(variations.icon(number), scale=4)
        column.operator("texgan.take_variation", text=_seeds(variation, texgan)).number = number


def _seeds(variation: Variation, texgan: settings.TexganSettings) -> str:
    """A mark for the one that is taken."""
    taken = (variation.layout_seed, variation.style_seed) == (texgan.layout_seed, texgan.style_seed)
    return phrase("Taken") if taken else phrase("Take")


def _draw_history(layout: UILayout, context: Context) -> None:
    """How comparing goes is told there even while the section is closed."""
    if not context.scene.texgan_history:
        return
    header, body = layout.panel("texgan_history", default_closed=True)
    header.label(text="Made in This File")
    if body:
        _draw_made(body, context.scene)
    place = body or layout
    if again.is_told() and draw_job(place):
        return
    if body:
        _draw_made_buttons(body.column(align=True), context)
    if again.is_told():
        draw_message(place, context)


def _draw_made(body: UILayout, scene: bpy.types.Scene) -> None:
    """The list, and what is to be known of the entry that is chosen in it."""
    row = body.row()
    row.template_list("TEXGAN_UL_history", "", scene, "texgan_history", scene, "texgan_history_index", rows=3)
    row.operator("texgan.forget", text="", icon="REMOVE")
    made = history.chosen(scene)
    if made is not None:
        row = body.row()
        row.template_icon(history.picture(made), scale=4)
        lines = row.column(align=True)
        for line in history.describe(made):
            lines.label(text=line)


def _draw_made_buttons(column: UILayout, context: Context) -> None:
    """The one to compare is down while the other pictures are seen; it is last, so that nothing else comes under the
    mouse when a message above goes."""
    column.operator("texgan.restore", icon="LOOP_BACK")
    column.operator("texgan.take_settings", icon="IMPORT")
    if previews.is_compared(materials.active_material(context)):
        column.operator("texgan.flip", icon="ARROW_LEFTRIGHT", depress=previews.is_seen())
    else:
        column.operator("texgan.compare", icon="ARROW_LEFTRIGHT")


_CLASSES = (TEXGAN_MT_own_model, TEXGAN_MT_sizes, TEXGAN_PT_shader_editor, TEXGAN_PT_view_3d)

register, unregister = bpy.utils.register_classes_factory(_CLASSES)
