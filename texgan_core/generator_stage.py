"""Training the latent generator: critics for its layouts, for its details and for the maps they decode to.

The layout learns from noise, and every second step also from guides, which are to be followed. The detail
learns from the materials' own structures, whose latents it is to make up, so it never waits for the layout.
Beside the critics' word, distributions of patches are compared, which keeps every step in touch with the
material and cannot collapse.
"""

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F
from torch.optim.swa_utils import AveragedModel

from . import noise
from .adversary import descend, lazy, set_rate, train_critic
from .calibration import Calibration
from .cells import scaled_down
from .crops import roll_randomly
from .decode import decode_torus
from .discriminator import PatchDiscriminator
from .dream import dream
from .errors import TrainingError
from .generator import COARSEST, LATTICES, STRUCTURE, GeneratorConfig, LatentGenerator, guide_of, normalize_style
from .grid import STRIDE, STRUCTURE_PIXELS
from .latents import PATCH, LatentMaterial
from .layers import channels_last
from .losses import (
    coherence,
    feature_distance,
    low_frequency_l1,
    novelty,
    patch_distance,
    relativistic_generator,
)
from .maps import CHANNELS, picture_from_stack
from .model_file import read_card, read_model_file, write_model_file
from .networks import config_card, config_of, half_precision, read_codec
from .spectra import Spectra
from .team import Team

BORDER = 4
"""Cells of a crop's border that a detail cannot make up rightly, since a crop is no torus."""
SMALLEST_CROP = 20 + 2 * BORDER
"""Cells a side; of less, the critics' unpadded layers leave nothing."""
DECODED = 16
"""Cells a side of what is decoded of a crop; the outermost ones, which are no torus either, are not looked at."""
MAP_DIRECTIONS = 8
"""Random directions a step along which decoded maps are compared: they have many places to sort."""
FLAT = 0.03
"""Deviation of patches of decoded maps, of -1..1, below which differences count less and less."""
CALIBRATED, CALIBRATED_SEEDS = 64, range(1000, 1004)
"""Cells a side and layout seeds of the textures whose shades are compared with the material's; seeds that figures
are not taken with."""
Losses = dict[str, Tensor]


@dataclass(frozen=True)
class GeneratorTraining:
    """Settings of a run. A batch is `groups` materials of `crops` crops each, `cells` a side."""

    groups: int = 4
    crops: int = 2
    cells: int = 32
    seed: int = 0
    generator_rate: float = 1e-3
    critic_rate: float = 1e-3
    patches: float = 4.0
    features: float = 4.0
    coherence: float = 4.0
    reconstruction: float = 0.25
    means: float = 4.0
    novelty: float = 4.0
    spectrum: float = 4.0
    follows: float = 4.0
    penalty: float = 0.3
    penalty_every: int = 4
    ema: float = 0.998


@dataclass(frozen=True)
class Reals:
    """The real side of a step: styles (batch,), latents and structures (batch, channels, cells, cells), and the
    thresholds (batch,) of their guides."""

    styles: Tensor
    latents: Tensor
    structures: Tensor
    thresholds: Tensor


