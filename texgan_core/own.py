"""The user's own models as files: what a model may be called, and which codec and generator go with it.

A model NAME is NAME.safetensors with the picture NAME.png and, if it has learned, codec-NAME-HASH.safetensors or
generator-NAME-HASH.safetensors, HASH being eight letters. It finds these by the whole hash, whatever they are called.
"""

import glob
from pathlib import Path
from typing import Any

from .errors import ModelFileError, RequestError
from .library import is_bundled
from .model_file import SUFFIX, read_card

NOISE = "-noise"
"""Ends the names of models that make a material up from noise."""
PARTS = ("codec", "generator")


def learned_name(name: str, noise: bool) -> str:
    """What a model is called that is learned under a name."""
    return f"{name}{NOISE}" if noise else name


def check_name(name: str) -> None:
    """Raises RequestError: it cannot be the name of a model of the user's own."""
    if not name.removesuffix(NOISE).strip() or Path(name).name != name or name.startswith("."):
        raise RequestError(f"{name!r} is no name for a model; choose one that can be a file's name.")
    if is_bundled(name):
        raise RequestError(f"A model that comes with TexGAN is called {name}; choose another name.")


def forget_parts(path: Path) -> None:
    """Remove the codecs and generators called after the model at `path`, be it there or not, that no model beside it
    needs any more."""
    needed = {_card(other).get(kind) for other in path.parent.glob(f"*{SUFFIX}") for kind in PARTS}
    for part in _parts_called(path):
        if _card(part).get("hash") not in needed - {None}:
            part.unlink(missing_ok=True)


def _card(path: Path) -> dict[str, Any]:
    """What a file says of itself, which is nothing if it is damaged."""
    try:
        return read_card(path)
    except ModelFileError:
        return {}


def _parts_called(path: Path) -> list[Path]:
    """The codecs and generators that are called after a model."""
    name = glob.escape(path.stem)
    return [part for kind in PARTS for part in path.parent.glob(f"{kind}-{name}-????????{SUFFIX}")]
