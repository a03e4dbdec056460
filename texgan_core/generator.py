"""The latent generator: noise and a style to a toroidal latent, which the codec's decoder turns into maps.

Noise enters on three lattices, of 4, 2 and 1 cells, so that large forms have few numbers to agree on.
The style, one vector for the whole torus, scales and shifts the features of every block. Everything
is circular: rolling the noise by one place of the coarsest lattice rolls the latent by four cells.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from . import noise
from .codec import STRIDE
from .layers import Conv, Upsample, normalize_cells

COARSEST = 4
"""Cells per place of the coarsest noise lattice."""
LATTICES = (4, 2, 1)
SIZE_STEP = COARSEST * STRIDE


@dataclass(frozen=True)
class GeneratorConfig:
    """Sizes of the generator; `styles` is how many materials it was trained on."""

    styles: int
    latent_channels: int = 32
    widths: tuple[int, int, int] = (160, 128, 96)
    noise_channels: int = 16
    style_size: int = 64


class StyledBlock(nn.Module):
    """A residual block whose features are scaled and shifted by the style (FiLM, Perez et al. 2018)."""

    def __init__(self, channels: int, style_size: int) -> None:
        super().__init__()
        self.first = Conv(channels, channels, "circular")
        self.second = Conv(channels, channels, "circular")
        self.style = nn.Linear(style_size, 2 * channels)
        with torch.no_grad():
            self.second.weight.mul_(0.3)

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        scale, shift = self.style(style)[:, :, None, None].chunk(2, 1)
        y = self.first(F.silu(x)) * (1 + scale) + shift
        return x + self.second(F.silu(y))


class Level(nn.Module):
    """One lattice: take in its noise, then two styled blocks."""

    def __init__(self, channels: int, config: GeneratorConfig) -> None:
        super().__init__()
        self.noise = nn.Conv2d(config.noise_channels, channels, 1)
        self.blocks = nn.ModuleList(StyledBlock(channels, config.style_size) for _ in range(2))

    def forward(self, x: Tensor | None, lattice: Tensor, style: Tensor) -> Tensor:
        entering = self.noise(lattice)
        x = entering if x is None else x + entering
        for block in self.blocks:
            x = block(x, style)
        return x


class LatentGenerator(nn.Module):
    """Noise lattices and styles (batch, style_size) to latents (batch, latent_channels, h, w) of RMS 1 a cell."""

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        self.config = config
        self.styles = nn.Embedding(config.styles, config.style_size)
        self.levels = nn.ModuleList(Level(width, config) for width in config.widths)
        pairs = pairwise(config.widths)
        self.upsamples = nn.ModuleList(Upsample(a, b, 1, "circular") for a, b in pairs)
        self.head = Conv(config.widths[-1], config.latent_channels, "circular")

    def forward(self, lattices: list[Tensor], style: Tensor) -> Tensor:
        style = F.normalize(style, dim=1) * style.shape[1] ** 0.5
        x = self.levels[0](None, lattices[0], style)
        for upsample, level, lattice in zip(self.upsamples, self.levels[1:], lattices[1:], strict=True):
            x = level(upsample(x), lattice, style)
        return normalize_cells(self.head(F.silu(x)))


def noise_lattices(seed: int, cells: tuple[int, int], channels: int) -> list[np.ndarray]:
    """The noise of a layout seed for a torus of (rows, columns) cells, both multiples of `COARSEST`.

    Returns:
        Per lattice (1, channels, rows / pitch, columns / pitch), standard normal float32.
    """
    shapes = [(1, channels, cells[0] // pitch, cells[1] // pitch) for pitch in LATTICES]
    return [noise.normal(shape, seed, level) for level, shape in enumerate(shapes)]
