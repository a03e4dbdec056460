"""Training the codec: first to reconstruct, then against a critic to be sharp."""

from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import torch
from torch import Tensor
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from texgan_core.adversary import descend, lazy, set_rate, train_critic
from texgan_core.codec import Codec, CodecConfig, channel_mask
from texgan_core.discriminator import PatchDiscriminator
from texgan_core.grid import STRIDE
from texgan_core.layers import channels_last
from texgan_core.losses import (
    MAP_WEIGHTS,
    gradient_l1,
    low_frequency_l1,
    masked_l1,
    patch_distance,
    relativistic_generator,
)
from texgan_core.maps import CHANNELS, MAPS, picture_from_stack
from texgan_core.materials import Material
from texgan_core.model_file import write_model_file
from texgan_core.networks import codec_to_train, config_card, half_precision
from texgan_core.team import Team

from .data import Batch, Colors, CropSampler
from .start import start_codec

STARTING_CROPS = 96
"""Crops that a new codec's first weights are fitted to."""
PATCH_DIRECTIONS = 8
"""Random directions a step along which patches of a crop are compared with those of its reconstruction."""
COLORS = Colors(shade=0.1, swapped=0.5)
SHARPENED = MAP_WEIGHTS | {"base_color": 1.5, "normal": 4.5}
"""How much an error of each map counts beside the critic, who sees no normals: an invented relief is a wrong one."""
FLAT = 0.03
"""Deviation of such patches, in maps of -1..1, below which differences count less and less."""


@dataclass(frozen=True)
class CodecTraining:
    """Settings of a run. `adversarial_from` is the share of the run after which the critic comes in."""

    batch: int = 8
    crop: int = 96
    seed: int = 0
    learning_rate: float = 4e-4
    adversarial_from: float = 0.4
    sharpening_rate: float = 3e-4
    critic_rate: float = 1e-3
    adversarial_weight: float = 0.1
    patches: float = 0.5
    penalty: float = 1.0
    penalty_every: int = 4
    latent_noise: float = 0.05
    ema: float = 0.995


