"""What to make, kept with the scene: `Scene.texgan`."""

import random
import zlib

import bpy
from bpy.props import EnumProperty, IntProperty, PointerProperty, StringProperty

from . import engine, preferences
from .errors import UserError

MODEL_FILE = "FILE"
"""The menu's entry for a model file of the user's own."""
LARGEST_SEED = 2**31 - 1
SIZE_STEP = 8
MAPS = ("base_color", "normal", "roughness", "height", "metallic", "ambient_occlusion")
DEFAULT_MAPS = {"base_color", "normal", "roughness", "height"}


def random_seed() -> int:
    return random.randint(0, LARGEST_SEED)


def _number(name: str) -> int:
    """Blender stores a menu's choice as a number: one that stays a model's own when the list grows."""
    return zlib.crc32(name.encode()) & LARGEST_SEED


_menu: list[tuple] = []
"""Blender keeps no reference to the texts of a dynamic menu, so they must live here."""


def _model_menu(settings: "TexganSettings", context: bpy.types.Context | None) -> list[tuple]:
    choices = engine.bundled_models()
    _menu[:] = [
        (c.name, c.name, f"{c.material_class.title()}, comes with TexGAN", "NONE", _number(c.name)) for c in choices
    ]
    _menu.append((MODEL_FILE, "Model File...", "A model file of your own", "FILE", _number(MODEL_FILE)))
    return _menu


def _snap_width(settings: "TexganSettings", context: bpy.types.Context) -> None:
    _snap(settings, "width")


def _snap_height(settings: "TexganSettings", context: bpy.types.Context) -> None:
    _snap(settings, "height")


def _snap(settings: "TexganSettings", side: str) -> None:
    size = getattr(settings, side)
    if size % SIZE_STEP:
        setattr(settings, side, round(size / SIZE_STEP) * SIZE_STEP)


class TexganSettings(bpy.types.PropertyGroup):
    """The panel's settings; scripts set them the same way."""

    model: EnumProperty(
        name="Model",
        description="The network that makes the textures",
        items=_model_menu,
        default=_number(engine.DEFAULT_MODEL),
    )
    model_file: StringProperty(
        name="Model File",
        description="A model file of your own (.safetensors)",
        subtype="FILE_PATH",
    )
    layout_seed: IntProperty(
        name="Layout Seed",
        description="Where things lie: every number is another arrangement of the same material",
        min=0,
        max=LARGEST_SEED,
    )
    style_seed: IntProperty(
        name="Style Seed",
        description="How things look: every number is another shade and finish; 0 is the look of the original",
        min=0,
        max=LARGEST_SEED,
    )
    width: IntProperty(
        name="Width",
        description="Width of the textures in pixels; goes to the nearest multiple of 8",
        default=1024,
        min=64,
        max=16384,
        subtype="PIXEL",
        update=_snap_width,
    )
    height: IntProperty(
        name="Height",
        description="Height of the textures in pixels; goes to the nearest multiple of 8",
        default=1024,
        min=64,
        max=16384,
        subtype="PIXEL",
        update=_snap_height,
    )
    maps: EnumProperty(
        name="Maps",
        description="The textures to make",
        items=[(name, engine.map_label(name), "", 1 << i) for i, name in enumerate(MAPS)],
        options={"ENUM_FLAG"},
        default=DEFAULT_MAPS,
    )


def request(context: bpy.types.Context) -> engine.Request:
    """The settings as plain values, for the background thread.

    Raises:
        UserError: no model or no map is chosen.
    """
    settings = context.scene.texgan
    model = model_file(context) if settings.model == MODEL_FILE else settings.model
    if not model:
        raise UserError("Choose a model first.")
    if not settings.maps:
        raise UserError("Choose at least one map.")
    return engine.Request(
        model,
        (settings.width, settings.height),
        settings.layout_seed,
        settings.style_seed,
        tuple(name for name in MAPS if name in settings.maps),
        preferences.device(context),
    )


def model_file(context: bpy.types.Context) -> str:
    """The path of the user's own model, or nothing."""
    path = context.scene.texgan.model_file
    return bpy.path.abspath(path) if path else ""


def register() -> None:
    bpy.utils.register_class(TexganSettings)
    bpy.types.Scene.texgan = PointerProperty(type=TexganSettings)


def unregister() -> None:
    del bpy.types.Scene.texgan
    bpy.utils.unregister_class(TexganSettings)
