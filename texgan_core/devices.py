"""What computes: the processor, or an accelerator, whose memory is its own and may not suffice."""

import torch

from .errors import DeviceError


def choose_device(name: str) -> torch.device:
    """The device of this name, or the best one for "auto".

    Raises:
        DeviceError: unknown, or not in this machine.
    """
    available = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        return torch.device(next(n for n in ("cuda", "mps", "cpu") if available[n]))
    if not available.get(name, False):
        usable = ", ".join(n for n, there in available.items() if there)
        raise DeviceError(f"The device {name!r} is not available here; choose auto or one of: {usable}.")
    return torch.device(name)


def ran_out(error: BaseException) -> bool:
    """Whether an error says that memory did not suffice; the processor and Apple's accelerators have no error of their
    own for that."""
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)):
        return True
    return isinstance(error, RuntimeError) and any(said in str(error) for said in ("out of memory", "allocate memory"))


def forget_cached() -> None:
    """Give back what PyTorch keeps of an accelerator's memory for later."""
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    if torch.backends.mps.is_available():
        torch.mps.empty_cache()
