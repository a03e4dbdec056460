"""Latents in few bytes: rounded to steps that are smaller than the noise a decoder was trained to bear, then deflated.

A latent's values have a deviation of 1 or so, hence about four bits each.
"""

import math
import zlib

import numpy as np

STEP = 0.3
"""Rounding adds noise of deviation 0.09; decoders are trained with 0.1."""
LARGEST = 2**28
"""Values, at most: those of a picture of 16384 x 16384 pixels."""


def pack(latent: np.ndarray) -> np.ndarray:
    """(bytes,) uint8 from float values of at most 38 in size."""
    steps = np.rint(latent / STEP).clip(-127, 127).astype(np.int8)
    return np.frombuffer(zlib.compress(steps.tobytes(), 9), np.uint8)


def unpack(packed: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """The latent of this shape, float32.

    Raises:
        ValueError: the bytes are damaged, hold more or less than the shape does, or that is not possible.
    """
    size = math.prod(shape)
    if min(shape) < 1 or size > LARGEST:
        raise ValueError(f"the shape {shape}")
    unzip = zlib.decompressobj()
    try:
        steps = unzip.decompress(packed.tobytes(), size + 1)  # one more than fits shows that there is more
    except zlib.error as error:
        raise ValueError(str(error)) from error
    if len(steps) != size or not unzip.eof:
        raise ValueError(f"{len(steps)} values for the shape {shape}")
    return np.frombuffer(steps, np.int8).reshape(shape).astype(np.float32) * STEP
