"""The network that guesses what a colour picture does not say: normals, roughness, metallic and ambient occlusion."""

from dataclasses import dataclass

from torch import Tensor, nn

from .layers import Activation, Conv, Downsample, Padding, ResidualBlock, Upsample
from .maps import CHANNELS, MAPS

STRIDE = 8
"""Sides of a picture must be multiples of it."""
MARGIN = 96
"""Pixels on each side that an estimated pixel depends on, at most."""
ESTIMATED = tuple(name for name in MAPS if name not in ("base_color", "height"))
"""The maps it guesses. The height is integrated from the normals, so that they agree."""
OUTPUTS = sum(MAPS[name].channels for name in ESTIMATED)


@dataclass(frozen=True)
class EstimatorConfig:
    """Channels at 1/2, 1/4 and 1/8 of the size."""

    widths: tuple[int, int, int] = (24, 48, 80)


class Estimator(nn.Module):
    """Base color (batch, 3, height, width) in -1..1 to the maps of `ESTIMATED` (batch, OUTPUTS, height, width), in the
    order of a map stack.

    A U-Net (Ronneberger et al. 2015) without borders: what tiles is estimated as what tiles.
    """

    def __init__(self, config: EstimatorConfig, padding: Padding = "circular") -> None:
        super().__init__()
        self.config = config
        fine, middle, coarse = config.widths
        self.stem = nn.Sequential(nn.PixelUnshuffle(2), Conv(3 * 4, fine, padding), ResidualBlock(fine, padding))
        self.down = nn.Sequential(Downsample(fine, middle), ResidualBlock(middle, padding))
        self.deep = nn.Sequential(
            Downsample(middle, coarse),
            ResidualBlock(coarse, padding),
            ResidualBlock(coarse, padding),
            ResidualBlock(coarse, padding),
            Upsample(coarse, middle, 1, padding),
        )
        self.up = nn.Sequential(ResidualBlock(middle, padding), Upsample(middle, fine, 1, padding))
        self.out = nn.Sequential(
            ResidualBlock(fine, padding),
            Activation(),
            Upsample(fine, fine // 2, 3, padding),
            Activation(),
            Conv(fine // 2, OUTPUTS, padding),
        )

    def forward(self, color: Tensor) -> Tensor:
        fine = self.stem(color)
        middle = self.down(fine)
        return self.out(fine + self.up(middle + self.deep(middle)))


def channels_of(names: tuple[str, ...] = ESTIMATED) -> list[int]:
    """Indices in a map stack of the channels of maps."""
    return [channel for name in names for channel in range(CHANNELS)[MAPS[name].span]]
