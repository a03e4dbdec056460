"""The latent generator: noise and a style to a toroidal latent, which the codec's decoder turns into maps.

It works in two halves, as in a Laplacian pyramid of GANs (Denton et al. 2015). The *layout* makes a small
picture of the texture, two by two samples a cell: where stones and joints are. The *detail* fills in the latent
of each cell. Noise enters on lattices of 4, 2 and 1 cells, so that large forms have few numbers to agree on.
The style, one vector for the whole torus, scales and shifts the features of every block. A *guide*, if there is
one, says where the layout is to be high and where low: the courses of a bond, or a mask that somebody painted.
Everything is circular: rolling noise and guide by one place of the coarsest lattice rolls the latent by four cells.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from . import noise
from .grid import SAMPLES, STRIDE, STRUCTURE_PIXELS
from .layers import Conv, Upsample, normalize_cells
from .maps import MAPS

COARSEST = 4
"""Cells per place of the coarsest noise lattice."""
LATTICES = (4, 2, 1, 1)
"""Cells per place of each lattice; the last is the detail's."""
SIZE_STEP = COARSEST * STRIDE
STRUCTURE_MAPS = ("base_color", "height")
STRUCTURE = sum(MAPS[name].channels for name in STRUCTURE_MAPS) * SAMPLES**2
GUIDE_CHANNELS = 2
"""Of a guide: -1 (low, a joint) to 1 (high, a stone), and 1 where it says anything; both 0 where it does not."""
STEEPEST = 2.0
"""Of a guide taken from a height of deviation 1, per deviation: most of it is -1 or 1."""
DECIDED = 16.0
"""Gain of the head at the start, so that a cell is mostly one code from the first step on."""


@dataclass(frozen=True)
class GeneratorConfig:
    """Sizes of the generator; `styles` is how many materials it was trained on."""

    styles: int
    latent_channels: int = 64
    widths: tuple[int, int, int] = (96, 80, 64)
    detail_width: int = 96
    noise_channels: int = 16
    style_size: int = 64
    codes: int = 96


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
    """One lattice: take in its noise and, with `guided`, so many channels of the guide, then two styled blocks."""

    def __init__(self, channels: int, config: GeneratorConfig, guided: int = 0) -> None:
        super().__init__()
        self.noise = nn.Conv2d(config.noise_channels, channels, 1)
        self.guide = nn.Conv2d(guided, channels, 1, bias=False) if guided else None
        self.blocks = nn.ModuleList(StyledBlock(channels, config.style_size) for _ in range(2))

    def forward(self, x: Tensor | None, lattice: Tensor, style: Tensor, guide: Tensor | None = None) -> Tensor:
        entering = self.noise(lattice)
        if self.guide is not None and guide is not None:
            entering = entering + self.guide(guide)
        x = entering if x is None else x + entering
        for block in self.blocks:
            x = block(x, style)
        return x


class LayoutGenerator(nn.Module):
    """Lattices of 4, 2 and 1 cells to a structure (batch, STRUCTURE, h, w), as of `structure_of`.

    `guide` (batch, GUIDE_CHANNELS, SAMPLES * h, SAMPLES * w) is optional.
    """

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        levels = zip(config.widths, LATTICES[:-1], strict=True)
        self.levels = nn.ModuleList(Level(width, config, GUIDE_CHANNELS * _samples(p) ** 2) for width, p in levels)
        self.upsamples = nn.ModuleList(Upsample(a, b, 1, "circular") for a, b in pairwise(config.widths))
        self.head = Conv(config.widths[-1], STRUCTURE, "circular")

    def forward(self, lattices: list[Tensor], style: Tensor, guide: Tensor | None = None) -> Tensor:
        guides = [None if guide is None else guide_on_lattice(guide, pitch) for pitch in LATTICES[:-1]]
        x = self.levels[0](None, lattices[0], style, guides[0])
        finer = zip(self.upsamples, self.levels[1:], lattices[1:], guides[1:], strict=True)
        for upsample, level, lattice, part in finer:
            x = level(upsample(x), lattice, style, part)
        return self.head(F.silu(x))


