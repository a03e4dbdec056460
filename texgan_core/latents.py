"""What the latent generator learns from: crops of materials' latents with their structure, and small patches."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from . import noise
from .codec import Decoder, Encoder
from .crops import window
from .decode import decode_torus
from .encode import encode
from .errors import TrainingError
from .generator import guide_height, structure_of
from .materials import Material

PATCH = 7
"""Cells a side of the structure's patches that are compared with a material's own."""
PATCHES = 4096
"""Patches of a material, at most, that they are compared with."""


@dataclass(frozen=True)
class LatentMaterial:
    """A material's latent (channels, rows, columns), its structure (STRUCTURE, rows, columns), where they wrap,
    and patches (count, STRUCTURE * PATCH * PATCH) of the structure; `threshold` parts its high from its low places."""

    material: Material
    latent: Tensor
    structure: Tensor
    wraps: tuple[bool, bool]
    patches: Tensor
    threshold: float

    def crops(self, size: int, count: int, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        """Random crops of latent and structure, (count, channels, size, size) each."""
        latents, structures = [], []
        for _ in range(count):
            rows, columns = (
                torch.from_numpy(window(side, wrap, size, rng))
                for side, wrap in zip(self.latent.shape[1:], self.wraps, strict=True)
            )
            latents.append(self.latent[:, rows][:, :, columns])
            structures.append(self.structure[:, rows][:, :, columns])
        return torch.stack(latents), torch.stack(structures)

    def cells(self, count: int, rng: np.random.Generator) -> Tensor:
        """Random cells, (count, channels)."""
        flat = self.latent.flatten(1)
        return flat[:, torch.from_numpy(rng.permutation(flat.shape[1])[:count])].T


def encode_material(material: Material, encoder: Encoder, decoder: Decoder, size: int) -> LatentMaterial:
    """A material as a latent.

    Raises:
        TrainingError: it is smaller than a crop of `size` cells. ImageError: as `encode`.
    """
    latent, wraps = encode(encoder, material)
    if min(latent.shape[1:]) < size:
        rows, columns = latent.shape[1:]
        raise TrainingError(f"It has {columns} x {rows} cells of 8 pixels that count; a training crop takes {size}.")
    return latent_material(material, latent, wraps, decoder)


def latent_material(
    material: Material, latent: np.ndarray, wraps: tuple[bool, bool], decoder: Decoder
) -> LatentMaterial:
    """A material whose latent (channels, rows, columns) is known, the patches chosen by the order of a fixed seed."""
    structure = structure_of(torch.from_numpy(decode_torus(decoder, latent)))
    patches = F.unfold(structure[None], PATCH)[0].T
    chosen = torch.from_numpy(noise.generator(0, 4).permutation(len(patches))[:PATCHES])
    threshold = two_means(guide_height(structure[None]).flatten().numpy())
    return LatentMaterial(material, torch.from_numpy(latent), structure, wraps, patches[chosen], threshold)


def two_means(values: np.ndarray) -> float:
    """The threshold that parts values (count,) into the two classes that vary least in themselves (Otsu 1979)."""
    ordered = np.sort(values.astype(np.float64))
    below = np.arange(1, len(ordered))
    lower, total = ordered.cumsum()[:-1], ordered.sum()
    between = (lower - total * below / len(ordered)) ** 2 / (below * (len(ordered) - below))
    last_below = int(between.argmax())
    return float(ordered[last_below] + ordered[last_below + 1]) / 2
