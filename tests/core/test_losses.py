"""The losses against values worked out by hand."""

import math

import torch
from torch.nn import functional as F

from texgan_core import losses


def test_relativistic_losses_are_log_two_when_undecided_and_mirror_each_other() -> None:
    real, fake = torch.tensor([1.0, 3.0]), torch.tensor([1.0, 3.0])
    assert losses.relativistic_discriminator(real, fake).item() == torch.tensor(math.log(2)).item()
    higher = real + 2
    torch.testing.assert_close(losses.relativistic_discriminator(higher, fake), F.softplus(torch.tensor(-2.0)))
    torch.testing.assert_close(
        losses.relativistic_generator(fake, higher), losses.relativistic_discriminator(higher, fake)
    )


def test_gradient_penalty_of_a_linear_critic_is_its_squared_weight() -> None:
    pictures = torch.randn(5, 2, 4, 4, requires_grad=True)
    weight = torch.randn(2, 4, 4)
    logits = (pictures * weight).sum((1, 2, 3))
    torch.testing.assert_close(losses.gradient_penalty(logits, pictures), weight.square().sum())


def test_binary_cross_entropy_equals_torch() -> None:
    real, fake = torch.randn(7), torch.randn(7)
    expected = F.binary_cross_entropy_with_logits(real, torch.ones(7)) + F.binary_cross_entropy_with_logits(
        fake, torch.zeros(7)
    )
    torch.testing.assert_close(losses.bce_discriminator(real, fake), expected)
    torch.testing.assert_close(losses.bce_generator(fake), F.binary_cross_entropy_with_logits(fake, torch.ones(7)))


def test_masked_losses_do_not_see_masked_channels() -> None:
    output, target = torch.zeros(1, 2, 16, 16), torch.zeros(1, 2, 16, 16)
    target[:, 1] = torch.randn(16, 16)
    weights = torch.tensor([1.0, 0.0]).view(1, 2, 1, 1)
    for loss in (losses.masked_l1, losses.gradient_l1, losses.low_frequency_l1):
        assert loss(output, target, weights).item() == 0
        assert loss(output, target, 1 - weights).item() > 0


def test_low_frequency_loss_ignores_what_averages_out() -> None:
    checker = (torch.arange(16)[:, None] + torch.arange(16)) % 2 * 2.0 - 1
    weights = torch.ones(1, 1, 1, 1)
    flat = torch.zeros(1, 1, 16, 16)
    assert losses.low_frequency_l1(checker[None, None], flat, weights).item() == 0
    assert losses.low_frequency_l1(flat + 0.5, flat, weights).item() == 0.5


def test_patch_distance_compares_distributions_not_places() -> None:
    generator = torch.Generator().manual_seed(0)
    texture = torch.randn(2, 3, 64, 64, generator=generator)
    rolled = texture.roll((7, 11), (2, 3))
    same = losses.patch_distance(texture, rolled, 1, generator).item()
    brighter = losses.patch_distance(texture, texture + 0.5, 1, generator).item()
    blurred = losses.patch_distance(texture, F.avg_pool2d(texture, 3, 1, 1), 1, generator).item()
    assert same < 0.2 * min(brighter, blurred)


def test_feature_distance_compares_each_texture_with_its_own_kind() -> None:
    generator = torch.Generator().manual_seed(0)
    dark, bright = (torch.randn(2, 3, 16, 16, generator=generator) + shift for shift in (-1, 1))
    both, exchanged = torch.cat([dark, bright]), torch.cat([bright, dark])
    assert losses.feature_distance(both, both.flip(2), 2, generator).item() < 1e-3
    assert losses.feature_distance(both, exchanged, 2, generator).item() > 0.5
    assert losses.feature_distance(both, exchanged, 1, generator).item() < 1e-3


def test_a_flat_texture_can_be_kept_from_ruling_a_distance() -> None:
    rng = torch.Generator().manual_seed(0)
    flat = 0.5 + 0.001 * torch.randn(1, 3, 32, 32, generator=rng)
    relative, bounded = (
        losses.patch_distance(flat, flat + 0.01, 1, rng, flat=deviation).item() for deviation in (1e-3, 0.1)
    )
    assert relative > 1 > 0.2 > bounded > 0


def test_distances_are_as_fine_in_mixed_precision() -> None:
    texture = 1 + 0.002 * torch.randn(1, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    distances = []
    for mixed in (False, True):
        with torch.autocast("cpu", torch.bfloat16, enabled=mixed):
            rng = torch.Generator().manual_seed(1)
            distances.append(losses.patch_distance(texture, texture.flip(0) * 1.001, 1, rng))
    torch.testing.assert_close(distances[0], distances[1])


def test_coherence_is_nothing_for_parts_of_the_real_texture() -> None:
    texture = torch.randn(1, 2, 24, 24, generator=torch.Generator().manual_seed(0))
    bank = F.unfold(texture, 5)[0].T
    assert losses.coherence(texture[:, :, 3:19, 5:21], bank, 5).item() < 1e-6
    shuffled = texture.flatten(2)[:, :, torch.randperm(24 * 24)].reshape(texture.shape)
    assert losses.coherence(shuffled, bank, 5).item() > 0.3


def test_novelty_sees_cells_that_repeat() -> None:
    torch.manual_seed(0)
    real, other = torch.randn(2, 2, 8, 12, 12)
    repeated = other[..., :3].repeat(1, 1, 1, 4) + 0.05 * torch.randn(2, 8, 12, 12)
    assert losses.novelty(real, real) == 0
    assert losses.novelty(real, other) < 0.1 * losses.novelty(real, repeated)
    fake = repeated.clone().requires_grad_(True)
    losses.novelty(real, fake).backward()
    assert fake.grad is not None and fake.grad.isfinite().all() and fake.grad.abs().sum() > 0
    same = torch.ones(1, 8, 6, 6, requires_grad=True)
    losses.novelty(real[:1, :, :6, :6], same).backward()
    assert same.grad is not None and same.grad.isfinite().all()
