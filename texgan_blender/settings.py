"""What to make, kept with the scene: `Scene.texgan`."""

import random
import zlib
from collections.abc import Callable
from typing import Any

import bpy
from bpy.props import (
    BoolProperty,
    CollectionProperty,
    EnumProperty,
    FloatProperty,
    IntProperty,
    PointerProperty,
    StringProperty,
)

from . import models, preferences, thumbnails
from .errors import UserError
from .translations import phrase
from .values import ModelChoice, Request, map_label

MODEL_FILE = "FILE"
"""The menu's entry for a model file of the user's own."""
SAME = "SAME"
"""The entry for joints that are the model's own."""
ALONE = "ALONE"
"""The entry for a model that is blended with no other."""
LARGEST_SEED = 2**31 - 1
SIZE_STEP, NOISE_SIZE_STEP = 8, 32
"""Of what sides are multiples; those of models from noise are of the second."""
MAPS = ("base_color", "normal", "roughness", "height", "metallic", "ambient_occlusion")
DEFAULT_MAPS = {"base_color", "normal", "roughness", "height"}
LOOK = ("lightness", "saturation", "warmth", "tint", "roughness", "relief")
ENLARGE = (
    ("1", "1x", "As large as it is"),
    ("2", "2x", "Twice the width and height"),
    ("4", "4x", "Four times the width and height; takes sixteen times the memory"),
)
NO_PATTERN = "NONE"
PICTURE = "picture"
PATTERNS = {
    "running bond": "Courses of bricks, each shifted by half a brick; takes an even number of rows",
    "third bond": "Courses of bricks, each shifted by a third; takes a multiple of 3 rows",
    "stack bond": "Bricks or tiles in straight rows and columns",
    "planks": "Courses of boards, each shifted at random",
    "herringbone": "Lying and standing bricks of two squares; takes multiples of 4 columns and rows of squares",
    "basket": "Pairs of lying and standing bricks; takes multiples of 4 columns and rows of squares",
    "hexagons": "Six-sided tiles; takes an even number of rows",
    "cobbles": "Stones of irregular form; takes an even number of rows",
    "weave": "Threads over and under each other; takes even numbers of columns and rows",
    "patches": "Blots as of moss or dirt; the wider the joints, the more of them",
    PICTURE: "A picture of your own: its light parts become high, its dark parts low",
}


def random_seed() -> int:
    """One that can be read, told and typed."""
    return random.randint(0, 999_999)


def _number(name: str) -> int:
    """Blender stores a menu's choice as a number: one that stays a model's own when the list grows."""
    return zlib.crc32(name.encode()) & LARGEST_SEED


_menu: list[tuple] = []
"""Blender keeps no reference to the texts of a dynamic menu, so they must live here."""


def _model_menu(settings: "TexganSettings", context: bpy.types.Context | None) -> list[tuple]:
    _menu[:] = [
        *_bundled(),
        (MODEL_FILE, phrase("Model File..."), phrase("A model file of your own"), "FILE", _number(MODEL_FILE)),
    ]
    return _menu


_joints: list[tuple] = []


def _joints_menu(settings: "TexganSettings", context: bpy.types.Context | None) -> list[tuple]:
    _joints[:] = [
        (SAME, phrase("Of the Model"), phrase("What the model itself has in its joints"), "NONE", 0),
        *_bundled(),
    ]
    return _joints


_blends: list[tuple] = []


def _blend_menu(settings: "TexganSettings", context: bpy.types.Context | None) -> list[tuple]:
    styles = _bundled(lambda choice: choice.is_style)
    _blends[:] = [(ALONE, phrase("None"), phrase("The model by itself"), "NONE", 0), *styles]
    return _blends


def _bundled(shown: Callable[[ModelChoice], bool] = lambda choice: True) -> list[tuple]:
    return [
        (c.name, c.name, _where_from(c), thumbnails.icon(c.name), _number(c.name))
        for c in models.bundled_models()
        if shown(c)
    ]


def _where_from(choice: ModelChoice) -> str:
    return phrase("Your own") if choice.is_own else phrase("{}, comes with TexGAN", choice.material_class.title())


listeners: list[Callable[[bpy.types.Context], None]] = []
"""Called whenever something changes that the textures depend on, with the context that it changes in: a sidebar's."""
width_listeners: list[Callable[[bpy.types.Context], None]] = []
"""Called whenever the width in the world changes, likewise."""


def _changed(settings: "TexganSettings", context: bpy.types.Context) -> None:
    for listener in listeners:
        listener(context)


def _widened(settings: "TexganSettings", context: bpy.types.Context) -> None:
    """The width in the world is nothing that textures are made anew for."""
    for listener in width_listeners:
        listener(context)


