"""What a texture is asked to be, and what its record says that it was; without PyTorch, so that Blender can read that
at once."""

import math
from dataclasses import dataclass, field
from typing import Any

from .errors import RequestError
from .grid import STRIDE
from .guides import Guide, guide_from_record
from .look import Look, look_from_record
from .maps import DEFAULT_MAPS, MAPS
from .noise import LARGEST_SEED

FACTORS = (1, 2, 4)
"""How many times a texture can be enlarged."""
SMALLEST_SIZE, LARGEST_SIZE = 64, 16384


@dataclass(frozen=True)
class TextureRequest:
    """What to make. `size` is (width, height) in pixels; seeds are 0 to 2**31 - 1; `maps` are keys of `MAPS`.

    The layout seed decides where things lie, the style seed how they look; 0 is the trained look, which `look`
    then changes. A guide says where the layout is to be high and low, for models that take one.

    With further `styles` the look is on its way in a circle, from the style seed through all of them and back;
    `moment`, 0..1, says where. Every moment has the same layout, so a series of them is an animation that loops.

    What is made so is `upscale` times enlarged, one of `FACTORS`: the result has so many times `size`.
    """

    size: tuple[int, int] = (1024, 1024)
    layout_seed: int = 0
    style_seed: int = 0
    maps: tuple[str, ...] = DEFAULT_MAPS
    guide: Guide | None = None
    look: Look = field(default_factory=Look)
    styles: tuple[int, ...] = ()
    moment: float = 0.0
    upscale: int = 1

    def validate(self, step: int = STRIDE) -> None:
        """Check all that does not depend on a model.

        Raises:
            RequestError: sizes that are no multiple of `step` or out of range, seeds or maps that do not exist,
            a guide that does not close, a look, a moment or a factor out of range.
        """
        for side, name in zip(self.size, ("width", "height"), strict=True):
            _check_side(side, name, step)
        seeds = [(self.layout_seed, "layout seed"), *((seed, "style seed") for seed in (self.style_seed, *self.styles))]
        for seed, name in seeds:
            if not isinstance(seed, int) or not 0 <= seed <= LARGEST_SEED:
                raise RequestError(f"The {name} is {seed}; choose a whole number from 0 to {LARGEST_SEED}.")
        unknown = [name for name in self.maps if name not in MAPS]
        if unknown:
            raise RequestError(f"There is no map named {unknown[0]!r}; choose from {', '.join(MAPS)}.")
        if not self.maps:
            raise RequestError(f"No map was asked for; choose from {', '.join(MAPS)}.")
        if self.guide:
            self.guide.validate()
        self.look.validate()
        if not 0 <= self.moment <= 1:
            raise RequestError(f"The moment is {self.moment}; choose from 0 to 1.")
        if self.upscale not in FACTORS:
            raise RequestError(f"Textures cannot be enlarged {self.upscale} times; choose 1, 2 or 4.")

    def way(self) -> tuple[int, int, float]:
        """The style seed that the look comes from, the one that it goes to, and how far it is, 0..1; it lingers at
        each."""
        stops = (self.style_seed, *self.styles)
        at = self.moment * len(stops) % len(stops)
        first = int(at)
        return stops[first], stops[(first + 1) % len(stops)], (1 - math.cos(math.pi * (at - first))) / 2


def request_from_record(record: dict[str, Any]) -> TextureRequest:
    """The request that a record holds; its "model" and "model_hash" say what to run it on.

    Raises:
        RequestError: not a record.
    """
    try:
        width, height = record["size"]
        maps = tuple(str(name) for name in record["maps"])
        request = TextureRequest(
            (int(width), int(height)),
            int(record["layout_seed"]),
            int(record["style_seed"]),
            maps,
            guide_from_record(record.get("guide")),
            look_from_record(record.get("look")),
            tuple(int(seed) for seed in record.get("styles", ())),
            float(record.get("moment", 0)),
            int(record.get("upscale", 1)),
        )
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise RequestError("This is not a record of a TexGAN texture, so it cannot be made again.") from error
    request.validate()
    return request


def _check_side(side: int, name: str, step: int) -> None:
    if not isinstance(side, int) or not SMALLEST_SIZE <= side <= LARGEST_SIZE:
        raise RequestError(f"The {name} is {side}; choose from {SMALLEST_SIZE} to {LARGEST_SIZE} pixels.")
    if side % step:
        below = max(side // step * step, -(-SMALLEST_SIZE // step) * step)
        raise RequestError(f"The {name} is {side}, no multiple of {step}; the nearest are {below} and {below + step}.")
