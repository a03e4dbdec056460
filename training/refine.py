"""A slower and better encoder: it moves each latent until the decoder draws the relief of the material better.

That is worth its time where a material is encoded once and for all, as those that are bundled are. The colours, which a
critic has made sharp, are held where the decoder has drawn them.
"""

import torch
from torch import Tensor, nn

from texgan_core.codec import Decoder, Encoder, channel_mask
from texgan_core.layers import normalize_cells
from texgan_core.losses import MAP_WEIGHTS, gradient_l1, masked_l1
from texgan_core.maps import MAPS
from texgan_core.precision import mixed_precision

STEPS, RATE = 8, 0.03
"""Of Adam; more of them gain nothing."""
WEIGHTS = MAP_WEIGHTS | {"base_color": 1.7, "normal": 4.5}
"""How much a change of the colours counts, and an error of the normals."""


class RefiningEncoder(nn.Module):
    """Stands for an encoder."""

    def __init__(self, encoder: Encoder, decoder: Decoder) -> None:
        """The decoder in its circular form."""
        super().__init__()
        self.encoder, self.decoder = encoder, decoder

    def forward(self, stack: Tensor, known: Tensor) -> Tensor:
        """Map stacks (batch, CHANNELS, height, width), which maps are known (batch, maps), to latents (batch, channels,
        height / 8, width / 8)."""
        latent: Tensor = self.encoder(stack, known)
        with torch.inference_mode(False), torch.enable_grad():
            return self._refined(latent.clone(), stack.clone(), known.clone())

    def _refined(self, latent: Tensor, stack: Tensor, known: Tensor) -> Tensor:
        target = self._draw(latent).detach()
        normal = MAPS["normal"].span
        target[:, normal] = stack[:, normal]
        weights = channel_mask(known * torch.tensor([WEIGHTS[name] for name in MAPS], device=known.device))
        latent.requires_grad_(True)
        optimizer = torch.optim.Adam([latent], RATE, betas=(0.9, 0.99))
        for _ in range(STEPS):
            drawn = self._draw(latent)
            loss = masked_l1(drawn, target, weights) + gradient_l1(drawn, target, weights)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
        return normalize_cells(latent.detach())

    def _draw(self, latent: Tensor) -> Tensor:
        with mixed_precision(latent.device):
            drawn: Tensor = self.decoder(normalize_cells(latent))
        return drawn.float()
