"""What buttons that start a job have in common."""

from collections.abc import Callable
from typing import Any, ClassVar

import bpy
from bpy.types import Context, Event

from . import pump
from .errors import UserError
from .jobs import IsCancelled, Progress

Work = Callable[[Progress, IsCancelled], Any]


class InBackground:
    """A job that a button starts, and that a script or background mode does at once."""

    bl_options: ClassVar[set[str]] = {"INTERNAL"}
    report: Callable[[set[str], str], None]

    def work(self, context: Context) -> Work:
        """What to do in the background, bound to plain values. Raises UserError."""
        raise NotImplementedError

    @staticmethod
    def deliver(result: Any) -> str:
        """What to do with the result, back in Blender; returns what to tell."""
        raise NotImplementedError

    @classmethod
    def poll(cls, context: Context) -> bool:
        return not pump.is_running()

    def execute(self, context: Context) -> set[str]:
        try:
            told = self.deliver(self.work(context)(lambda share, text: None, lambda: False))
        except UserError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        self.report({"INFO"}, told)
        return {"FINISHED"}

    def invoke(self, context: Context, event: Event) -> set[str]:
        if bpy.app.background:
            return self.execute(context)
        try:
            pump.start(self.work(context), self.deliver)
        except UserError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        return {"FINISHED"}
