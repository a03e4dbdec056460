"""Training the latent generator: noise to latents that a critic cannot tell from the materials' own."""

from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import torch
from torch import Tensor
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from texgan_core import noise
from texgan_core.discriminator import PatchDiscriminator
from texgan_core.encode import encode
from texgan_core.errors import TrainingError
from texgan_core.generator import COARSEST, LATTICES, GeneratorConfig, LatentGenerator
from texgan_core.layers import channels_last
from texgan_core.losses import patch_distance, relativistic_generator
from texgan_core.maps import picture_from_stack
from texgan_core.materials import Material
from texgan_core.model_file import read_card, write_model_file
from texgan_core.networks import config_card, read_codec

from .adversary import descend, set_rate, train_critic
from .data import roll_randomly
from .distributed import Team

SMALLEST_CROP = 20
"""Cells a side; of less, the critic's unpadded layers leave nothing."""


@dataclass(frozen=True)
class GeneratorTraining:
    """Settings of a run. A batch is `groups` materials of `crops` crops each, `cells` a side."""

    groups: int = 4
    crops: int = 4
    cells: int = 32
    seed: int = 0
    generator_rate: float = 1e-3
    critic_rate: float = 1e-3
    patch_weight: float = 4.0
    penalty: float = 1.0
    penalty_every: int = 4
    ema: float = 0.998


