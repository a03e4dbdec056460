"""Learning from pictures, in another process."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from . import child, map_files
from .jobs import IsCancelled, Progress
from .processes import Stopped
from .records import check_packages, errors_for_the_user
from .values import MapFile, Taught


def learn(
    sources: Sequence[str],
    files: dict[str, MapFile],
    name: str,
    minutes: float,
    noise: bool,
    further: bool,
    replace: bool,
    device: str,
    on_progress: Progress,
    is_cancelled: IsCancelled,
) -> Taught:
    """Make a model of pictures or folders, or, where there are none, of pictures by map, in another process; with
    `noise`, one that makes them up. The other two are as in the core's `learn`.

    Raises:
        UserError: a picture or name that cannot be used; packages are missing.
    """
    check_packages()
    on_progress(0.0, "Encoding")
    with errors_for_the_user():
        from ..texgan_core.own import check_name

        check_name(name)
    with tempfile.TemporaryDirectory(prefix="texgan-") as folder:
        place = Path(folder)
        if not sources:
            map_files.write(place, "material", files)
        options = ["--name", name, "--minutes", str(minutes), "--device", device]
        wanted = {"--noise": noise, "--further": further, "--replace": replace}
        options += [option for option, is_wanted in wanted.items() if is_wanted]
        try:
            told = child.texgan(["learn", *(sources or [str(place)]), *options], on_progress, is_cancelled)
        except Stopped:
            return Taught(name, {}, {})
    return Taught(told["name"], told["before"], told["after"])


def pause_learning() -> None:
    """Let it wait, or go on."""
    child.pause()


def finish_learning() -> None:
    """Let it keep what it has learned by now, and end."""
    child.finish()


def learning_sample() -> str:
    """The path of a picture of what it draws by now, or nothing."""
    return child.sample()
