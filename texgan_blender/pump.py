"""Carries a job's progress and result from the background thread to Blender's main thread.

A timer polls the job, redraws the panels, and delivers the result as one undo step. Loading
another file, disabling the add-on and quitting cancel the job.
"""

import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import bpy
from bpy.app.handlers import persistent

from . import engine
from .errors import UserError
from .jobs import IsCancelled, Job, Progress, Worker
from .translations import phrase, sentence

INTERVAL = 0.1
"""Seconds between polls."""
DRAW_EVERY = 0.5
"""Seconds between two drawings of the progress."""
PANELS = {"NODE_EDITOR": "UI", "VIEW_3D": "UI", "PREFERENCES": "WINDOW"}
"""In which region of which editor progress shows."""
IDLE = 600.0
"""Seconds after the last job until models are let go of."""


@dataclass(frozen=True)
class Aside:
    """What is to be done beside a job: `look` whenever it is looked at, `end` when it is over, before its result is
    delivered."""

    look: Callable[[], None]
    end: Callable[[], None]


@dataclass
class State:
    """What the panel shows. `message` tells how the last job ended; `failed`, whether that was bad; `undo` names the
    undo step that its result is to be, if any; `drawn` is when it was last drawn."""

    job: Job | None = None
    deliver: Callable[[Any], str] = str
    undo: str = ""
    aside: Aside | None = None
    message: str = ""
    failed: bool = False
    drawn: float = 0.0


state = State()
_worker = Worker()


def start(
    work: Callable[[Progress, IsCancelled], Any],
    deliver: Callable[[Any], str],
    undo: str = "",
    aside: Aside | None = None,
) -> Job:
    """Do `work` in the background, then `deliver` its result here; that returns what to tell the user. What it changes
    in the file is one step of the name `undo`."""
    state.job, state.deliver, state.undo, state.aside = _worker.submit(work), deliver, undo, aside
    state.message, state.failed = "", False
    if not bpy.app.timers.is_registered(poll):
        bpy.app.timers.register(poll, first_interval=INTERVAL, persistent=True)
    return state.job


def is_running() -> bool:
    return state.job is not None


def tell(message: str, failed: bool = False) -> None:
    """Show a message where results are shown."""
    state.message, state.failed = message, failed
    _redraw()


def cancel() -> None:
    if state.job is not None:
        state.job.cancel()


def poll() -> float | None:
    """One look at the job; the time to the next look, or None when it is over."""
    if state.aside is not None and state.job is not None:
        (state.aside.end if state.job.is_over else state.aside.look)()
    if state.job is not None and state.job.is_over:
        job, state.job = state.job, None
        state.message, state.failed = _finish(job, state.deliver)
        _release_later()
    if state.job is None or time.monotonic() - state.drawn > DRAW_EVERY:
        _redraw()
    return INTERVAL if state.job is not None else None


def _release_later() -> None:
    if bpy.app.timers.is_registered(release_when_idle):
        bpy.app.timers.unregister(release_when_idle)
    bpy.app.timers.register(release_when_idle, first_interval=IDLE, persistent=True)


def _finish(job: Job, deliver: Callable[[Any], str]) -> tuple[str, bool]:
    """The message to show and whether the job failed."""
    if job.is_cancelled:
        return "Cancelled", False
    try:
        if job.error is not None:
            raise job.error
        message = deliver(job.result)
    except UserError as error:
        return sentence(str(error)), True
    except Exception as error:  # a mistake of ours: all of it to the console, a line to the panel
        traceback.print_exception(error)
        return phrase("Something unforeseen went wrong ({}); the console has the details.", type(error).__name__), True
    _push_undo()
    return message, False


def _push_undo() -> None:
    windows = bpy.context.window_manager.windows
    if state.undo and windows and not bpy.app.background:
        with bpy.context.temp_override(window=windows[0]):
            bpy.ops.ed.undo_push(message=state.undo)


def _redraw() -> None:
    """Sidebars and preferences alone: drawing a whole 3D view again and again would make Blender slow."""
    state.drawn = time.monotonic()
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            shown = PANELS.get(area.type)
            for region in area.regions:
                if region.type == shown:
                    region.tag_redraw()


def stop() -> None:
    """Cancel and wait until nothing runs any more."""
    _worker.stop()
    state.job = None


@persistent
def _before_load(*_: Any) -> None:
    cancel()
    state.job = None
    state.message, state.failed = "", False


@persistent
def _before_render(*_: Any) -> None:
    """Cycles and EEVEE need the graphics card's memory more."""
    if state.job is None and engine.uses_accelerator():
        engine.forget_models()


def release_when_idle() -> None:
    """Give memory back: called `IDLE` seconds after the last job."""
    if state.job is None:
        engine.forget_models()


def register() -> None:
    bpy.app.handlers.load_pre.append(_before_load)
    bpy.app.handlers.render_init.append(_before_render)


def unregister() -> None:
    bpy.app.handlers.load_pre.remove(_before_load)
    bpy.app.handlers.render_init.remove(_before_render)
    for timer in (poll, release_when_idle):
        if bpy.app.timers.is_registered(timer):
            bpy.app.timers.unregister(timer)
    stop()
