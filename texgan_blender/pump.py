"""Carries progress and results of jobs from background threads to Blender's main thread.

There are two lanes, a thread each, so that textures can be made while a model learns. A timer polls their jobs, redraws
the panels, and delivers each result as one undo step. Disabling the add-on and quitting cancel all jobs; loading
another file cancels what was to go into the one before.
"""

import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import bpy
from bpy.app.handlers import persistent

from . import models
from .errors import UserError
from .jobs import IsCancelled, Job, Progress, Worker
from .translations import phrase, sentence

INTERVAL, SOON = 0.1, 0.01
"""Seconds between polls, and until the next one after what takes Blender's own time: a drawing or a delivery."""
OFTEN, RARELY = 0.3, 2.0
"""Seconds between two drawings of the progress, at least and at most."""
DRAW_SHARE = 0.03
"""Of Blender's time that they may take; where drawing is slow they are rarer."""
PANELS = {"NODE_EDITOR": "UI", "VIEW_3D": "UI", "PREFERENCES": "WINDOW"}
"""In which region of which editor progress shows."""
TAB = "TexGAN"
"""The tab of sidebars that panels are in."""
IDLE = 600.0
"""Seconds after the last job until models are let go of."""


@dataclass(frozen=True)
class Aside:
    """What is to be done beside a job, if anything: `look` whenever it is looked at; when it is over, `end`, then the
    steps that make its result `ready` to be delivered, between which Blender draws; `end` again if it is not delivered.
    """

    look: Callable[[], None] = lambda: None
    end: Callable[[], None] = lambda: None
    ready: Callable[[Any], Iterator[None]] = lambda result: iter(())


@dataclass
class Lane:
    """One job at a time, and how the last one ended: `message`; `failed`, whether that was bad. `undo` names the undo
    step that the result is to be, if any. So that Blender never stands still for all, the `steps` that make a result
    ready are a moment each, and so is the undo step after it was `delivered`. A `lasting` job goes on when another file
    is loaded."""

    job: Job | None = None
    lasting: bool = False
    deliver: Callable[[Any], str] = str
    steps: Iterator[None] | None = None
    delivered: bool = False
    undo: str = ""
    aside: Aside = Aside()
    message: str = ""
    failed: bool = False
    worker: Worker = field(default_factory=Worker)

    def cancel(self) -> None:
        if self.job is not None:
            self.job.cancel()

    def clear(self) -> None:
        """Have no job any more. What it made is let go of: its button's operator has it until it hears of something."""
        if self.job is not None:
            self.job.result = None
        self.job, self.steps, self.delivered = None, None, False


making, learning = Lane(), Lane()
_LANES = (making, learning)


@dataclass
class _Pace:
    """When panels were last drawn for us, how long to wait until they are again, and when, after a drawing, the next
    poll was due: how late it comes tells how long drawing takes."""

    drawn: float = 0.0
    pause: float = OFTEN
    due: float | None = None


_pace = _Pace()


def start(
    work: Callable[[Progress, IsCancelled], Any],
    deliver: Callable[[Any], str],
    undo: str = "",
    aside: Aside = Aside(),
    lane: Lane = making,
    lasting: bool = False,
) -> Job:
    """Do `work` in the background, then `deliver` its result here; that returns what to tell the user. What it changes
    in the file is one step of the name `undo`; what does not depend on the file is `lasting`."""
    lane.job, lane.deliver, lane.undo, lane.aside = lane.worker.submit(work), deliver, undo, aside
    lane.message, lane.failed, lane.lasting = "", False, lasting
    if not bpy.app.timers.is_registered(poll):
        bpy.app.timers.register(poll, first_interval=INTERVAL, persistent=True)
    return lane.job


def is_running(lane: Lane | None = None) -> bool:
    """Whether a job is, in one lane or in any."""
    return any(each.job is not None for each in ([lane] if lane else _LANES))


def tell(message: str, failed: bool = False) -> None:
    """Show a message where results are shown."""
    making.message, making.failed = message, failed
    _redraw()


