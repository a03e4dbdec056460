"""Pictures of any size through a network, part by part, in bounded memory."""

from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor, nn

from .errors import Cancelled
from .parts import Part, parts, through
from .resynthesis import IsCancelled, Progress

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
            stride; sides must be such multiples, too.
        call: how the network is called on (1, channels, height, width), if not plainly.

    Yields:
        Rows and columns of a part of the picture, and what came of it, (channels, height, width) or a whole multiple.

    Raises:
        Cancelled.
    """
    height, width = picture.shape[1:]
    for axis, wrap in enumerate(wraps, 1):
        pad = [(0, 0)] * 3
        pad[axis] = (margin, margin)
        picture = np.pad(picture, pad, mode="wrap" if wrap else "reflect")
    device = next(network.parameters()).device

    def made_of(place: Part) -> np.ndarray:
        (top, bottom), (left, right) = ((s.start, s.stop + 2 * margin) for s in (place.rows, place.columns))
        part = np.ascontiguousarray(picture[:, top:bottom, left:right])
        pixels = torch.from_numpy(part)[None].to(device, memory_format=torch.channels_last)
        with torch.inference_mode():
            made = (call or network)(pixels)[0]
        cut = margin * made.shape[1] // part.shape[1]
        return made[:, cut:-cut, cut:-cut].cpu().contiguous().numpy()

    for place, made, done in through(parts(height, width, (WINDOW, WINDOW)), made_of, UNIT):
        yield (place.rows, place.columns), made
        on_progress(done)
        if is_cancelled():
            raise Cancelled


def part_of(on_progress: Progress, first: float, last: float) -> Progress:
    """Progress of a part of the work as that of the whole."""
    return lambda share, text: on_progress(first + share * (last - first), text)
