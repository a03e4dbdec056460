"""Which models and which request maps are made by, also as the record beside them tells it."""

import argparse
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import RequestError, UnknownModelError
from ..export import file_stem
from ..library import find_model, list_models, load_model
from ..pictures import write_file

if TYPE_CHECKING:
    from ..models import Model
    from ..synthesize import TextureRequest

ENDING = "_texgan.json"


def write_record(folder: Path, name: str, record: dict[str, Any]) -> Path:
    """Write what makes a set again beside its maps; `name` as in `export`.

    Raises:
        ImageError: the file cannot be written.
    """
    path = folder / f"{file_stem(name)}{ENDING}"
    write_file(path, (json.dumps(record, indent=1) + "\n").encode())
    return path


@dataclass(frozen=True)
class Recipe:
    """Model files, of which `blend` is gone to a `share` of the way and `joints` fills the joints, and a request."""

    model: Path
    blend: Path | None
    share: float
    joints: Path | None
    request: "TextureRequest"

    def load(self) -> "Model":
        """Raises ModelFileError: a file cannot be used. RequestError: the models do not go together."""
        from ..blend import Blend
        from ..mixture import Mixture

        model = load_model(self.model)
        if self.blend:
            model = Blend(model, load_model(self.blend), self.share)
        return Mixture(model, load_model(self.joints)) if self.joints else model


def recorded(options: argparse.Namespace) -> Recipe:
    """What the record that --record names tells, or that is in what --json printed, of the size of --size.

    Raises:
        RequestError: the file cannot be read or is none, or there are options for what a record tells by itself.
        UnknownModelError: a model is not there.
    """
    from ..request import request_from_record

    for name, plain in options.recorded.items():
        if getattr(options, name) != plain:
            raise RequestError(f"The record tells --{name.replace('_', '-')} already; leave one of them out.")
    record = _read(options.record)
    request = request_from_record(record)
    blend, joints = record.get("blend"), record.get("joints")
    try:
        return Recipe(
            _file_of(record, options.model),
            _file_of(blend, options.blend) if blend or options.blend else None,
            float(blend["share"]) if blend else 0.0,
            _file_of(joints, options.joints) if joints or options.joints else None,
            replace(request, size=options.size or request.size),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise RequestError("The record does not tell its models, so it cannot be made again.") from error


def _read(path: Path) -> Any:
    """The record in a file, or what else there is."""
    try:
        told = json.loads(path.read_bytes())
    except OSError as error:
        raise RequestError(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError):
        return None
    return told.get("record", told) if isinstance(told, dict) else None


def _file_of(told: Any, given: str | None) -> Path:
    """The file of a model that a record tells by name and hash, whatever it is called by now: the one that is given
    instead, or one that is listed.

    Raises:
        UnknownModelError: it is not there. RequestError: another one is given. KeyError, TypeError: no model is told.
    """
    if not told:
        raise RequestError(f"The record tells no model in the place of {given}; leave it out.")
    name, model_hash = told["model"], told["model_hash"]
    models = [find_model(given)] if given else sorted(list_models(), key=lambda info: info.name != name)
    found = next((info.path for info in models if info.card["hash"] == model_hash), None)
    if found:
        return found
    if given:
        raise RequestError(f"{given} is not {name} as it was when the record was made; choose its file of then.")
    raise UnknownModelError(f"{name}, as it was when the record was made, is not here; give its file of then.")
