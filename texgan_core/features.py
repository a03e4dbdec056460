"""A fixed random network whose features tell textures apart, without anything learned.

Random filters respond to the same structure that trained ones do, only less sparingly (Ustyuzhaninov
et al. 2017, arXiv:1606.00021). The filters come from counter-based random numbers, so a figure made
with them is the same on every machine.
"""

from functools import lru_cache

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from . import noise

SEED = 20170601
WIDTH = 64
SCALES = 3
PROJECTIONS = 64
QUANTILES = 64
SAMPLES = 4096
"""Positions a layer, about, that a description counts at most."""
SMALLEST_SIDE = 64
"""Pixels; below it the coarsest scale has too few positions."""


def describe(picture: np.ndarray, samples: int = SAMPLES) -> np.ndarray:
    """The distribution of a picture's features, so that distances between pictures are distances of arrays.

    Layer by layer, the mean absolute difference of two descriptions is the sliced Wasserstein distance
    (Rabin et al. 2011) of the two pictures' features. At each of three scales there is a fine and a
    coarse layer of features, and at the last scale the colours themselves, since the filters see no
    brightness.

    Args:
        picture: (height, width, 3) float32 in 0..1, sides of at least `SMALLEST_SIDE`.
        samples: positions a layer, about, that are counted at most; fewer take less time.

    Returns:
        (layers, PROJECTIONS, QUANTILES) float32.
    """
    first, second, slices, color_slices = _network()
    x = torch.from_numpy(np.ascontiguousarray(picture.transpose(2, 0, 1), np.float32))[None]
    x = x.contiguous(memory_format=torch.channels_last)
    layers = []
    with torch.inference_mode():
        for scale in range(SCALES):
            x = F.avg_pool2d(x, 2) if scale else x
            fine = F.relu(F.conv2d(x, first))
            coarse = F.relu(F.conv2d(F.avg_pool2d(fine, 2), second))
            layers += [_quantiles(fine, slices, samples), _quantiles(coarse, slices, samples)]
        return torch.stack([*layers, _quantiles(x, color_slices, samples)]).numpy()


def _quantiles(features: Tensor, slices: Tensor, samples: int) -> Tensor:
    """(1, channels, height, width) features to the quantiles of their projections, (PROJECTIONS, QUANTILES)."""
    positions = features[0].permute(1, 2, 0).flatten(0, 1)
    # An odd step meets all phases of a grid of 2, 4 or 8 pixels alike.
    step = max(1, len(positions) // samples) | 1
    projected = (slices @ positions[::step].T).sort(1).values
    places = (torch.arange(QUANTILES) + 0.5) * (projected.shape[1] / QUANTILES)
    return projected[:, places.long()]


@lru_cache(maxsize=1)
def _network() -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Filters of the two layers, and the directions that features and colours are projected on."""
    first, second = _filters((WIDTH, 3, 5, 5), 0), _filters((WIDTH, WIDTH, 3, 3), 1)
    return first, second, _directions(WIDTH, 2), _directions(3, 3)


def _directions(channels: int, counter: int) -> Tensor:
    directions = noise.normal((PROJECTIONS, channels), SEED, counter)
    return torch.from_numpy(directions / np.linalg.norm(directions, axis=1, keepdims=True))


def _filters(shape: tuple[int, ...], counter: int) -> Tensor:
    """Filters of mean 0, blind to brightness, and norm 1."""
    filters = noise.normal(shape, SEED, counter)
    filters -= filters.mean((1, 2, 3), keepdims=True)
    filters /= np.sqrt((filters**2).sum((1, 2, 3), keepdims=True))
    return torch.from_numpy(filters).contiguous(memory_format=torch.channels_last)
