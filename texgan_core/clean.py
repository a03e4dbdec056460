"""Colour pictures without what the camera and the light added: noise, JPEG blocks, slight blur, shading."""

import numpy as np

from .cleaner import Cleaner
from .job import IsCancelled, Progress
from .maps import picture_from_stack, stack_values_from_picture
from .measure import blur
from .pictures import to_linear, to_srgb
from .unet import MARGIN
from .windows import through_windows

BROAD = 1 / 8
"""Of the shorter side: the deviation of the Gaussian that tells the light from the material."""
DARKEST = 0.01
"""Linear light below which shading is not evened out, since nothing but noise would come up."""
LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)
"""Of linear Rec. 709 primaries."""


def clean(
    color: np.ndarray,
    strength: float,
    wraps: tuple[bool, bool],
    cleaner: Cleaner,
    on_progress: Progress,
    is_cancelled: IsCancelled,
) -> np.ndarray:
    """A base color (height, width, 3) in 0..1 without noise, blocks and slight blur.

    Args:
        strength: 0 leaves it, 1 takes what the network proposes.
        wraps: whether it tiles in y and in x.

    Raises:
        Cancelled.
    """
    values = stack_values_from_picture(color, "base_color")
    made = np.empty_like(values)

    def report(share: float) -> None:
        on_progress(share, "Cleaning")

    for (rows, columns), part in through_windows(cleaner, values, wraps, MARGIN, report, is_cancelled):
        made[:, rows, columns] = part
    values += np.float32(strength) * (made - values)
    return picture_from_stack(values, "base_color")


def even_light(color: np.ndarray, strength: float, wraps: tuple[bool, bool]) -> np.ndarray:
    """A base color (height, width, 3) in 0..1, sRGB, without broad shading: every place is lit as the whole is
    on average.

    Args:
        strength: 0 leaves it, 1 evens all of it out.
        wraps: whether it tiles in y and in x.
    """
    linear = to_linear(color)
    luminance = linear @ LUMINANCE
    light = np.maximum(blur(luminance, min(color.shape[:2]) * BROAD, wraps), DARKEST)
    gain = (light.mean() / light) ** strength
    return to_srgb(np.clip(linear * gain[..., None], 0, 1)).astype(np.float32)
