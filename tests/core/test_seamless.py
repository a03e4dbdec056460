"""Of several ways to fill a border, the one that shows least."""

import numpy as np
import torch

from texgan_core import seamless
from texgan_core.maps import CHANNELS, MAPS
from texgan_core.materials import Material

SIDE = 32


def draw(latent: np.ndarray) -> np.ndarray:
    """A decoder that draws straight slopes from cell to cell."""
    stack = torch.from_numpy(latent)[None]
    return torch.nn.functional.interpolate(stack, scale_factor=8, mode="bilinear")[0].numpy()


def test_the_border_that_changes_as_the_rest_is_chosen(monkeypatch) -> None:
    latent = np.tile(np.linspace(-1, 1, SIDE, dtype=np.float32), (CHANNELS, SIDE, 1))
    straight = np.arange(SIDE)
    steep = straight
    flat = np.where(straight < SIDE // 2, SIDE - 1, straight)
    typical = np.where(straight < SIDE // 2, SIDE - 2 - straight, straight)
    ways = iter([steep, flat, typical, steep])
    tried = []

    def fill(*_):
        tried.append(next(ways))
        return np.stack(np.meshgrid(straight, tried[-1], indexing="ij"))

    monkeypatch.setattr(seamless, "_fill_border", fill)
    material = Material("ramp", draw(latent).astype(np.float16), frozenset(MAPS))
    find = seamless.closing(material, (False, True), 0)
    sources = find(latent, draw, lambda share, text: None, lambda: False)
    np.testing.assert_array_equal(sources[1, 0], typical)
    assert len(tried) == 3, "what is good enough ends the search"