def _sized(settings: "TexganSettings", context: bpy.types.Context) -> None:
    """Sides go to the nearest that can be made."""
    step = _size_step(settings)
    for side in ("width", "height"):
        size = getattr(settings, side)
        if size % step:
            setattr(settings, side, round(size / step) * step)
    _changed(settings, context)


def _one_source(settings: "TexganSettings", context: bpy.types.Context) -> None:
    """What is set last is learned from: the path, or the list."""
    settings.learn_pictures.clear()


class TexganSource(bpy.types.PropertyGroup):
    """A picture, or a folder, in the list to learn from."""

    path: StringProperty()


class TexganSettings(bpy.types.PropertyGroup):
    """The panel's settings; scripts set them the same way."""

    model: EnumProperty(
        name="Model",
        description="The network that makes the textures",
        items=_model_menu,
        default=_number(models.DEFAULT_MODEL),
        update=_sized,
    )
    model_file: StringProperty(
        name="Model File",
        description="A model file of your own (.safetensors)",
        subtype="FILE_PATH",
        update=_changed,
    )
    upscale: EnumProperty(
        name="Enlarge",
        description="How many times as many pixels each side gets in the end, with details that a network draws",
        items=ENLARGE,
        update=_changed,
    )
    layout_seed: IntProperty(
        name="Layout Seed",
        description="Where things lie: every number is another arrangement of the same material",
        min=0,
        max=LARGEST_SEED,
        update=_changed,
    )
    style_seed: IntProperty(
        name="Style Seed",
        description="How things look: every number is another shade and finish; 0 is the look of the original",
        min=0,
        max=LARGEST_SEED,
        update=_changed,
    )
    width: IntProperty(
        name="Width",
        description="Width in pixels; goes to the nearest multiple of 8, or of 32 for models from noise",
        default=1024,
        min=64,
        max=16384,
        subtype="PIXEL",
        update=_sized,
    )
    height: IntProperty(
        name="Height",
        description="Height in pixels; goes to the nearest multiple of 8, or of 32 for models from noise",
        default=1024,
        min=64,
        max=16384,
        subtype="PIXEL",
        update=_sized,
    )
    blend: EnumProperty(
        name="Blend",
        description="Another model to go some of the way to; both make their layout from noise",
        items=_blend_menu,
        default=0,
        update=_changed,
    )
    blend_share: FloatProperty(
        name="Share",
        description="How far to go to the other model",
        default=0.5,
        min=0,
        max=1,
        subtype="FACTOR",
        update=_changed,
    )
    lightness: FloatProperty(
        name="Lightness", description="Darker or lighter", min=-1, max=1, subtype="FACTOR", update=_changed
    )
    saturation: FloatProperty(
        name="Saturation",
        description="From grey to strong colors",
        default=1,
        min=0,
        max=2,
        subtype="FACTOR",
        update=_changed,
    )
    warmth: FloatProperty(
        name="Warmth", description="Bluer or redder", min=-1, max=1, subtype="FACTOR", update=_changed
    )
    tint: FloatProperty(
        name="Tint", description="Towards magenta or green", min=-1, max=1, subtype="FACTOR", update=_changed
    )
    roughness: FloatProperty(
        name="Roughness", description="Smoother or rougher", min=-1, max=1, subtype="FACTOR", update=_changed
    )
    relief: FloatProperty(
        name="Relief",
        description="Flatter or steeper normals",
        default=1,
        min=0,
        max=3,
        subtype="FACTOR",
        update=_changed,
    )
    live: BoolProperty(
        name="Live",
        description="Make the textures anew as soon as a setting changes",
        update=_changed,
    )
    metres: FloatProperty(
        name="Real Width",
        description="Width of the texture in the world, if UV coordinates count metres; goes to the nodes Mapping and \
Displacement",
        default=1,
        min=0.001,
        soft_max=20,
        subtype="DISTANCE",
        update=_widened,
    )
    into: EnumProperty(
        name="Into",
        description="Where the textures go",
        items=[
            (
                "ACTIVE",
                "Active Material",
                "The active object's, or the one pinned in the Shader Editor",
            ),
            ("NEW", "New Material", "A new material on the active object"),
            ("SELECTED", "All Selected Objects", "One material for the active and all selected objects"),
        ],
    )
    vary: EnumProperty(
        name="Vary",
        description="Which of the two seeds differs from variation to variation; the other is kept",
        items=[
            ("LAYOUT", "Layout", "Where things lie"),
            ("STYLE", "Style", "How they look"),
            ("BOTH", "Both", "Where things lie and how they look"),
        ],
    )
    maps: EnumProperty(
        name="Maps",
        description="The textures to make",
        items=[(name, map_label(name), "", 1 << i) for i, name in enumerate(MAPS)],
        options={"ENUM_FLAG"},
        default=DEFAULT_MAPS,
        update=_changed,
    )
    close: EnumProperty(
        name="Make Seamless",
        description="Which borders are to be filled anew, so that they meet; the middle stays as it is",
        items=[
            ("auto", "Where Needed", "The borders that do not meet yet"),
            ("both", "All Sides", "All four borders"),
            ("x", "Left and Right", "Only left and right"),
            ("y", "Top and Bottom", "Only top and bottom"),
            ("none", "No", "No border"),
        ],
    )
    crop: BoolProperty(
        name="Crop to Repeats",
        description="Cut off what is too much for bricks, tiles or threads to fit a whole number of times: otherwise "
        "they cannot meet across the borders",
        default=True,
    )
    border_seed: IntProperty(
        name="Fill Seed",
        description="What borders and regions are filled with: every number is another way",
        min=0,
        max=LARGEST_SEED,
    )
    clean: FloatProperty(
        name="Clean Up",
        description="How much of noise, JPEG blocks and slight blur to take out of the base color",
        min=0,
        max=1,
        subtype="FACTOR",
    )
    even: FloatProperty(
        name="Even Light",
        description="How much of uneven light to take out of the base color",
        min=0,
        max=1,
        subtype="FACTOR",
    )
    enlarge: EnumProperty(
        name="Enlarge",
        description="How many times as many pixels each side gets",
        items=ENLARGE,
    )
    region: PointerProperty(
        type=bpy.types.Image,
        name="Region",
        description="Where it differs from the base color that it was copied from, or is white, there it is made anew",
    )
    complete: BoolProperty(
        name="Estimate Missing Maps",
        description="Guess the maps chosen above that the material has no picture of",
        default=True,
    )
    learn_from: StringProperty(
        name="Learn From",
        description="A picture, or a folder with one material's maps; none stands for what the active material shows",
        update=_one_source,
    )
    learn_pictures: CollectionProperty(
        type=TexganSource,
        name="Pictures",
        description="Several pictures of the same material to learn from, instead",
    )
    learn_name: StringProperty(name="Name", description="What the model is called in the menu")
    learn_minutes: FloatProperty(
        name="Minutes",
        description="How long it learns to draw the pictures, or to make them up from noise; 0 is usable at once",
        default=1.0,
        min=0,
        max=240,
    )
    learn_noise: BoolProperty(
        name="From Noise",
        description="Learn to make the material up from noise, as a second model that follows patterns; give it ten \
minutes or more",
    )
    learn_further: BoolProperty(
        name="Learn Further", description="Go on from what the model of this name has learned already"
    )
    pattern: EnumProperty(
        name="Pattern",
        description="Where stones and joints are to lie; for models from noise, and for all with another in the joints",
        items=[(NO_PATTERN, "None", "As it comes")] + [(p, p.title(), text) for p, text in PATTERNS.items()],
        update=_sized,
    )
    joints: EnumProperty(
        name="Joints",
        description="What fills the joints of the pattern; with another material there, any model follows one",
        items=_joints_menu,
        default=0,
        update=_sized,
    )
    pattern_columns: IntProperty(
        name="Columns",
        description="Bricks, stones or threads from left to right",
        default=4,
        min=1,
        max=256,
        update=_changed,
    )
    pattern_rows: IntProperty(
        name="Rows",
        description="Bricks, stones or threads from top to bottom",
        default=12,
        min=1,
        max=256,
        update=_changed,
    )
    pattern_joint: FloatProperty(
        name="Joint",
        description="Width of the joints in pixels",
        default=12,
        min=0,
        max=256,
        subtype="PIXEL",
        update=_changed,
    )
    pattern_upright: BoolProperty(name="Upright", description="Turn the pattern by a quarter", update=_changed)
    pattern_seed: IntProperty(
        name="Pattern Seed",
        description="Of planks, cobbles and patches: every number is another arrangement",
        min=0,
        max=LARGEST_SEED,
        update=_changed,
    )
    pattern_picture: StringProperty(
        name="Pattern Picture",
        description="The picture to follow; it is stretched over the texture, and tiles if it tiles itself",
        subtype="FILE_PATH",
        update=_changed,
    )


