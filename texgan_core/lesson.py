"""What all learning from the user's own pictures has in common: the pictures with their latents, and the time."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from .errors import Cancelled
from .job import IsCancelled, Progress, never, unseen
from .materials import Material

SAMPLE_EVERY, KEEP_EVERY = 10.0, 120.0
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
    """Who follows the learning: is told how far it is, may cancel it, let it wait and end it early, and is shown
    pictures (height, width, 3) now and then."""

    on_progress: Progress = unseen
    is_cancelled: IsCancelled = never
    is_paused: IsCancelled = never
    is_finished: IsCancelled = never
    on_sample: Callable[[np.ndarray], None] = lambda picture: None


class Learner(Protocol):
    """Something that learns step by step."""

    def step(self, fraction: float) -> None:
        """One step; `fraction` of the time is behind it."""

    def sample(self) -> np.ndarray:
        """A picture (height, width, 3) of how far it is."""


def learn_for(seconds: float, learner: Learner, keep: Callable[[], object], watch: Watch) -> None:
    """Take steps for so long, not counting pauses, or until it is finished; `keep` what was learned every two minutes
    and in the end.

    Raises:
        Cancelled: what was kept before stays.
    """
    spent, shown, kept, last = 0.0, -SAMPLE_EVERY, 0.0, time.monotonic()
    while spent < seconds and not watch.is_finished():
        if watch.is_cancelled():
            raise Cancelled
        if watch.is_paused():
            watch.on_progress(spent / seconds, "Paused")
            time.sleep(0.1)
            last = time.monotonic()
            continue
        learner.step(spent / seconds)
        if spent - kept >= KEEP_EVERY:
            kept = spent
            keep()
        now = time.monotonic()
        spent, last = spent + now - last, now
        watch.on_progress(min(spent / seconds, 1.0) * 0.98, "Learning")
        if spent - shown >= SAMPLE_EVERY:
            shown = spent
            watch.on_sample(learner.sample())
    keep()