class GeneratorStage:
    """One step of layout and detail and of their critics, and all that a checkpoint must hold."""

    kind = "generator"

    def __init__(
        self,
        materials: list[LatentMaterial],
        codec: Path,
        config: GeneratorTraining,
        team: Team,
        device: torch.device,
        start_from: Path | None = None,
    ) -> None:
        if config.cells % COARSEST or config.cells < SMALLEST_CROP:
            raise TrainingError(
                f"A training crop must be a multiple of {COARSEST} cells from {SMALLEST_CROP}, not {config.cells}."
            )
        self.config, self.team, self.device = config, team, device
        _, self.decoder = read_codec(codec)
        self.drawer = self.decoder  # of what is made up; another one, if that draws it better
        _, circular = read_codec(codec, "circular")
        self.decode = circular.to(device)
        self.codec_hash = read_card(codec)["hash"]
        self.materials, self.names = materials, [m.material.name for m in materials]
        torch.manual_seed(config.seed)
        count, channels = len(materials), self.materials[0].latent.shape[0]
        sizes = GeneratorConfig(count) if start_from is None else _sizes_of(start_from)
        self.generator_config = replace(sizes, styles=count, latent_channels=channels)
        self.generator = channels_last(LatentGenerator(self.generator_config), device)
        codes = self._cells().to(device)
        if start_from is not None:
            self._begin_with(start_from, codes)
        self.generator.start_codes(codes)
        self.layout_critic = channels_last(PatchDiscriminator(STRUCTURE, (48, 96, 160), styles=count), device)
        self.detail_critic = channels_last(
            PatchDiscriminator(channels + STRUCTURE, (64, 96, 160), styles=count), device
        )
        self.map_critic = channels_last(PatchDiscriminator(CHANNELS, (32, 64, 128, 128), styles=count), device)
        self.spectra = Spectra(count, CHANNELS, (DECODED - 2) * STRIDE).to(device)
        self.ema = AveragedModel(self.generator, avg_fn=self._average)
        self.optimizer = self._adam(config.generator_rate, self.generator)
        critics = (self.layout_critic, self.detail_critic, self.map_critic)
        self.critic_optimizer = self._adam(config.critic_rate, *critics)
        self.state = {
            "generator": self.generator,
            "layout_critic": self.layout_critic,
            "detail_critic": self.detail_critic,
            "map_critic": self.map_critic,
            "spectra": self.spectra,
            "ema": self.ema,
            "optimizer": self.optimizer,
            "critic_optimizer": self.critic_optimizer,
        }

    def step(self, step: int, fraction: float) -> dict[str, float]:
        """One step of critics and generator. Returns the losses."""
        rate = min(1.0, (step + 1) / 100) * (1 - fraction) ** 0.5
        set_rate(self.optimizer, self.config.generator_rate * rate)
        set_rate(self.critic_optimizer, self.config.critic_rate * rate)
        places = self.team.places(self.config.groups)
        rng = torch.Generator().manual_seed(self.config.seed * 1_000_003 + step * 64 + places.start)
        real = self._real(step, places)
        lattices = self._noise(step, places)
        style = normalize_style(self.generator.styles(real.styles))
        detail = self.generator.detail(real.structures, lattices[-1], style)
        latents, details = (torch.cat([inner(z), inner(real.structures)], 1) for z in (real.latents, detail))
        each = slice(None, None, self.config.crops)  # one crop of each material is decoded
        maps, decoded = self._decoded(inner(real.latents[each]), inner(detail[each]), rng)

        structures, layout, losses = self._lay_out(lattices, style, real, step, rng)
        compare = partial(self._compare, step=step, groups=len(places), rng=rng)
        losses |= compare("layout", self.layout_critic, structures, layout, real.styles)
        losses |= compare("detail", self.detail_critic, latents, details, real.styles)
        losses |= compare(
            "map", self.map_critic, maps, decoded, real.styles[each], directions=MAP_DIRECTIONS, flat=FLAT
        )
        losses["coherence"] = self._coherence(layout, real.styles)
        losses["reconstruction"] = F.mse_loss(inner(detail), inner(real.latents))
        losses["novelty"] = novelty(inner(real.latents[each]), inner(detail[each]))
        losses["means"] = low_frequency_l1(decoded, maps, torch.ones(1, device=self.device), STRUCTURE_PIXELS)
        losses["spectrum"] = self.spectra.distance(maps, decoded, real.styles[each])
        total = sum(weight * value for name, value in losses.items() if (weight := self._weight(name)))
        descend(cast(Tensor, total), self.optimizer, self.team)
        self.ema.update_parameters(self.generator)
        return {name: value.item() for name, value in losses.items()}

    @property
    def averaged(self) -> LatentGenerator:
        """The generator with the moving average of the weights, which is the one to use."""
        return cast(LatentGenerator, self.ema.module)

    def diversity(self) -> float:
        """Mean difference between latents of two seeds, over that between two real crops; all styles."""
        with torch.no_grad():
            styles = torch.arange(len(self.materials), device=self.device)
            a, b = (self.averaged(self._noise_for(seed, len(styles)), self.averaged.styles(styles)) for seed in (1, 2))
        real = [m.crops(self.config.cells, 2, noise.generator(7, i))[0] for i, m in enumerate(self.materials)]
        real_spread = float(np.mean([(r[0] - r[1]).abs().mean().item() for r in real]))
        return (a - b).abs().mean().item() / real_spread

    def export(self, path: Path) -> None:
        """Write the averaged generator as a model file."""
        write_model_file(path, *self.model(path.stem))

    def model(self, name: str) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """Card and tensors of such a file, in half precision."""
        card = {
            "kind": self.kind,
            "name": name,
            "class": "",
            "codec": self.codec_hash,
            "config": config_card(self.generator_config),
            "styles": self.names,
            "training_materials": self.names,
        }
        tensors = half_precision(self.averaged)
        tensors["calibrations"] = np.stack([self.calibration(i).matrix for i in range(len(self.names))])
        return card, tensors

    def sheet(self) -> np.ndarray:
        """Base colors from the first noise, a style each: (256, 256 * styles, 3), at most eight styles."""
        count = min(8, len(self.materials))
        with torch.no_grad():
            styles = torch.arange(count, device=self.device)
            z = self.averaged(self._noise_for(0, count), self.averaged.styles(styles)).cpu()
            stacks = self.decoder(F.pad(z, (8, 8, 8, 8), mode="circular")).numpy()
        return np.concatenate([picture_from_stack(s, "base_color") for s in stacks], 1)

    def calibration(self, index: int) -> Calibration:
        """What brings the shades and contrasts of what is made up from noise to those of the material, as the drawer
        draws it. What is fine in its maps is in part a grid of cells, which is not to be made stronger."""
        material, generator = self.materials[index].material, self.averaged
        style = generator.styles.weight[index].detach().cpu().numpy()
        sides = (CALIBRATED, CALIBRATED)
        latents = [dream(generator, style, style, sides, seed) for seed in CALIBRATED_SEEDS]
        made = np.concatenate([decode_torus(self.drawer, latent) for latent in latents], 2)
        return Calibration.of([scaled_down(material.stack)], made, material.known, apart=frozenset({"base_color"}))

    def _lay_out(
        self, lattices: list[Tensor], style: Tensor, real: Reals, step: int, rng: torch.Generator
    ) -> tuple[Tensor, Tensor, Losses]:
        """Real structures and layouts from noise, rolled. Every second step, layouts that follow the guides of the
        reals, which are crops and no tori, so their borders are left out; with how far they are from following."""
        if step % 2 == 0:
            return real.structures, roll_randomly(self.generator.layout(lattices[:-1], style), rng), {}
        guide = guide_of(real.structures, real.thresholds)
        layout = self.generator.layout(lattices[:-1], style, guide)
        losses = {"follows": F.l1_loss(guide_of(layout, real.thresholds), guide)}
        return inner(real.structures), inner(layout), losses

    def _decoded(self, real: Tensor, fake: Tensor, rng: torch.Generator) -> tuple[Tensor, Tensor]:
        """The maps of the same random part of real and made-up latents."""
        top, left = torch.randint(real.shape[2] - DECODED + 1, (2,), generator=rng).tolist()
        parts = (z[..., top : top + DECODED, left : left + DECODED] for z in (real, fake))
        maps, decoded = (self.decode(z)[..., STRIDE:-STRIDE, STRIDE:-STRIDE] for z in parts)
        return maps, decoded

    def _compare(
        self,
        what: str,
        critic: PatchDiscriminator,
        real: Tensor,
        fake: Tensor,
        styles: Tensor,
        step: int,
        groups: int,
        rng: torch.Generator,
        directions: int = 32,
        flat: float = 1e-3,
    ) -> Losses:
        """Train a critic; then how far the fakes are from the reals: to it, in its features, and patch by patch,
        each of the `groups` materials by itself."""
        config = self.config
        weight = lazy(config.penalty, config.penalty_every, step)
        losses = train_critic(lambda x: critic(x, styles), self.critic_optimizer, real, fake, weight, self.team)
        critic.requires_grad_(False)
        with torch.no_grad():
            real_features = critic.features(real)
            real_logits = critic.judge(real_features[-1], styles)
        fake_features = critic.features(fake)
        fake_logits = critic.judge(fake_features[-1], styles)
        critic.requires_grad_(True)
        pairs = zip(real_features, fake_features, strict=True)
        distances = [feature_distance(r, f, groups, rng, directions=directions) for r, f in pairs]
        losses |= {
            "generator": relativistic_generator(real_logits, fake_logits),
            "features": torch.stack(distances).mean(),
            "patches": patch_distance(real, fake, groups, rng, directions, flat),
        }
        return {f"{what} {name}": value for name, value in losses.items()}

    def _coherence(self, layout: Tensor, styles: Tensor) -> Tensor:
        textures = layout.split(self.config.crops)
        patches = [self.materials[style].patches.to(self.device) for style in styles[:: self.config.crops].tolist()]
        return torch.stack([coherence(t, p, PATCH) for t, p in zip(textures, patches, strict=True)]).mean()

    def _weight(self, loss: str) -> float:
        """What a loss counts in the generator's step; 0 for what is the critics' own."""
        weights = {
            "generator": 1.0,
            "features": self.config.features,
            "patches": self.config.patches,
            "coherence": self.config.coherence,
            "reconstruction": self.config.reconstruction,
            "means": self.config.means,
            "novelty": self.config.novelty,
            "spectrum": self.config.spectrum,
            "follows": self.config.follows,
        }
        return weights.get(loss.split()[-1], 0.0)

    def _real(self, step: int, places: range) -> Reals:
        count = len(self.materials)
        order = self._random(step, 1).permutation(max(count, self.config.groups))
        chosen = (order[: self.config.groups] % count)[places.start : places.stop]
        crops = [
            self.materials[style].crops(self.config.cells, self.config.crops, self._random(step, 2, p))
            for style, p in zip(chosen, places, strict=True)
        ]
        latents, structures = (torch.cat(parts) for parts in zip(*crops, strict=True))
        thresholds = torch.tensor([self.materials[style].threshold for style in chosen])
        return Reals(
            torch.from_numpy(chosen).repeat_interleave(self.config.crops).to(self.device),
            latents.to(self.device, memory_format=torch.channels_last),
            structures.to(self.device, memory_format=torch.channels_last),
            thresholds.repeat_interleave(self.config.crops).to(self.device),
        )

    @torch.no_grad()
    def _begin_with(self, path: Path, codes: Tensor) -> None:
        """Begin with another generator's layouts, and with its styles where the materials are the same; with its
        details, too, and then with the codes (styles, codes, channels) of such styles, if it is of the same codec."""
        file = read_model_file(path)
        same = file.card["codec"] == self.codec_hash
        parts = ("layout.", "detail.") if same else ("layout.",)
        taken = {k: torch.from_numpy(v).float() for k, v in file.tensors.items() if k.startswith(parts)}
        self.generator.load_state_dict(taken, strict=False)
        theirs = file.card["styles"]
        for index, material in enumerate(self.materials):
            if (name := material.material.name) in theirs:
                vector = torch.from_numpy(file.tensors["styles.weight"][theirs.index(name)]).float()
                self.generator.styles.weight[index] = vector
                if same:
                    codes[index] = self.generator.detail.codes_of(normalize_style(vector.to(self.device)[None]))[0]

    def _cells(self) -> Tensor:
        """The cells that the codes start as, (styles, codes, channels)."""
        codes = self.generator_config.codes
        return torch.stack([m.cells(codes, self._random(3)) for m in self.materials])

    def _random(self, *counters: int) -> np.random.Generator:
        return noise.generator(self.config.seed, *counters)

    def _noise(self, step: int, places: range) -> list[Tensor]:
        generator = torch.Generator().manual_seed(self.config.seed * 1_000_003 + step)
        whole = self._draw(self.config.groups * self.config.crops, generator)
        first, last = places.start * self.config.crops, places.stop * self.config.crops
        return [lattice[first:last] for lattice in whole]

    def _noise_for(self, seed: int, count: int) -> list[Tensor]:
        return self._draw(count, torch.Generator().manual_seed(seed))

    def _draw(self, count: int, generator: torch.Generator) -> list[Tensor]:
        sides = [self.config.cells // pitch for pitch in LATTICES]
        channels = self.generator_config.noise_channels
        return [torch.randn(count, channels, side, side, generator=generator).to(self.device) for side in sides]

    def _average(self, average: Tensor, current: Tensor, count: Tensor | int) -> Tensor:
        """Moving average whose memory grows with the run, so that the first weights are soon forgotten."""
        decay = min(self.config.ema, (1 + int(count)) / (10 + int(count)))
        return average + (1 - decay) * (current - average)

    def _adam(self, rate: float, *modules: torch.nn.Module) -> torch.optim.Adam:
        parameters = [p for module in modules for p in module.parameters()]
        return torch.optim.Adam(parameters, rate, betas=(0.0, 0.99), fused=True)


def _sizes_of(path: Path) -> GeneratorConfig:
    return config_of(GeneratorConfig, read_card(path), path)


def inner(x: Tensor) -> Tensor:
    """A crop without its border."""
    return x[..., BORDER:-BORDER, BORDER:-BORDER]
