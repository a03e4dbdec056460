"""What buttons and scripts call. Called from a script, and in background mode, an operator runs to the end;
a button starts it in the background, where Esc cancels it."""

import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import ClassVar

import bpy
from bpy.props import EnumProperty, IntProperty
from bpy.types import Context, Event, Operator

from . import engine, history, materials, preferences, previews, pump, records, settings, variations
from .background import InBackground, Work, summary, with_device, with_disconnected
from .errors import UserError
from .jobs import Progress
from .translations import phrase
from .values import Generated, Request, Variation, map_label

VARIATIONS = 6
"""Pictures in the strip."""


class Generates(InBackground):
    """What the generating operators have in common: a script sees how far they are."""

    bl_options: ClassVar[set[str]] = {"UNDO"}
    undo = "TexGAN Generate"
    options: bpy.types.OperatorOptions

    def work(self, context: Context, target: materials.Target) -> Callable[..., Generated]:
        """What to do in the background, bound to plain values; it may be given `on_preview`."""
        raise NotImplementedError

    def target(self, context: Context) -> materials.Target:
        """Where the result goes."""
        return materials.active_target(context, metres=context.scene.texgan.metres)

    def start(self, context: Context) -> tuple[Work, Callable[[Generated], str]]:
        target = self.target(context)
        work = self.work(context, target)
        if not bpy.app.background and self.options.is_invoke:
            # In the panel: Live alone lends it to the nodes, as what they show may be in use.
            on_preview, self.aside = previews.beside(None)
            work = partial(work, on_preview=on_preview, previewed=False)
        return work, partial(_deliver, target)

    def progress(self) -> Progress:
        return _progress_printer()


class _GeneratesBySettings(Generates):
    """With the panel's settings, into the material that they say."""

    def request(self, context: Context) -> Request:
        return settings.request(context)

    def work(self, context: Context, target: materials.Target) -> Callable[..., Generated]:
        request = self.request(context)
        materials.check(target, request.maps)
        return partial(engine.generate, replace(request, present=materials.present_maps(target)))

    def target(self, context: Context) -> materials.Target:
        texgan = context.scene.texgan
        return materials.active_target(context, texgan.into, texgan.metres)


class TEXGAN_OT_generate(_GeneratesBySettings, Operator):
    """Make textures with the settings above, into the material that they say"""

    bl_idname = "texgan.generate"
    bl_label = "Generate"


class TEXGAN_OT_regenerate(Generates, Operator):
    """Make the active material's textures again, pixel by pixel, from the record it carries"""

    bl_idname = "texgan.regenerate"
    bl_label = "Generate from Record"

    @classmethod
    def poll(cls, context: Context) -> bool:
        if records.is_improved(materials.record_of(materials.active_material(context))):
            cls.poll_message_set(phrase("Improved pictures have no such record; go back by Before / After"))
            return False
        return super().poll(context)

    def work(self, context: Context, target: materials.Target) -> Callable[..., Generated]:
        record = materials.record_of(materials.active_material(context))
        if not record:
            raise UserError("The active material has no record; it was not made by TexGAN.")
        return again(context, record, materials.present_maps(target))


def again(context: Context, record: str, present: tuple[str, ...] = ()) -> Callable[..., Generated]:
    """The work that makes what a record tells, and maps that are `present` with it."""
    return partial(engine.regenerate, record, settings.model_file(context), preferences.device(context), present)


class TEXGAN_OT_cancel(Operator):
    """Stop what is going on; all stays as it was"""

    bl_idname = "texgan.cancel"
    bl_label = "Cancel"

    @classmethod
    def poll(cls, context: Context) -> bool:
        return pump.is_running(pump.making)

    def execute(self, context: Context) -> set[str]:
        pump.making.cancel()
        return {"FINISHED"}


class TEXGAN_OT_fill_node(InBackground, Operator):
    """Make one texture with the settings above, into the active Image Texture node alone"""

    bl_idname = "texgan.fill_node"
    bl_label = "Fill Image Node"
    bl_options: ClassVar[set[str]] = {"UNDO"}
    undo = "TexGAN Fill Image Node"

    def start(self, context: Context) -> tuple[Work, Callable[[Generated], str]]:
        target = materials.active_image(context)
        request = replace(settings.request(context), maps=(target.map_name,))
        return partial(engine.generate, request), partial(deliver_single, target)


class TEXGAN_OT_variations(InBackground, Operator):
    """Make small pictures of what other seeds would give; a click on one takes it"""

    bl_idname = "texgan.variations"
    bl_label = "Variations"

    def start(self, context: Context) -> tuple[Work, Callable[[list[Variation]], str]]:
        seeds, request = settings.other_seeds(context.scene.texgan, VARIATIONS), settings.request(context)

        def deliver(made: list[Variation]) -> str:
            variations.show(made, request)
            variations.look_again(bpy.context)
            return with_device(phrase("{} variations", len(made)), any(one.fell_back for one in made))

        return partial(engine.vary, request, seeds), deliver


