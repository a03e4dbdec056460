"""Power by frequency: a faint grid is seen, and pulled at."""

import numpy as np
import pytest
import torch
from torch import Tensor

from texgan_core.spectra import Spectra, periodogram, spectrum_distance

SIDE = 48


def noise_maps(seed: int, batch: int = 1) -> Tensor:
    return 0.2 * torch.from_numpy(np.random.default_rng(seed).standard_normal((batch, 2, SIDE, SIDE))).float()


def grid(size: float | Tensor) -> Tensor:
    return size * torch.cos(torch.arange(SIDE) * (2 * np.pi / 8))


def compared(real: float, fake: float | Tensor, steps: int = 60) -> Tensor:
    """The distance at last between noise with grids of two sizes."""
    spectra = Spectra(1, 2, SIDE)
    pairs = ((noise_maps(2 * step) + grid(real), noise_maps(2 * step + 1) + grid(fake)) for step in range(steps))
    return [spectra.distance(*pair, torch.tensor([0])) for pair in pairs][-1]


def test_the_mean_of_a_periodogram_is_the_variance() -> None:
    maps = noise_maps(0, 200)
    power = periodogram(maps)
    both_sides = torch.cat([power, power[..., 1 : SIDE // 2]], 3)
    torch.testing.assert_close(both_sides.mean(), maps.var(), rtol=0.02, atol=0)


def test_a_faint_grid_is_seen() -> None:
    assert compared(0, 0.05) > 1.2 * compared(0, 0)
    assert compared(0, 0.1) > 1.5 * compared(0, 0.05)


@pytest.mark.parametrize(("real", "towards"), [(0.0, 1), (0.2, -1)])
def test_it_pulls_towards_the_grid_of_the_reals(real: float, towards: int) -> None:
    size = torch.tensor(0.1, requires_grad=True)
    compared(real, size).backward()
    assert size.grad is not None and torch.sign(size.grad) == towards


def test_styles_are_kept_apart_and_the_same_differs_by_nothing() -> None:
    spectra, maps = Spectra(3, 2, SIDE), noise_maps(0, 2)
    assert spectra.distance(maps, maps, torch.tensor([1, 0])) == 0
    torch.testing.assert_close(spectra.means[0, [1, 0]], periodogram(maps))
    assert spectra.seen.tolist() == [1, 1, 0]


def test_pairs_are_compared_one_by_one_in_bands_of_frequencies() -> None:
    real, other = noise_maps(0, 4), noise_maps(1, 4)
    assert spectrum_distance(real, real) == 0
    chance = spectrum_distance(real, other)
    assert chance < 0.4
    assert spectrum_distance(real, other / 2) > chance + 0.8  # a quarter of the power
    assert spectrum_distance(real, other + grid(0.2)) > chance + 0.02
    halves, others = (torch.cat([x[:2], x[2:] / 2]) for x in (real, other))
    assert spectrum_distance(halves, others) < 0.4 < spectrum_distance(halves, other) - 0.2
