"""The style seed of a photographed material: small shifts of its look, the same for every pixel.

Being per pixel, a shift keeps a torus a torus and tiles exact. Seed 0 is the material as it is.
"""

from dataclasses import dataclass

import numpy as np

from . import noise
from .maps import MAPS

STREAM = 0x57E1E
"""Keeps style and layout independent when both have the same seed."""


@dataclass(frozen=True)
class Style:
    """A change of look: lightness, saturation and a warm or cool tint of the base color; roughness; relief."""

    lightness: float = 0.0
    saturation: float = 1.0
    tint: tuple[float, float, float] = (0.0, 0.0, 0.0)
    roughness: float = 0.0
    relief: float = 1.0

    def apply(self, stack: np.ndarray) -> np.ndarray:
        """Change a stack (CHANNELS, height, width), values in -1..1, in place; returns it."""
        if self == Style():
            return stack
        color = stack[MAPS["base_color"].span]
        grey = color.mean(0)
        color -= grey
        color *= self.saturation
        color += grey + self.lightness
        color += np.array(self.tint, np.float32)[:, None, None]
        stack[MAPS["roughness"].span] += self.roughness
        stack[MAPS["normal"].span] *= self.relief
        return stack


def style_of(seed: int) -> Style:
    """The style of a seed; 0 changes nothing."""
    if seed == 0:
        return Style()
    u = noise.uniform((7,), seed, STREAM) * 2 - 1
    warm, green = 0.06 * u[2], 0.03 * u[3]
    return Style(
        lightness=float(0.22 * u[0]),
        saturation=float(1 + 0.45 * u[1]),
        tint=(float(warm), float(green), float(-warm)),
        roughness=float(0.2 * u[4]),
        relief=float(1 + 0.35 * u[5]),
    )
