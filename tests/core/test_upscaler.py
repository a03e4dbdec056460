"""What is put together at twice the size."""

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from texgan_core.upscaler import FACTOR, consistent

SIDE = 32


def noise(side: int, seed: int) -> Tensor:
    return torch.randn(2, 3, side, side, generator=torch.Generator().manual_seed(seed))


def waves(side: int) -> Tensor:
    """Four of them, along x."""
    return torch.sin(torch.arange(side) * (2 * torch.pi * 4 / side)).expand(1, 1, side, side)


@pytest.mark.parametrize("strength", [0.0, 1.0])
def test_scaled_down_it_is_the_small_one(strength: float) -> None:
    small, detail = noise(SIDE, 0), strength * noise(SIDE * FACTOR, 1)
    torch.testing.assert_close(F.avg_pool2d(consistent(detail, small), FACTOR), small, rtol=0, atol=1e-5)


def test_it_is_a_torus() -> None:
    small, detail = noise(SIDE, 0), noise(SIDE * FACTOR, 1)
    rolled = consistent(detail.roll((6, 10), (2, 3)), small.roll((3, 5), (2, 3)))
    torch.testing.assert_close(rolled, consistent(detail, small).roll((6, 10), (2, 3)), rtol=0, atol=1e-5)


@pytest.mark.parametrize("detail", [0.0, 0.1])
def test_it_shows_no_blocks(detail: float) -> None:
    """Steps within blocks of 2 x 2 are nearly like those between them; scaled up bilinearly, and then moved block by
    block, they are a quarter less."""
    wave, drawn = (waves(side) for side in (SIDE, SIDE * FACTOR))
    large = consistent(detail * drawn, wave)
    steps = (large - large.roll(1, 3)).abs().mean((0, 1, 2))
    torch.testing.assert_close(steps[0::2].mean(), steps[1::2].mean(), rtol=0.2, atol=0)
