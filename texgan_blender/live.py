"""Live: the textures are made anew a moment after a setting has changed. The latest wins: what is still being made
for earlier settings is cancelled. Where it takes long, a preview comes first.

Which material is meant is asked where the setting changes: only there it is known which editor asks, and so what is
pinned in it.
"""

import time
from dataclasses import replace
from functools import partial

import bpy
from bpy.types import Context

from . import engine, history, materials, previews, pump, settings
from .background import with_device, with_disconnected
from .errors import UserError
from .jobs import Job
from .translations import phrase, sentence
from .values import Generated

PAUSE = 0.25
"""Seconds without a change before work begins, so that a slider can be moved."""
REST = 10.0
"""Seconds without a change after which a result stays in the history; until then it gives way to the next."""
AGAIN = 0.05
"""Seconds between looks while a job is on its way out."""
_due = 0.0
_made = 0.0
"""When the last result came."""
_target: materials.Target
"""Where the textures go that are due."""
_job: Job | None = None


def touch(context: Context) -> None:
    """A setting has changed."""
    global _due, _target
    texgan = context.scene.texgan
    if not texgan.live or bpy.app.background:
        return
    if time.monotonic() - _made > REST:
        history.keep(context.scene)
    try:
        _target = materials.active_target(context, metres=texgan.metres)
    except UserError as error:
        pump.tell(sentence(str(error)), failed=True)
        return
    _due = time.monotonic() + PAUSE
    if not bpy.app.timers.is_registered(tick):
        bpy.app.timers.register(tick, first_interval=PAUSE)  # what is due ends with the file that it is due in


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
    previews.end()
    target = _target
    try:
        request = replace(settings.request(bpy.context), present=materials.present_maps(target))
        materials.check(target, request.maps)
    except UserError as error:
        pump.tell(sentence(str(error)), failed=True)
        return

    def deliver(made: Generated) -> str:
        global _made
        _made = time.monotonic()
        material, disconnected = materials.fill(target, made)
        history.add(bpy.context.scene, made.record, made.icon, material.name, passing=True)
        told = with_device(phrase("{}: live, {:.1f} s", material.name, made.seconds), made.fell_back)
        return with_disconnected(told, disconnected)

    on_preview, aside = previews.beside(target.material_uid)
    work = partial(engine.generate, request, on_preview=on_preview)
    _job = pump.start(work, deliver, "TexGAN Live", aside)


def widen(context: Context) -> None:
    """What the active material shows takes its new width at once."""
    materials.set_width(materials.active_material(context), context.scene.texgan.metres)


def register() -> None:
    settings.listeners.append(touch)
    settings.width_listeners.append(widen)


def unregister() -> None:
    settings.listeners.remove(touch)
    settings.width_listeners.remove(widen)
    if bpy.app.timers.is_registered(tick):
        bpy.app.timers.unregister(tick)
