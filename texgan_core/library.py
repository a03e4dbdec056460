"""The models that come with the package, and model files of the user's own, by name or path.

Reading the list needs no PyTorch; loading a model does.
"""

import difflib
import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import ModelFileError, UnknownModelError
from .model_file import SUFFIX, read_card

if TYPE_CHECKING:
    from .models import Model

PARTS = ("codec", "estimator", "upscaler", "cleaner", "mirror", "generator")
"""Kinds that models share and that make no textures by themselves."""

BUNDLED = Path(__file__).parent / "bundled"
OWN = Path(os.environ.get("TEXGAN_MODELS") or Path.home() / ".texgan" / "models")
"""The user's own models, which are found by name as well."""


@dataclass(frozen=True)
class ModelInfo:
    """What a menu shows of a model."""

    name: str
    kind: str
    material_class: str
    path: Path
    card: dict[str, Any]


@lru_cache(maxsize=1)
def _bundled() -> tuple[ModelInfo, ...]:
    return _models(describe(path) for path in BUNDLED.glob(f"*{SUFFIX}"))


def _own() -> tuple[ModelInfo, ...]:
    try:
        return _own_at(OWN, OWN.stat().st_mtime_ns)
    except OSError:
        return ()


@lru_cache(maxsize=1)
def _own_at(folder: Path, modified: int) -> tuple[ModelInfo, ...]:
    """The usable ones of a folder as it was when it was last `modified`."""
    infos = []
    for path in folder.glob(f"*{SUFFIX}"):
        with suppress(ModelFileError):
            infos.append(describe(path))
    return _models(infos)


def _models(infos: Iterable[ModelInfo]) -> tuple[ModelInfo, ...]:
    return tuple(sorted((i for i in infos if i.kind not in PARTS), key=lambda i: (i.material_class, i.name)))


def is_bundled(name: str) -> bool:
    """Whether a model that comes with the package is called so."""
    return name.lower() in {info.name.lower() for info in _bundled()}


def is_own(info: ModelInfo) -> bool:
    """Whether it is one of the user's own, in their folder."""
    return info.path.parent == OWN


def describe(path: Path) -> ModelInfo:
    """What one model file says of itself.

    Raises:
        ModelFileError: missing, damaged or foreign.
    """
    card = read_card(path)
    return ModelInfo(card["name"], card["kind"], card["class"], path, card)


def bundled_models() -> list[ModelInfo]:
    """The models that come with the package, sorted by class and name; reads their cards only."""
    return list(_bundled())


def list_models() -> list[ModelInfo]:
    """The bundled models, then the user's own."""
    return [*_bundled(), *(info for info in _own() if not is_bundled(info.name))]


def hidden_models() -> list[ModelInfo]:
    """The user's own that have a bundled model's name, which means that one; they are found by their path only."""
    return [info for info in _own() if is_bundled(info.name)]


def find_model(name_or_path: str | Path) -> ModelInfo:
    """A bundled model, or one of the user's own, by its name, or any model file by its path. Large and small letters
    count only where names differ in nothing else.

    Raises:
        UnknownModelError: neither, or several. ModelFileError: a file that cannot be used.
    """
    text, models = str(name_or_path), list_models()
    alike = [info for info in models if info.name.lower() == text.lower()]
    exact = [info for info in alike if info.name == text] or alike
    if len(exact) > 1:
        raise UnknownModelError(f"{text!r} may be {' or '.join(i.name for i in exact)}; write it as one of them.")
    if exact:
        return exact[0]
    if text.lower().endswith(SUFFIX) or os.path.isfile(text):  # noqa: PTH113 (a name may be too long for a path)
        return describe(Path(text))
    by_name = {info.name.lower(): info for info in models}
    near = difflib.get_close_matches(text.lower(), by_name, n=3, cutoff=0.4) or sorted(by_name)[:5]
    names = ", ".join(by_name[n].name for n in near) or "none"
    raise UnknownModelError(f"There is no model named {text!r}; did you mean one of: {names}?")


def find_part(kind: str, part_hash: str, folder: Path) -> Path:
    """The codec or generator file with this hash: beside the model that asks for it, or bundled. Files beside it that
    cannot be read are passed over.

    Raises:
        ModelFileError: not found.
    """
    unreadable = []
    for place in dict.fromkeys((folder, BUNDLED)):
        for path in sorted(place.glob(f"{kind}*{SUFFIX}")):
            try:
                if read_card(path)["hash"] == part_hash:
                    return path
            except ModelFileError:
                unreadable.append(path.name)
    if unreadable:
        raise ModelFileError(
            f"This model needs the {kind} {part_hash[:12]}, which is not here, unless it is {' or '.join(unreadable)}, "
            f"which cannot be read; put its file into {folder}."
        )
    raise ModelFileError(
        f"This model needs the {kind} {part_hash[:12]}, which is not here; put its file into {folder}."
    )


def load_model(name_or_path: str | Path) -> "Model":
    """Load a model, verified, ready for `texgan_core.synthesize`.

    Raises:
        UnknownModelError: neither a bundled name nor a file. ModelFileError: a file that cannot be used.
    """
    from .models import read_model  # imports PyTorch

    return read_model(find_model(name_or_path).path)
