"""Building blocks that know only a torus: whatever they compute, rolling the input by a cell
rolls the output by a cell. No zero padding, no coordinates, no global statistics.

Every block comes in two forms with the same weights. `padding="circular"` wraps before each
convolution, so a torus stays a torus of its size. `padding="valid"` does not pad: the caller wraps
the input once, by the receptive field, and takes the middle of the output. The second form is
exact, faster, and the one that works tile by tile.
"""

from typing import Literal, TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Padding = Literal["circular", "valid"]
Module = TypeVar("Module", bound=nn.Module)


def channels_last(module: Module, device: torch.device | str = "cpu") -> Module:
    """Move a module to a device, its weights laid out as convolutions are fastest."""
    return module.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def wrap(x: Tensor, cells: int) -> Tensor:
    """Continue a torus (batch, channels, height, width) by `cells` on each side.

    Concatenation keeps the channels-last layout, which `torch.nn.functional.pad` loses.
    """
    x = torch.cat([x[:, :, -cells:], x, x[:, :, :cells]], 2)
    return torch.cat([x[..., -cells:], x, x[..., :cells]], 3)


def crop_like(x: Tensor, reference: Tensor) -> Tensor:
    """The middle of x, of the height and width of `reference`."""
    top = (x.shape[2] - reference.shape[2]) // 2
    left = (x.shape[3] - reference.shape[3]) // 2
    return x[:, :, top : top + reference.shape[2], left : left + reference.shape[3]]


class Activation(nn.Module):
    """SiLU; in place where no gradient will ask for its input."""

    def forward(self, x: Tensor) -> Tensor:
        return F.silu(x, inplace=not torch.is_grad_enabled())


class Conv(nn.Conv2d):
    """3 x 3 convolution, circular or valid."""

    def __init__(self, inputs: int, outputs: int, padding: Padding) -> None:
        super().__init__(inputs, outputs, 3)
        self.circular = padding == "circular"

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(wrap(x, 1) if self.circular else x)


class ResidualBlock(nn.Module):
    """x + conv(silu(conv(silu(x)))), starting as the identity."""

    def __init__(self, channels: int, padding: Padding) -> None:
        super().__init__()
        self.first = Conv(channels, channels, padding)
        self.activation = Activation()
        self.second = Conv(channels, channels, padding)
        nn.init.zeros_(self.second.weight)
        nn.init.constant_(self.second.get_parameter("bias"), 0)

    def forward(self, x: Tensor) -> Tensor:
        y = self.second(self.activation(self.first(F.silu(x))))
        return crop_like(x, y) + y


class Downsample(nn.Sequential):
    """Half the size: space to depth, then a 1 x 1 convolution."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(nn.PixelUnshuffle(2), nn.Conv2d(inputs * 4, outputs, 1))


class Upsample(nn.Sequential):
    """Double the size: a convolution of 1 x 1 or 3 x 3, then depth to space."""

    def __init__(self, inputs: int, outputs: int, kernel: int, padding: Padding) -> None:
        conv = nn.Conv2d(inputs, outputs * 4, 1) if kernel == 1 else Conv(inputs, outputs * 4, padding)
        super().__init__(conv, nn.PixelShuffle(2))


def normalize_cells(z: Tensor) -> Tensor:
    """Divide each cell's vector by its root mean square over the channels (Karras et al. 2018)."""
    return z * torch.rsqrt(z.square().mean(1, keepdim=True) + 1e-4)
