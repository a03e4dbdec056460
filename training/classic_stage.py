"""Training the article's DCGAN, as it describes it: the baseline.

Alternating steps of critic and generator on 64 x 64 colour crops, binary cross-entropy, Adam 2e-4 with
beta1 0.5, batches of 128, noise of 100 numbers, the generator written every 50 steps. The losses are the
ones its text means: the critic learns reals as 1 and fakes as 0, the generator wants its fakes called 1.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from texgan_core.adversary import descend, set_rate
from texgan_core.classic import SIZE, ClassicDiscriminator, generator_of, noise_shape
from texgan_core.crops import roll_randomly
from texgan_core.losses import bce_discriminator, bce_generator
from texgan_core.maps import MAPS
from texgan_core.materials import Material
from texgan_core.model_file import write_model_file
from texgan_core.team import Team

from .data import CropSampler


@dataclass(frozen=True)
class ClassicTraining:
    """The article's settings; `tiling` chooses the sibling whose fakes are tori, rolled at random."""

    tiling: bool = True
    batch: int = 128
    seed: int = 0
    learning_rate: float = 2e-4
    beta1: float = 0.5


class ClassicStage:
    """One alternating step, and all that a checkpoint must hold."""

    kind = "classic"

    def __init__(self, materials: list[Material], config: ClassicTraining, team: Team, device: torch.device) -> None:
        self.config, self.team, self.device = config, team, device
        self.names = [m.name for m in materials]
        self.sampler = CropSampler(materials, SIZE, config.seed)
        torch.manual_seed(config.seed)
        self.generator = generator_of(config.tiling).to(device)
        self.critic = ClassicDiscriminator().to(device)
        betas = (config.beta1, 0.999)
        self.optimizer = torch.optim.Adam(self.generator.parameters(), betas=betas)
        self.critic_optimizer = torch.optim.Adam(self.critic.parameters(), betas=betas)
        self.state = {
            "generator": self.generator,
            "critic": self.critic,
            "optimizer": self.optimizer,
            "critic_optimizer": self.critic_optimizer,
        }

    def step(self, step: int, fraction: float) -> dict[str, float]:
        """One step of the critic, then one of the generator. Returns the losses."""
        torch.manual_seed(self.config.seed * 1_000_003 + step)  # dropout
        for optimizer in (self.optimizer, self.critic_optimizer):
            set_rate(optimizer, self.config.learning_rate)
        places = self.team.places(self.config.batch)
        real = self.sampler.batch(step, places).stack[:, MAPS["base_color"].span].to(self.device)
        fake = self.generator(self._noise(step, places))
        if self.config.tiling:
            fake = roll_randomly(fake, torch.Generator().manual_seed(step))
        critic_loss = bce_discriminator(self.critic(real), self.critic(fake.detach()))
        descend(critic_loss, self.critic_optimizer, self.team)
        generator_loss = bce_generator(self.critic(fake))
        descend(generator_loss, self.optimizer, self.team)
        return {"critic": critic_loss.item(), "generator": generator_loss.item()}

    def diversity(self) -> float:
        """Mean difference between fakes over that between real crops."""
        fakes = self._sample(16)
        reals = self.sampler.batch(0, range(16)).stack[:, MAPS["base_color"].span]
        return _spread(fakes) / _spread(reals)

    def export(self, path: Path) -> None:
        """Write the generator as a model file."""
        card = {
            "kind": self.kind,
            "name": path.stem,
            "class": "",
            "config": {"tiling": self.config.tiling},
            "training_materials": self.names,
        }
        state = {k: v for k, v in self.generator.state_dict().items() if not k.endswith("num_batches_tracked")}
        write_model_file(path, card, {k: v.cpu().numpy() for k, v in state.items()})

    def sheet(self) -> np.ndarray:
        """Sixteen pictures in a row: (64, 1024, 3)."""
        pictures = self._sample(16).permute(0, 2, 3, 1).numpy() * 0.5 + 0.5
        return np.concatenate(list(pictures), 1)

    def _sample(self, count: int) -> Tensor:
        self.generator.eval()
        with torch.no_grad():
            noise = torch.randn(noise_shape(self.config.tiling, count), generator=torch.Generator().manual_seed(1))
            pictures = self.generator(noise.to(self.device)).cpu()
        self.generator.train()
        return pictures

    def _noise(self, step: int, places: range) -> Tensor:
        generator = torch.Generator().manual_seed(self.config.seed * 1_000_003 + step)
        noise = torch.randn(noise_shape(self.config.tiling, self.config.batch), generator=generator)
        return noise[places.start : places.stop].to(self.device)


def _spread(pictures: Tensor) -> float:
    half = len(pictures) // 2
    return (pictures[:half] - pictures[half:]).abs().mean().item()
