"""One picture of all bundled models of a kind, first seed, each tiled 2 x 2: to see at a glance what is there.

python -m training.mosaic --kind material --out docs/materials.jpg
"""

import argparse
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from texgan_core.errors import TexganError, TrainingError
from texgan_core.library import bundled_models, load_model
from texgan_core.synthesize import TextureRequest, TextureSet, synthesize

GAP = 4
PAPER = (255, 255, 255)


def main(arguments: list[str] | None = None) -> int:
    """Make the picture, and say in one sentence what went wrong, if anything did. Returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        names = [info.name for info in bundled_models() if info.kind == options.kind]
        if not names:
            raise TrainingError(f"No model of the kind {options.kind} is bundled.")
        request = TextureRequest((options.size, options.size), maps=("base_color",))
        pictures = [tiled(synthesize(load_model(name), request), options.side) for name in names]
    except TexganError as error:
        print(f"mosaic: {error}", file=sys.stderr)
        return 2
    mosaic(pictures, options.columns).save(options.out, quality=88)
    print(", ".join(names))
    return 0


def tiled(textures: TextureSet, side: int) -> Image.Image:
    """The base color of a set, 2 x 2 times, scaled to `side` pixels."""
    picture = np.tile(textures.maps["base_color"], (2, 2, 1))
    values = np.round(picture * 255).astype(np.uint8)
    return Image.fromarray(values).resize((side, side), Image.Resampling.LANCZOS)


def mosaic(pictures: list[Image.Image], columns: int) -> Image.Image:
    """Square pictures in rows, left to right."""
    step = pictures[0].width + GAP
    rows = -(-len(pictures) // columns)
    whole = Image.new("RGB", (min(columns, len(pictures)) * step - GAP, rows * step - GAP), PAPER)
    for place, picture in enumerate(pictures):
        whole.paste(picture, (place % columns * step, place // columns * step))
    return whole


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m training.mosaic", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kind", choices=("material", "style"), default="material")
    add_options(parser, side=164, columns=8)
    return parser


def add_options(parser: argparse.ArgumentParser, side: int, columns: int) -> None:
    """What is asked of every such picture, with these defaults."""
    parser.add_argument("--out", type=Path, required=True, help="picture file to write")
    parser.add_argument("--size", type=int, default=512, help="pixels a side of each texture (512)")
    parser.add_argument("--side", type=int, default=side, help=f"pixels a side of each field ({side})")
    parser.add_argument("--columns", type=int, default=columns, help=f"fields in a row ({columns})")


if __name__ == "__main__":
    sys.exit(main())
