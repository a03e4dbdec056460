"""The DCGAN that this project started from, as the baseline in every comparison, and its tiling sibling.

Both turn noise into 64 x 64 colours (Radford et al. 2015, arXiv:1511.06434) and are trained with
binary cross-entropy. The first begins with a dense layer, which fixes the size and knows the place of
every pixel, so its pictures do not tile. The sibling begins with a grid of noise and is circular
throughout, so it makes tori of any size that is a multiple of 8.
"""

from torch import Tensor, nn
from torch.nn import functional as F

from .layers import wrap

SIZE = 64
NOISE = 100
STRIDE = 8
SLOPE = 0.3
WIDTHS = (256, 128, 64)


class ClassicGenerator(nn.Module):
    """Noise (batch, 100) to colours (batch, 3, 64, 64) in -1..1."""

    def __init__(self) -> None:
        super().__init__()
        self.dense = nn.Sequential(nn.Linear(NOISE, 8 * 8 * WIDTHS[0], bias=False), nn.BatchNorm1d(8 * 8 * WIDTHS[0]))
        self.body = nn.Sequential(
            nn.LeakyReLU(SLOPE),
            nn.ConvTranspose2d(WIDTHS[0], WIDTHS[1], 5, 2, 2, output_padding=1, bias=False),
            nn.BatchNorm2d(WIDTHS[1]),
            nn.LeakyReLU(SLOPE),
            nn.ConvTranspose2d(WIDTHS[1], WIDTHS[2], 5, 2, 2, output_padding=1, bias=False),
            nn.BatchNorm2d(WIDTHS[2]),
            nn.LeakyReLU(SLOPE),
            nn.ConvTranspose2d(WIDTHS[2], 3, 5, 2, 2, output_padding=1),
            nn.Tanh(),
        )

    def forward(self, noise: Tensor) -> Tensor:
        return self.body(self.dense(noise).unflatten(1, (WIDTHS[0], 8, 8)))


class CircularUpsample(nn.Module):
    """Transposed 5 x 5 convolution of stride 2 on a torus: wrap by two cells, convolve, take the middle."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv = nn.ConvTranspose2d(inputs, outputs, 5, 2, 2, output_padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(wrap(x, 2))[:, :, 4:-4, 4:-4]


class ClassicTilingGenerator(nn.Module):
    """Noise grid (batch, 100, h, w) to a torus of colours (batch, 3, 8h, 8w) in -1..1."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(NOISE, WIDTHS[0], 1, bias=False),
            nn.BatchNorm2d(WIDTHS[0]),
            nn.LeakyReLU(SLOPE),
            CircularUpsample(WIDTHS[0], WIDTHS[1]),
            nn.BatchNorm2d(WIDTHS[1]),
            nn.LeakyReLU(SLOPE),
            CircularUpsample(WIDTHS[1], WIDTHS[2]),
            nn.BatchNorm2d(WIDTHS[2]),
            nn.LeakyReLU(SLOPE),
            CircularUpsample(WIDTHS[2], 3),
            nn.Tanh(),
        )

    def forward(self, noise: Tensor) -> Tensor:
        return self.body(noise)


class ClassicDiscriminator(nn.Module):
    """Colours (batch, 3, 64, 64) to one logit each."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 64, 5, 2, 2)
        self.second = nn.Conv2d(64, 128, 5, 2, 2)
        self.dense = nn.Linear(128 * 16 * 16, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = F.dropout(F.leaky_relu(self.first(x), SLOPE), 0.3, self.training)
        x = F.dropout(F.leaky_relu(self.second(x), SLOPE), 0.3, self.training)
        return self.dense(x.flatten(1))[:, 0]


def generator_of(tiling: bool) -> ClassicGenerator | ClassicTilingGenerator:
    """The article's generator, or its tiling sibling."""
    return ClassicTilingGenerator() if tiling else ClassicGenerator()


def noise_shape(tiling: bool, batch: int, cells: tuple[int, int] = (8, 8)) -> tuple[int, ...]:
    """The shape of the noise that a generator takes."""
    return (batch, NOISE, *cells) if tiling else (batch, NOISE)
