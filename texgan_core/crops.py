"""Parts of pictures and tori for networks to learn from."""

import numpy as np
import torch
from torch import Tensor


def window(side: int, wraps: bool, size: int, rng: np.random.Generator) -> np.ndarray:
    """The indices of a random stretch of `size` out of `side`; it runs across the border if that wraps."""
    starts = side if wraps else side - size + 1
    return (rng.integers(starts) + np.arange(size)) % side


def roll_randomly(pictures: Tensor, generator: torch.Generator) -> Tensor:
    """Roll each torus (batch, channels, height, width) by its own random amount."""
    shifts = torch.randint(0, 2**20, (len(pictures), 2), generator=generator).tolist()
    rolled = [p.roll((y % p.shape[1], x % p.shape[2]), (1, 2)) for p, (y, x) in zip(pictures, shifts, strict=True)]
    return torch.stack(rolled)
