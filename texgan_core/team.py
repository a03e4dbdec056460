"""Several processes as one: PyTorch's own launcher (torchrun) and collectives, nothing more."""

import os
from collections.abc import Iterable

import torch
import torch.distributed as dist
from torch import nn

from .errors import TrainingError

CPU = torch.device("cpu")


class Team:
    """The processes that share a batch; one process alone is a team of one. `device` is this process's own."""

    def __init__(self, device: torch.device = CPU) -> None:
        """Raises TrainingError: not every process has a device of this kind to itself."""
        self.size = int(os.environ.get("WORLD_SIZE", "1"))
        self.rank = int(os.environ.get("RANK", "0"))
        self.device = device
        if self.size > 1:
            self.device = own_device(device, int(os.environ.get("LOCAL_RANK", "0")))
            if self.device.type == "cuda":
                torch.cuda.set_device(self.device)
            if not dist.is_initialized():
                dist.init_process_group(backend_for(self.device))

    @property
    def leads(self) -> bool:
        """Whether this process writes the files."""
        return self.rank == 0

    def places(self, batch: int) -> range:
        """This process's part of a batch.

        Raises:
            TrainingError: the batch is too small for each to have a part.
        """
        if batch < self.size:
            raise TrainingError(f"{self.size} processes cannot share a batch of {batch}; start at most {batch}.")
        return range(self.rank * batch // self.size, (self.rank + 1) * batch // self.size)

    def average_gradients(self, parameters: Iterable[nn.Parameter]) -> None:
        """Replace each gradient by its mean over the team. Call between backward and the step."""
        if self.size == 1:
            return
        gradients = [p.grad for p in parameters if p.grad is not None]
        flat = torch.cat([g.flatten() for g in gradients])
        dist.all_reduce(flat)
        flat /= self.size
        for gradient, part in zip(gradients, flat.split([g.numel() for g in gradients]), strict=True):
            gradient.copy_(part.view_as(gradient))

    def average(self, values: dict[str, float]) -> dict[str, float]:
        """Mean of logged figures over the team."""
        if self.size == 1:
            return values
        tensor = torch.tensor(list(values.values()), dtype=torch.float64, device=self.device)
        dist.all_reduce(tensor)
        return dict(zip(values, (tensor / self.size).tolist(), strict=True))

    def meet(self) -> None:
        """Wait for all: a process that leaves while another still writes can bring the team down."""
        if self.size > 1:
            dist.barrier()

    def close(self) -> None:
        if self.size > 1:
            dist.destroy_process_group()


def own_device(device: torch.device, local_rank: int) -> torch.device:
    """The device of one of several processes of a machine, `local_rank` among them: of CUDA cards, each its own.

    Raises:
        TrainingError: there are fewer cards than processes, or a device that processes cannot share.
    """
    if device.type == "mps":
        raise TrainingError("Several processes cannot share this machine's MPS device; give --device cpu.")
    if device.type != "cuda":
        return device
    cards = torch.cuda.device_count()
    if local_rank >= cards:
        raise TrainingError(f"Each process needs a CUDA card, and this machine has {cards}; start one for each.")
    return torch.device("cuda", local_rank)


def backend_for(device: torch.device) -> str:
    """The collectives that a device can take part in: NCCL for CUDA where there is one, which is not on Windows."""
    return "nccl" if device.type == "cuda" and dist.is_nccl_available() else "gloo"
