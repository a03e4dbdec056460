"""What the networks from pictures to pictures learn: what each is given, what it is to answer, and how it is judged."""

import io
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import cast

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional as F

from texgan_core import noise
from texgan_core.cleaner import Cleaner, CleanerConfig
from texgan_core.codec import channel_mask
from texgan_core.estimator import OUTPUTS, Estimator, EstimatorConfig, channels_of
from texgan_core.losses import MAP_WEIGHTS
from texgan_core.maps import CHANNELS, MAPS
from texgan_core.networks import read_cleaner, read_estimator, read_upscaler
from texgan_core.upscaler import FACTOR, Upscaler, UpscalerConfig, smooth

from .data import Batch, Colors

COLOR = MAPS["base_color"].span
DOUBLINGS = 2
"""At most, one after the other."""
ESTIMATE_WEIGHTS = {"normal": 3.0, "metallic": 0.5, "ambient_occlusion": 0.5}


@dataclass(frozen=True)
class Pair:
    """`given` to the network, and the `answer` (batch, channels, height, width) that is wanted; `weights` (batch,
    channels, 1, 1) of its channels, 0 where it is not known; `seen`: what the critic sees beside it."""

    given: tuple[Tensor, ...]
    answer: Tensor
    weights: Tensor
    seen: Tensor | None = None


class Task(ABC):
    """One network and its lessons.

    `channels` is what the critic sees; `crop` pixels a side are drawn, of whose answers `border` on each side do not
    count, as a crop is no torus, but is convolved as one. In the adversarial phase, `faithful` is the weight of pixels
    and gradients, and `contrast` holds those of the distances between `patches` of answers and between their
    `spectrum`s. `needs`: the maps that a material must have; `read`: such a network from its model file.
    """

    kind: str
    network: nn.Module
    channels: int
    colors: Colors
    crop: int = 128
    border: int = 16
    adversarial_from: float = 0.6
    learning_rate: float = 1e-3
    faithful: float = 1.0
    contrast: Mapping[str, float] = MappingProxyType({})
    needs: frozenset[str] = frozenset()
    read: Callable[[Path], nn.Module]

    @abstractmethod
    def pair(self, batch: Batch, seed: int) -> Pair:
        """Lesson and answer from crops; `seed` decides what chance does."""

    def made(self, network: nn.Module, pair: Pair) -> Tensor:
        """What a network answers to what a pair gives."""
        return cast(Tensor, network(*pair.given))

    @abstractmethod
    def rows(self, pair: Pair, made: Tensor) -> list[Tensor]:
        """What a sheet shows, in rows of base colors or map stacks, (batch, CHANNELS or 3, height, width)."""


class Estimating(Task):
    """From colours to the other maps."""

    kind = "estimator"
    channels = 3 + OUTPUTS
    colors = Colors(shade=0.2)
    needs = frozenset({"normal"})
    read = staticmethod(read_estimator)

    def __init__(self) -> None:
        self.network = Estimator(EstimatorConfig())

    def pair(self, batch: Batch, seed: int) -> Pair:
        per_map = torch.tensor([ESTIMATE_WEIGHTS.get(name, 0.0) for name in MAPS])
        weights = channel_mask(batch.known * per_map)[:, channels_of()]
        color = batch.stack[:, COLOR]
        return Pair((color,), batch.stack[:, channels_of()], weights, color)

    def rows(self, pair: Pair, made: Tensor) -> list[Tensor]:
        real, guessed = (
            x.new_zeros(len(x), CHANNELS, *x.shape[2:]).index_copy(1, torch.tensor(channels_of(), device=x.device), x)
            for x in (pair.answer, made)
        )
        return [pair.given[0], real, guessed]


