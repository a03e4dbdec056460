"""A second Python that learns, so that Blender can be used, or end, meanwhile. Touches no Blender."""

import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .errors import UserError
from .jobs import IsCancelled, Progress
from .processes import follow

ROOT = Path(__file__).parents[1]
PROGRAM = """
import json, os, sys
hasattr(os, "nice") and os.nice(10)
sys.path[:] = json.loads(sys.argv[1])
from texgan_core.cli import main
sys.exit(main(sys.argv[2:]))
"""
STATUS, SAMPLE, PAUSE, FINISH = "status.json", "sample.png", "pause", "finish"
"""As `texgan learn --watch` names them."""
_watched: list[Path] = []
"""The folder of the one that is running."""


def texgan(arguments: list[str], on_progress: Progress, is_cancelled: IsCancelled) -> dict[str, Any]:
    """Run `texgan learn` with arguments and follow it.

    Returns:
        What it printed.

    Raises:
        UserError: what it said went wrong. Stopped.
    """
    with _place() as place:
        paths = json.dumps([str(ROOT), *sys.path])
        command = [sys.executable, "-s", "-c", PROGRAM, paths, *arguments, "--json", "--watch", str(place)]
        with (place / "out").open("wb") as out, (place / "log").open("wb") as log:
            code = follow(command, out, log, lambda: _report(place, on_progress), is_cancelled)
        if code:
            raise UserError(_reason((place / "log").read_text("utf-8", "replace")))
        return json.loads((place / "out").read_text("utf-8"))


def is_running() -> bool:
    return bool(_watched)


def pause() -> None:
    """Let it wait, or go on."""
    for place in _watched:
        if (place / PAUSE).exists():
            (place / PAUSE).unlink()
        else:
            (place / PAUSE).touch()


def finish() -> None:
    """Let it keep what it has learned by now, and end."""
    for place in _watched:
        (place / FINISH).touch()


def sample() -> str:
    """The picture of what it draws by now, or nothing."""
    found = [place / SAMPLE for place in _watched if (place / SAMPLE).is_file()]
    return str(found[0]) if found else ""


@contextmanager
def _place() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="texgan-learn-", ignore_cleanup_errors=True) as folder:
        _watched.append(Path(folder))
        try:
            yield Path(folder)
        finally:
            _watched.clear()


def _report(place: Path, on_progress: Progress) -> None:
    try:
        told = json.loads((place / STATUS).read_text("utf-8"))
    except (OSError, ValueError):
        return  # nothing yet
    on_progress(float(told["share"]), str(told["text"]))


def _reason(log: str) -> str:
    """Its own last word, as a sentence."""
    lines = [line for line in log.strip().splitlines() if line]
    last = lines[-1] if lines else "it said nothing."
    return last.removeprefix("texgan: ") if last.startswith("texgan: ") else f"Learning failed: {last}"
