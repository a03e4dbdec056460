"""What the stages share: one step of a critic with zero-centred penalties, and one of any optimiser."""

from collections.abc import Callable

import torch
from torch import Tensor

from .losses import gradient_penalty, relativistic_discriminator
from .team import Team


def descend(loss: Tensor, optimizer: torch.optim.Optimizer, team: Team, clip: float | None = None) -> None:
    """One optimiser step down the team's mean gradient."""
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    team.average_gradients(parameters)
    if clip is not None:
        torch.nn.utils.clip_grad_norm_(parameters, clip)
    optimizer.step()


def set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    """Set the learning rate."""
    for group in optimizer.param_groups:
        group["lr"] = rate


def lazy(weight: float, every: int, step: int) -> float:
    """A penalty's weight at a step: it is taken every so many, and then counts for all of them (Karras et al. 2020)."""
    return 0.0 if step % every else weight * every


def train_critic(
    critic: Callable[[Tensor], Tensor],
    optimizer: torch.optim.Optimizer,
    real: Tensor,
    fake: Tensor,
    penalty_weight: float,
    team: Team,
) -> dict[str, Tensor]:
    """One relativistic step of a critic (R3GAN, Huang et al. 2025); weight 0 leaves the penalties out."""
    with_penalty = penalty_weight > 0
    real = real.detach().clone().requires_grad_(with_penalty)
    fake = fake.detach().clone().requires_grad_(with_penalty)
    real_logits, fake_logits = critic(real), critic(fake)
    loss = relativistic_discriminator(real_logits, fake_logits)
    penalty = torch.zeros((), device=real.device)
    if with_penalty:
        penalty = (gradient_penalty(real_logits, real) + gradient_penalty(fake_logits, fake)) / 2
    descend(loss + penalty_weight * penalty, optimizer, team)
    return {"critic": loss, "penalty": penalty}
