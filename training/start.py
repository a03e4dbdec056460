"""A codec's first weights: a linear one, fitted to the data, from which training goes on.

From random weights an autoencoder with an absolute loss first learns means and colours, and for thousands of
steps says "flat" where a normal map is wanted. Here each layer of the encoder takes the principal components
of what comes in (Krähenbühl et al. 2016), and each layer of the decoder is fitted by least squares to what the
encoder had there. Residual blocks start as the identity, so the whole is nearly linear, and never flat.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from texgan_core.codec import Codec, channel_mask
from texgan_core.layers import ResidualBlock
from texgan_core.maps import MAPS

from .data import Batch

PLACES = 15_000
"""About so many places of a batch are what a layer is fitted to."""
RIDGE = 1e-4
WHITENING = 0.6
"""Components enter the latent divided by this power of their size: the small ones would drown in its noise."""
LINEAR = 3.0
"""Around this value SiLU is nearly a straight line."""


@torch.no_grad()
def start_codec(codec: Codec, batch: Batch, weights: dict[str, float]) -> None:
    """Fit the weights of a new codec to a batch; `weights` says how much each map counts."""
    fine, middle, coarse = _start_encoder(codec, batch, weights)
    z = codec.encoder(batch.stack, batch.known)
    first, second, third, fourth, last = _path(codec.decoder)
    x = _fit(first, z, coarse)
    x = F.pixel_shuffle(_fit(second, x, F.pixel_unshuffle(middle, 2)), 2)
    x = F.pixel_shuffle(_fit(third, x, F.pixel_unshuffle(fine, 2)), 2)
    wide = batch.stack.repeat(1, 2, 1, 1)[:, : last.in_channels] + LINEAR
    x = F.pixel_shuffle(_fit(fourth, F.silu(x), F.pixel_unshuffle(wide, 2)), 2)
    _fit(last, F.silu(x), batch.stack)


def _start_encoder(codec: Codec, batch: Batch, weights: dict[str, float]) -> tuple[Tensor, Tensor, Tensor]:
    """Principal components, layer by layer. Returns the features at 1/2, 1/4 and 1/8 of the size."""
    nn.init.zeros_(codec.encoder.known.weight)
    nn.init.zeros_(codec.encoder.known.bias)
    stem, first, second, head = _path(codec.encoder)
    # A shuffle keeps the four samples of a channel together.
    scale = channel_mask(torch.tensor([[weights[name] for name in MAPS]])).repeat_interleave(4, 1)

    x = F.pixel_unshuffle(batch.stack, 2)
    _set(stem, _components(x * scale)[0] * scale.flatten())
    fine = stem(x)
    x = F.pixel_unshuffle(fine, 2)
    _set(first, _components(x)[0])
    middle = first(x)
    x = F.pixel_unshuffle(middle, 2)
    components, sizes = _components(x)
    half = second.out_channels // 2
    # silu(x) - silu(-x) = x: with both signs of each component, the head undoes the activation before it.
    _set(second, torch.cat([components[:half], -components[:half]]))
    coarse = second(x)
    pick = torch.diag(sizes[:half] ** -WHITENING)[: head.out_channels]
    _set(head, torch.cat([pick, -pick], 1))
    return fine, middle, coarse


def _path(module: nn.Module) -> list[nn.Conv2d]:
    """The convolutions of a network in their order, but for those inside residual blocks."""
    if isinstance(module, nn.Conv2d):
        return [module]
    if isinstance(module, ResidualBlock):
        return []
    return [conv for child in module.children() for conv in _path(child)]


def _components(x: Tensor) -> tuple[Tensor, Tensor]:
    """Principal components about 0 of (batch, channels, height, width), a row each, and their sizes, largest first."""
    rows = _rows(x[..., :: _stride(x), :: _stride(x)]).double()
    sizes, vectors = torch.linalg.eigh(rows.T @ rows / len(rows))
    return vectors.flip(1).T.float(), sizes.flip(0).clamp_min(1e-6).sqrt().float()


def _set(conv: nn.Conv2d, weight: Tensor) -> None:
    """Give a convolution these weights at its middle tap; outputs beyond them, and other taps, get nothing."""
    nn.init.zeros_(conv.weight)
    nn.init.zeros_(conv.get_parameter("bias"))
    middle = conv.kernel_size[0] // 2
    count = min(conv.out_channels, len(weight))
    conv.weight[:count, :, middle, middle] = weight[:count]


def _fit(conv: nn.Conv2d, x: Tensor, target: Tensor) -> Tensor:
    """Set a convolution to the least squares fit from x to the target. Returns its output."""
    size, stride = conv.kernel_size[0], _stride(x)
    around = F.unfold(F.pad(x, (size // 2,) * 4, mode="circular"), size, stride=stride)
    inputs, outputs = _rows(around[..., None]).double(), _rows(target[..., ::stride, ::stride]).double()
    inputs = torch.cat([inputs, torch.ones(len(inputs), 1)], 1)
    gram = inputs.T @ inputs
    ridge = RIDGE * gram.diagonal().mean() * torch.eye(len(gram))
    solution = torch.linalg.solve(gram + ridge, inputs.T @ outputs)
    conv.weight.copy_(solution[:-1].T.reshape(conv.weight.shape))
    conv.get_parameter("bias").copy_(solution[-1])
    return conv(x)


def _stride(x: Tensor) -> int:
    """Steps between the places that a fit looks at; odd, so that every phase of a shuffle has its share."""
    return int((x[:, 0].numel() / PLACES) ** 0.5) | 1


def _rows(x: Tensor) -> Tensor:
    """(batch, channels, height, width) to a row of channels for each place."""
    return x.permute(0, 2, 3, 1).flatten(0, 2)
