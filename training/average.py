"""Weights half way, or any share of the way, between networks that were trained from the same beginning ("model soups",
Wortsman et al. 2022): often better than each of them.

    python -m training.average --out CODEC A.safetensors 0.6 B.safetensors 0.4
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from texgan_core.errors import TexganError, TrainingError
from texgan_core.model_file import ModelFile, read_model_file, write_model_file


def main(arguments: list[str] | None = None) -> int:
    """Average the networks that the options name; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        average(_pairs(options.networks), options.out)
    except TexganError as error:
        print(f"average: {error}", file=sys.stderr)
        return 2
    return 0


def average(networks: Sequence[tuple[Path, float]], out: Path) -> None:
    """Write the mean of networks with their weights, each tensor of the type that the first has.

    The card is the first's, but names the training materials of all, with all attributions; the licence stays if it is
    the same for all.

    Raises:
        TrainingError: they are not of the same form, or not all weights are above 0. ModelFileError.
    """
    files = [read_model_file(path) for path, _ in networks]
    weights = np.array([weight for _, weight in networks])
    if not (weights > 0).all():
        raise TrainingError("Every network needs a weight above 0.")
    for file, (path, _) in zip(files, networks, strict=True):
        if _form(file) != _form(files[0]):
            raise TrainingError(f"{path} is not of the same form as {networks[0][0]}; they have no mean.")
    shares = weights / weights.sum()
    tensors = {
        name: sum(share * file.tensors[name].astype(np.float32) for share, file in zip(shares, files, strict=True))
        for name in files[0].tensors
    }
    typed = {name: np.asarray(tensor, files[0].tensors[name].dtype) for name, tensor in tensors.items()}
    write_model_file(out, _card([file.card for file in files]) | {"name": out.stem}, typed)


def _card(cards: list[dict[str, Any]]) -> dict[str, Any]:
    materials = dict.fromkeys(name for card in cards for name in card["training_materials"])
    merged = cards[0] | {"training_materials": list(materials)}
    attributions = {name: text for card in cards for name, text in card.get("attributions", {}).items()}
    if attributions:
        merged["attributions"] = attributions
    if any(card.get("licence") != cards[0].get("licence") for card in cards):
        merged.pop("licence", None)
    return merged


def _form(file: ModelFile) -> tuple[object, ...]:
    shapes = sorted((name, tensor.shape) for name, tensor in file.tensors.items())
    return *(file.card.get(key) for key in ("kind", "config", "codec", "styles")), shapes


def _pairs(words: list[str]) -> list[tuple[Path, float]]:
    """Raises TrainingError: not every network is followed by its weight."""
    try:
        return [(Path(path), float(weight)) for path, weight in zip(words[::2], words[1::2], strict=True)]
    except ValueError as error:
        raise TrainingError(
            "Name each network with its weight after it: A.safetensors 0.6 B.safetensors 0.4."
        ) from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m training.average", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("networks", nargs="+", metavar="NETWORK WEIGHT", help="model files, each with its weight")
    parser.add_argument("--out", type=Path, required=True, help="the model file to write")
    return parser


if __name__ == "__main__":
    sys.exit(main())
