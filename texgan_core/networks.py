"""From model files to networks with weights: codec, latent generator, the article's generator."""

from collections.abc import Callable
from dataclasses import asdict, fields
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from torch import nn

from .classic import ClassicGenerator, ClassicTilingGenerator, generator_of
from .cleaner import Cleaner, CleanerConfig
from .codec import Codec, CodecConfig, Decoder, Encoder
from .errors import ModelFileError
from .estimator import Estimator, EstimatorConfig
from .generator import GeneratorConfig, LatentGenerator
from .layers import Padding, channels_last
from .mirror import KERNEL
from .model_file import ModelFile, read_model_file
from .upscaler import Upscaler, UpscalerConfig

LARGEST_WIDTH = 4096
Network = TypeVar("Network", bound=nn.Module)
Config = TypeVar("Config", CleanerConfig, CodecConfig, EstimatorConfig, GeneratorConfig, UpscalerConfig)


def read_codec(path: Path, padding: Padding = "valid") -> tuple[Encoder, Decoder]:
    """Encoder in its circular form, decoder in the form asked for; in eval mode, on the CPU.

    The last two codecs stay in memory, since most models share one.

    Raises:
        ModelFileError: not a codec, damaged, or weights that do not fit its own config.
    """
    return _read_codec(path, path.stat().st_mtime_ns if path.is_file() else 0, padding)


@lru_cache(maxsize=2)
def _read_codec(path: Path, modified: int, padding: Padding) -> tuple[Encoder, Decoder]:
    file = _read(path, "codec")
    codec = load_weights(partial(Codec, config_of(CodecConfig, file.card, path), padding), file.tensors, path)
    return codec.encoder, codec.decoder


def forget_codecs() -> None:
    """Let go of the codecs that were read."""
    _read_codec.cache_clear()


def codec_to_train(path: Path) -> Codec:
    """A codec of its own, in its circular form, to go on training from.

    Raises:
        ModelFileError: as `read_codec`.
    """
    file = _read(path, "codec")
    codec = load_weights(partial(Codec, config_of(CodecConfig, file.card, path)), file.tensors, path)
    return codec.train().requires_grad_(True)


def read_generator(path: Path) -> LatentGenerator:
    """The latent generator of a file; in eval mode, on the CPU.

    Raises:
        ModelFileError: not a generator, damaged, or weights that do not fit its own config.
    """
    file = _read(path, "generator")
    weights = {name: tensor for name, tensor in file.tensors.items() if name != "calibrations"}
    return load_weights(partial(LatentGenerator, config_of(GeneratorConfig, file.card, path)), weights, path)


def read_estimator(path: Path) -> Estimator:
    """The estimator of a file; in eval mode, on the CPU.

    Raises:
        ModelFileError: not an estimator, damaged, or weights that do not fit its own config.
    """
    return _read_network(path, "estimator", Estimator, EstimatorConfig)


def read_upscaler(path: Path) -> Upscaler:
    """The upscaler of a file; otherwise as `read_estimator`."""
    return _read_network(path, "upscaler", Upscaler, UpscalerConfig)


def read_cleaner(path: Path) -> Cleaner:
    """The cleaner of a file; otherwise as `read_estimator`."""
    return _read_network(path, "cleaner", Cleaner, CleanerConfig)


def read_mirror(path: Path) -> np.ndarray:
    """The kernel of a mirror's file, (channels, channels, KERNEL, KERNEL) float32.

    Raises:
        ModelFileError: not a mirror, or damaged.
    """
    kernel = _read(path, "mirror").tensors.get("kernel", np.empty(0))
    if kernel.ndim != 4 or kernel.shape[0] != kernel.shape[1] or kernel.shape[2:] != (KERNEL, KERNEL):
        raise ModelFileError(f"{path} holds no kernel that mirrors latents; fetch it again.")
    return kernel.astype(np.float32)


def _read_network(path: Path, kind: str, build: Callable[[Config], Network], config: type[Config]) -> Network:
    file = _read(path, kind)
    return load_weights(partial(build, config_of(config, file.card, path)), file.tensors, path)


def classic_generator(file: ModelFile, path: Path) -> ClassicGenerator | ClassicTilingGenerator:
    """The article's generator or its tiling sibling, as the card says."""
    config = file.card.get("config")
    build = partial(generator_of, bool(config.get("tiling")) if isinstance(config, dict) else False)
    with torch.device("meta"):
        names = build().state_dict()
    counters = {name: np.zeros((), np.float32) for name in names if name.endswith("num_batches_tracked")}
    return load_weights(build, file.tensors | counters, path)


def config_card(config: Any) -> dict[str, Any]:
    """A config, a dataclass of sizes, as a card holds it."""
    return {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(config).items()}


def config_of(kind: type[Config], card: dict[str, Any], path: Path) -> Config:
    """The config that a card holds.

    Raises:
        ModelFileError: fields are missing or not sizes.
    """
    try:
        values = {field.name: _size(card["config"][field.name]) for field in fields(kind)}
        return kind(**values)
    except (KeyError, TypeError, ValueError) as error:
        raise ModelFileError(f"{path} has a card without a usable config; fetch the file again.") from error


def half_precision(module: nn.Module) -> dict[str, np.ndarray]:
    """A network's weights, on whatever device, as model files hold them: float16."""
    return {name: tensor.cpu().numpy().astype(np.float16) for name, tensor in module.state_dict().items()}


def load_weights(build: Callable[[], Network], tensors: dict[str, np.ndarray], path: Path) -> Network:
    """A module with a file's tensors as its weights; in eval mode and channels-last.

    It is built without memory first, so that a card that promises gigabytes costs nothing.

    Raises:
        ModelFileError: names or shapes differ.
    """
    state = {name: torch.from_numpy(tensor).float() for name, tensor in tensors.items()}
    try:
        with torch.device("meta"):
            module = build()
        module.load_state_dict(state, strict=True, assign=True)
    except (RuntimeError, TypeError, ValueError) as error:
        raise ModelFileError(f"{path} does not fit the network that its card describes; fetch it again.") from error
    return channels_last(module.eval().requires_grad_(False))


def _read(path: Path, kind: str) -> ModelFile:
    file = read_model_file(path)
    if file.card["kind"] != kind:
        raise ModelFileError(f"{path} is of the kind {file.card['kind']}, where a {kind} is needed.")
    return file


def _size(value: Any) -> Any:
    """A positive whole number or a triple of them; anything else is a ValueError."""
    if isinstance(value, list):
        if len(value) != 3:
            raise ValueError(value)
        return tuple(_size(v) for v in value)
    if not isinstance(value, int) or not 1 <= value <= LARGEST_WIDTH:
        raise ValueError(value)
    return value