class CodecStage:
    """One step of either phase, and all that a checkpoint must hold."""

    kind = "codec"

    def __init__(
        self,
        materials: list[Material],
        codec: CodecConfig,
        config: CodecTraining,
        team: Team,
        device: torch.device,
        start_from: Path | None = None,
    ) -> None:
        """A codec of the sizes of `codec`, or one that goes on from a model file, which has its own."""
        self.config, self.team, self.device = config, team, device
        self.names = [m.name for m in materials]
        self.sampler = CropSampler(materials, config.crop, config.seed, COLORS)
        torch.manual_seed(config.seed)
        if start_from is None:
            self.codec = Codec(codec)
            start_codec(self.codec, self.sampler.batch(0, range(STARTING_CROPS)), MAP_WEIGHTS)
        else:
            self.codec = codec_to_train(start_from)
        channels_last(self.codec, device)
        self.critic = channels_last(PatchDiscriminator(CHANNELS), device)
        self.ema = AveragedModel(self.codec, multi_avg_fn=get_ema_multi_avg_fn(config.ema))
        self.reconstruct_optimizer = torch.optim.Adam(self.codec.parameters(), betas=(0.9, 0.99), fused=True)
        self.sharpen_optimizer = torch.optim.Adam(self.codec.parameters(), betas=(0.0, 0.99), fused=True)
        self.critic_optimizer = torch.optim.Adam(self.critic.parameters(), betas=(0.0, 0.99), fused=True)
        self.state = {
            "codec": self.codec,
            "critic": self.critic,
            "ema": self.ema,
            "reconstruct_optimizer": self.reconstruct_optimizer,
            "sharpen_optimizer": self.sharpen_optimizer,
            "critic_optimizer": self.critic_optimizer,
        }

    def step(self, step: int, fraction: float) -> dict[str, float]:
        """One optimisation step; `fraction` of the run is behind it. Returns the losses."""
        batch = self._batch(step)
        noise = self._latent_noise(step)
        split = self.config.adversarial_from
        if fraction < split:
            rate = self.config.learning_rate * min(1.0, (step + 1) / 100) * (1 - fraction / split) ** 0.5
            losses = self._reconstruct(batch, noise, rate)
        else:
            rate = self.config.sharpening_rate * (1 - (fraction - split) / (1 - split)) ** 0.5
            losses = self._sharpen(batch, noise, rate, step)
        self.ema.update_parameters(self.codec)
        return losses

    @property
    def averaged(self) -> Codec:
        """The codec with the moving average of the weights, which is the one to use."""
        return cast(Codec, self.ema.module)

    def diversity(self) -> None:
        """A codec makes nothing of its own."""

    def export(self, path: Path) -> None:
        """Write the averaged codec as a model file, in half precision."""
        card = {
            "kind": self.kind,
            "name": path.stem,
            "class": "",
            "config": config_card(self.codec.config),
            "training_materials": self.names,
        }
        write_model_file(path, card, half_precision(self.averaged))

    def sheet(self) -> np.ndarray:
        """Real crops above their reconstructions: base color and normal of the first batch."""
        batch = self._batch(0)
        with torch.no_grad():
            output = self.averaged.decoder(self.averaged.encoder(batch.stack, batch.known))
        rows = [
            np.concatenate([picture_from_stack(s, name) for s in stacks.cpu().numpy()], 1)
            for name in ("base_color", "normal")
            for stacks in (batch.stack, output)
        ]
        return np.concatenate(rows, 0)

    def _reconstruct(self, batch: Batch, noise: Tensor, rate: float) -> dict[str, float]:
        set_rate(self.reconstruct_optimizer, rate)
        z = self.codec.encoder(batch.stack, batch.given)
        output = self.codec.decoder(z + noise)
        losses = self._pixel_losses(output, batch, anchored=False)
        descend(torch.stack(list(losses.values())).sum(), self.reconstruct_optimizer, self.team, clip=1.0)
        return {name: value.item() for name, value in losses.items()}

    def _sharpen(self, batch: Batch, noise: Tensor, rate: float, step: int) -> dict[str, float]:
        set_rate(self.sharpen_optimizer, rate)
        set_rate(self.critic_optimizer, self.config.critic_rate)
        mask = channel_mask(batch.known)
        output = self.codec.decoder(self.codec.encoder(batch.stack, batch.given) + noise)
        seen = torch.ones(1, CHANNELS, 1, 1, device=self.device)
        seen[:, MAPS["normal"].span] = 0
        real, fake = batch.stack * mask * seen, output * mask * seen
        weight = lazy(self.config.penalty, self.config.penalty_every, step)
        losses = train_critic(self.critic, self.critic_optimizer, real, fake, weight, self.team)

        self.critic.requires_grad_(False)
        losses["generator"] = relativistic_generator(self.critic(real), self.critic(fake))
        self.critic.requires_grad_(True)
        losses["patches"] = patch_distance(real, fake, len(real), self._random(step), PATCH_DIRECTIONS, FLAT)
        pixels = self._pixel_losses(output, batch, anchored=True)
        total = torch.stack(list(pixels.values())).sum()
        total = total + self.config.adversarial_weight * losses["generator"] + self.config.patches * losses["patches"]
        descend(total, self.sharpen_optimizer, self.team)
        return {name: value.item() for name, value in (pixels | losses).items()}

    def _pixel_losses(self, output: Tensor, batch: Batch, anchored: bool) -> dict[str, Tensor]:
        """Errors against the target; `anchored` also holds local means, which a critic lets drift."""
        per_map = torch.tensor([(SHARPENED if anchored else MAP_WEIGHTS)[name] for name in MAPS], device=self.device)
        weights = channel_mask(batch.known * per_map)
        losses = {
            "l1": masked_l1(output, batch.stack, weights),
            "gradient": gradient_l1(output, batch.stack, weights),
        }
        if anchored:
            losses["low_frequency"] = low_frequency_l1(output, batch.stack, weights)
        return losses

    def _batch(self, step: int) -> Batch:
        batch = self.sampler.batch(step, self.team.places(self.config.batch))
        stack = batch.stack.to(self.device, memory_format=torch.channels_last)
        return Batch(stack, batch.known.to(self.device), batch.given.to(self.device), batch.index)

    def _latent_noise(self, step: int) -> Tensor:
        """Noise on the latent, drawn for the whole batch so that the team's share does not matter."""
        config = self.codec.config
        cells = self.config.crop // STRIDE
        noise = torch.randn(self.config.batch, config.latent_channels, cells, cells, generator=self._random(step))
        places = self.team.places(self.config.batch)
        return (noise[places.start : places.stop] * self.config.latent_noise).to(self.device)

    def _random(self, step: int) -> torch.Generator:
        return torch.Generator().manual_seed(self.config.seed * 1_000_003 + step)