class TEXGAN_OT_take_variation(_GeneratesBySettings, Operator):
    """Take these seeds and make the textures"""

    bl_idname = "texgan.take_variation"
    bl_label = "Take"
    bl_options: ClassVar[set[str]] = {"UNDO", "INTERNAL"}

    number: IntProperty()

    def request(self, context: Context) -> Request:
        taken = self._taken()
        return replace(settings.request(context), layout_seed=taken.layout_seed, style_seed=taken.style_seed)

    def start(self, context: Context) -> tuple[Work, Callable[[Generated], str]]:
        """The seeds come into the panel with the textures, so that both are one undo step."""
        work, deliver = super().start(context)
        taken = self._taken()

        def deliver_both(made: Generated) -> str:
            told = deliver(made)
            _take(bpy.context.scene.texgan, taken)
            return told

        return work, deliver_both

    def ask(self, context: Context, event: Event) -> set[str] | None:
        """Where Live is on, it makes the textures, and the undo step."""
        if not context.scene.texgan.live:
            return None
        _take(context.scene.texgan, self._taken())
        return {"CANCELLED"}

    def _taken(self) -> Variation:
        """Raises UserError: there is none of this number."""
        if not 0 <= self.number < len(variations.shown):
            raise UserError(f"There is no variation {self.number}; make some first.")
        return variations.shown[self.number]


def _take(texgan: settings.TexganSettings, variation: Variation) -> None:
    texgan.layout_seed, texgan.style_seed = variation.layout_seed, variation.style_seed


class TEXGAN_OT_roll_seed(Operator):
    """Choose a seed by chance"""

    bl_idname = "texgan.roll_seed"
    bl_label = "Roll the Dice"
    bl_options: ClassVar[set[str]] = {"UNDO", "INTERNAL"}

    seed: EnumProperty(items=[(f"{n}_seed", n.title(), "") for n in ("layout", "style", "pattern", "border")])

    def execute(self, context: Context) -> set[str]:
        setattr(context.scene.texgan, self.seed, settings.random_seed())
        return {"FINISHED"}


class TEXGAN_OT_take_size(Operator):
    """Set width and height"""

    bl_idname = "texgan.take_size"
    bl_label = "Take Size"
    bl_options: ClassVar[set[str]] = {"UNDO", "INTERNAL"}

    width: IntProperty()
    height: IntProperty()

    def execute(self, context: Context) -> set[str]:
        context.scene.texgan.width, context.scene.texgan.height = self.width, self.height
        return {"FINISHED"}


class TEXGAN_OT_reset_look(Operator):
    """Set all of the look back to what the model makes by itself"""

    bl_idname = "texgan.reset_look"
    bl_label = "Reset Look"
    bl_options: ClassVar[set[str]] = {"UNDO", "INTERNAL"}

    def execute(self, context: Context) -> set[str]:
        for name in settings.LOOK:
            context.scene.texgan.property_unset(name)
        return {"FINISHED"}


def _deliver(target: materials.Target, made: Generated) -> str:
    material, disconnected = materials.fill(target, made)
    history.add(bpy.context.scene, made.record, made.icon, material.name)
    return with_disconnected(summary(material.name, made), disconnected)


def deliver_single(target: materials.NodeTarget, made: Generated) -> str:
    """Put one texture into its node, and remember it; returns what to tell."""
    material = materials.fill_node(target, made)
    history.add(bpy.context.scene, made.record, made.icon, material.name, single=True)
    told = phrase("{}: {} in {:.1f} s", material.name, phrase(map_label(target.map_name)), made.seconds)
    return with_device(told, made.fell_back)


def _progress_printer() -> Progress:
    """In background mode: a line for every tenth, beside the output of the script."""
    shown: list[tuple[int, str]] = []

    def report(share: float, text: str) -> None:
        step = (int(share * 10), text)
        if bpy.app.background and step not in shown:
            shown.append(step)
            print(f"TexGAN: {text}, {share:.0%}", file=sys.stderr, flush=True)

    return report


_CLASSES = (
    TEXGAN_OT_generate,
    TEXGAN_OT_regenerate,
    TEXGAN_OT_cancel,
    TEXGAN_OT_fill_node,
    TEXGAN_OT_variations,
    TEXGAN_OT_take_variation,
    TEXGAN_OT_roll_seed,
    TEXGAN_OT_take_size,
    TEXGAN_OT_reset_look,
)

register, unregister = bpy.utils.register_classes_factory(_CLASSES)
