"""The patch critic that sharpens the codec's decoder and teaches the latent generator."""

import math
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class EqualizedConv(nn.Module):
    """Convolution whose weights are N(0, 1), scaled at run time (Karras et al. 2018)."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1, gain: float = math.sqrt(2)) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs, kernel, kernel))
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.scale = gain / math.sqrt(inputs * kernel * kernel)
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(x, self.weight * self.scale, self.bias, self.stride)


class PatchDiscriminator(nn.Module):
    """Unpadded convolutions: one halving per step of `widths`, then a mean over all patches.

    Input (batch, channels, height, width), output one logit per picture. Nothing is padded, so crops
    of a larger picture and rolled crops of a torus look alike to it. With `styles` it also judges
    whether a picture is of its style, by projection (Miyato & Koyama 2018).
    """

    def __init__(self, channels: int, widths: tuple[int, ...] = (32, 64, 128, 192), styles: int = 0) -> None:
        super().__init__()
        layers = [EqualizedConv(channels, widths[0], 3)]
        layers += [EqualizedConv(a, b, 4, stride=2) for a, b in pairwise(widths)]
        layers += [EqualizedConv(widths[-1], widths[-1], 3)]
        self.layers = nn.ModuleList(layers)
        self.head = EqualizedConv(widths[-1], 1, 1, gain=1.0)
        self.styles = nn.Embedding(styles, widths[-1]) if styles else None

    def forward(self, x: Tensor, style: Tensor | None = None) -> Tensor:
        """`style` (batch,) holds indices of the styles that the pictures are to have."""
        return self.judge(self.features(x)[-1], style)

    def features(self, x: Tensor) -> list[Tensor]:
        """What each layer makes of the pictures, finest first."""
        features = []
        for layer in self.layers:
            x = F.leaky_relu(layer(x), 0.2)
            features.append(x)
        return features

    def judge(self, x: Tensor, style: Tensor | None = None) -> Tensor:
        """The logits from the last layer's features."""
        logits = self.head(x).mean((1, 2, 3))
        if self.styles is not None:
            logits = logits + (self.styles(style) * x.mean((2, 3))).mean(1)
        return logits
