"""Make models to give to others, in a folder: the codec, materials as latents, the networks that improve pictures, and
the latent generator with its styles.

    python -m training.publish --attributions MANIFEST.csv --codec CODEC --mirror MIRROR --data FOLDER \
        --materials NAMES.txt --out DIR
    python -m training.publish --attributions MANIFEST.csv --network ESTIMATOR --network UPSCALER --out DIR
    python -m training.publish --attributions MANIFEST.csv --generator GENERATOR --styles NAMES.txt --out DIR

A list of names has one material a line. The manifest is a CSV file with the columns path (KIND/CLASS/NAME/FILE, or
KIND/CLASS/NAME.png), attribution and licence. Every row must be under the licence that the cards then name, --licence;
what is bundled with TexGAN, in texgan_core/bundled, is CC0-1.0. Cards name every material that had a part in training,
with its attribution. A new codec needs its materials and its generator published anew.
"""

import argparse
import csv
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from texgan_core.encode import encode, suited_mirror
from texgan_core.errors import TexganError, TrainingError
from texgan_core.library import BUNDLED
from texgan_core.materials import MaterialFiles, load_material
from texgan_core.model_file import KINDS, SUFFIX, read_card, read_model_file, write_model_file
from texgan_core.models import material_tensors, mirror_tensors, style_tensors
from texgan_core.networks import read_codec

from .choose import named_materials, read_names
from .refine import RefiningEncoder

LICENCE = "CC0-1.0"
"""Of all that is bundled."""


@dataclass(frozen=True)
class Credits:
    """Under which licence models are published, and the attribution of each material ("class/name")."""

    licence: str
    attributions: dict[str, str]

    def of(self, names: list[str]) -> dict[str, Any]:
        """What a card says of the materials that a model was made of.

        Raises:
            TrainingError: one has no attribution.
        """
        unknown = [name for name in names if name not in self.attributions]
        if unknown:
            raise TrainingError(
                f"The manifest says nothing about {unknown[0]}; nothing is published without attribution."
            )
        attributions = {name: self.attributions[name] for name in names}
        return {"licence": self.licence, "training_materials": names, "attributions": attributions}


