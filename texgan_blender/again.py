"""The buttons beside the list of what was made in this file: make it again, compare, take its settings, forget it."""

from collections.abc import Callable
from functools import partial
from typing import ClassVar

import bpy
from bpy.types import Context, Operator

from . import engine, history, images, improving, materials, previews, pump, records, settings
from .background import InBackground, Work, tells_errors, with_disconnected
from .errors import UserError
from .materials import NodeTarget, Target
from .operators import Generates, again, deliver_single
from .translations import phrase
from .values import Generated


class _OfChosen(InBackground):
    """What needs the pictures of the entry that is chosen in the list: its record makes them again, or, if they were
    improved, they are in the file still."""

    poll_message_set: ClassVar[Callable[[str], None]]

    @classmethod
    def poll(cls, context: Context) -> bool:
        made = history.chosen(context.scene)
        if made is not None and records.is_improved(made.record) and not images.improved(made.record):
            cls.poll_message_set(phrase("These improved pictures are no longer in this file"))
            return False
        return super().poll(context)


class TEXGAN_OT_restore(_OfChosen, Generates, Operator):
    """Bring back what is chosen in the list, into the active material; what was for one node, into the active node"""

    bl_idname = "texgan.restore"
    bl_label = "Make Again"
    undo = "TexGAN Make Again"

    def start(self, context: Context) -> tuple[Work, Callable[..., str]]:
        made = _chosen(context)
        if records.is_improved(made.record):
            return _nothing, partial(_put_back, _target(context, made), made.record, made.icon)
        if made.single:
            return again(context, made.record), partial(deliver_single, materials.active_image(context))
        return super().start(context)

    def work(self, context: Context, target: Target) -> Callable[..., Generated]:
        return again(context, _chosen(context).record, materials.present_maps(target))


class TEXGAN_OT_compare(_OfChosen, Operator):
    """See what is chosen in the list in the active material; its own pictures come back at the next press, and before \
anything is made, saved or rendered"""

    bl_idname = "texgan.compare"
    bl_label = "Compare"

    def start(self, context: Context) -> tuple[Work, Callable[..., str]]:
        made = _chosen(context)
        target = _target(context, made)
        materials.shown_in(target, settings.MAPS)
        if records.is_improved(made.record):
            return _nothing, partial(_compare_improved, target, made.record)
        present = () if isinstance(target, NodeTarget) else materials.present_maps(target)
        return again(context, made.record, present), partial(_compare, target)


class TEXGAN_OT_flip(Operator):
    """See the material's own pictures, or the others again"""

    bl_idname = "texgan.flip"
    bl_label = "Compare"
    bl_options: ClassVar[set[str]] = {"INTERNAL"}

    @classmethod
    def poll(cls, context: Context) -> bool:
        return previews.is_compared(materials.active_material(context))

    def execute(self, context: Context) -> set[str]:
        previews.flip()
        return {"FINISHED"}


class TEXGAN_OT_take_settings(Operator):
    """Set the panel to what the chosen set was made with, to go on from there"""

    bl_idname = "texgan.take_settings"
    bl_label = "Take Settings"
    bl_options: ClassVar[set[str]] = {"UNDO", "INTERNAL"}

    @classmethod
    def poll(cls, context: Context) -> bool:
        made = history.chosen(context.scene)
        if made is not None and records.is_improved(made.record):
            cls.poll_message_set(phrase("Improved pictures were not made with these settings"))
            return False
        return True

    @tells_errors
    def execute(self, context: Context) -> set[str]:
        settings.take(context.scene.texgan, engine.with_names_now(records.read(_chosen(context).record)))
        return {"FINISHED"}


class TEXGAN_OT_forget(Operator):
    """Remove what is chosen from the list; materials keep their pictures"""

    bl_idname = "texgan.forget"
    bl_label = "Remove from List"
    bl_options: ClassVar[set[str]] = {"UNDO", "INTERNAL"}

    @tells_errors
    def execute(self, context: Context) -> set[str]:
        _chosen(context)
        history.remove(context.scene)
        return {"FINISHED"}


def _chosen(context: Context) -> history.TexganMade:
    """Raises UserError: nothing has been made in this file."""
    made = history.chosen(context.scene)
    if made is None:
        raise UserError("Nothing is chosen in the list of what was made.")
    return made


def _target(context: Context, made: history.TexganMade) -> Target | NodeTarget:
    """Where an entry goes."""
    if made.single:
        return materials.active_image(context)
    return materials.active_target(context, metres=context.scene.texgan.metres)


def is_told() -> bool:
    """Whether what is being made, or was made last, is to compare, so that it is told where the button for that is."""
    return getattr(pump.making.deliver, "func", None) in (_compare, _compare_improved)


def _nothing(*_: object) -> None:
    """The work for pictures that are there."""


def _put_back(target: Target | NodeTarget, record: str, icon: str, _: None) -> str:
    material, disconnected = improving.put_back(target, record)
    history.add(bpy.context.scene, record, icon, material.name, isinstance(target, NodeTarget))
    return with_disconnected(phrase("{} has its improved pictures again", material.name), disconnected)


def _compare(target: Target | NodeTarget, made: Generated) -> str:
    pictures = {picture.map_name: picture for picture in made.pictures}
    places = materials.shown_in(target, pictures)
    return _show(target, {node: images.preview(pictures[name], made.relief) for name, node in places.items()})


def _compare_improved(target: Target | NodeTarget, record: str, _: None) -> str:
    pictures = images.improved(record)
    places = materials.shown_in(target, pictures)
    return _show(target, {node: images.preview_of(pictures[name]) for name, node in places.items()})


def _show(target: Target | NodeTarget, shown: dict[bpy.types.ShaderNodeTexImage, bpy.types.Image]) -> str:
    material = materials.existing(target.material_uid)
    assert material is not None
    previews.compare(material, shown)
    return phrase("{}: Compare goes back and forth", material.name)


_CLASSES = (TEXGAN_OT_restore, TEXGAN_OT_compare, TEXGAN_OT_flip, TEXGAN_OT_take_settings, TEXGAN_OT_forget)

register, unregister = bpy.utils.register_classes_factory(_CLASSES)
