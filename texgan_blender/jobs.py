"""A background thread that does jobs in turn, and others that help it. No other module starts threads.

A job only computes; it never touches Blender. It is given two functions, one to report progress
and one to ask whether to stop, and leaves a result or an error for whoever polls it.
"""

import os
import queue
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

T = TypeVar("T")
Made = TypeVar("Made")
Progress = Callable[[float, str], None]
IsCancelled = Callable[[], bool]


NICENESS = 5
"""How far behind Blender's own thread this one stands where both want the processor, 0 to 19."""


class Job(Generic[T]):
    """One piece of work and how it stands. Its attributes are plain values, safe to read from any thread."""

    def __init__(self, work: Callable[[Progress, IsCancelled], T]) -> None:
        self.share = 0.0
        self.text = "Waiting"
        self.result: T | None = None
        self.error: Exception | None = None
        self._work = work
        self._cancelled = threading.Event()
        self._over = threading.Event()
        self._first_report: tuple[float, float] | None = None

    def cancel(self) -> None:
        """Ask the work to stop; whatever it still returns is dropped."""
        self._cancelled.set()

    @property
    def is_cancelled(self) -> bool:
        return self._cancelled.is_set()

    @property
    def is_over(self) -> bool:
        return self._over.is_set()

    def seconds_left(self) -> float | None:
        """By the rate so far, or None while there is too little to go by."""
        share = self.share
        if self._first_report is None or share - self._first_report[1] < 0.05:
            return None
        since, first_share = self._first_report
        return (time.monotonic() - since) * (1 - share) / (share - first_share)

    def run(self) -> None:
        """Do the work here and now."""
        try:
            if not self.is_cancelled:
                self.result = self._work(self._report, self._cancelled.is_set)
        except Exception as error:  # kept for the thread that polls
            self.error = error
        finally:
            self._over.set()

    def _report(self, share: float, text: str) -> None:
        if self._first_report is None and share > 0:
            self._first_report = (time.monotonic(), share)
        self.share, self.text = share, text


class Worker:
    """Runs jobs one after the other in a thread of its own, which starts with the first of them."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._jobs: list[Job] = []

    def submit(self, work: Callable[[Progress, IsCancelled], T]) -> Job[T]:
        """Queue a piece of work."""
        job = Job(work)
        self._jobs = [j for j in self._jobs if not j.is_over] + [job]
        self._queue.put(job)
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="TexGAN", daemon=True)
            self._thread.start()
        return job

    def stop(self) -> None:
        """Cancel everything and wait for the thread to end; a later `submit` starts anew."""
        for job in self._jobs:
            job.cancel()
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        while (job := self._queue.get()) is not None:
            job.run()


def give_way() -> None:
    """Let others go first from now on, if this is not Blender's own thread; only Linux knows that of one thread, and of
    those that it starts, as PyTorch's. What still loads packages should not: it would keep Python's lock for as long as
    it waits for its turn.
    """
    if sys.platform == "linux" and threading.current_thread() is not threading.main_thread():
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)


def side_by_side(make: Callable[[T], Made], things: Iterable[T]) -> Iterator[Made]:
    """What is made of each thing, in order; as many at once as there are processor cores."""
    with ThreadPoolExecutor(os.cpu_count()) as helpers:
        yield from helpers.map(make, things)
