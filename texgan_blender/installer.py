"""Installs the packages that the core needs, with pip in a child process of Blender's own Python.

What pip says goes into a log file, which is read while it grows: so the background thread can be cancelled at any
moment. Only what has been tried out comes into use; otherwise nothing is changed.
"""

import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TextIO

from . import packages
from .errors import UserError
from .jobs import IsCancelled, Progress
from .processes import Stopped, follow

TORCH = "torch==2.13.0"
COMPANIONS = ("pillow>=10", "safetensors>=0.4", "openimageio>=3.0")
"""NumPy is not among them: Blender brings its own."""
TRIAL = "import sys; sys.path.insert(0, sys.argv[1]); import torch, PIL.Image, safetensors; print(torch.__version__)"
PYTHON = [sys.executable, "-s", "-E", "-u"]
"""Blender's own, without the user's packages, telling all at once."""
LOG = "install.log"
NEEDED_GIB = 3
"""Free space that the smallest build of PyTorch takes while it is unpacked."""
LONGEST_PATH = 120
"""Letters of the add-on's folder on Windows: PyTorch's own go up to 135, and 260 is the limit."""
STEP = r"^ *(Collecting|Downloading|Installing collected packages)[: ]*(\S*)"
"""What pip says when it begins something else."""
RAW_PROGRESS = (24, 1)
"""The version of pip that first tells its progress in numbers."""
QUIETLY = ("--no-input", "--disable-pip-version-check", "--no-warn-script-location")
LAST_LINES = 20
"""Of the log, in the doctor's report."""


@dataclass(frozen=True)
class Source:
    """Where packages come from: `wheels`, a folder of them, without any network; or pip's own index, but PyTorch, with
    `index`, from the one at this address, which need not have anything else."""

    wheels: str = ""
    index: str = ""

    def steps(self) -> list[list[str]]:
        """What to tell pip, one call after the other, so that what comes from one index never comes from another."""
        if self.index and not self.wheels:
            return [["--index-url", self.index, TORCH], [*COMPANIONS]]
        return [[*(["--no-index", "--find-links", self.wheels] if self.wheels else []), TORCH, *COMPANIONS]]


def install(folder: Path, source: Source, on_progress: Progress, is_cancelled: IsCancelled) -> str:
    """Install into the add-on's `folder`; takes nothing into use before it has been tried out.

    Returns:
        The version of PyTorch.

    Raises:
        UserError: no room, no wheels, pip failed, or what it installed does not run.
    """
    _check(folder, source)
    folder.mkdir(parents=True, exist_ok=True)
    packages.tidy(folder)
    place = folder / f"{packages.PREFIX}{time.time_ns()}"
    busy = folder / packages.BUSY

    def touched() -> bool:
        busy.touch()
        return is_cancelled()

    try:
        on_progress(0.0, "Starting pip")
        with (folder / LOG).open("w", encoding="utf-8") as log:
            environment = _environment(place)
            pip = _pip() if source.wheels else _telling_pip(place, log, touched, environment)
            call = [*pip, "install", "--target", str(place), *QUIETLY]
            call += ["--progress-bar", "raw" if _version_of(pip) >= RAW_PROGRESS else "off"]
            for step in source.steps():
                _run([*call, *step], log, on_progress, touched, environment)
            on_progress(0.95, "Trying it out")
            told = _run([*PYTHON, "-c", TRIAL, str(place)], log, lambda *_: None, touched)
        packages.make_current(folder, place)
    except Stopped:
        return ""
    finally:
        busy.unlink(missing_ok=True)
        packages.tidy(folder)
    return told.split()[-1] if told.split() else ""


def report(folder: Path) -> str:
    """What tells why an installation into the add-on's `folder` does not succeed, as lines of text."""
    place = next(place for place in (folder, *folder.parents) if place.is_dir())
    lines = [
        f"{platform.platform()}, {graphics()}",
        f"{folder} ({len(str(folder))} letters), {shutil.disk_usage(place).free / 2**30:.1f} GiB free",
    ]
    log = folder / LOG
    if log.is_file():
        lines += ["The log ends so:", *log.read_text(encoding="utf-8", errors="replace").splitlines()[-LAST_LINES:]]
    return "\n".join(lines)


def graphics() -> str:
    """What PyTorch could compute on here, in words, by what the drivers left in the system."""
    if sys.platform == "darwin":
        return "Apple graphics (Metal)"
    if shutil.which("nvidia-smi"):
        return "NVIDIA graphics (CUDA)"
    return "AMD graphics (ROCm)" if Path("/opt/rocm").is_dir() else "the processor"


def hint() -> str:
    """What to know before an installation, or nothing."""
    if sys.platform == "win32" and shutil.which("nvidia-smi"):
        return (
            "PyTorch's usual build for Windows has no CUDA. To use the graphics card, enter the index address that "
            "PyTorch's own page names for a CUDA build."
        )
    if Path("/opt/rocm").is_dir():
        return "To use the graphics card, enter the index address that PyTorch's own page names for a ROCm build."
    return ""