class DetailGenerator(nn.Module):
    """A structure, noise and a style to a latent (batch, latent_channels, h, w) of RMS 1 a cell.

    Each cell is a mixture of the style's codes, which start as cells of its material, and what that lacks.
    """

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        self.config = config
        self.structure = Conv(STRUCTURE, config.detail_width, "circular")
        self.level = Level(config.detail_width, config)
        self.head = Conv(config.detail_width, config.codes, "circular")
        self.codes = nn.Linear(config.style_size, config.codes * config.latent_channels)
        with torch.no_grad():
            self.head.weight.mul_(DECIDED)
        self.rest = Conv(config.detail_width, config.latent_channels, "circular")
        nn.init.zeros_(self.rest.weight)
        nn.init.zeros_(self.rest.get_parameter("bias"))

    def forward(self, structure: Tensor, lattice: Tensor, style: Tensor) -> Tensor:
        x = self.level(self.structure(structure), lattice, style)
        x = F.silu(x)
        shares = self.head(x).softmax(1)
        return normalize_cells(torch.einsum("bkhw,bkc->bchw", shares, self.codes_of(style)) + self.rest(x))

    def codes_of(self, style: Tensor) -> Tensor:
        """The codes of styles (batch, style_size) of RMS 1: (batch, codes, latent_channels)."""
        return self.codes(style / self.config.style_size).unflatten(1, (self.config.codes, -1))


class LatentGenerator(nn.Module):
    """Noise lattices and styles (batch, style_size) to latents (batch, latent_channels, h, w).

    `look`, if given, is the style of the detail alone: another look on the same layout.
    """

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        self.config = config
        self.styles = nn.Embedding(config.styles, config.style_size)
        self.layout = LayoutGenerator(config)
        self.detail = DetailGenerator(config)

    @torch.no_grad()
    def start_codes(self, cells: Tensor) -> None:
        """Set the codes of every style to given cells (styles, codes, latent_channels)."""
        styles = normalize_style(self.styles.weight) / self.config.style_size
        self.detail.codes.weight.copy_(torch.linalg.lstsq(styles, cells.flatten(1)).solution.T)
        self.detail.codes.bias.zero_()

    def forward(
        self, lattices: list[Tensor], style: Tensor, look: Tensor | None = None, guide: Tensor | None = None
    ) -> Tensor:
        structure = self.layout(lattices[:-1], normalize_style(style), guide)
        return self.detail(structure, lattices[-1], normalize_style(style if look is None else look))


def normalize_style(style: Tensor) -> Tensor:
    """Style vectors (batch, style_size) brought to RMS 1."""
    return F.normalize(style, dim=1) * style.shape[1] ** 0.5


def structure_of(stack: Tensor) -> Tensor:
    """The structure (STRUCTURE, rows, columns) of maps (CHANNELS, 8 * rows, 8 * columns): means of 4 x 4 pixels.

    Each channel of the maps is brought to mean 0 and deviation 1.
    """
    chosen = torch.cat([stack[MAPS[name].span] for name in STRUCTURE_MAPS])
    means = F.avg_pool2d(chosen[None], STRUCTURE_PIXELS)[0]
    spread = means.std((1, 2), keepdim=True).clamp_min(0.01)
    return F.pixel_unshuffle((means - means.mean((1, 2), keepdim=True)) / spread, SAMPLES)


def guide_of(structure: Tensor, threshold: Tensor) -> Tensor:
    """The guide (batch, GUIDE_CHANNELS, SAMPLES * h, SAMPLES * w) that structures (batch, STRUCTURE, h, w) follow:
    where their blurred heights are above and below a threshold (batch,)."""
    value = ((guide_height(structure) - threshold[:, None, None, None]) * STEEPEST).clamp(-1, 1)
    return torch.cat([value, torch.ones_like(value)], 1)


def guide_height(structure: Tensor) -> Tensor:
    """The heights (batch, 1, SAMPLES * h, SAMPLES * w) of structures, blurred over three samples."""
    height = F.pixel_shuffle(structure, SAMPLES)[:, -1:]
    return F.avg_pool2d(F.pad(height, (1, 1, 1, 1), mode="circular"), 3, 1)


def guide_on_lattice(guide: Tensor, pitch: int) -> Tensor:
    """A guide as channels of the places of a lattice; on coarse ones, the means of its cells."""
    if pitch > 1:
        guide = F.avg_pool2d(guide, SAMPLES)
    return F.pixel_unshuffle(guide, _samples(pitch))


def _samples(pitch: int) -> int:
    """Samples of the guide a side in a place of a lattice."""
    return pitch if pitch > 1 else SAMPLES


def noise_lattices(seed: int, cells: tuple[int, int], channels: int) -> list[np.ndarray]:
    """The noise of a layout seed for a torus of (rows, columns) cells, both multiples of `COARSEST`.

    Returns:
        Per lattice (1, channels, rows / pitch, columns / pitch), standard normal float32.
    """
    shapes = [(1, channels, cells[0] // pitch, cells[1] // pitch) for pitch in LATTICES]
    return [noise.normal(shape, seed, level) for level, shape in enumerate(shapes)]
