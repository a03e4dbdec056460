"""Colours that a picture's ICC profile describes, as sRGB encodes them."""

from io import BytesIO

import numpy as np
from PIL import Image, ImageCms

STEPS = 65
"""Levels of each of red, green and blue whose colours are converted, if a picture has more than eight bits; between
them it is interpolated, as Pillow converts eight bits only."""
ROWS = 64
"""Of a picture that are interpolated at a time."""


def as_srgb(colors: np.ndarray, profile: bytes, bits: int) -> np.ndarray:
    """Colours (height, width, 3), 0..1, of 8 or 16 bits, by a profile; as they are if it is damaged, of no RGB, or sRGB
    itself."""
    try:
        theirs = ImageCms.ImageCmsProfile(BytesIO(profile))
        if theirs.profile.xcolor_space.strip() != "RGB":
            return colors
        transform = ImageCms.buildTransform(theirs, ImageCms.createProfile("sRGB"), "RGB", "RGB")
    except (ImageCms.PyCMSError, OSError):
        return colors
    levels = np.linspace(0, 255, STEPS).round()
    known = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), 3) / 255
    lattice = _converted(known.reshape(STEPS, -1, 3), transform).reshape(known.shape)
    if np.abs(lattice - known).max() < 1.5 / 255:
        return colors
    if bits == 8:
        return _converted(colors, transform)
    return np.concatenate([_between(lattice, colors[row : row + ROWS]) for row in range(0, len(colors), ROWS)])


def _converted(colors: np.ndarray, transform: ImageCms.ImageCmsTransform) -> np.ndarray:
    image = Image.fromarray(np.rint(colors * 255).astype(np.uint8))
    converted = ImageCms.applyTransform(image, transform)
    return np.asarray(converted, np.float32) / 255


def _between(lattice: np.ndarray, colors: np.ndarray) -> np.ndarray:
    """Interpolated linearly along red, green and blue."""
    at = colors * (STEPS - 1)
    low = np.minimum(at.astype(int), STEPS - 2)
    part, found = at - low, np.zeros_like(colors)
    for corner in np.ndindex(2, 2, 2):
        share = np.where(corner, part, 1 - part).prod(2, keepdims=True)
        found += share * lattice[tuple(np.moveaxis(low + corner, 2, 0))]
    return found
