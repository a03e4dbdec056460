"""A network from pictures to pictures of the same size."""

from torch import Tensor, nn

from .layers import Activation, Conv, Downsample, Padding, ResidualBlock, Upsample

STRIDE = 8
"""Sides of a picture must be multiples of it."""
MARGIN = 96
"""Pixels on each side that a pixel of the output depends on, at most."""
Widths = tuple[int, int, int]


class UNet(nn.Module):
    """(batch, inputs, height, width) to (batch, outputs, height, width); `widths` are the channels at 1/2, 1/4 and 1/8
    of the size. A U-Net (Ronneberger et al. 2015) without borders: a torus stays a torus."""

    def __init__(self, inputs: int, outputs: int, widths: Widths, padding: Padding = "circular") -> None:
        super().__init__()
        fine, middle, coarse = widths
        self.stem = nn.Sequential(nn.PixelUnshuffle(2), Conv(inputs * 4, fine, padding), ResidualBlock(fine, padding))
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
            Conv(fine // 2, outputs, padding),
        )

    def forward(self, picture: Tensor) -> Tensor:
        fine = self.stem(picture)
        middle = self.down(fine)
        return self.out(fine + self.up(middle + self.deep(middle)))