def request(context: bpy.types.Context) -> Request:
    """The settings as plain values, for the background thread; without those that the model cannot follow.

    Raises:
        UserError: no model, no map or no picture to follow is chosen.
    """
    settings = context.scene.texgan
    model = model_file(context) if settings.model == MODEL_FILE else settings.model
    if not model:
        raise UserError("Choose a model first.")
    if not settings.maps:
        raise UserError("Choose at least one map.")
    return Request(
        model,
        (settings.width, settings.height),
        settings.layout_seed,
        settings.style_seed,
        tuple(name for name in MAPS if name in settings.maps),
        preferences.device(context),
        guide=(guide := _guide(settings)),
        joints=settings.joints if guide and settings.joints != SAME else "",
        blend=settings.blend if settings.blend != ALONE and is_style(settings) else "",
        share=settings.blend_share,
        look={name: getattr(settings, name) for name in LOOK},
        upscale=int(settings.upscale),
    )


def other_seeds(settings: TexganSettings, count: int) -> list[tuple[int, int]]:
    """Layout and style seeds of variations, by chance where they are to differ."""
    return [
        (
            settings.layout_seed if settings.vary == "STYLE" else random_seed(),
            settings.style_seed if settings.vary == "LAYOUT" else random_seed(),
        )
        for _ in range(count)
    ]


