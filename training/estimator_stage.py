"""Training the estimator: to guess the maps of a colour picture, first as near as it can, then against a critic that
sees colours and maps together, so that what it guesses looks like a material's and not like an average."""

from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import torch
from torch import Tensor
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from texgan_core.discriminator import PatchDiscriminator
from texgan_core.estimator import ESTIMATED, OUTPUTS, Estimator, EstimatorConfig, channels_of
from texgan_core.layers import channels_last
from texgan_core.losses import gradient_l1, masked_l1, relativistic_generator
from texgan_core.maps import MAPS, picture_from_stack
from texgan_core.materials import Material
from texgan_core.model_file import write_model_file
from texgan_core.networks import config_card

from .adversary import descend, lazy, set_rate, train_critic
from .data import CropSampler
from .distributed import Team

MAP_WEIGHTS = {"normal": 3.0, "roughness": 1.0, "metallic": 0.5, "ambient_occlusion": 0.5}
BORDER = 16
"""Pixels of a crop's border that do not count: a crop is no torus, but is convolved as one."""


@dataclass(frozen=True)
class EstimatorTraining:
    """Settings of a run. `adversarial_from` is the share of the run after which the critic comes in."""

    batch: int = 8
    crop: int = 128
    seed: int = 0
    learning_rate: float = 1e-3
    adversarial_from: float = 0.6
    critic_rate: float = 1e-3
    adversarial_weight: float = 0.1
    penalty: float = 1.0
    penalty_every: int = 4
    shade: float = 0.2
    ema: float = 0.995


class EstimatorStage:
    """One step of either phase, and all that a checkpoint must hold."""

    save_every = 500

    def __init__(self, materials: list[Material], config: EstimatorTraining, team: Team, device: torch.device) -> None:
        self.config, self.team, self.device = config, team, device
        self.sampler = CropSampler([m for m in materials if "normal" in m.known], config.crop, config.seed)
        torch.manual_seed(config.seed)
        self.network = channels_last(Estimator(EstimatorConfig()), device)
        self.critic = channels_last(PatchDiscriminator(3 + OUTPUTS), device)
        self.ema = AveragedModel(self.network, multi_avg_fn=get_ema_multi_avg_fn(config.ema))
        self.optimizer = torch.optim.Adam(self.network.parameters(), betas=(0.9, 0.99), fused=True)
        self.critic_optimizer = torch.optim.Adam(
            self.critic.parameters(), config.critic_rate, betas=(0.0, 0.99), fused=True
        )
        self.state = {
            "network": self.network,
            "critic": self.critic,
            "ema": self.ema,
            "optimizer": self.optimizer,
            "critic_optimizer": self.critic_optimizer,
        }

    def step(self, step: int, fraction: float) -> dict[str, float]:
        """One optimisation step; `fraction` of the run is behind it. Returns the losses."""
        color, target, weights = self._batch(step)
        set_rate(self.optimizer, self.config.learning_rate * min(1.0, (step + 1) / 100) * (1 - fraction) ** 0.5)
        output = self.network(color)
        inner = slice(BORDER, -BORDER)
        output, target, color = (x[:, :, inner, inner] for x in (output, target, color))
        losses = {
            "l1": masked_l1(output, target, weights),
            "gradient": gradient_l1(output, target, weights),
        }
        total = torch.stack(list(losses.values())).sum()
        if fraction >= self.config.adversarial_from:
            known = (weights > 0).float()
            real, fake = (torch.cat([color, x * known], 1) for x in (target, output))
            weight = lazy(self.config.penalty, self.config.penalty_every, step)
            losses |= train_critic(self.critic, self.critic_optimizer, real, fake, weight, self.team)
            self.critic.requires_grad_(False)
            losses["generator"] = relativistic_generator(self.critic(real), self.critic(fake))
            self.critic.requires_grad_(True)
            total = total + self.config.adversarial_weight * losses["generator"]
        descend(total, self.optimizer, self.team, clip=1.0)
        self.ema.update_parameters(self.network)
        return {name: value.item() for name, value in losses.items()}

    @property
    def averaged(self) -> Estimator:
        """The network with the moving average of the weights, which is the one to use."""
        return cast(Estimator, self.ema.module)

    def diversity(self) -> None:
        """An estimator makes nothing of its own."""

    def export(self, path: Path) -> None:
        """Write the averaged network as a model file, in half precision."""
        card = {
            "kind": "estimator",
            "name": path.stem,
            "class": "",
            "config": config_card(self.network.config),
            "training_materials": [m.name for m in self.sampler.materials],
        }
        tensors = {k: v.cpu().numpy().astype(np.float16) for k, v in self.averaged.state_dict().items()}
        write_model_file(path, card, tensors)

    def sheet(self) -> np.ndarray:
        """Colours, real normals and estimated ones, of the first batch."""
        batch = self.sampler.batch(0, self.team.places(self.config.batch))
        with torch.no_grad():
            made = self.averaged(batch.stack[:, :3].to(self.device)).cpu()
        guessed = batch.stack.clone()
        guessed[:, channels_of()] = made
        rows = [(batch.stack, "base_color"), (batch.stack, "normal"), (guessed, "normal")]
        return np.concatenate(
            [np.concatenate([picture_from_stack(s, name) for s in stacks.numpy()], 1) for stacks, name in rows], 0
        )

    def _batch(self, step: int) -> tuple[Tensor, Tensor, Tensor]:
        """Colours, at another exposure and white balance each time, the maps to guess, and their weights."""
        batch = self.sampler.batch(step, self.team.places(self.config.batch))
        random = torch.Generator().manual_seed(self.config.seed * 1_000_003 + step)
        shades = torch.randn(self.config.batch, 4, generator=random)[self.team.places(self.config.batch)]
        gain = 1 + self.config.shade * (shades[:, :1] + shades[:, 1:] / 2)
        color = ((batch.stack[:, :3] + 1) * gain[:, :, None, None].clamp(0.3, 2) - 1).clamp(-1, 1)
        flags = {name: batch.known[:, i] for i, name in enumerate(MAPS)}
        weights = torch.stack(
            [flags[name] * MAP_WEIGHTS[name] for name in ESTIMATED for _ in range(MAPS[name].channels)], 1
        )
        target = batch.stack[:, channels_of()]
        return (
            color.to(self.device, memory_format=torch.channels_last),
            target.to(self.device, memory_format=torch.channels_last),
            weights[:, :, None, None].to(self.device),
        )
