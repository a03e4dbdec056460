"""A decoder that learns to draw the pictures of one material better."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from .adversary import set_rate
from .calibration import RIM as CALIBRATION_RIM
from .calibration import Calibration
from .codec import Codec, Decoder, channel_mask
from .decode import decode_torus
from .grid import STRIDE
from .layers import channels_last
from .lesson import Lesson
from .losses import MAP_WEIGHTS, gradient_l1, low_frequency_l1, masked_l1, patch_distance
from .maps import MAPS, picture_from_stack
from .model_file import SUFFIX, hash_tensors, read_card, write_model_file
from .networks import codec_to_train, config_card, half_precision
from .precision import mixed_precision

WINDOW, RIM = 24, 3
"""Cells a side that are drawn at a time, at most, and cells at their border that do not count."""
BATCH = 4
RATE = 2e-4
NOISE = 0.1
"""Deviation that is added to latents, so that what is laid out anew and rounded is drawn as well."""
PATCHES = 0.5
PATCH_DIRECTIONS = 8
FLAT = 0.03
"""As in the training of the codec."""
LOOKED_AT = 64
"""Cells a side, at most, of the middle that is shown and measured."""


class Pupil:
    """A codec whose decoder learns to draw a few lessons."""

    def __init__(self, codec: Path, lessons: list[Lesson], device: torch.device) -> None:
        self.lessons, self.device, self.card = lessons, device, read_card(codec)
        self.codec = channels_last(codec_to_train(codec), device)
        self.config = self.codec.config
        self.optimizer = torch.optim.Adam(self.codec.decoder.parameters(), RATE, betas=(0.9, 0.99))
        self.rng = np.random.default_rng(0)
        smallest = min(min(lesson.latent.shape[1:]) for lesson in lessons)
        self.window = min(WINDOW, smallest)

    def step(self, fraction: float) -> None:
        """One step of the decoder on some windows of the lessons; `fraction` of the time is behind it."""
        set_rate(self.optimizer, RATE * (1 - fraction) ** 0.5)
        latent, stack, weights = self._batch()
        inner = slice(RIM * STRIDE, -RIM * STRIDE)
        with mixed_precision(self.device):
            made = self.codec.decoder(latent)[:, :, inner, inner].float()
        wanted = stack[:, :, inner, inner]
        mask = (weights > 0).float()
        losses = [loss(made, wanted, weights) for loss in (masked_l1, gradient_l1, low_frequency_l1)]
        random = torch.Generator().manual_seed(int(self.rng.integers(2**31)))
        patches = patch_distance(wanted * mask, made * mask, len(made), random, PATCH_DIRECTIONS, FLAT)
        self.optimizer.zero_grad(set_to_none=True)
        (torch.stack(losses).sum() + PATCHES * patches).backward()
        self.optimizer.step()

    def drawn(self) -> Decoder:
        """A decoder of what was learned, in its "valid" form, on the CPU."""
        whole = Codec(self.config, "valid")
        whole.load_state_dict({name: tensor.cpu() for name, tensor in self.codec.state_dict().items()})
        return channels_last(whole.eval().requires_grad_(False)).decoder

    def write(self, folder: Path, name: str) -> Path:
        """The codec as a model file, in half precision; every one has a name of its own."""
        card: dict[str, Any] = {
            "kind": "codec",
            "name": f"codec-{name}",
            "class": "own",
            "config": config_card(self.config),
            "training_materials": [*self.card["training_materials"], *(x.material.name for x in self.lessons)],
        }
        tensors = half_precision(self.codec)
        path = folder / f"codec-{name}-{hash_tensors(tensors)[:8]}{SUFFIX}"
        write_model_file(path, card, tensors)
        return path

    def sample(self) -> np.ndarray:
        """The base color of the first lesson's middle beside what the decoder draws of it."""
        real, made = middle(self.lessons[0], self.drawn())
        return np.concatenate([picture_from_stack(stack, "base_color") for stack in (real, made)], 1)

    def _batch(self) -> tuple[Tensor, Tensor, Tensor]:
        """Latents with some noise, stacks, and the weights of their channels."""
        latents, stacks, flags = [], [], []
        for _ in range(BATCH):
            lesson = self.lessons[self.rng.integers(len(self.lessons))]
            row, column = (int(self.rng.integers(side - self.window + 1)) for side in lesson.latent.shape[1:])
            latents.append(lesson.latent[:, row : row + self.window, column : column + self.window])
            rows, columns = (slice(first * STRIDE, (first + self.window) * STRIDE) for first in (row, column))
            stacks.append(lesson.stack[:, rows, columns])
            flags.append([MAP_WEIGHTS[name] * (name in lesson.material.known) for name in MAPS])
        latent = np.stack(latents) + NOISE * self.rng.standard_normal((BATCH, *latents[0].shape), np.float32)
        weights = channel_mask(torch.tensor(flags))

        def moved(array: np.ndarray) -> Tensor:
            return torch.from_numpy(array).to(self.device, memory_format=torch.channels_last)

        return moved(latent), moved(np.stack(stacks)), weights.to(self.device)


def middle(lesson: Lesson, decoder: Decoder) -> tuple[np.ndarray, np.ndarray]:
    """The middle of a lesson's stack, and what a decoder in its "valid" form draws of it, calibrated."""
    sides = [min(side, LOOKED_AT) for side in lesson.latent.shape[1:]]
    first = [(whole - side) // 2 for whole, side in zip(lesson.latent.shape[1:], sides, strict=True)]
    cells = [slice(start, start + side) for start, side in zip(first, sides, strict=True)]
    made = decode_torus(decoder, np.ascontiguousarray(lesson.latent[:, cells[0], cells[1]]))
    rows, columns = (slice(s.start * STRIDE, s.stop * STRIDE) for s in cells)
    real = np.ascontiguousarray(lesson.stack[:, rows, columns])
    inner = slice(RIM * STRIDE, -RIM * STRIDE)
    wider = slice(inner.start - CALIBRATION_RIM, inner.stop + CALIBRATION_RIM)
    real, made = real[:, inner, inner], made[:, wider, wider]
    return real, Calibration.of([real], made, lesson.material.known).apply(made)
