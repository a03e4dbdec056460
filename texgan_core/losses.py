"""Losses as pure functions that read like their papers."""

import torch
from torch import Tensor
from torch.nn import functional as F

MAP_WEIGHTS = {
    "base_color": 1.0,
    "normal": 2.0,
    "roughness": 0.5,
    "height": 0.5,
    "metallic": 0.25,
    "ambient_occlusion": 0.25,
}
"""How much an error of each map counts against those of others."""


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


def sliced_wasserstein(real: Tensor, fake: Tensor, flat: float = 1e-3) -> Tensor:
    """Distance between two sets of samples along given directions, (..., samples) each: the mean difference of
    the sorted values (Rabin et al. 2011), in units of the real samples' standard deviation plus `flat`, which
    bounds what counts where they hardly deviate."""
    difference = (real.sort(-1).values - fake.sort(-1).values).abs().mean(-1)
    return (difference / (real.std(-1).detach() + flat)).mean()


def feature_distance(
    real: Tensor,
    fake: Tensor,
    groups: int,
    generator: torch.Generator,
    size: int = 1,
    directions: int = 32,
    flat: float = 1e-3,
) -> Tensor:
    """Sliced Wasserstein distance between the size x size patches of two batches, along fresh random directions.

    Both (batch, channels, height, width); a batch holds `groups` textures, one after the other, each of which
    is compared with its own kind. It compares whole distributions, so it cannot collapse. Of patches, half of the
    directions are blind to what is the same all over a patch: what changes within it is fainter, and would drown.
    """
    filters = torch.randn(directions, real.shape[1], size, size, generator=generator)
    if size > 1:
        filters[::2] -= filters[::2].mean((2, 3), keepdim=True)
    filters = F.normalize(filters.flatten(1), dim=1).view_as(filters).to(real.device)
    with torch.autocast(real.device.type, enabled=False):  # what is compared are small differences
        real, fake = (_samples(F.conv2d(x.float(), filters), groups) for x in (real, fake))
        return sliced_wasserstein(real, fake, flat)


def patch_distance(
    real: Tensor,
    fake: Tensor,
    groups: int,
    generator: torch.Generator,
    directions: int = 32,
    flat: float = 1e-3,
    scales: int = 3,
) -> Tensor:
    """`feature_distance` of 3 x 3 patches at several scales (GPDM, Elnekave & Weiss 2022)."""
    total = torch.zeros((), device=real.device)
    for scale in range(scales):
        if scale:
            real, fake = F.avg_pool2d(real, 2), F.avg_pool2d(fake, 2)
        total = total + feature_distance(real, fake, groups, generator, 3, directions, flat)
    return total / scales


def _samples(x: Tensor, groups: int) -> Tensor:
    """(batch, directions, height, width) to (groups, directions, samples)."""
    return x.unflatten(0, (groups, -1)).transpose(1, 2).flatten(2)


def coherence(fake: Tensor, bank: Tensor, size: int, step: int = 2, spread: float = 0.05) -> Tensor:
    """Mean squared distance of a texture's size x size patches to their nearest among real ones.

    As in CNNMRF (Li & Wand 2016), with the choice of GPNN (Granot et al. 2022): distances are divided by
    how near a real patch already is to some fake, so that no real patch is left out and none serves for all.

    Args:
        fake: (batch, channels, height, width), all of one texture.
        bank: (count, channels * size * size), the real patches.
    """
    patches = F.unfold(fake.float(), size, stride=step).transpose(1, 2).flatten(0, 1)
    with torch.no_grad(), torch.autocast(fake.device.type, enabled=False):
        squares = patches.square().sum(1, keepdim=True) + bank.square().sum(1)
        distances = (squares - 2 * patches @ bank.T).clamp_min_(0) / bank.shape[1]
        nearest = (distances / (distances.min(0).values + spread)).argmin(1)
    return (patches - bank[nearest]).square().mean()


def novelty(real: Tensor, fake: Tensor) -> Tensor:
    """How differently far the cells of two batches (batch, channels, height, width) are from the nearest other cell
    of their own picture: the mean difference of the sorted distances, RMS over channels.

    A generator that repeats itself from cell to cell has far too small ones. The spread of nearest neighbours is an
    estimate of entropy (Kozachenko & Leonenko 1987), here matched instead of maximised.
    """
    with torch.autocast(fake.device.type, enabled=False):
        return (_nearest_others(real.float()) - _nearest_others(fake.float())).abs().mean()


def _nearest_others(x: Tensor) -> Tensor:
    """Sorted, (batch, height * width)."""
    cells = x.flatten(2).transpose(1, 2)
    squares = cells.square().sum(2)
    distances = squares[:, :, None] + squares[:, None] - 2 * cells @ cells.transpose(1, 2)
    itself = torch.eye(cells.shape[1], dtype=torch.bool, device=x.device)
    nearest = distances.masked_fill(itself, torch.inf).min(2).values / cells.shape[2]
    return nearest.clamp_min(1e-4).sqrt().sort(1).values
