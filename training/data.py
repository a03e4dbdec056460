"""Training batches: which crop is drawn depends on the seed, the step and the place in the batch
alone, so a resumed run, and a run on several machines, sees the same crops in the same order."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from texgan_core import noise
from texgan_core.crops import window
from texgan_core.encode import wrapping
from texgan_core.maps import MAPS
from texgan_core.materials import Material


@dataclass(frozen=True)
class Batch:
    """Crops as the networks take them.

    `stack` (batch, CHANNELS, size, size) in -1..1 and `known` (batch, len(MAPS)), what is true of it;
    `given` (batch, len(MAPS)), what the encoder may see; `index` (batch,), which material.
    """

    stack: Tensor
    known: Tensor
    given: Tensor
    index: Tensor


@dataclass(frozen=True)
class Colors:
    """How much the base color of crops varies beyond what the materials show, lest a network learn from few palettes
    what is green by how it is rough.

    `shade`: deviation of the gain of all of a crop; red, green and blue have half as much again of their own.
    `swapped`: share of the crops in which these three change places.
    """

    shade: float = 0.0
    swapped: float = 0.0


class CropSampler:
    """Random crops of materials: at full or half size, in eight orientations, across borders that tile."""

    def __init__(self, materials: list[Material], size: int, seed: int, colors: Colors | None = None) -> None:
        self.materials, self.size, self.seed, self.colors = materials, size, seed, colors
        self.wraps = [wrapping(m) for m in materials]

    def batch(self, step: int, places: range) -> Batch:
        """The crops at `places` of the batch of one step."""
        rows = [self._crop(noise.generator(self.seed, step, place)) for place in places]
        stacks, knowns, givens, indices = zip(*rows, strict=True)
        return Batch(torch.stack(stacks), *(torch.from_numpy(np.stack(a)) for a in (knowns, givens, indices)))

    def _crop(self, rng: np.random.Generator) -> tuple[Tensor, np.ndarray, np.ndarray, np.ndarray]:
        index = rng.integers(len(self.materials))
        material = self.materials[index]
        sides = material.stack.shape[1:]
        scale = int(rng.integers(1, 3)) if min(sides) >= 2 * self.size else 1
        rows, columns = (
            window(side, wraps, self.size * scale, rng) for side, wraps in zip(sides, self.wraps[index], strict=True)
        )
        crop = torch.from_numpy(material.stack[:, rows][:, :, columns].astype(np.float32))
        if scale > 1:
            crop = F.avg_pool2d(crop[None], scale)[0]
        crop = orient(crop, int(rng.integers(8)))
        known = material.known_flags()
        given = _given(known, rng)
        if self.colors:
            recolor(crop, self.colors, rng)
        return crop, known, given, np.array(index)


def orient(stack: Tensor, which: int) -> Tensor:
    """One of the eight rotations and mirrorings of a square stack; normals turn with it."""
    x, y = MAPS["normal"].span.start, MAPS["normal"].span.start + 1
    if which >= 4:
        stack = stack.flip(2)
        stack[x] = -stack[x]
    for _ in range(which % 4):
        stack = stack.rot90(1, (1, 2))
        stack[x], stack[y] = -stack[y], stack[x].clone()
    return stack.contiguous()


def _given(known: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Hide maps from the encoder now and then, so that it learns to guess them from the colour."""
    draw = rng.random()
    if draw < 0.6:
        return known
    keep = rng.random(len(known)) < 0.5 if draw < 0.7 else np.zeros(len(known), bool)
    keep[0] = True
    return known * keep.astype(np.float32)


def recolor(stack: Tensor, colors: Colors, rng: np.random.Generator) -> None:
    """Change the base color of a crop (CHANNELS, size, size) in -1..1, in place."""
    span = MAPS["base_color"].span
    shades = rng.standard_normal(4)
    gain = np.clip(1 + colors.shade * (shades[:1] + shades[1:] / 2), 0.3, 2)
    order = rng.permutation(3) if rng.random() < colors.swapped else np.arange(3)
    lit = (stack[span][torch.from_numpy(order)] + 1) * torch.from_numpy(gain).float()[:, None, None] - 1
    stack[span] = lit.clamp(-1, 1)
