"""Other programs, run and followed until they end. Nothing here touches Blender."""

import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from typing import IO, Any

from .jobs import IsCancelled

LOOK_EVERY = 0.1
"""Seconds between looks."""


class Stopped(Exception):
    """It was cancelled, and has ended."""


def follow(
    command: Sequence[str],
    stdout: IO[Any],
    stderr: IO[Any] | int,
    look: Callable[[], None],
    is_cancelled: IsCancelled,
    environment: Mapping[str, str] | None = None,
) -> int:
    """Run a command, `look` now and then while it runs, and return its exit code. It never outlives this call.

    Args:
        environment: the variables that it is given, if not those of this process.

    Raises:
        Stopped.
    """
    quiet = ("CREATE_NO_WINDOW", "BELOW_NORMAL_PRIORITY_CLASS")  # Windows alone has them
    flags = sum(getattr(subprocess, name, 0) for name in quiet)
    process = subprocess.Popen(
        command, stdout=stdout, stderr=stderr, stdin=subprocess.DEVNULL, creationflags=flags, env=environment
    )
    try:
        while process.poll() is None:
            if is_cancelled():
                raise Stopped
            look()
            time.sleep(LOOK_EVERY)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    return process.returncode