def _guide(settings: TexganSettings) -> dict[str, Any] | None:
    if settings.pattern == NO_PATTERN or not takes_pattern(settings):
        return None
    if settings.pattern == PICTURE:
        if not settings.pattern_picture:
            raise UserError("Choose the picture to follow first.")
        return {"pattern": PICTURE, "picture": bpy.path.abspath(settings.pattern_picture)}
    return {
        "pattern": settings.pattern,
        "columns": settings.pattern_columns,
        "rows": settings.pattern_rows,
        "joint": settings.pattern_joint,
        "upright": settings.pattern_upright,
        "seed": settings.pattern_seed,
    }


def take(settings: TexganSettings, told: Request) -> None:
    """Set everything as a record has it, except which file a model of the user's own is.

    Raises:
        UserError: it names a bundled model that is not there any more.
    """
    bundled = {choice.name for choice in models.bundled_models()}
    for name in (told.joints, told.blend):
        if name and name not in bundled:
            raise UserError(f"The model {name} is not bundled, so the panel cannot show it; generate from the record.")
    settings.model = told.model if told.model in bundled else MODEL_FILE
    settings.upscale = str(told.upscale)
    settings.layout_seed, settings.style_seed = told.layout_seed, told.style_seed
    settings.maps = set(told.maps)
    for name, value in (told.look or {}).items():
        setattr(settings, name, value)
    settings.joints, settings.blend = told.joints or SAME, told.blend or ALONE
    settings.blend_share = told.share
    guide = told.guide or {"pattern": NO_PATTERN}
    for name, value in guide.items():
        if name != "picture_hash":  # from now on it may be another picture
            setattr(settings, "pattern" if name == "pattern" else f"pattern_{name}", value)
    settings.width, settings.height = told.size  # last, as all before says which there are


def takes_pattern(settings: TexganSettings) -> bool:
    """Whether a pattern can be followed: by the chosen model itself (of the user's own file it is not known
    before it is read), or since another fills the joints."""
    return settings.joints != SAME or is_style(settings)


def _size_step(settings: TexganSettings) -> int:
    """Of what the sides must be multiples, as far as it is known before a file of the user's own is read."""
    taking_part = {settings.model, settings.joints if settings.pattern != NO_PATTERN else SAME}
    from_noise = any(choice.is_style for choice in models.bundled_models() if choice.name in taking_part)
    return NOISE_SIZE_STEP if from_noise else SIZE_STEP


def is_style(settings: TexganSettings) -> bool:
    """Whether the chosen model makes its layout from noise; of the user's own file it may."""
    chosen = [choice for choice in models.bundled_models() if choice.name == settings.model]
    return all(choice.is_style for choice in chosen)


def is_own(settings: TexganSettings) -> bool:
    """Whether the chosen model is one of the user's own in the menu."""
    return any(choice.is_own and choice.name == settings.model for choice in models.bundled_models())


def with_model(name: str) -> list[tuple[TexganSettings, str]]:
    """The settings of this file's scenes that have chosen a model, and what as."""
    parts = ("model", "joints", "blend")
    return [(s.texgan, part) for s in bpy.data.scenes for part in parts if getattr(s.texgan, part) == name]


def model_file(context: bpy.types.Context) -> str:
    """The path of the user's own model, or nothing."""
    path = context.scene.texgan.model_file
    return bpy.path.abspath(path) if path else ""


def register() -> None:
    bpy.utils.register_class(TexganSource)
    bpy.utils.register_class(TexganSettings)
    bpy.types.Scene.texgan = PointerProperty(type=TexganSettings)


def unregister() -> None:
    del bpy.types.Scene.texgan
    bpy.utils.unregister_class(TexganSettings)
    bpy.utils.unregister_class(TexganSource)