def poll() -> float | None:
    """One look at the jobs; the time to the next look, or None when all are over. While Blender renders, nothing that
    it reads is changed: results wait."""
    if bpy.app.is_job_running("RENDER"):
        return INTERVAL
    if _pace.due is not None:
        late, _pace.due = time.monotonic() - _pace.due, None
        _pace.pause = min(max(late / DRAW_SHARE, OFTEN), RARELY)
    ended = [_look(lane) for lane in _LANES]
    if any(ended) or time.monotonic() - _pace.drawn > _pace.pause:
        _redraw()
        _pace.due = time.monotonic() + SOON if is_running() else None
    if _pace.due is not None or any(lane.steps is not None or lane.delivered for lane in _LANES):
        return SOON
    return INTERVAL if is_running() else None


def _look(lane: Lane) -> bool:
    """Whether the lane's job, if it had one, is over and done with."""
    if lane.job is None:
        return False
    if lane.delivered:
        _push_undo(lane.undo)
        lane.clear()
        return True
    if not lane.job.is_over:
        lane.aside.look()
        return False
    ended = _finish(lane.job, lane)
    if ended is None:
        return False
    lane.message, lane.failed, lane.delivered = ended
    if not lane.delivered:
        lane.clear()
        lane.aside.end()
    _release_later()
    return not lane.delivered


def _release_later() -> None:
    if bpy.app.timers.is_registered(release_when_idle):
        bpy.app.timers.unregister(release_when_idle)
    bpy.app.timers.register(release_when_idle, first_interval=IDLE, persistent=True)


def _finish(job: Job, lane: Lane) -> tuple[str, bool, bool] | None:
    """The message to show, whether the job failed, and whether its result was delivered; None while its result is being
    made ready."""
    if job.is_cancelled:
        return phrase("Cancelled"), False, False
    try:
        if job.error is not None:
            raise job.error
        if _is_getting_ready(lane, job):
            return None
        return lane.deliver(job.result), False, True
    except UserError as error:
        return sentence(str(error)), True, False
    except ImportError as error:
        traceback.print_exception(error)
        return phrase("A package cannot be loaded ({}); install anew in TexGAN's preferences.", error), True, False
    except Exception as error:  # a mistake of ours: all of it to the console, a line to the panel
        traceback.print_exception(error)
        told = phrase("Something unforeseen went wrong ({}); the console has the details.", type(error).__name__)
        return told, True, False


def _is_getting_ready(lane: Lane, job: Job) -> bool:
    """Whether there was a step that makes the result of a job ready; it is done."""
    if lane.steps is None:
        lane.aside.end()
        lane.steps = lane.aside.ready(job.result)
    return next((True for _ in lane.steps), False)


def _push_undo(name: str) -> None:
    windows = bpy.context.window_manager.windows
    if name and windows and not bpy.app.background:
        with bpy.context.temp_override(window=windows[0]):
            bpy.ops.ed.undo_push(message=name)


def _redraw() -> None:
    """Preferences and sidebars that show our tab alone: drawing a whole 3D view again and again would make Blender
    slow."""
    _pace.drawn = time.monotonic()
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            shown = PANELS.get(area.type)
            for region in area.regions:
                if region.type == shown and region.active_panel_category in ("", TAB, "UNSUPPORTED"):
                    region.tag_redraw()


def stop() -> None:
    """Cancel and wait until nothing runs any more."""
    for lane in _LANES:
        lane.worker.stop()
        lane.clear()


@persistent
def _before_load(*_: Any) -> None:
    for lane in _LANES:
        if not lane.lasting:
            lane.cancel()
            lane.clear()
            lane.message, lane.failed = "", False


@persistent
def _before_render(*_: Any) -> None:
    """Cycles and EEVEE need the graphics card's memory more."""
    if not is_running(making) and models.uses_accelerator():
        models.forget_models()


def release_when_idle() -> None:
    """Give memory back: called `IDLE` seconds after the last job."""
    if not is_running(making):
        models.forget_models()


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