def _check(folder: Path, source: Source) -> None:
    if packages.is_busy(folder):
        raise UserError("Another Blender is installing right now; wait until it is done, then restart this one.")
    if source.wheels and not list(Path(source.wheels).glob("*.whl")):
        raise UserError(f"{source.wheels} holds no wheels (.whl); choose the folder that they were saved to.")
    if sys.platform == "win32" and len(str(folder)) > LONGEST_PATH:
        raise UserError(
            f"{folder} is too long a path for Windows; set BLENDER_USER_RESOURCES to a short one, such as C:\\blender."
        )
    parent = next(place for place in (folder, *folder.parents) if place.is_dir())
    for place in (parent, Path(tempfile.gettempdir())) if sys.platform == "win32" else (parent,):
        free = shutil.disk_usage(place).free / 2**30
        if free < NEEDED_GIB:
            raise UserError(f"There are {free:.1f} GiB free at {place}; PyTorch needs at least {NEEDED_GIB}.")


def _environment(place: Path) -> dict[str, str]:
    """That of pip, which first unpacks into a temporary folder: one beside `place`, where there is room, and which goes
    when the add-on's folder is tidied. On Windows paths would be too long there, so it is the system's."""
    if sys.platform == "win32":
        return {**os.environ}
    unpacked = place.with_name(f"{place.name}-unpacked")
    unpacked.mkdir()
    return {**os.environ, "TMPDIR": str(unpacked)}


def _pip() -> list[str]:
    """How to call pip: Blender's Python need not have it installed, but has it packed in `ensurepip`."""
    if find_spec("pip"):
        return [*PYTHON, "-m", "pip"]
    return [*PYTHON, f"{_packed_pip()}/pip"]


def _packed_pip() -> Path:
    """Raises UserError: this Python came without it, as those of Linux distributions do."""
    found = find_spec("ensurepip")
    wheels = sorted(Path(found.origin).parent.glob("_bundled/pip-*.whl")) if found and found.origin else []
    if not wheels:
        raise UserError("This Blender's Python came without pip; install it with your system's own package manager.")
    return wheels[-1]


def _telling_pip(place: Path, log: TextIO, is_cancelled: IsCancelled, environment: dict[str, str] | None) -> list[str]:
    """How to call a pip that tells its progress: that of Blender's Python may be too old for it, then a newer one is
    fetched, which goes when the add-on's folder is tidied. If it cannot be had, the old one does."""
    pip = _pip()
    if _version_of(pip) >= RAW_PROGRESS:
        return pip
    newer = place.with_name(f"{place.name}-pip")
    wanted = f"pip>={RAW_PROGRESS[0]}.{RAW_PROGRESS[1]}"
    try:
        _run(
            [*pip, "install", "--target", str(newer), *QUIETLY, wanted], log, lambda *_: None, is_cancelled, environment
        )
    except UserError:
        return pip
    return [*PYTHON, str(newer / "pip")]


def _version_of(pip: list[str]) -> tuple[int, ...]:
    told = subprocess.run([*pip, "--version"], capture_output=True, text=True, check=False).stdout
    numbers = re.match(r"pip (\d+)\.(\d+)", told)
    return tuple(int(n) for n in numbers.groups()) if numbers else (0, 0)


def _run(
    command: list[str],
    log: TextIO,
    on_progress: Progress,
    is_cancelled: IsCancelled,
    environment: dict[str, str] | None = None,
) -> str:
    """Run a command, its output into the log, and follow it there. Returns what it said.

    Raises:
        UserError: it failed. Stopped.
    """
    start = log.tell()

    def look() -> None:
        _report(_told(log.name, start), on_progress)

    code = follow(command, log, subprocess.STDOUT, look, is_cancelled, environment)
    log.seek(0, 2)
    told = _told(log.name, start)
    if code:
        raise UserError(f"Installing failed: {_reason(told)} The whole log is in {log.name}.")
    return told


def _told(log: str, start: int) -> str:
    with Path(log).open("rb") as file:
        file.seek(start)
        return file.read().decode("utf-8", "replace")


def _report(told: str, on_progress: Progress) -> None:
    """What pip is at: the share of the file that it is fetching, or the step."""
    steps = list(re.finditer(STEP, told, re.MULTILINE))
    if not steps:
        return
    what, name = steps[-1].groups()
    if what == "Downloading":
        numbers = re.findall(r"^Progress (\d+) of (\d+)", told[steps[-1].end() :], re.MULTILINE)
        share = int(numbers[-1][0]) / max(int(numbers[-1][1]), 1) if numbers else 0.0
        on_progress(0.05 + 0.8 * share, f"Fetching {name.rsplit('/', 1)[-1].split('-')[0]}")
    elif what == "Collecting":
        on_progress(0.05, f"Looking up {name}")
    else:
        on_progress(0.9, "Unpacking")


def _reason(told: str) -> str:
    """pip's own last word on what went wrong, as a sentence."""
    errors = re.findall(r"^(?:ERROR: |\w*Error: )(.+)", told, re.MULTILINE)
    last = (errors or told.strip().splitlines() or ["pip said nothing"])[-1].strip()
    return last if last.endswith((".", "!")) else f"{last}."
