"""A latent generator that learns to make up the material of a few pictures from noise."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from .calibration import RIM
from .decode import decode_torus
from .dream import dream
from .errors import RequestError
from .generator import COARSEST
from .generator_stage import SMALLEST_CROP, GeneratorStage, GeneratorTraining
from .grid import STRIDE
from .latents import latent_material
from .lesson import Lesson
from .maps import picture_from_stack
from .measure import diversity, quality_ratio
from .model_file import SUFFIX, hash_tensors, read_card, write_model_file
from .models import style_tensors
from .networks import read_codec
from .precision import mixed_precision
from .team import Team

LARGEST_CROP = 32
"""Cells a side of a crop, where the pictures are large enough."""
GROUPS = 2
"""Pictures of a step."""
SEEDS = (0, 1)
SHOWN = 32
"""Cells a side of what is shown and measured."""


class Dreamer:
    """A generator with a style for each lesson, that begins as one that knows other materials. It learns the latents of
    `codec`; `drawn_by` is the codec, that one or one whose decoder went on from it, that draws what it makes up."""

    def __init__(
        self, codec: Path, drawn_by: Path, lessons: list[Lesson], device: torch.device, start_from: Path
    ) -> None:
        """Raises RequestError: a picture is too small."""
        smallest = min(min(lesson.latent.shape[1:]) for lesson in lessons)
        cells = min(LARGEST_CROP, smallest // COARSEST * COARSEST)
        if cells < SMALLEST_CROP:
            raise RequestError(
                f"A picture has {smallest} cells of 8 pixels a side that count; to learn it from noise, at least "
                f"{SMALLEST_CROP} are needed. Take a larger picture."
            )
        self.lessons, self.device = lessons, device
        decoder = read_codec(codec)[1]
        materials = [latent_material(x.material, x.latent, x.wraps, decoder) for x in lessons]
        config = GeneratorTraining(groups=max(GROUPS, len(lessons)), cells=cells)
        self.stage = GeneratorStage(materials, codec, config, Team(), device, start_from)
        self.codec_hash, self.stage.drawer = read_card(drawn_by)["hash"], read_codec(drawn_by)[1]
        self.steps = 0

    def step(self, fraction: float) -> None:
        """One step; `fraction` of the time is behind it."""
        with mixed_precision(self.device):
            self.stage.step(self.steps, fraction)
        self.steps += 1

    def sample(self) -> np.ndarray:
        """A part of the first picture beside what is made up from noise."""
        side = SHOWN * STRIDE
        real = picture_from_stack(self.lessons[0].stack, "base_color")[:side, :side]
        made = self.picture()[: real.shape[0], : real.shape[1]]
        return np.concatenate([real, made], 1)

    def figures(self) -> dict[str, float]:
        """How near what is made up from noise comes to the first picture, and how much it varies."""
        real = picture_from_stack(self.lessons[0].stack, "base_color")
        made = self._dreamt(SEEDS)
        side = min(SHOWN * STRIDE, min(real.shape[:2]) // 2)
        crops = [real[:side, :side], real[-side:, -side:]]
        return {
            "quality": float(np.mean([quality_ratio(picture, real) for picture in made])),
            "diversity": diversity([picture[:side, :side] for picture in made], crops),
        }

    def picture(self) -> np.ndarray:
        """A base color that is made up."""
        return self._dreamt(SEEDS[:1])[0]

    def write(self, path: Path) -> None:
        """The style of the first picture as a model file at `path`, and first the generator, beside it."""
        name = path.stem
        card, tensors = self.stage.model(f"generator-{name}")
        own = path.with_name(f"generator-{name}-{hash_tensors(tensors)[:8]}{SUFFIX}")
        generator = write_model_file(own, card | {"class": "own"}, tensors)
        style = {
            "kind": "style",
            "name": name,
            "class": "own",
            "generator": generator["hash"],
            "codec": self.codec_hash,
            "training_materials": generator["training_materials"],
        }
        write_model_file(path, style, style_tensors(tensors, 0))

    def _dreamt(self, seeds: Sequence[int]) -> list[np.ndarray]:
        """Base colors from noise, calibrated, as the model will make them."""
        generator, calibration = self.stage.averaged, self.stage.calibration(0)
        style = generator.styles.weight[0].detach().cpu().numpy()
        latents = [dream(generator, style, style, (SHOWN, SHOWN), seed) for seed in seeds]
        stacks = [calibration.apply(decode_torus(self.stage.drawer, latent, RIM)) for latent in latents]
        return [picture_from_stack(stack, "base_color") for stack in stacks]
