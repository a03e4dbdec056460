"""The user's own models as files: what they may be called, how they are renamed and deleted with all that is theirs.

A model NAME is NAME.safetensors, whatever it was called when it was learned, with the picture NAME.png and, if it has
learned, codec-NAME-HASH.safetensors or generator-NAME-HASH.safetensors, HASH being eight letters. It finds these by the
whole hash, whatever they are called. NAME-noise may have the codec of NAME.
"""

import glob
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .errors import ModelFileError, RequestError
from .library import ModelInfo, find_model, is_bundled, is_own
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


def rename(name: str, new: str) -> str:
    """Call a model of the user's own otherwise, and its files. Its hash stays, so that records still find it; one that
    makes its material up from noise keeps the ending of such names.

    Returns:
        What it is called now.

    Raises:
        UnknownModelError: there is no such model. ModelFileError: it is damaged.
        RequestError: it is none of the user's own, the new name cannot be or is taken, or a file cannot be changed.
    """
    info = _find(name)
    path = info.path
    new = learned_name(new.strip().removesuffix(NOISE), noise=True) if info.kind == "style" else new.strip()
    check_name(new)
    target = path.with_name(f"{new}{SUFFIX}")
    if target.exists():
        raise RequestError(f"You have a model named {new} already; choose another name.")
    with _changing(path):
        path.replace(target)
        for part in _parts_called(path):
            kind, letters = part.name.partition("-")[0], part.stem[-8:]
            part.replace(part.with_name(f"{kind}-{new}-{letters}{SUFFIX}"))
        if (picture := path.with_suffix(".png")).is_file():
            picture.replace(target.with_suffix(".png"))
    return new


def delete(name: str) -> None:
    """Delete a model of the user's own, its picture, and the codec and generator that no other needs.

    Raises:
        UnknownModelError: there is no such model.
        RequestError: it is none of the user's own, or a file cannot be deleted.
    """
    path = _find(name).path
    with _changing(path):
        path.unlink()
        path.with_suffix(".png").unlink(missing_ok=True)
        forget_parts(path)


def _find(name: str) -> ModelInfo:
    """A model of the user's own, by its name or path."""
    info = find_model(name)
    if not is_own(info):
        raise RequestError(f"{info.name} is no model in your own folder, so it stays as it is.")
    return info


@contextmanager
def _changing(path: Path) -> Iterator[None]:
    """What the system does not let happen to a model's files comes out as an error of ours."""
    try:
        yield
    except OSError as error:
        raise RequestError(f"The files of {path} cannot be changed: {error.strerror or error}.") from error


def forget_parts(path: Path) -> None:
    """Remove the codecs and generators called after the model at `path`, be it there or not, or after the one that it
    may have a codec of, that no model beside it needs any more."""
    needed = {_card(other).get(kind) for other in path.parent.glob(f"*{SUFFIX}") for kind in PARTS}
    for part in {*_parts_called(path), *_parts_called(path.with_stem(path.stem.removesuffix(NOISE)))}:
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
