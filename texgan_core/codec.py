"""The codec: PBR maps to a toroidal latent of 1/8 of their size, and back.

Everything else works on that latent: a material is a latent, a generator makes latents, and all
maps stay in step because they come out of one latent.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from .errors import Cancelled
from .job import IsCancelled, never
from .layers import Activation, Conv, Downsample, Padding, ResidualBlock, Upsample, normalize_cells
from .maps import CHANNELS, MAPS

HALO = 8
"""Latent cells on each side that a decoded cell depends on."""


@dataclass(frozen=True)
class CodecConfig:
    """Sizes of the codec; `widths` are the channels at 1/2, 1/4 and 1/8 of the size."""

    latent_channels: int = 64
    widths: tuple[int, int, int] = (32, 80, 160)
    full_width: int = 16


class Encoder(nn.Module):
    """Map stack (batch, CHANNELS, 8h, 8w) in -1..1 to latent (batch, latent_channels, h, w).

    `known` (batch, len(MAPS)) of 0 or 1 says which maps are given; values of the others are ignored,
    so a single photograph can be encoded too. Each latent cell has root mean square 1.
    """

    def __init__(self, config: CodecConfig, padding: Padding = "circular") -> None:
        super().__init__()
        fine, middle, coarse = config.widths
        self.stem = nn.Sequential(nn.PixelUnshuffle(2), Conv(CHANNELS * 4, fine, padding))
        self.known = nn.Linear(len(MAPS), fine)
        self.body = nn.Sequential(
            ResidualBlock(fine, padding),
            Downsample(fine, middle),
            ResidualBlock(middle, padding),
            Downsample(middle, coarse),
            ResidualBlock(coarse, padding),
            ResidualBlock(coarse, padding),
            Activation(),
            Conv(coarse, config.latent_channels, padding),
        )

    def forward(self, stack: Tensor, known: Tensor) -> Tensor:
        x = self.stem(stack * channel_mask(known)) + self.known(known)[:, :, None, None]
        return normalize_cells(self.body(x))


class Decoder(nn.Module):
    """Latent (batch, latent_channels, h, w) to map stack (batch, CHANNELS, 8h, 8w).

    With `padding="valid"` the latent comes with `HALO` more cells on each side. Between its layers it may be cancelled.
    """

    def __init__(self, config: CodecConfig, padding: Padding = "circular") -> None:
        super().__init__()
        fine, middle, coarse = config.widths
        self.valid = padding == "valid"
        self.latent_channels = config.latent_channels
        self.body = nn.Sequential(
            Conv(config.latent_channels, coarse, padding),
            ResidualBlock(coarse, padding),
            ResidualBlock(coarse, padding),
            Upsample(coarse, middle, 1, padding),
            ResidualBlock(middle, padding),
            ResidualBlock(middle, padding),
            Upsample(middle, fine, 1, padding),
            ResidualBlock(fine, padding),
            Activation(),
            Upsample(fine, config.full_width, 3, padding),
            Activation(),
            # A last convolution at full size lets the four phases of the shuffle see each other.
            Conv(config.full_width, CHANNELS, padding),
        )

    def forward(self, z: Tensor, is_cancelled: IsCancelled = never) -> Tensor:
        for layer in self.body:
            z = layer(z)
            if is_cancelled():
                raise Cancelled
        return z[:, :, 1:-1, 1:-1] if self.valid else z


class Codec(nn.Module):
    """Encoder and decoder together, as they are trained and stored."""

    def __init__(self, config: CodecConfig = CodecConfig(), padding: Padding = "circular") -> None:
        super().__init__()
        self.config = config
        self.encoder = Encoder(config)
        self.decoder = Decoder(config, padding)


def channel_mask(known: Tensor) -> Tensor:
    """(batch, len(MAPS)) flags to a (batch, CHANNELS, 1, 1) mask."""
    counts = torch.tensor([spec.channels for spec in MAPS.values()], device=known.device)
    return known.repeat_interleave(counts, 1)[:, :, None, None]
