"""What all learning from the user's own pictures has in common: the pictures with their latents, and the time."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .errors import Cancelled
from .materials import Material
from .resynthesis import IsCancelled, Progress

SAMPLE_EVERY = 10.0
"""Seconds."""


@dataclass(frozen=True)
class Lesson:
    """A material with its latent: `latent` (channels, rows, columns), and of the same cells the `stack` (CHANNELS,
    rows * 8, columns * 8)."""

    material: Material
    latent: np.ndarray
    stack: np.ndarray
    wraps: tuple[bool, bool]


@dataclass(frozen=True)
class Watch:
    """Who follows the learning: is told how far it is, may cancel it and let it wait, and is shown pictures (height,
    width, 3) now and then."""

    on_progress: Progress = lambda share, text: None
    is_cancelled: IsCancelled = lambda: False
    is_paused: IsCancelled = lambda: False
    on_sample: Callable[[np.ndarray], None] = lambda picture: None


def learn_for(seconds: float, step: Callable[[float], object], sample: Callable[[], np.ndarray], watch: Watch) -> None:
    """Take steps for so long, not counting pauses; each is told the share of the time that is behind it.

    Raises:
        Cancelled.
    """
    spent, shown, last = 0.0, -SAMPLE_EVERY, time.monotonic()
    while spent < seconds:
        if watch.is_cancelled():
            raise Cancelled
        if watch.is_paused():
            watch.on_progress(spent / seconds, "Paused")
            time.sleep(0.1)
            last = time.monotonic()
            continue
        step(spent / seconds)
        now = time.monotonic()
        spent, last = spent + now - last, now
        watch.on_progress(min(spent / seconds, 1.0) * 0.98, "Learning")
        if spent - shown >= SAMPLE_EVERY:
            shown = spent
            watch.on_sample(sample())
