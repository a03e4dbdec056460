"""Pictures of any size through a network, part by part, in bounded memory."""

from collections.abc import Callable, Iterator

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from .errors import Cancelled
from .job import IsCancelled
from .parts import Part, parts, through
from .pictures import resize

WINDOW = 512
"""Pixels a side that go through at a time."""
UNIT = 8
"""Pixels of which networks want whole multiples."""


def through_windows(
    network: nn.Module,
    picture: np.ndarray,
    wraps: tuple[bool, bool],
    margin: int,
    on_progress: Callable[[float], None],
    is_cancelled: IsCancelled,
    call: Callable[[Tensor], Tensor] | None = None,
) -> Iterator[tuple[tuple[slice, slice], np.ndarray]]:
    """What a network makes of a picture (channels, height, width) in -1..1.

    Args:
        wraps: whether the picture tiles in y and in x; beyond other borders the network sees its mirror image.
        margin: pixels of the picture on each side that a pixel of the output depends on, a multiple of the network's
            stride; the picture's own sides may be any.
        call: how the network is called on (1, channels, height, width), if not plainly.

    Yields:
        Rows and columns of a part of the picture, and what came of it, (channels, height, width) or a whole multiple.

    Raises:
        Cancelled.
    """
    height, width = picture.shape[1:]
    device = next(network.parameters()).device

    def made_of(place: Part) -> np.ndarray:
        part = surrounded(picture, place, margin, wraps, UNIT)
        pixels = torch.from_numpy(part)[None].to(device, memory_format=torch.channels_last)
        with torch.inference_mode():
            made = (call or network)(pixels)[0]
        scale = made.shape[1] // part.shape[1]
        rows, columns = (slice(margin * scale, (margin + side) * scale) for side in place.sides)
        return made[:, rows, columns].cpu().contiguous().numpy()

    for place, made, done in through(parts(height, width, (WINDOW, WINDOW)), made_of, UNIT):
        yield (place.rows, place.columns), made
        on_progress(done)
        if is_cancelled():
            raise Cancelled


def in_units(
    picture: np.ndarray,
    wraps: tuple[bool, bool],
    size: tuple[int, int] | None = None,
    resampling: Image.Resampling = Image.Resampling.LANCZOS,
) -> np.ndarray:
    """A picture (height, width) or (height, width, channels) scaled to the whole units that are nearest to a size, its
    own if none is given; what tiles in y or x still does, to the networks, too."""
    height, width = (round(side / UNIT) * UNIT for side in size or picture.shape[:2])
    return resize(picture, width, height, wraps, resampling)


def surrounded(picture: np.ndarray, place: Part, margin: int, wraps: tuple[bool, bool], unit: int = 1) -> np.ndarray:
    """A part of a picture (channels, height, width) and so many pixels around it, as many more below and to the right
    as make whole units: around the torus where the picture tiles in y or in x, else of its mirror image."""
    indices = []
    for span, length, wrap in zip((place.rows, place.columns), picture.shape[1:], wraps, strict=True):
        wanted = np.arange(span.start - margin, span.stop + margin + (span.start - span.stop) % unit)
        last = length - 1
        indices.append(wanted % length if wrap else last - np.abs(last - wanted % (2 * last)))
    return picture.take(indices[0], 1).take(indices[1], 2)
