"""How exactly networks compute while they learn."""

import torch


def mixed_precision(device: torch.device) -> torch.autocast:
    """bfloat16 for convolutions where the hardware multiplies it (CUDA, newer CPUs); weights, losses and
    optimisers stay float32."""
    return torch.autocast(device.type, torch.bfloat16, enabled=_multiplies_bfloat16(device))


def _multiplies_bfloat16(device: torch.device) -> bool:
    if device.type != "cpu":
        return device.type == "cuda"
    able: dict[str, bool] = getattr(torch.cpu, "get_capabilities", dict)()  # older PyTorch does not say
    return bool(able.get("avx512_bf16") or able.get("amx_bf16"))
