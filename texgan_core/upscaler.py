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
ROUNDS = 3
"""Of sharpening what is spread out smoothly."""


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
        return consistent(self.body(x), stack)


def smooth(stack: Tensor) -> Tensor:
    """A torus at twice the size, bilinearly."""
    return F.interpolate(wrap(stack, 1), scale_factor=FACTOR, mode="bilinear")[..., FACTOR:-FACTOR, FACTOR:-FACTOR]


def consistent(detail: Tensor, small: Tensor) -> Tensor:
    """A torus at twice the size with the detail in it that is drawn, the mean of each 2 x 2 pixels of which is that of
    the small one.

    What the detail's means lack is spread out smoothly, sharpened beforehand by as much as that blurs (Van Cittert
    1931), as blocks would show; what is left of it after a few rounds is small.
    """
    lack = missing = small - F.avg_pool2d(detail, FACTOR)
    for _ in range(ROUNDS):
        missing = missing - _doubled_and_halved(missing)
        lack = lack + missing
    large = detail + smooth(lack)
    return large + F.interpolate(small - F.avg_pool2d(large, FACTOR), scale_factor=FACTOR)


def _doubled_and_halved(x: Tensor) -> Tensor:
    """What `smooth`, scaled down by means of 2 x 2, makes of a torus."""
    for axis in (2, 3):
        x = 0.75 * x + 0.125 * (x.roll(1, axis) + x.roll(-1, axis))
    return x
