"""Model files: safetensors with a JSON card. Data only: nothing in them is ever executed.

The card says what the tensors are, where they come from and under which licence, and carries a
hash of the tensors, which is verified on every load.
"""

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from .errors import ModelFileError

FORMAT = 1
"""Raised when a change makes older files unreadable."""
KINDS = ("codec", "estimator", "upscaler", "cleaner", "mirror", "generator", "material", "style", "classic")
SUFFIX = ".safetensors"
METADATA_KEY = "texgan"
REQUIRED = {"format": int, "kind": str, "name": str, "class": str, "hash": str, "training_materials": list}


@dataclass(frozen=True)
class ModelFile:
    """A verified file: its card and its tensors as numpy arrays."""

    card: dict[str, Any]
    tensors: dict[str, np.ndarray]


def write_model_file(path: Path, card: dict[str, Any], tensors: dict[str, np.ndarray]) -> dict[str, Any]:
    """Write a model, whole or not at all; returns the card with its format and hash filled in.

    Raises:
        ModelFileError: the file cannot be written.
    """
    card = {"format": FORMAT, **card, "hash": hash_tensors(tensors)}
    unfinished = path.with_name(path.name + ".part")
    arrays = {name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}
    data = save(arrays, metadata={METADATA_KEY: json.dumps(card, sort_keys=True)})
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            unfinished.write_bytes(data)
            os.replace(unfinished, path)
        finally:
            unfinished.unlink(missing_ok=True)
    except OSError as error:
        raise ModelFileError(f"{path} cannot be written: {error.strerror or error}.") from error
    return card


def read_card(path: Path) -> dict[str, Any]:
    """The card alone, checked for what every card must say, and with the file's name as its own, so that a file that is
    copied or renamed by hand is a model of that name; the tensors are not read.

    Raises:
        ModelFileError: missing, not a TexGAN model, damaged, or of a newer format.
    """
    return _open(path, with_tensors=False).card


def read_model_file(path: Path) -> ModelFile:
    """Read and verify a whole model file.

    Raises:
        ModelFileError: as `read_card`; or the tensors do not match the card's hash or are not finite.
    """
    model = _open(path, with_tensors=True)
    if hash_tensors(model.tensors) != model.card["hash"]:
        raise ModelFileError(f"{path} does not match its own hash; it is damaged, so fetch it again.")
    for name, tensor in model.tensors.items():
        if tensor.dtype.kind == "f" and not np.isfinite(tensor).all():
            raise ModelFileError(f"{path} holds values that are not numbers (in {name}); train or fetch it again.")
    return model


def hash_tensors(tensors: dict[str, np.ndarray]) -> str:
    """SHA-256 over names, types, shapes and bytes, in the order of the names."""
    digest = hashlib.sha256()
    for name in sorted(tensors):
        tensor = np.ascontiguousarray(tensors[name])
        digest.update(f"{name}:{tensor.dtype.str}:{tensor.shape};".encode())
        digest.update(tensor.tobytes())
    return digest.hexdigest()


def _open(path: Path, with_tensors: bool) -> ModelFile:
    if not os.path.isfile(path):  # noqa: PTH113 (pathlib's raises for a name that is too long)
        raise ModelFileError(f"There is no model file at {path}.")
    try:
        with safe_open(path, framework="numpy") as file:
            card = _check_card(path, (file.metadata() or {}).get(METADATA_KEY))
            tensors = {name: file.get_tensor(name) for name in file.keys()} if with_tensors else {}  # noqa: SIM118
    except (SafetensorError, OSError, TypeError, ValueError, KeyError, AttributeError, MemoryError) as error:
        raise ModelFileError(
            f"{path} is not a readable safetensors file; it may be damaged or of another kind."
        ) from error
    return ModelFile(card, tensors)


def _check_card(path: Path, text: str | None) -> dict[str, Any]:
    if text is None:
        raise ModelFileError(f"{path} is a safetensors file, but not one that TexGAN made.")
    try:
        card = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise ModelFileError(f"{path} has a damaged card; fetch the file again.") from error
    if not isinstance(card, dict) or any(not isinstance(card.get(k), t) for k, t in REQUIRED.items()):
        raise ModelFileError(f"{path} has an incomplete card; fetch the file again.")
    if card["format"] != FORMAT:
        raise ModelFileError(
            f"{path} has format {card['format']}, this TexGAN reads {FORMAT}; update the older of the two."
        )
    if card["kind"] not in KINDS:
        raise ModelFileError(f"{path} is of the unknown kind {card['kind']!r}; update TexGAN.")
    return card | {"name": path.stem}