class Upscaling(Task):
    """From a half or a quarter of the size to the whole, all maps together."""

    kind = "upscaler"
    channels = CHANNELS
    colors = Colors(shade=0.1, swapped=0.5)
    crop = 160
    border = 32
    adversarial_from = 0.4
    faithful = 0.1
    contrast = MappingProxyType({"patches": 0.5, "spectrum": 0.3})
    averaged = 0.7
    """Share of the crops that are scaled down by means of pixels; the others by a cubic filter."""
    read = staticmethod(read_upscaler)

    def __init__(self) -> None:
        self.network = Upscaler(UpscalerConfig())

    def pair(self, batch: Batch, seed: int) -> Pair:
        rng = noise.generator(seed)
        doublings = int(rng.integers(1, DOUBLINGS + 1))
        factor = FACTOR**doublings
        means = F.avg_pool2d(batch.stack, factor)
        cubic = F.interpolate(batch.stack, scale_factor=1 / factor, mode="bicubic", antialias=True).clamp(-1, 1)
        chosen = torch.from_numpy(rng.random(len(means)) < self.averaged)[:, None, None, None]
        small = torch.where(chosen, means, cubic)
        per_map = torch.tensor([MAP_WEIGHTS[name] for name in MAPS])
        weights = channel_mask(batch.given * batch.known * per_map)
        return Pair((small, batch.given), batch.stack, weights)

    def made(self, network: nn.Module, pair: Pair) -> Tensor:
        """So many doublings as make the answer's size."""
        stack, known = pair.given
        while stack.shape[2] < pair.answer.shape[2]:
            stack = network(stack, known)
        return stack

    def rows(self, pair: Pair, made: Tensor) -> list[Tensor]:
        small = pair.given[0]
        while small.shape[2] < made.shape[2]:
            small = smooth(small)
        stacks = [small, made, pair.answer]
        return [stack[:, COLOR] for stack in stacks] + stacks


class Cleaning(Task):
    """From noisy, blocky or soft colours to clean ones."""

    kind = "cleaner"
    channels = 3
    colors = Colors(shade=0.2, swapped=0.5)
    adversarial_from = 0.5
    contrast = MappingProxyType({"patches": 0.5})
    read = staticmethod(read_cleaner)

    def __init__(self) -> None:
        self.network = Cleaner(CleanerConfig())

    def pair(self, batch: Batch, seed: int) -> Pair:
        clean = batch.stack[:, COLOR]
        worn = [wear(color, noise.generator(seed, place)) for place, color in enumerate(clean.numpy())]
        return Pair((torch.from_numpy(np.stack(worn)),), clean, torch.ones(len(clean), 3, 1, 1))

    def rows(self, pair: Pair, made: Tensor) -> list[Tensor]:
        return [pair.given[0], made, pair.answer]


def wear(color: np.ndarray, rng: np.random.Generator, all_of_it: bool = False) -> np.ndarray:
    """Base color (3, height, width) in -1..1 as a careless camera keeps it: slightly blurred, noisy, compressed as
    JPEG, stronger or weaker by chance, and each in two of three, or always if `all_of_it` is wanted."""
    kinds = (rng.random(3) < 2 / 3) | all_of_it
    blurred, noisy, quality = rng.uniform(0.4, 1.2), rng.uniform(0, 0.06), int(rng.integers(30, 95))
    picture = color.transpose(1, 2, 0) * 0.5 + 0.5
    if kinds[0]:
        picture = soften(picture, blurred)
    if kinds[1]:
        grain = rng.standard_normal((*picture.shape[:2], 1)) + 0.5 * rng.standard_normal(picture.shape)
        picture = picture + noisy * grain
    if kinds[2]:
        picture = compress(picture, quality)
    return (np.clip(picture, 0, 1).transpose(2, 0, 1) * 2 - 1).astype(np.float32)


def soften(picture: np.ndarray, sigma: float) -> np.ndarray:
    """A picture (height, width, 3), blurred by a Gaussian of a few pixels; its border is mirrored."""
    reach = np.arange(-4, 5)
    kernel = np.exp(-(reach**2) / (2 * sigma**2))
    kernel /= kernel.sum()
    for axis in (0, 1):
        pad = [(0, 0)] * 3
        pad[axis] = (4, 4)
        parts = np.lib.stride_tricks.sliding_window_view(np.pad(picture, pad, mode="reflect"), 9, axis)
        picture = parts @ kernel
    return picture


def compress(picture: np.ndarray, quality: int) -> np.ndarray:
    """A picture (height, width, 3) in 0..1 as JPEG gives it back."""
    file = io.BytesIO()
    Image.fromarray((np.clip(picture, 0, 1) * 255).round().astype(np.uint8)).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file), np.float32) / 255


TASKS: dict[str, type[Task]] = {task.kind: task for task in (Estimating, Upscaling, Cleaning)}
