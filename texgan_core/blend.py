"""A way between two styles of the latent generator: from A to B.

What lies between is a texture by itself, not two pictures laid over each other: the same noise, dreamt of a style
between the two. It is short of what either was trained for, but stays a material all the way.
"""

import numpy as np

from .calibration import Calibration
from .errors import RequestError
from .models import Model, StyleModel


class Blend(StyleModel):
    """The style that lies a `share` of the way, 0..1, from one to another of the same generator."""

    def __init__(self, first: Model, second: Model, share: float) -> None:
        """Raises RequestError: one of them has no style, they are of different generators, or no such share."""
        for model in (first, second):
            if not isinstance(model, StyleModel):
                raise RequestError(
                    f"{model.name} cannot be blended; choose two models whose names end in -noise, or fill the joints "
                    "of a pattern with the second one."
                )
        assert isinstance(first, StyleModel) and isinstance(second, StyleModel)
        if first.card["generator"] != second.card["generator"]:
            raise RequestError(f"{first.name} and {second.name} belong to different generators and cannot be blended.")
        if not 0 <= share <= 1:
            raise RequestError(f"The share of {second.name} is {share}; choose from 0 to 1.")
        matrix = _between(first.calibration.matrix, second.calibration.matrix, share)
        style = _between(_unit(first.style), _unit(second.style), share)
        super().__init__(first.card, style, first.generator, first.decoder, Calibration(matrix))
        self.blend = (second, share)


def _between(a: np.ndarray, b: np.ndarray, share: float) -> np.ndarray:
    return ((1 - share) * a + share * b).astype(np.float32)


def _unit(style: np.ndarray) -> np.ndarray:
    """Lengths of styles have no meaning, so they must not draw the middle to one side."""
    return style / np.linalg.norm(style)
