"""The Python packages that the core needs: which are missing, and where those of the add-on's own lie.

Every installation has a folder of its own, and the file `CURRENT` names the one in use. So an installation that
stops halfway changes nothing, and one that is replaced or removed may still be open until Blender ends.
"""

import gc
import importlib
import os
import shutil
import sys
import time
from importlib.util import find_spec
from pathlib import Path

from .errors import UserError

TITLES = {"torch": "PyTorch", "numpy": "NumPy", "PIL": "Pillow", "safetensors": "safetensors"}
"""What the core needs, by import name."""
CURRENT = "current"
PREFIX = f"packages-{sys.version_info.major}.{sys.version_info.minor}-"
"""Of folders that are for this Blender's Python: another one, to which a user's files were copied, cannot use them."""
BUSY = "installing"
BUSY_SECONDS = 60.0
"""How long after it was last touched the file `BUSY` says that a Blender, this one or another, is installing."""
_active: list[str] = []
"""What was added to `sys.path`."""


def missing() -> list[str]:
    """Names of what has to be installed before anything can be made; imports none of it."""
    return [title for name, title in TITLES.items() if name not in sys.modules and find_spec(name) is None]


def torch_version() -> str:
    """The version of PyTorch that is there, or nothing; does not import it."""
    from importlib.metadata import PackageNotFoundError, version  # 20 ms that Blender's start can do without

    try:
        return version("torch")
    except PackageNotFoundError:
        return ""


def load_torch() -> None:
    """Import PyTorch, if that is not done yet, so that Blender's window does not stand still.

    A mere `import` would hold Python's lock while the libraries are read, and whenever Python looks for garbage among
    all that was made; what is there when all is loaded stays, and need not be looked at again.
    """
    if "torch" in sys.modules:
        return
    _load_libraries()
    is_collecting = gc.isenabled()
    gc.disable()
    try:
        importlib.import_module("torch")
    finally:
        if is_collecting:
            gc.enable()
    gc.freeze()


def _load_libraries() -> None:
    """Load PyTorch's libraries. What cannot be loaded like this is left to `import`; on Windows that does the same."""
    spec = find_spec("torch") if sys.platform != "win32" else None
    if spec is None or spec.origin is None:
        return
    import ctypes

    load = ctypes.CDLL(None).dlopen
    load.argtypes, load.restype = (ctypes.c_char_p, ctypes.c_int), ctypes.c_void_p
    folder, suffix = Path(spec.origin).parent / "lib", ".dylib" if sys.platform == "darwin" else ".so"
    for name, seen_by in (("libtorch_global_deps", os.RTLD_GLOBAL), ("libtorch", os.RTLD_LOCAL)):
        if not load(os.fsencode(folder / f"{name}{suffix}"), os.RTLD_NOW | seen_by):
            return


def activate(folder: Path, environment: str = "") -> None:
    """Let Python find what is in an environment of the user's own, or else installed in the add-on's `folder`.

    It comes last in the search, so that what Blender brings itself stays Blender's.
    """
    deactivate()
    place = site_packages(environment) or current(folder)
    if place is not None:
        sys.path.append(str(place))
        _active.append(str(place))
    importlib.invalidate_caches()


def deactivate() -> None:
    """Take back what `activate` did; what is imported stays so until Blender ends."""
    while _active:
        path = _active.pop()
        if path in sys.path:
            sys.path.remove(path)


def current(folder: Path) -> Path | None:
    """The installation in use."""
    try:
        name = (folder / CURRENT).read_text(encoding="utf-8").strip()
    except OSError:
        return None
    place = folder / name
    return place if name.startswith(PREFIX) and place.parent == folder and place.is_dir() else None


def make_current(folder: Path, place: Path) -> None:
    """Put a finished installation in use, in one step."""
    temporary = folder / f"{CURRENT}.new"
    temporary.write_text(place.name, encoding="utf-8")
    temporary.replace(folder / CURRENT)


def remove(folder: Path) -> None:
    """Remove the installation; files that are open are left for `tidy`."""
    deactivate()
    (folder / CURRENT).unlink(missing_ok=True)
    tidy(folder)


def is_busy(folder: Path) -> bool:
    """Whether an installation is under way; what a Blender that crashed had begun is not."""
    try:
        return time.time() - (folder / BUSY).stat().st_mtime < BUSY_SECONDS
    except OSError:
        return False


def tidy(folder: Path) -> None:
    """Remove what earlier installations left: the unfinished, the replaced, the removed; nothing while one goes on."""
    if is_busy(folder):
        return
    keep = current(folder)
    for place in folder.glob("packages-*"):
        if place != keep:
            shutil.rmtree(place, ignore_errors=True)


def site_packages(environment: str) -> Path | None:
    """Where an environment, or a folder of packages, has PyTorch; None if it has none."""
    if not environment:
        return None
    root = Path(environment)
    python = f"python{sys.version_info.major}.{sys.version_info.minor}"
    places = (root, root / "Lib" / "site-packages", root / "lib" / python / "site-packages")
    return next((place for place in places if (place / "torch").is_dir()), None)


def check_environment(environment: str) -> None:
    """Raises UserError: an environment that this Blender cannot use."""
    if site_packages(environment) is None:
        python = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise UserError(
            f"{environment or 'No folder'} has no PyTorch for Python {python}; choose the folder of a virtual "
            f"environment of that Python with torch, pillow, safetensors and openimageio in it."
        )
