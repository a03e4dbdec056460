"""Buttons that rename and delete the user's own models."""

from typing import ClassVar

import bpy
from bpy.props import StringProperty
from bpy.types import Context, Event, Operator

from . import models, pump, settings, thumbnails
from .background import tells_errors
from .translations import phrase


class _OfOwnModel:
    """A button for the chosen model, which is the user's own. While one learns it could be that one."""

    bl_options: ClassVar[set[str]] = {"INTERNAL"}

    @classmethod
    def poll(cls, context: Context) -> bool:
        return not pump.is_running() and settings.is_own(context.scene.texgan)


class TEXGAN_OT_rename_model(_OfOwnModel, Operator):
    """Call the chosen model of your own otherwise; its files are renamed, too. What was made with it still knows it"""

    bl_idname = "texgan.rename_model"
    bl_label = "Rename Model"

    new_name: StringProperty(name="Name", description="What the model is called in the menu")

    def invoke(self, context: Context, event: Event) -> set[str]:
        self.new_name = context.scene.texgan.model
        return context.window_manager.invoke_props_dialog(self, confirm_text=phrase("Rename"))

    @tells_errors
    def execute(self, context: Context) -> set[str]:
        old = context.scene.texgan.model
        users = settings.with_model(old)
        new = models.rename_model(old, self.new_name)
        thumbnails.forget(old)
        for texgan, part in users:
            setattr(texgan, part, new)
        self.report({"INFO"}, phrase("{} is now {}", old, new))
        return {"FINISHED"}


class TEXGAN_OT_delete_model(_OfOwnModel, Operator):
    """Delete the chosen model of your own with all that it has learned"""

    bl_idname = "texgan.delete_model"
    bl_label = "Delete Model"

    def invoke(self, context: Context, event: Event) -> set[str]:
        return context.window_manager.invoke_confirm(
            self,
            event,
            title=phrase("Delete {}?", context.scene.texgan.model),
            message=phrase("Its files are deleted; this cannot be undone"),
            confirm_text=phrase("Delete"),
            icon="WARNING",
        )

    @tells_errors
    def execute(self, context: Context) -> set[str]:
        name = context.scene.texgan.model
        users = settings.with_model(name)
        models.delete_model(name)
        thumbnails.forget(name)
        for texgan, part in users:
            texgan.property_unset(part)
        self.report({"INFO"}, phrase("{} is deleted", name))
        return {"FINISHED"}


register, unregister = bpy.utils.register_classes_factory((TEXGAN_OT_rename_model, TEXGAN_OT_delete_model))
