"""Small real models for tests: the true classes at tiny sizes, with random weights."""

from pathlib import Path

import numpy as np
import torch

from texgan_core.calibration import Calibration
from texgan_core.classic import ClassicTilingGenerator
from texgan_core.cleaner import Cleaner, CleanerConfig
from texgan_core.codec import Codec, CodecConfig
from texgan_core.estimator import Estimator, EstimatorConfig
from texgan_core.generator import GeneratorConfig, LatentGenerator
from texgan_core.maps import CHANNELS
from texgan_core.materials import Material
from texgan_core.mirror import KERNEL
from texgan_core.model_file import read_card, read_model_file, write_model_file
from texgan_core.models import material_tensors, style_tensors
from texgan_core.networks import config_card, read_codec
from texgan_core.upscaler import Upscaler, UpscalerConfig

TINY = CodecConfig(latent_channels=8, widths=(8, 12, 16), full_width=8)
TINY_GENERATOR = GeneratorConfig(
    styles=3, latent_channels=8, widths=(12, 10, 8), detail_width=8, noise_channels=4, style_size=6, codes=5
)

TINY_ESTIMATOR = EstimatorConfig((4, 6, 8))

UNKNOWN = Material("unknown", np.zeros((CHANNELS, 8, 8), np.float16), frozenset())
"""Nothing is known of it, so what is decoded is left as it is."""


def tiny_codec(folder: Path, seed: int = 0) -> Path:
    """A codec file with random weights."""
    torch.manual_seed(seed)
    codec = Codec(TINY)
    for parameter in codec.parameters():
        if parameter.dim() == 4:
            torch.nn.init.kaiming_normal_(parameter)
    codec.decoder.body[-1].weight.data.mul_(0.005)  # most values then lie within -1..1
    card = {"kind": "codec", "name": "codec", "class": "", "config": config_card(TINY), "training_materials": []}
    path = folder / "codec.safetensors"
    write_model_file(path, card, {k: v.detach().numpy() for k, v in codec.state_dict().items()})
    return path


def tiny_networks(folder: Path) -> dict[str, Path]:
    """Files of all networks that improve pictures, with random weights: their paths by kind."""
    torch.manual_seed(0)
    networks = {
        "estimator": Estimator(TINY_ESTIMATOR),
        "upscaler": Upscaler(UpscalerConfig((6, 4, 4))),
        "cleaner": Cleaner(CleanerConfig((4, 6, 8))),
    }
    for parameter in networks["cleaner"].out[-1].parameters():
        torch.nn.init.normal_(parameter, std=0.02)
    return {"codec": tiny_codec(folder), "mirror": tiny_mirror(folder)} | {
        kind: _write_network(folder, kind, network) for kind, network in networks.items()
    }


def tiny_mirror(folder: Path) -> Path:
    """A mirror's file that leaves the mirrored cells as they are."""
    path = folder / "mirror.safetensors"
    card = {"kind": "mirror", "name": "mirror", "class": "", "training_materials": []}
    write_model_file(path, card, {"kernel": plain_kernel(TINY.latent_channels).astype(np.float16)})
    return path


def plain_kernel(channels: int) -> np.ndarray:
    """The kernel of such a mirror."""
    kernel = np.zeros((channels, channels, KERNEL, KERNEL), np.float32)
    kernel[:, :, KERNEL // 2, KERNEL // 2] = np.eye(channels)
    return kernel


def _write_network(folder: Path, kind: str, network: torch.nn.Module) -> Path:
    card = {"kind": kind, "name": kind, "class": "", "config": config_card(network.config), "training_materials": []}
    path = folder / f"{kind}.safetensors"
    write_model_file(path, card, {k: v.detach().numpy() for k, v in network.state_dict().items()})
    return path


def tiny_material_model(folder: Path, name: str = "Tiny", cells: int = 24) -> Path:
    """A material file with its codec beside it; the latent is smooth noise on a torus."""
    codec = folder / "codec.safetensors"
    codec_hash = read_card(codec if codec.exists() else tiny_codec(folder))["hash"]
    rng = np.random.default_rng(1)
    latent = rng.standard_normal((TINY.latent_channels, cells, cells)).astype(np.float32)
    latent += np.roll(latent, 1, 1) + np.roll(latent, 1, 2)
    card = {
        "kind": "material",
        "name": name,
        "class": "test",
        "codec": codec_hash,
        "wraps": [True, True],
        "training_materials": [],
    }
    path = folder / f"{name}.safetensors"
    write_model_file(path, card, material_tensors(latent, read_codec(codec)[1], [UNKNOWN]))
    return path


def tiny_generator(folder: Path) -> Path:
    """A generator file with random weights, and its codec beside it."""
    codec = folder / "codec.safetensors"
    codec_hash = read_card(codec if codec.exists() else tiny_codec(folder))["hash"]
    config = TINY_GENERATOR
    torch.manual_seed(2)
    generator = LatentGenerator(config)
    card = {"kind": "generator", "name": "generator", "class": "", "codec": codec_hash, "training_materials": []}
    none = Calibration.none().matrix
    tensors = {k: v.detach().numpy() for k, v in generator.state_dict().items()}
    tensors["calibrations"] = np.stack([none] * config.styles)
    path = folder / "generator.safetensors"
    write_model_file(path, card | {"config": config_card(config), "styles": ["a", "b", "c"]}, tensors)
    return path


def tiny_style_model(folder: Path, name: str = "TinyStyle") -> Path:
    """A style file with its generator and codec beside it."""
    generator = read_model_file(tiny_generator(folder))
    card = {
        "kind": "style",
        "name": name,
        "class": "test",
        "generator": generator.card["hash"],
        "training_materials": [],
    }
    write_model_file(folder / f"{name}.safetensors", card, style_tensors(generator.tensors, 0))
    return folder / f"{name}.safetensors"


def tiny_classic_model(folder: Path, name: str = "TinyClassic") -> Path:
    """The tiling sibling of the article's generator, untrained."""
    torch.manual_seed(3)
    state = ClassicTilingGenerator().state_dict()
    tensors = {k: v.numpy() for k, v in state.items() if not k.endswith("num_batches_tracked")}
    card = {"kind": "classic", "name": name, "class": "test", "config": {"tiling": True}, "training_materials": []}
    write_model_file(folder / f"{name}.safetensors", card, tensors)
    return folder / f"{name}.safetensors"
