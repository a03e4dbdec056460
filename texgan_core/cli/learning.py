"""`texgan learn`: a model file of the user's own pictures."""

import argparse
import json
import os
import shlex
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import library
from ..job import Progress
from ..materials import name_of
from .command import Command, make_folder
from .progress import progress_on_stderr

if TYPE_CHECKING:
    import numpy as np


FIGURES = {
    "quality": ("quality ratio", " (1 is as real)"),
    "psnr": ("colours", " dB"),
    "normal": ("normals", " degrees"),
    "diversity": ("diversity", " (1 is as real)"),
}
STATUS, SAMPLE, PAUSE, FINISH = "status.json", "sample.png", "pause", "finish"
"""Files in the folder that is watched: how far it is, what it draws, what makes it wait while it is there, and what
ends it early, with what it has learned."""

TRIES = (0.01, 0.05, 0.2)
"""Seconds to wait before a file in it is replaced once more, if it is just being read."""


def _learn(options: argparse.Namespace) -> dict[str, Any]:
    from ..learn import learn
    from ..lesson import Watch
    from ..pictures import encode_picture

    place: Path | None = options.watch
    for folder in (options.out or library.OWN, place):
        if folder:
            make_folder(folder)

    def show(picture: "np.ndarray") -> None:
        if place:
            _put(place / SAMPLE, encode_picture(picture))

    def is_there(name: str) -> bool:
        return place is not None and (place / name).exists()

    with progress_on_stderr() as on_progress:
        made = learn(
            [path.resolve() for path in options.images],
            options.name or name_of(options.images[0].resolve()),
            options.minutes,
            options.out,
            options.further,
            options.device,
            Watch(
                _told(place, on_progress),
                is_paused=lambda: is_there(PAUSE),
                is_finished=lambda: is_there(FINISH),
                on_sample=show,
            ),
            options.noise,
            options.replace,
        )
    return {"model": str(made.path), "name": made.path.stem, "before": made.before, "after": made.after}


def _told(place: Path | None, on_progress: "Progress") -> "Progress":
    """Progress on stderr, and now and then in the status file."""
    last = (0.0, "")

    def tell(share: float, text: str) -> None:
        nonlocal last
        on_progress(share, text)
        now = time.monotonic()
        if place and (text != last[1] or share == 1 or now - last[0] > 0.3):
            last = (now, text)
            _put(place / STATUS, json.dumps({"share": share, "text": text}).encode())

    return tell


def _put(path: Path, data: bytes) -> None:
    """Replace a file for whoever watches, or leave it until the next time: Windows lets no file be replaced that is
    being read."""
    unfinished = path.with_name(f"{path.name}.part")
    with suppress(OSError):
        unfinished.write_bytes(data)
        for seconds in TRIES:
            with suppress(PermissionError):
                os.replace(unfinished, path)
                return
            time.sleep(seconds)


def _show(result: dict[str, Any]) -> str:
    before, after = result["before"], result["after"]
    path = Path(result["model"])
    lines = [f"{path}  texgan generate {_quoted(path.stem if path.parent == library.OWN else str(path))}"]
    for name, (text, unit) in FIGURES.items():
        if name in after:
            learned = "" if after == before else f" -> {after[name]:.2f}"
            lines.append(f"{text} {before[name]:.2f}{learned}{unit}")
    return "\n".join(lines)


def _quoted(argument: str) -> str:
    """As the system's command line wants it."""
    return subprocess.list2cmdline([argument]) if os.name == "nt" else shlex.quote(argument)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    images = "pictures, those of one set as its maps, or folders of them, all of the same material"
    parser.add_argument("images", metavar="IMAGE", type=Path, nargs="+", help=images)
    parser.add_argument("--name", help="what the model is called; default: as the first picture")
    minutes = "how long a decoder, or generator, of its own learns; default: 0, usable at once"
    parser.add_argument("--minutes", type=float, default=0.0, metavar="M", help=minutes)
    noise = "a generator learns to make it up from noise, as a model of its own, NAME-noise, which follows patterns"
    parser.add_argument("--noise", action="store_true", help=noise)
    present = parser.add_mutually_exclusive_group()
    further = "go on from what the model of that name has learned"
    present.add_argument("--further", action="store_true", help=further)
    replace = "begin anew; the model of that name stays until the new one is first kept"
    present.add_argument("--replace", action="store_true", help=replace)
    parser.add_argument("--out", type=Path, metavar="DIR", help=f"where the model goes; default: {library.OWN}")
    watch = (
        f"folder for {STATUS} and {SAMPLE} while it learns; it waits while a file named {PAUSE} is in it, "
        f"and ends early, keeping what it has learned, when one named {FINISH} is"
    )
    parser.add_argument("--watch", type=Path, metavar="DIR", help=watch)
    parser.add_argument("--device", default="auto", help="auto (default), cpu, cuda or mps")


COMMANDS = (Command("learn", "make a model of pictures of a material", _add_arguments, _learn, _show),)