def main(arguments: list[str] | None = None) -> int:
    """Publish what the options name; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        if options.licence != LICENCE and options.out.resolve() == BUNDLED.resolve():
            raise TrainingError(f"What is bundled with TexGAN is under {LICENCE}; give another folder with --out.")
        credits = read_credits(options.attributions, options.licence)
        if options.codec:
            publish_codec_and_materials(options, credits)
        if options.generator:
            publish_generator(options.generator, read_names(options.styles), options.out, credits)
        for source in options.network:
            publish_network(source, str(read_card(source)["kind"]), options.out, credits)
        if not (options.codec or options.network or options.generator):
            raise TrainingError("Say what to publish, with --codec, --network or --generator.")
    except TexganError as error:
        print(f"publish: {error}", file=sys.stderr)
        return 2
    return 0


def read_credits(manifest: Path, licence: str) -> Credits:
    """The attributions of a manifest of picture files.

    Raises:
        TrainingError: not such a manifest, or a material is not under the licence.
    """
    try:
        with manifest.open(newline="", encoding="utf-8-sig") as file:
            rows = [(row["path"], row["attribution"], row["licence"]) for row in csv.DictReader(file)]
    except (OSError, UnicodeDecodeError, KeyError, csv.Error) as error:
        raise TrainingError(
            f"{manifest} is no manifest; give a CSV file (UTF-8) with the columns path, attribution and licence."
        ) from error
    found = {}
    for path, attribution, of_row in rows:
        if of_row != licence:
            raise TrainingError(f"{path} is under {of_row}, not {licence}; leave it out, or say so with --licence.")
        found["/".join(Path(path).parts[1:3]).rsplit(".", 1)[0]] = attribution
    return Credits(licence, found)


def publish_codec_and_materials(options: argparse.Namespace, credits: Credits) -> None:
    """The codec, then every named material, encoded with it.

    Raises:
        TrainingError: no folder of materials was given, a named one is not in it, or two would be one file.
    """
    if options.data is None:
        raise TrainingError("Materials are encoded with the codec; say where they are, with --data.")
    named = named_materials(options.data, read_names(options.materials))
    _check_distinct([files.name for files in named])
    codec = publish_network(options.codec, "codec", options.out, credits)
    mirror = publish_network(options.mirror, "mirror", options.out, credits) if options.mirror else None
    for files in named:
        print(publish_material(files, codec, mirror, options.out, credits).name, flush=True)


def publish_network(source: Path, name: str, folder: Path, credits: Credits) -> Path:
    """Copy a trained network into the folder, with licence and attributions in its card."""
    file = read_model_file(source)
    target = folder / f"{name}{SUFFIX}"
    card = file.card | {"name": name} | credits.of(file.card["training_materials"])
    write_model_file(target, card, file.tensors)
    return target


def publish_material(files: MaterialFiles, codec: Path, mirror: Path | None, folder: Path, credits: Credits) -> Path:
    """Encode one material and write its latent as a model file, called by the last part of its name. If it looks like
    its mirror image, the file names the mirror."""
    encoder, decoder = read_codec(codec)
    material = load_material(files)
    latent, wraps = encode(RefiningEncoder(encoder, read_codec(codec, "circular")[1]), material)
    material_class, _, name = files.name.rpartition("/")
    codec_card = read_card(codec)
    card = {
        "kind": "material",
        "name": name,
        "class": material_class,
        "codec": codec_card["hash"],
        "wraps": list(wraps),
        "source_material": files.name,
        **credits.of(sorted({files.name, *codec_card["training_materials"]})),
    }
    tensors = material_tensors(latent, decoder, [material])
    if mirror and suited_mirror(encoder, material, encode(encoder, material, wraps)[0], mirror) is not None:
        tensors |= mirror_tensors(str(read_card(mirror)["hash"]))
    target = folder / f"{name}{SUFFIX}"
    write_model_file(target, card, tensors)
    return target


def publish_generator(source: Path, styles: frozenset[str], folder: Path, credits: Credits) -> None:
    """Copy a latent generator into the folder and write a model file for each of the named styles.

    Raises:
        TrainingError: it did not learn a style, or two styles would be one file.
    """
    file = read_model_file(source)
    unknown = sorted(styles - set(file.card["styles"]))
    if unknown:
        raise TrainingError(f"{source} did not learn {unknown[0]}; it knows {', '.join(file.card['styles'])}.")
    _check_distinct(sorted(styles))
    card = file.card | credits.of(file.card["training_materials"])
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
        **{key: generator[key] for key in ("training_materials", "attributions", "licence")},
    }
    write_model_file(folder / f"{card['name']}{SUFFIX}", card, tensors)


def _check_distinct(names: list[str]) -> None:
    """Raises TrainingError: two would be written to one file, or one to a network's; file systems may know no case."""
    files = dict.fromkeys(KINDS, "a network")
    for name in names:
        last = name.rpartition("/")[2].casefold()
        if last in files:
            raise TrainingError(f"{name} and {files[last]} would be one file; rename a material.")
        files[last] = name


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m training.publish", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, help="folder of PBR sets")
    parser.add_argument("--materials", type=Path, help="text file with the materials to publish")
    parser.add_argument("--codec", type=Path, help="trained codec")
    parser.add_argument("--mirror", type=Path, help="its mirror, for the materials that look like their mirror images")
    parser.add_argument(
        "--network", type=Path, action="append", default=[], help="trained estimator, upscaler or cleaner"
    )
    parser.add_argument("--attributions", type=Path, required=True, help="CSV file: path, attribution, licence")
    parser.add_argument("--generator", type=Path, help="trained latent generator")
    parser.add_argument("--styles", type=Path, help="text file with the generator's styles to publish")
    parser.add_argument("--licence", default=LICENCE, help=f"of all of it, as the manifest says ({LICENCE})")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to; what it has of these is replaced")
    return parser


if __name__ == "__main__":
    sys.exit(main())
