"""Is everything there and does it work? A report to read, and to copy into a question."""

import os
import platform
import shutil
import sys
import time
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from . import __version__
from .errors import TexganError
from .library import hidden_models, list_models, load_model
from .machine import memory
from .model_file import read_model_file

LONGEST_PATH = 200
"""Letters of the package's folder that leave Windows room for file names."""
SMALLEST_GIB = 4
"""Memory below which large textures will not fit."""


@dataclass
class Report:
    """Findings, one a line; what is wrong begins with an exclamation mark and says what to do."""

    lines: list[str] = field(default_factory=list)
    troubles: int = 0

    def note(self, text: str) -> None:
        self.lines.append(text)

    def trouble(self, text: str) -> None:
        self.lines.append(f"! {text}")
        self.troubles += 1

    def text(self) -> str:
        return "\n".join(self.lines)


def examine() -> Report:
    """Look at Python, PyTorch, the machine and the models, and make a small texture on every device."""
    report = Report()
    report.note(f"TexGAN {__version__}, Python {platform.python_version()}, {platform.platform()}")
    _examine_machine(report)
    _examine_openimageio(report)
    if _examine_torch(report):
        _examine_models(report)
    return report


def _examine_machine(report: Report) -> None:
    folder = Path(__file__).parent
    report.note(f"Package in {folder} ({len(str(folder))} letters)")
    if sys.platform == "win32" and len(str(folder)) > LONGEST_PATH:
        report.trouble("This path is so long that Windows may not open files in it; install into a shorter one.")
    free = shutil.disk_usage(folder).free / 2**30
    report.note(f"{os.cpu_count()} processors, {free:.1f} GiB of disk free")
    if (present := memory()) is not None:
        report.note(f"{present / 2**30:.1f} GiB of memory")
        if present < SMALLEST_GIB * 2**30:
            report.trouble(f"Less than {SMALLEST_GIB} GiB of memory: keep to 2048 x 2048 and less.")


def _examine_openimageio(report: Report) -> None:
    there = find_spec("OpenImageIO") is not None
    report.note("OpenImageIO is there" if there else "No OpenImageIO (pip install openimageio): no OpenEXR, no 16 bits")


def _examine_torch(report: Report) -> bool:
    """Whether PyTorch can be used at all."""
    try:
        import torch
    except (ImportError, OSError) as error:
        report.trouble(f"PyTorch cannot be loaded ({error}); install it anew.")
        return False
    report.note(f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads")
    for index in range(torch.cuda.device_count()):
        found = torch.cuda.get_device_properties(index)
        report.note(f"cuda:{index} is {found.name}, {found.total_memory / 2**30:.1f} GiB")
    if torch.backends.mps.is_available():
        report.note("mps (Apple) is there")
    return True


def _examine_models(report: Report) -> None:
    models = list_models()
    broken = []
    for info in models:
        try:
            read_model_file(info.path)
        except TexganError as error:
            broken.append(str(error))
    report.note(f"{len(models)} models")
    for text in broken:
        report.trouble(text)
    for info in hidden_models():
        report.trouble(f"{info.path} has the name of a model that comes with TexGAN; rename the file.")
    if not models:
        report.trouble("No model came with this package; install TexGAN again.")
    elif not broken:
        _try_out(report, models[0].name)


def _try_out(report: Report, name: str) -> None:
    """Make a small texture with the device that is chosen by itself, and with the processor."""
    from .devices import choose_device
    from .measure import seam
    from .synthesize import TextureRequest, synthesize

    request = TextureRequest((256, 256), maps=("base_color",))
    for device in dict.fromkeys((str(choose_device("auto")), "cpu")):
        start = time.perf_counter()
        try:
            made = synthesize(load_model(name), request, device)
        except TexganError as error:
            report.trouble(f"On {device}, {name} failed: {error}")
            continue
        except RuntimeError as error:  # a driver's own
            report.trouble(f"On {device}, {name} failed ({error}); choose another device.")
            continue
        x, y = seam(made.maps["base_color"])
        seconds = time.perf_counter() - start
        report.note(f"{name}, 256 x 256 on {device}: {seconds:.2f} s, seam x {x:.2f}, y {y:.2f}")
