"""Losses as pure functions that read like their papers."""

import torch
from torch import Tensor
from torch.nn import functional as F


def relativistic_discriminator(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """RpGAN (Jolicoeur-Martineau 2018; R3GAN, Huang et al. 2025): a real is to beat its fake."""
    return F.softplus(fake_logits - real_logits).mean()


def relativistic_generator(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """RpGAN, the other side: a fake is to beat its real."""
    return F.softplus(real_logits - fake_logits).mean()


def gradient_penalty(logits: Tensor, pictures: Tensor) -> Tensor:
    """Zero-centred gradient penalty: R1 on reals, R2 on fakes (Mescheder et al. 2018)."""
    (gradients,) = torch.autograd.grad(logits.sum(), pictures, create_graph=True)
    return gradients.square().sum((1, 2, 3)).mean()


def bce_discriminator(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """Binary cross-entropy (Goodfellow et al. 2014): reals are 1, fakes are 0."""
    return F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()


def bce_generator(fake_logits: Tensor) -> Tensor:
    """Non-saturating binary cross-entropy: the generator wants its fakes called 1."""
    return F.softplus(-fake_logits).mean()


def masked_l1(output: Tensor, target: Tensor, weights: Tensor) -> Tensor:
    """Mean absolute error with per-channel weights (batch, channels, 1, 1); 0 masks a channel out."""
    return ((output - target).abs() * weights).mean()


def image_gradients(x: Tensor) -> tuple[Tensor, Tensor]:
    """Differences between vertical and horizontal neighbours."""
    return x[:, :, 1:] - x[:, :, :-1], x[..., 1:] - x[..., :-1]


def gradient_l1(output: Tensor, target: Tensor, weights: Tensor) -> Tensor:
    """Mean absolute error of the image gradients: keeps edges that a plain L1 lets blur."""
    pairs = zip(image_gradients(output), image_gradients(target), strict=True)
    return torch.stack([masked_l1(a, b, weights) for a, b in pairs]).mean()


def low_frequency_l1(output: Tensor, target: Tensor, weights: Tensor, window: int = 8) -> Tensor:
    """Mean absolute error of window averages: holds colours in place while a critic sharpens."""
    return masked_l1(F.avg_pool2d(output, window), F.avg_pool2d(target, window), weights)


def sliced_wasserstein(real: Tensor, fake: Tensor, projections: Tensor) -> Tensor:
    """Distance between two sets of samples (count, features): the mean difference of their sorted
    projections (Rabin et al. 2011). `projections` is (features, directions), columns of unit length."""
    return ((real @ projections).sort(0).values - (fake @ projections).sort(0).values).abs().mean()


def patch_distance(
    real: Tensor, fake: Tensor, generator: torch.Generator, scales: int = 3, directions: int = 64
) -> Tensor:
    """Sliced Wasserstein distance between the 3 x 3 patches of two batches of one texture, at several
    scales, along fresh random directions. It compares whole distributions, so it cannot collapse."""
    total = torch.zeros((), device=real.device)
    for _ in range(scales):
        features = real.shape[1] * 9
        directions_matrix = F.normalize(torch.randn(features, directions, generator=generator), dim=0).to(real.device)
        total = total + sliced_wasserstein(patches(real), patches(fake), directions_matrix)
        real, fake = F.avg_pool2d(real, 2), F.avg_pool2d(fake, 2)
    return total / scales


def patches(x: Tensor) -> Tensor:
    """All 3 x 3 patches of a batch as rows (count, channels * 9)."""
    return F.unfold(x, 3).transpose(1, 2).flatten(0, 1)
