"""The network that doubles the size of a set, all maps together."""

from dataclasses import dataclass

from torch import Tensor, nn
from torch.nn import functional as F

from .codec import channel_mask
from .layers import Activation, Conv, Padding, ResidualBlock, Upsample, wrap
from .maps import CHANNELS, MAPS

FACTOR = 2
STRIDE = 2
"""Sides of what it is given must be multiples of it."""
MARGIN = 24
"""Pixels of the input on each side that a pixel of the output depends on, at most."""


@dataclass(frozen=True)
class UpscalerConfig:
    """Channels at half the size of the input, at its size, and at the size of the output."""

    widths: tuple[int, int, int] = (48, 24, 12)


class Upscaler(nn.Module):
    """Map stack (batch, CHANNELS, height, width) in -1..1 to (batch, CHANNELS, 2 height, 2 width).

    `known` (batch, len(MAPS)) of 0 or 1 says which maps are given; the others come out as nothing in particular.
    Whatever the network draws, the mean of each 2 x 2 pixels is the pixel that they came from, so no colour drifts and
    scaling the result down gives the input back. A torus stays one.
    """

    def __init__(self, config: UpscalerConfig, padding: Padding = "circular") -> None:
        super().__init__()
        self.config = config
        half, fine, full = config.widths
        self.stem = nn.Sequential(nn.PixelUnshuffle(2), Conv(CHANNELS * 4, half, padding))
        self.known = nn.Linear(len(MAPS), half)
        self.body = nn.Sequential(
            ResidualBlock(half, padding),
            ResidualBlock(half, padding),
            ResidualBlock(half, padding),
            Upsample(half, fine, 3, padding),
            ResidualBlock(fine, padding),
            Activation(),
            Upsample(fine, full, 3, padding),
            Activation(),
            Conv(full, CHANNELS, padding),
        )

    def forward(self, stack: Tensor, known: Tensor) -> Tensor:
        stack = stack * channel_mask(known)
        x = self.stem(stack) + self.known(known)[:, :, None, None]
        return consistent(smooth(stack) + self.body(x), stack)


def smooth(stack: Tensor) -> Tensor:
    """A torus at twice the size, bilinearly."""
    return F.interpolate(wrap(stack, 1), scale_factor=FACTOR, mode="bilinear")[..., FACTOR:-FACTOR, FACTOR:-FACTOR]


def consistent(large: Tensor, small: Tensor) -> Tensor:
    """The large one, moved so that the mean of each 2 x 2 pixels is that of the small one."""
    return large + F.interpolate(small - F.avg_pool2d(large, FACTOR), scale_factor=FACTOR)
