"""Make the bundled models: the codec, materials as latents, the networks that improve pictures, and the latent
generator with its styles.

    python -m training.publish --attributions MANIFEST.csv --codec CODEC --data FOLDER --materials NAMES.txt
    python -m training.publish --attributions MANIFEST.csv --network ESTIMATOR --network UPSCALER --network CLEANER
    python -m training.publish --attributions MANIFEST.csv --generator GENERATOR --styles NAMES.txt

A list of names has one material a line. The manifest is a CSV file with the columns path, attribution and
licence; the licences must allow what the cards then say. Cards name every material that had a part in
training, with its attribution. A new codec needs its materials and its generator published anew.
"""

import argparse
import csv
import sys
from pathlib import Path
from typing import Any

import numpy as np

from texgan_core.encode import encode
from texgan_core.errors import TexganError, TrainingError
from texgan_core.library import BUNDLED
from texgan_core.materials import MaterialFiles, load_material
from texgan_core.model_file import SUFFIX, read_card, read_model_file, write_model_file
from texgan_core.models import material_tensors, style_tensors
from texgan_core.networks import read_codec

from .data import named_materials, read_names
from .refine import RefiningEncoder

LICENCE = "CC0-1.0"


def main(arguments: list[str] | None = None) -> int:
    """Publish what the options name; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        attributions = read_attributions(options.attributions)
        if options.codec:
            publish_codec_and_materials(options, attributions)
        if options.generator:
            publish_generator(options.generator, read_names(options.styles), options.out, attributions)
        for source in options.network:
            publish_network(source, str(read_card(source)["kind"]), options.out, attributions)
        if not (options.codec or options.network or options.generator):
            raise TrainingError("Say what to publish, with --codec, --network or --generator.")
    except TexganError as error:
        print(f"publish: {error}", file=sys.stderr)
        return 2
    return 0


def read_attributions(manifest: Path) -> dict[str, str]:
    """Attribution by the name of a material ("class/name") from a manifest of picture files.

    Raises:
        TrainingError: a material whose licence does not allow publishing under CC0.
    """
    found = {}
    with manifest.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["licence"] != LICENCE:
                raise TrainingError(f"{row['path']} is under {row['licence']}, not {LICENCE}; leave it out.")
            parts = Path(row["path"]).parts
            found["/".join(parts[1:3]).rsplit(".", 1)[0]] = row["attribution"]
    return found


def publish_codec_and_materials(options: argparse.Namespace, attributions: dict[str, str]) -> None:
    """The codec, then every named material, encoded with it.

    Raises:
        TrainingError: no folder of materials was given, or a named one is not in it.
    """
    if options.data is None:
        raise TrainingError("Materials are encoded with the codec; say where they are, with --data.")
    named = named_materials(options.data, read_names(options.materials))
    codec = publish_network(options.codec, "codec", options.out, attributions)
    for files in named:
        print(publish_material(files, codec, options.out, attributions).name, flush=True)


def publish_network(source: Path, name: str, folder: Path, attributions: dict[str, str]) -> Path:
    """Copy a trained network into the bundle, with licence and attributions in its card."""
    file = read_model_file(source)
    target = folder / f"{name}{SUFFIX}"
    credits = _credits(file.card["training_materials"], attributions)
    write_model_file(target, file.card | {"name": name} | credits, file.tensors)
    return target


def publish_material(files: MaterialFiles, codec: Path, folder: Path, attributions: dict[str, str]) -> Path:
    """Encode one material and write its latent as a model file, called by the last part of its name."""
    encoder, decoder = read_codec(codec)
    material = load_material(files)
    latent, wraps = encode(RefiningEncoder(encoder, read_codec(codec, "circular")[1]), material)
    material_class, _, name = files.name.rpartition("/")
    codec_card = read_card(codec)
    trained_on = sorted({files.name, *codec_card["training_materials"]})
    card = {
        "kind": "material",
        "name": name,
        "class": material_class,
        "codec": codec_card["hash"],
        "wraps": list(wraps),
        "source_material": files.name,
        **_credits(trained_on, attributions),
    }
    target = folder / f"{name}{SUFFIX}"
    write_model_file(target, card, material_tensors(latent, decoder, [material]))
    return target


def publish_generator(source: Path, styles: frozenset[str], folder: Path, attributions: dict[str, str]) -> None:
    """Copy a latent generator into the bundle and write a model file for each of the named styles."""
    file = read_model_file(source)
    unknown = sorted(styles - set(file.card["styles"]))
    if unknown:
        raise TrainingError(f"{source} did not learn {unknown[0]}; it knows {', '.join(file.card['styles'])}.")
    card = file.card | _credits(file.card["training_materials"], attributions)
    card = write_model_file(folder / f"generator{SUFFIX}", card, file.tensors)
    for index, style in enumerate(card["styles"]):
        if style in styles:
            _publish_style(style, card, folder, style_tensors(file.tensors, index))


def _publish_style(style: str, generator: dict[str, Any], folder: Path, tensors: dict[str, np.ndarray]) -> None:
    material_class, _, last = style.rpartition("/")
    card = {
        "kind": "style",
        "name": f"{last}-noise",
        "class": material_class,
        "generator": generator["hash"],
        "source_material": style,
        "training_materials": generator["training_materials"],
        "attributions": generator["attributions"],
        "licence": LICENCE,
    }
    write_model_file(folder / f"{card['name']}{SUFFIX}", card, tensors)


def _credits(names: list[str], attributions: dict[str, str]) -> dict[str, Any]:
    unknown = [name for name in names if name not in attributions]
    if unknown:
        raise TrainingError(f"The manifest says nothing about {unknown[0]}; nothing is published without attribution.")
    return {"licence": LICENCE, "training_materials": names, "attributions": {n: attributions[n] for n in names}}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m training.publish", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, help="folder of PBR sets")
    parser.add_argument("--materials", type=Path, help="text file with the materials to bundle")
    parser.add_argument("--codec", type=Path, help="trained codec")
    parser.add_argument(
        "--network", type=Path, action="append", default=[], help="trained estimator, upscaler or cleaner"
    )
    parser.add_argument("--attributions", type=Path, required=True, help="CSV file: path, attribution, licence")
    parser.add_argument("--generator", type=Path, help="trained latent generator")
    parser.add_argument("--styles", type=Path, help="text file with the generator's styles to bundle")
    parser.add_argument("--out", type=Path, default=BUNDLED)
    return parser


if __name__ == "__main__":
    sys.exit(main())
