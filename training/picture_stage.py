"""Training a network from pictures to pictures: first to be as near as it can, then against a critic, so that what it
makes looks like a material's and not like an average."""

from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from texgan_core.adversary import descend, lazy, set_rate, train_critic
from texgan_core.discriminator import PatchDiscriminator
from texgan_core.layers import channels_last
from texgan_core.losses import gradient_l1, masked_l1, patch_distance, relativistic_generator
from texgan_core.maps import picture_from_stack
from texgan_core.materials import Material
from texgan_core.model_file import write_model_file
from texgan_core.networks import config_card, half_precision
from texgan_core.spectra import spectrum_distance
from texgan_core.team import Team

from .data import CropSampler
from .tasks import Pair, Task

PATCH_DIRECTIONS = 8
"""Random directions a step along which patches of answers are compared."""
FLAT = 0.03
"""Deviation of such patches, in maps of -1..1, below which differences count less and less."""


@dataclass(frozen=True)
class PictureTraining:
    """Settings of a run; where `learning_rate` or `adversarial_from` is None, the task's own is taken."""

    batch: int = 8
    seed: int = 0
    learning_rate: float | None = None
    adversarial_from: float | None = None
    critic_rate: float = 1e-3
    adversarial_weight: float = 0.1
    penalty: float = 1.0
    penalty_every: int = 4
    ema: float = 0.995


class PictureStage:
    """One step of either phase, and all that a checkpoint must hold."""

    def __init__(
        self,
        materials: list[Material],
        task: type[Task],
        config: PictureTraining,
        team: Team,
        device: torch.device,
        start_from: Path | None = None,
    ) -> None:
        """Begins with the weights of a model file, if there is one to start from, and a new critic."""
        self.config, self.team, self.device = config, team, device
        torch.manual_seed(config.seed)
        self.task, self.kind, self.names = task(), task.kind, [m.name for m in materials]
        self.sampler = CropSampler(materials, task.crop, config.seed, task.colors)
        self.rate = config.learning_rate or task.learning_rate
        network = self.task.network if start_from is None else task.read(start_from).train().requires_grad_(True)
        self.network = channels_last(network, device)
        self.critic = channels_last(PatchDiscriminator(task.channels), device)
        self.ema = AveragedModel(self.network, multi_avg_fn=get_ema_multi_avg_fn(config.ema))
        self.optimizer = torch.optim.Adam(self.network.parameters(), betas=(0.9, 0.99), fused=True)
        self.critic_optimizer = torch.optim.Adam(self.critic.parameters(), betas=(0.0, 0.99), fused=True)
        given = config.adversarial_from
        self.adversarial_from = task.adversarial_from if given is None else given
        self.state = {
            "network": self.network,
            "critic": self.critic,
            "ema": self.ema,
            "optimizer": self.optimizer,
            "critic_optimizer": self.critic_optimizer,
        }

    def step(self, step: int, fraction: float) -> dict[str, float]:
        """One optimisation step; `fraction` of the run is behind it. Returns the losses."""
        pair = self._pair(step)
        set_rate(self.critic_optimizer, self.config.critic_rate)
        set_rate(self.optimizer, self.rate * min(1.0, (step + 1) / 100) * (1 - fraction) ** 0.5)
        made, answer = (self._inner(x) for x in (self.task.made(self.network, pair), pair.answer))
        losses = {
            "l1": masked_l1(made, answer, pair.weights),
            "gradient": gradient_l1(made, answer, pair.weights),
        }
        total = torch.stack(list(losses.values())).sum()
        if fraction >= self.adversarial_from:
            judged = self._judged(made, answer, pair, step)
            total = self.task.faithful * total + self.config.adversarial_weight * judged["generator"]
            total = total + sum(weight * judged[name] for name, weight in self.task.contrast.items())
            losses |= judged
        descend(total, self.optimizer, self.team, clip=1.0)
        self.ema.update_parameters(self.network)
        return {name: value.item() for name, value in losses.items()}

    @property
    def averaged(self) -> nn.Module:
        """The network with the moving average of the weights, which is the one to use."""
        return cast(nn.Module, self.ema.module)

    def diversity(self) -> None:
        """Such a network makes nothing of its own."""

    def export(self, path: Path) -> None:
        """Write the averaged network as a model file, in half precision."""
        card = {
            "kind": self.kind,
            "name": path.stem,
            "class": "",
            "config": config_card(self.network.config),
            "training_materials": self.names,
        }
        write_model_file(path, card, half_precision(self.averaged))

    def sheet(self) -> np.ndarray:
        """Rows of pictures of the first batch, as the task wants them: colours, or the normals of stacks."""
        pair = self._pair(0)
        with torch.no_grad():
            made = self.task.made(self.averaged, pair)
        rows = []
        for row in self.task.rows(pair, made):
            stacks = row.float().cpu().numpy()
            name = "base_color" if stacks.shape[1] == 3 else "normal"
            rows.append(np.concatenate([picture_from_stack(stack, name) for stack in stacks], 1))
        return np.concatenate(rows, 0)

    def _judged(self, made: Tensor, answer: Tensor, pair: Pair, step: int) -> dict[str, Tensor]:
        """A step of the critic, and what it, patches and spectra then say about what was made."""
        known = (pair.weights > 0).float()
        real, fake = answer * known, made * known
        losses = {}
        if "patches" in self.task.contrast:
            random = torch.Generator().manual_seed(self.config.seed * 1_000_003 + step)
            losses["patches"] = patch_distance(real, fake, len(real), random, PATCH_DIRECTIONS, FLAT)
        if "spectrum" in self.task.contrast:
            losses["spectrum"] = spectrum_distance(real, fake)
        if pair.seen is not None:
            seen = self._inner(pair.seen)
            real, fake = torch.cat([seen, real], 1), torch.cat([seen, fake], 1)
        weight = lazy(self.config.penalty, self.config.penalty_every, step)
        losses |= train_critic(self.critic, self.critic_optimizer, real, fake, weight, self.team)
        self.critic.requires_grad_(False)
        losses["generator"] = relativistic_generator(self.critic(real), self.critic(fake))
        self.critic.requires_grad_(True)
        return losses

    def _inner(self, x: Tensor) -> Tensor:
        """What counts of answers."""
        border = self.task.border
        return x[:, :, border:-border, border:-border]

    def _pair(self, step: int) -> Pair:
        places = self.team.places(self.config.batch)
        pair = self.task.pair(self.sampler.batch(step, places), self.config.seed * 1_000_003 + step)

        def moved(x: Tensor) -> Tensor:
            return x.to(self.device, memory_format=torch.channels_last) if x.dim() == 4 else x.to(self.device)

        seen = None if pair.seen is None else moved(pair.seen)
        return Pair(tuple(moved(x) for x in pair.given), moved(pair.answer), pair.weights.to(self.device), seen)
