"""Live: the textures are made anew a moment after a setting has changed. The latest wins: what is still being made
for earlier settings is cancelled. Where it takes long, a preview comes first."""

import time
from dataclasses import replace
from functools import partial

import bpy

from . import engine, materials, previews, pump, settings
from .errors import UserError
from .jobs import Job
from .translations import phrase, sentence
from .values import Generated

PAUSE = 0.25
"""Seconds without a change before work begins, so that a slider can be moved."""
AGAIN = 0.05
"""Seconds between looks while a job is on its way out."""
_due = 0.0
_job: Job | None = None


def touch() -> None:
    """A setting has changed."""
    global _due
    if not bpy.context.scene.texgan.live or bpy.app.background:
        return
    _due = time.monotonic() + PAUSE
    if not bpy.app.timers.is_registered(tick):
        bpy.app.timers.register(tick, first_interval=PAUSE, persistent=True)


def tick() -> float | None:
    """One look at whether it is time; the time to the next look, or None when nothing is due any more."""
    wait = _due - time.monotonic()
    if wait > 0:
        return wait
    if pump.is_running(pump.making):
        if pump.making.job is _job:
            pump.making.cancel()
        return AGAIN
    _start()
    return None


def _start() -> None:
    global _job
    context = bpy.context
    try:
        texgan = context.scene.texgan
        target = materials.active_target(context, metres=texgan.metres)
        request = replace(settings.request(context), present=materials.present_maps(target))
    except UserError as error:
        pump.tell(sentence(str(error)), failed=True)
        return

    def deliver(made: Generated) -> str:
        material = materials.fill(target, made)
        return phrase("{}: live, {:.1f} s", material.name, made.seconds)

    on_preview, aside = previews.beside(target.material_uid)
    work = partial(engine.generate, request, on_preview=on_preview)
    _job = pump.start(work, deliver, "TexGAN Live", aside)


def register() -> None:
    settings.listeners.append(touch)


def unregister() -> None:
    settings.listeners.remove(touch)
    if bpy.app.timers.is_registered(tick):
        bpy.app.timers.unregister(tick)
