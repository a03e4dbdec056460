"""Buttons for what has been made: save it for other programs, look at it tiled, make it an asset."""

from collections.abc import Callable
from functools import partial
from typing import ClassVar

import bpy
from bpy.props import BoolProperty, EnumProperty, IntProperty, StringProperty
from bpy.types import Context, Event, Material, Operator

from . import assets, engine, exporting, history, materials, nodes, preferences, previews, records, settings
from .background import InBackground, Work, tells_errors, with_device, with_disconnected
from .errors import UserError
from .translations import phrase
from .values import Destination, Frames

PNG = "png"
"""The format that needs nothing made anew."""


class _SavesToFolder(InBackground):
    """A job that a file browser comes before."""

    directory: StringProperty(subtype="DIR_PATH")
    overwrite: BoolProperty(
        name="Overwrite", description="Replace files of the same names that are there already", options={"SKIP_SAVE"}
    )

    def ask(self, context: Context, event: Event) -> set[str]:
        self.check(context)
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def check(self, context: Context) -> None:
        """Raises UserError: it makes no sense to ask for a folder."""

    def folder(self) -> str:
        """Raises UserError: none was chosen."""
        if not self.directory:
            raise UserError("Choose the folder to save to.")
        return bpy.path.abspath(self.directory)


class TEXGAN_OT_export(_SavesToFolder, Operator):
    """Save the active material's textures as pictures, for Blender or another program"""

    bl_idname = "texgan.export"
    bl_label = "Save to Folder"
    lasting = True

    packing: EnumProperty(
        name="Packing",
        description="Several maps in one picture",
        items=[
            ("none", "None", "Each map a picture of its own, named so that Node Wrangler knows it"),
            ("orm", "Occlusion, Roughness, Metallic", "As red, green and blue: Unreal Engine, glTF"),
            ("mask", "Mask Map", "Metallic, occlusion and smoothness as red, green and alpha: Unity"),
        ],
    )
    directx: BoolProperty(name="DirectX Normals", description="Green points down, as Unreal Engine and others want it")
    format: EnumProperty(
        name="Format",
        description="What kind of picture files",
        items=[
            (PNG, "PNG", "8 bits, heights 16: the images as they are in this file"),
            ("png16", "PNG, 16 bit", "16 bits: made again from the record, so that they are real, if there is one"),
            ("exr", "OpenEXR", "Floating point, colours linear: made again from the record, if there is one"),
        ],
    )

    def check(self, context: Context) -> None:
        materials.files_of(materials.active_material(context))

    def start(self, context: Context) -> tuple[Work, Callable[[list[str]], str]]:
        material = materials.active_material(context)
        files = materials.files_of(material)
        assert material is not None
        kind = (self.packing, self.directx, self.format)
        to = Destination(self.folder(), material.name, self.overwrite, *kind)
        is_animated = any(image.source == "SEQUENCE" for image in nodes.maps_of(material).values())
        record = materials.record_of(material)
        comes_from_record = self.format != PNG and records.makes_again(record)
        is_changed = comes_from_record and not materials.is_as_made(material)

        def deliver(written: list[str]) -> str:
            told = phrase("{} files in {}", len(written), to.folder)
            if is_changed:
                return phrase("{}: as they are in this file, since some were changed", told)
            return phrase("{}: the first frame; all lie where Animate put them", told) if is_animated else told

        if is_changed or not comes_from_record:
            return partial(exporting.export, files, to), deliver
        model_file, device = settings.model_file(context), preferences.device(context)
        return partial(engine.export_anew, record, model_file, device, to), deliver


class TEXGAN_OT_animate(_SavesToFolder, Operator):
    """Save pictures of the active material's layout whose look goes through other styles and back; the material plays \
them. If it was not generated, the settings above are taken"""

    bl_idname = "texgan.animate"
    bl_label = "Animate"
    bl_options: ClassVar[set[str]] = {"UNDO"}
    undo = "TexGAN Animate"

    frames: IntProperty(name="Frames", description="Length of the loop", default=48, min=2, max=10000)
    styles: IntProperty(
        name="Styles", description="How many styles to go through, those after the style seed", default=2, min=1, max=16
    )

    def start(self, context: Context) -> tuple[Work, Callable[[Frames], str]]:
        folder = self.folder()
        target = materials.active_target(context, metres=context.scene.texgan.metres)
        material = materials.active_material(context)
        name = material.name if material is not None else context.object.name
        to = Destination(folder, name, self.overwrite)

        def deliver(made: Frames) -> str:
            shown, disconnected = materials.show_frames(target, made)
            history.add(bpy.context.scene, made.record, made.icon, shown.name)
            told = phrase("{}: {} frames in {:.1f} s", shown.name, made.count, made.seconds)
            return with_disconnected(with_device(told, made.fell_back), disconnected)

        return partial(_animate(context, material), self.styles, self.frames, to), deliver


def _animate(context: Context, material: Material | None) -> Callable[..., Frames]:
    """What animates a material: what its record makes, else what the settings say."""
    record = materials.record_of(material)
    if not records.makes_again(record):
        return partial(engine.animate, settings.request(context))
    return partial(engine.animate_anew, record, settings.model_file(context), preferences.device(context))


class TEXGAN_OT_show_tiled(Operator):
    """Open a window with the active material's texture, repeated on all sides"""

    bl_idname = "texgan.show_tiled"
    bl_label = "Show Tiled"
    bl_options: ClassVar[set[str]] = {"INTERNAL"}

    @classmethod
    def poll(cls, context: Context) -> bool:
        return not bpy.app.background

    @tells_errors
    def execute(self, context: Context) -> set[str]:
        previews.end()
        image = materials.tiling_image(materials.active_material(context))
        bpy.ops.wm.window_new()
        area = context.window_manager.windows[-1].screen.areas[0]
        area.ui_type = "IMAGE_EDITOR"
        area.spaces.active.image = image
        area.spaces.active.show_repeat = True
        return {"FINISHED"}


class TEXGAN_OT_mark_asset(Operator):
    """Make the active material an asset, with preview, tags, catalog and licence, for the Asset Browser"""

    bl_idname = "texgan.mark_asset"
    bl_label = "Mark as Asset"
    bl_options: ClassVar[set[str]] = {"UNDO", "INTERNAL"}

    @tells_errors
    def execute(self, context: Context) -> set[str]:
        previews.end()
        material = assets.mark(materials.active_material(context))
        self.report(
            {"INFO"}, phrase("{} is an asset; save this file in an asset library to find it there", material.name)
        )
        return {"FINISHED"}


_CLASSES = (TEXGAN_OT_export, TEXGAN_OT_animate, TEXGAN_OT_show_tiled, TEXGAN_OT_mark_asset)

register, unregister = bpy.utils.register_classes_factory(_CLASSES)
