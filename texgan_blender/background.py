"""What buttons that start a job have in common."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, ClassVar

import bpy
from bpy.types import Context, Event

from . import previews, pump
from .errors import UserError
from .jobs import IsCancelled, Job, Progress
from .translations import phrase, sentence
from .values import Generated

Work = Callable[[Progress, IsCancelled], Any]
Execute = Callable[..., set[str]]


def tells_errors(execute: Execute) -> Execute:
    """An operator's `execute`, or what its `invoke` does, whose UserError is reported to the user, and cancels it."""

    @wraps(execute)
    def told(self: Any, context: Context, *event: Event) -> set[str]:
        try:
            return execute(self, context, *event)
        except UserError as error:
            self.report({"ERROR"}, sentence(str(error)))
            return {"CANCELLED"}

    return told


class InBackground:
    """A job that a button starts, and that a script or background mode does at once. `undo` names the undo step that
    its result is, if it changes the file; `lasting`, whether it does not depend on the file, and goes on when another
    is opened; `aside` is what goes on beside it."""

    undo: ClassVar[str] = ""
    lasting: ClassVar[bool] = False
    lane: ClassVar[pump.Lane] = pump.making
    aside: pump.Aside = previews.UNSEEN
    asked = False
    _job: Job
    bl_options: ClassVar[set[str]] = {"INTERNAL"}
    report: Callable[[set[str], str], None]

    def start(self, context: Context) -> tuple[Work, Callable[[Any], str]]:
        """What to do in the background, bound to plain values; and what to do with the result, back in Blender, which
        returns what to tell. Nodes show no previews then. Raises UserError."""
        raise NotImplementedError

    def ask(self, context: Context, event: Event) -> set[str] | None:
        """Ask what has to be asked before, if anything, as `invoke` does; then Blender calls `execute`, unless this
        cancels it. Raises UserError."""
        return None

    @classmethod
    def poll(cls, context: Context) -> bool:
        return not pump.is_running(cls.lane)

    @tells_errors
    def execute(self, context: Context) -> set[str]:
        """In the background after something was asked; from a script, here and now."""
        if self.asked:
            return self._begin(context)
        previews.end()
        work, deliver = self.start(context)
        self.report({"INFO"}, deliver(work(self.progress(), lambda: False)))
        return {"FINISHED"}

    def invoke(self, context: Context, event: Event) -> set[str]:
        return self.execute(context) if bpy.app.background else self._ask_or_begin(context, event)

    @tells_errors
    def _ask_or_begin(self, context: Context, event: Event) -> set[str]:
        if (asking := self.ask(context, event)) is not None:
            self.asked = True
            return asking
        return self._begin(context)

    def _begin(self, context: Context) -> set[str]:
        previews.end()
        work, deliver = self.start(context)
        return self.started(context, pump.start(work, deliver, self.undo, self.aside, self.lane, self.lasting))

    def progress(self) -> Progress:
        """What is told while a script waits."""
        return lambda share, text: None

    def started(self, context: Context, job: Job) -> set[str]:
        """How the button's operator goes on. It stays to hear Esc, unless its job is one beside all else that one does,
        which Esc is for then."""
        if self.lane is not pump.making or self.lasting:
            return {"CANCELLED"}
        self._job = job
        context.window_manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context: Context, event: Event) -> set[str]:
        """Only here for Esc. The pump delivers and makes the undo step, so this ends as if nothing was done."""
        if pump.making.job is not self._job:
            return {"CANCELLED", "PASS_THROUGH"}
        if event.type == "ESC" and event.value == "PRESS":
            pump.making.cancel()
            return {"RUNNING_MODAL"}
        return {"PASS_THROUGH"}


def summary(name: str, made: Generated) -> str:
    """What to tell of the pictures that a material of this name has been given."""
    return with_device(phrase("{}: {} maps in {:.1f} s", name, len(made.pictures), made.seconds), made.fell_back)


def with_device(told: str, fell_back: bool) -> str:
    """What to tell, with what did it, if that was not what was chosen."""
    return phrase("{}, by the processor, as the graphics card's memory ran out", told) if fell_back else told


def with_disconnected(told: str, disconnected: Sequence[str]) -> str:
    """What to tell, with what textures took the place of, if anything."""
    return phrase("{}; no longer connected: {}", told, ", ".join(disconnected)) if disconnected else told