class GeneratorStage:
    """Latent crops of the materials against rolled tori from noise, material by material."""

    save_every = 500

    def __init__(
        self, materials: list[Material], codec: Path, config: GeneratorTraining, team: Team, device: torch.device
    ) -> None:
        self.config, self.team, self.device = config, team, device
        encoder, self.decoder = read_codec(codec)
        self.codec_hash = read_card(codec)["hash"]
        self.names = [m.name for m in materials]
        self.latents = [encode(encoder, m) for m in materials]
        self._check_sizes()
        torch.manual_seed(config.seed)
        channels = self.latents[0][0].shape[0]
        self.generator_config = GeneratorConfig(styles=len(materials), latent_channels=channels)
        self.generator = channels_last(LatentGenerator(self.generator_config), device)
        self.critic = channels_last(PatchDiscriminator(channels, (96, 128, 192), styles=len(materials)), device)
        self.ema = AveragedModel(self.generator, multi_avg_fn=get_ema_multi_avg_fn(config.ema))
        betas = (0.0, 0.99)
        self.optimizer = torch.optim.Adam(self.generator.parameters(), config.generator_rate, betas=betas, fused=True)
        self.critic_optimizer = torch.optim.Adam(self.critic.parameters(), config.critic_rate, betas=betas, fused=True)
        self.state = {
            "generator": self.generator,
            "critic": self.critic,
            "ema": self.ema,
            "optimizer": self.optimizer,
            "critic_optimizer": self.critic_optimizer,
        }

    def step(self, step: int, fraction: float) -> dict[str, float]:
        """One step of critic and generator. Returns the losses."""
        rate = min(1.0, (step + 1) / 100) * (1 - fraction) ** 0.5
        set_rate(self.optimizer, self.config.generator_rate * rate)
        set_rate(self.critic_optimizer, self.config.critic_rate * rate)
        places = self.team.places(self.config.groups)
        styles = self._styles(step, places)
        generator = torch.Generator().manual_seed(self.config.seed * 1_000_003 + step * 64 + places.start)
        real = self._real(step, places, styles)
        fake = roll_randomly(self.generator(self._noise(step, places), self.generator.styles(styles)), generator)

        weight = self.config.penalty * self.config.penalty_every if step % self.config.penalty_every == 0 else 0.0
        losses = train_critic(lambda x: self.critic(x, styles), self.critic_optimizer, real, fake, weight, self.team)
        self.critic.requires_grad_(False)
        losses["generator"] = relativistic_generator(self.critic(real, styles), self.critic(fake, styles))
        self.critic.requires_grad_(True)
        pairs = zip(real.split(self.config.crops), fake.split(self.config.crops), strict=True)
        losses["patches"] = torch.stack([patch_distance(r, f, generator) for r, f in pairs]).mean()
        descend(losses["generator"] + self.config.patch_weight * losses["patches"], self.optimizer, self.team)
        self.ema.update_parameters(self.generator)
        return {name: value.item() for name, value in losses.items()}

    @property
    def averaged(self) -> LatentGenerator:
        """The generator with the moving average of the weights, which is the one to use."""
        return cast(LatentGenerator, self.ema.module)

    def diversity(self) -> float:
        """Mean difference between latents of two seeds, over that between two real crops; all styles."""
        with torch.no_grad():
            styles = torch.arange(len(self.names), device=self.device)
            a, b = (self.averaged(self._noise_for(seed, len(styles)), self.averaged.styles(styles)) for seed in (1, 2))
            real = [self._crops(i, noise.generator(7, i), 2) for i in range(len(self.names))]
        fake_spread = (a - b).abs().mean().item()
        real_spread = float(np.mean([(r[0] - r[1]).abs().mean().item() for r in real]))
        return fake_spread / real_spread

    def export(self, path: Path) -> None:
        """Write the averaged generator as a model file."""
        card = {
            "kind": "generator",
            "name": path.stem,
            "class": "",
            "codec": self.codec_hash,
            "config": config_card(self.generator_config),
            "styles": self.names,
            "training_materials": self.names,
        }
        tensors = {k: v.cpu().numpy().astype(np.float16) for k, v in self.averaged.state_dict().items()}
        write_model_file(path, card, tensors)

    def sheet(self) -> np.ndarray:
        """Base colors from the first noise, a style each: (256, 256 * styles, 3), at most eight styles."""
        count = min(8, len(self.names))
        with torch.no_grad():
            styles = torch.arange(count, device=self.device)
            z = self.averaged(self._noise_for(0, count), self.averaged.styles(styles)).cpu()
            stacks = self.decoder(torch.nn.functional.pad(z, (8, 8, 8, 8), mode="circular")).numpy()
        return np.concatenate([picture_from_stack(s, "base_color") for s in stacks], 1)

    def _check_sizes(self) -> None:
        cells = self.config.cells
        if cells % COARSEST or cells < SMALLEST_CROP:
            raise TrainingError(
                f"A training crop must be a multiple of {COARSEST} cells from {SMALLEST_CROP}, not {cells}."
            )
        for name, (latent, _) in zip(self.names, self.latents, strict=True):
            if min(latent.shape[1:]) < cells:
                raise TrainingError(f"{name} has fewer than the {cells} cells a side that a training crop takes.")

    def _styles(self, step: int, places: range) -> Tensor:
        order = noise.generator(self.config.seed, step, 1).permutation(max(len(self.names), self.config.groups))
        chosen = (order[: self.config.groups] % len(self.names))[places.start : places.stop]
        return torch.from_numpy(chosen).repeat_interleave(self.config.crops).to(self.device)

    def _real(self, step: int, places: range, styles: Tensor) -> Tensor:
        groups = styles[:: self.config.crops].tolist()
        crops = [
            self._crops(style, noise.generator(self.config.seed, step, 2, place), self.config.crops)
            for style, place in zip(groups, places, strict=True)
        ]
        return torch.cat(crops).to(self.device, memory_format=torch.channels_last)

    def _crops(self, style: int, rng: np.random.Generator, count: int) -> Tensor:
        latent, wraps = self.latents[style]
        size = self.config.cells
        crops = []
        for _ in range(count):
            places = [
                (rng.integers(side if wrap else side - size + 1) + np.arange(size)) % side
                for side, wrap in zip(latent.shape[1:], wraps, strict=True)
            ]
            crops.append(latent[:, places[0]][:, :, places[1]])
        return torch.from_numpy(np.stack(crops))

    def _noise(self, step: int, places: range) -> list[Tensor]:
        generator = torch.Generator().manual_seed(self.config.seed * 1_000_003 + step)
        whole = self._draw(self.config.groups * self.config.crops, generator)
        first, last = places.start * self.config.crops, places.stop * self.config.crops
        return [lattice[first:last] for lattice in whole]

    def _noise_for(self, seed: int, count: int) -> list[Tensor]:
        return self._draw(count, torch.Generator().manual_seed(seed))

    def _draw(self, count: int, generator: torch.Generator) -> list[Tensor]:
        sides = [self.config.cells // pitch for pitch in LATTICES]
        channels = self.generator_config.noise_channels
        return [torch.randn(count, channels, side, side, generator=generator).to(self.device) for side in sides]
