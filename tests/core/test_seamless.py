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
    find = seamless.closing(material, frozenset(MAPS), (False, True), 0)
    sources = find(latent, draw, lambda share, text: None, lambda: False)
    np.testing.assert_array_equal(sources[1, 0], typical)
    assert len(tried) == 3, "what is good enough ends the search"


def test_borders_are_judged_by_maps_of_the_source_that_vary(monkeypatch) -> None:
    latent = np.tile(np.linspace(-1, 1, SIDE, dtype=np.float32), (CHANNELS, SIDE, 1))
    stack = draw(latent)
    stack[MAPS["metallic"].span] = -1
    straight = np.arange(SIDE)
    tried = []

    def fill(*_):
        tried.append(np.where(straight < SIDE // 2, SIDE - 2 - straight, straight))
        return np.stack(np.meshgrid(straight, tried[-1], indexing="ij"))

    monkeypatch.setattr(seamless, "_fill_border", fill)

    def tries(own: set[str]) -> int:
        tried.clear()
        find = seamless.closing(Material("ramp", stack.astype(np.float16), frozenset(MAPS)), frozenset(own), axes, 0)
        find(latent, draw, lambda share, text: None, lambda: False)
        return len(tried)

    axes = (False, True)
    assert tries({"base_color", "metallic"}) == 1, "a constant map, drawn as a slope here, says nothing"
    stack[MAPS["height"].span] = np.random.default_rng(0).uniform(-1, 1, stack[MAPS["height"].span].shape)
    assert tries({"base_color"}) == 1, "nor does one that the source does not have"
    assert tries({"base_color", "height"}) == seamless.TRIES
    assert tries({"metallic"}) == 1
