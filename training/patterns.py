"""One picture of what patterns and pictures make of the bundled models: `python -m training.patterns --out FILE`.

Each field shows a texture's base color, tiled 2 x 2, first seed.
"""

import argparse
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from texgan_core.errors import TexganError
from texgan_core.guides import PICTURE, Guide
from texgan_core.library import load_model
from texgan_core.mixture import Mixture
from texgan_core.synthesize import TextureRequest, synthesize

from .mosaic import add_options, mosaic, tiled


@dataclass(frozen=True)
class Example:
    """A model, what its layout follows, and the model of the joints, if that is another."""

    model: str
    guide: Guide
    joints: str = ""


EXAMPLES = (
    Example("Bricks097-noise", Guide("running bond", 4, 8, joint=14)),
    Example("Bricks097-noise", Guide("herringbone", 8, 8, joint=14)),
    Example("Bricks097-noise", Guide("basket", 8, 8, joint=14)),
    Example("patterned_cobblestone-noise", Guide("cobbles", 6, 6, joint=14)),
    Example("Rock_01", Guide("cobbles", 5, 6, joint=24), "Grass004"),
    Example("MetalPlates03", Guide("hexagons", 4, 4, joint=16), "coast_sand_05"),
    Example("Marble006", Guide("stack bond", 4, 4, joint=8), "Concrete034"),
    Example("Grass004", Guide(PICTURE), "rock_ground"),
)


def main(arguments: list[str] | None = None) -> int:
    """Make the picture, and say in one sentence what went wrong, if anything did. Returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        with tempfile.TemporaryDirectory() as folder:
            mask = Path(folder) / "mask.png"
            star().save(mask)
            pictures = [picture(example, mask, options.size, options.side) for example in EXAMPLES]
    except TexganError as error:
        print(f"patterns: {error}", file=sys.stderr)
        return 2
    mosaic(pictures, options.columns).save(options.out, quality=88)
    return 0


def picture(example: Example, mask: Path, size: int, side: int) -> Image.Image:
    """The base color of an example, 2 x 2 times, scaled to `side` pixels; guides that are pictures follow `mask`."""
    model = load_model(example.model)
    if example.joints:
        model = Mixture(model, load_model(example.joints))
    guide = replace(example.guide, picture=str(mask)) if example.guide.pattern == PICTURE else example.guide
    return tiled(synthesize(model, TextureRequest((size, size), maps=("base_color",), guide=guide)), side)


def star(side: int = 256) -> Image.Image:
    """A white star of eight points on black: the picture that somebody might have painted."""
    image = Image.new("L", (side, side))
    angles = np.arange(16) * np.pi / 8
    reach = np.where(np.arange(16) % 2, 0.2, 0.42) * side
    points = zip(side / 2 + reach * np.sin(angles), side / 2 - reach * np.cos(angles), strict=True)
    ImageDraw.Draw(image).polygon([(float(x), float(y)) for x, y in points], fill=255)
    return image


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m training.patterns", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_options(parser, side=330, columns=4)
    return parser


if __name__ == "__main__":
    sys.exit(main())
