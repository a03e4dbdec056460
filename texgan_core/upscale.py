"""Sets of twice or four times the size, with detail that the networks know of such surfaces."""

from collections.abc import Mapping

import numpy as np
import torch

from .job import IsCancelled, Progress, part_of
from .maps import CHANNELS, MAPS, picture_from_stack, stack_values_from_picture
from .request import FACTORS
from .upscaler import FACTOR, MARGIN, Upscaler
from .windows import through_windows

DEVIATIONS = 3.0
"""Of a height's own standard deviations, how many are -1..1 to the network."""


def upscale(
    pictures: Mapping[str, np.ndarray],
    factor: int,
    wraps: tuple[bool, bool],
    upscaler: Upscaler,
    on_progress: Progress,
    is_cancelled: IsCancelled,
) -> dict[str, np.ndarray]:
    """Pictures by map, `factor` times as large, which is one of `FACTORS`.

    The mean of each 2 x 2 pixels stays the pixel that they came from, up to what would leave 0..1; of normals the mean
    direction does nearly. What tiles still does.

    Args:
        wraps: whether they tile in y and in x.

    Raises:
        Cancelled.
    """
    doublings = FACTORS.index(factor)
    found = dict(pictures)
    for number in range(doublings):
        # A doubling is four times the work of the one before.
        first, last = ((4**n - 1) / (4**doublings - 1) for n in (number, number + 1))
        found = _doubled(found, wraps, upscaler, part_of(on_progress, first, last), is_cancelled)
    return found


def _doubled(
    pictures: dict[str, np.ndarray],
    wraps: tuple[bool, bool],
    upscaler: Upscaler,
    on_progress: Progress,
    is_cancelled: IsCancelled,
) -> dict[str, np.ndarray]:
    height, width = next(iter(pictures.values())).shape[:2]
    stack = np.zeros((CHANNELS, height, width), np.float32)
    level, spread = 0.0, 1.0
    for name, picture in pictures.items():
        if name == "height":
            level, spread = float(picture.mean()), max(float(picture.std()) * DEVIATIONS, 1e-4)
            stack[MAPS[name].span] = (picture - level) / spread
        else:
            stack[MAPS[name].span] = stack_values_from_picture(picture, name)
    known = torch.tensor([[float(name in pictures) for name in MAPS]], device=next(upscaler.parameters()).device)
    made = {
        name: np.empty((height * FACTOR, width * FACTOR, *picture.shape[2:]), np.float32)
        for name, picture in pictures.items()
    }

    def report(share: float) -> None:
        on_progress(share, "Upscaling")

    windows = through_windows(
        upscaler, stack, wraps, MARGIN, report, is_cancelled, lambda pixels: upscaler(pixels, known)
    )
    for (rows, columns), part in windows:
        place = tuple(slice(s.start * FACTOR, s.stop * FACTOR) for s in (rows, columns))
        for name, picture in made.items():
            if name == "height":
                picture[place] = np.clip(part[MAPS[name].span][0] * spread + level, 0, 1)
            else:
                picture[place] = picture_from_stack(part, name)
    return made
