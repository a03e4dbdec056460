"""Fit the mirror of a codec: the convolution that turns a latent into that of the picture mirrored left to right.

    python -m training.mirror --data FOLDER --codec CODEC --out mirror.safetensors

It is linear, so there is nothing to train: materials and their mirror images are encoded, and least squares find it.
What it does not explain of the latents of mirrored pictures is printed.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

from texgan_core.codec import Encoder
from texgan_core.encode import encode, mirrored_material, wrapping
from texgan_core.errors import TexganError
from texgan_core.materials import Material
from texgan_core.mirror import KERNEL, neighbours
from texgan_core.model_file import read_card, write_model_file
from texgan_core.networks import read_codec

from .choose import Choice, load_materials, read_names

RIDGE = 1e-5
"""Added to the covariance of neighbours, per cell, whose latents have RMS 1."""


def main(arguments: list[str] | None = None) -> int:
    """Fit and write it, and say in one sentence what went wrong, if anything did. Returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        materials = load_materials(options.data, Choice(exclude=read_names(options.exclude)))
        kernel, unexplained = fit(materials, read_codec(options.codec)[0])
        card = {
            "kind": "mirror",
            "name": options.out.stem,
            "class": "",
            "codec": read_card(options.codec)["hash"],
            "training_materials": [material.name for material in materials],
        }
        write_model_file(options.out, card, {"kernel": kernel.astype(np.float16)})
    except TexganError as error:
        print(f"mirror: {error}", file=sys.stderr)
        return 2
    print(f"{len(materials)} materials; {unexplained:.3f} of their mirrored latents is not explained")
    return 0


def fit(materials: list[Material], encoder: Encoder) -> tuple[np.ndarray, float]:
    """The kernel (channels, channels, KERNEL, KERNEL), and which share of the mirrored latents it does not explain.

    Raises:
        ImageError: a material cannot be encoded.
    """
    inputs = outputs = squares = cells = 0.0
    for material in materials:
        wraps = wrapping(material)
        latent, _ = encode(encoder, material, wraps)
        target = encode(encoder, mirrored_material(material), wraps)[0].reshape(len(latent), -1).astype(np.float64)
        parts = np.concatenate([part for _, _, part in neighbours(latent[:, :, ::-1], wraps)])
        inputs, outputs = inputs + parts @ parts.T, outputs + target @ parts.T
        squares, cells = squares + float((target**2).sum()), cells + target.shape[1]
    covariance = np.asarray(inputs) + RIDGE * cells * np.eye(len(np.asarray(inputs)))
    solution = np.linalg.solve(covariance, np.asarray(outputs).T).T
    left = squares - 2 * (solution * outputs).sum() + (solution @ inputs * solution).sum()
    kernel = solution.reshape(len(solution), KERNEL, KERNEL, -1).transpose(0, 3, 1, 2)
    return np.ascontiguousarray(kernel, np.float32), float(left / squares)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m training.mirror", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of pictures or of PBR sets")
    parser.add_argument("--exclude", type=Path, help="text file of material names to leave out")
    parser.add_argument("--codec", type=Path, required=True, help="trained codec")
    parser.add_argument("--out", type=Path, required=True, help="file to write (.safetensors)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
