"""How a texture looks apart from where things lie: shifts of its shades, roughness and relief.

They are the same for every pixel, so a torus stays a torus and tiles exact. The style seed of a photographed
material draws small ones; seed 0 is the material as it is.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

import numpy as np

from . import noise
from .errors import RequestError
from .maps import MAPS
from .normals import from_slopes, to_slopes

STREAM = 0x57E1E
"""Keeps style and layout independent when both have the same seed."""
WARMEST = 0.2
"""What a warmth of 1 adds to red and takes from blue, of -1..1."""


@dataclass(frozen=True)
class Look:
    """A change of look.

    Attributes:
        lightness: -1..1, added to the base color's values of -1..1.
        saturation: 0..2, 0 is grey.
        warmth: -1..1, from blue to red.
        tint: -1..1, from magenta to green.
        roughness: -1..1, added to values of -1..1.
        relief: 0..3, the steepness of normals; 0 is flat.
    """

    lightness: float = 0.0
    saturation: float = 1.0
    warmth: float = 0.0
    tint: float = 0.0
    roughness: float = 0.0
    relief: float = 1.0

    def validate(self) -> None:
        """Raises RequestError: a value out of its range."""
        for name, (lowest, highest) in RANGES.items():
            value = getattr(self, name)
            if not lowest <= value <= highest:
                raise RequestError(f"The {name} is {value}; choose from {lowest:g} to {highest:g}.")

    def apply(self, stack: np.ndarray) -> None:
        """Change a stack (CHANNELS, height, width), values in -1..1, in place."""
        if self == Look():
            return
        color = stack[MAPS["base_color"].span]
        grey = color.mean(0)
        color -= grey
        color *= np.float32(self.saturation)
        shift = WARMEST * np.array([self.warmth, self.tint, -self.warmth], np.float32)
        color += grey + (shift + np.float32(self.lightness))[:, None, None]
        stack[MAPS["roughness"].span] += np.float32(self.roughness)
        if self.relief != 1:
            normal = stack[MAPS["normal"].span]
            normal[:] = from_slopes(to_slopes(normal) * np.float32(self.relief))

    def towards(self, other: "Look", share: float) -> "Look":
        """The look a share of the way, 0..1, to another."""
        mine, theirs = asdict(self), asdict(other)
        return Look(**{name: (1 - share) * mine[name] + share * theirs[name] for name in mine})


RANGES: Mapping[str, tuple[float, float]] = {
    "lightness": (-1, 1),
    "saturation": (0, 2),
    "warmth": (-1, 1),
    "tint": (-1, 1),
    "roughness": (-1, 1),
    "relief": (0, 3),
}
"""Lowest and highest value of each part of a look."""


def look_of(seed: int) -> Look:
    """The look of a style seed; 0 changes nothing."""
    if seed == 0:
        return Look()
    u = noise.uniform((7,), seed, STREAM) * 2 - 1
    return Look(
        lightness=float(0.22 * u[0]),
        saturation=float(1 + 0.45 * u[1]),
        warmth=float(0.3 * u[2]),
        tint=float(0.15 * u[3]),
        roughness=float(0.2 * u[4]),
        relief=float(1 + 0.35 * u[5]),
    )


def look_from_record(record: object) -> Look:
    """The look that a texture's record holds, the trained one if it holds none.

    Raises:
        TypeError: it is none. RequestError: as `Look.validate`.
    """
    if record is None:
        return Look()
    if not isinstance(record, dict) or not record.keys() <= {field.name for field in fields(Look)}:
        raise TypeError(record)
    look = Look(**{name: float(value) for name, value in record.items()})
    look.validate()
    return look
