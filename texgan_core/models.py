"""The kinds of model that make textures, each able to fill a requested torus with map stacks.

material    a photographed material as one latent, laid out anew (resynthesis), then decoded
style       a material that the latent generator learned: a latent from noise, then decoded
classic     the article's networks: noise to colours directly
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from . import classic, noise
from .border import BorderSteps
from .calibration import RIM, Calibration
from .cells import scaled_down
from .codec import Decoder
from .decode import Tile, decode_torus
from .dream import dream
from .errors import ModelFileError, RequestError
from .generator import SIZE_STEP, LatentGenerator
from .grid import STRIDE
from .job import IsCancelled, Progress
from .library import find_part
from .look import STREAM, look_of
from .maps import CHANNELS, MAPS
from .materials import Material
from .mirror import MirrorImage, mirror_image
from .model_file import ModelFile, read_card, read_model_file
from .networks import classic_generator, read_codec, read_generator, read_mirror
from .packing import pack, unpack
from .recent import recent
from .resynthesis import lay_out

if TYPE_CHECKING:
    from .synthesize import TextureRequest

LEAN = 0.35
"""How far, at most, a look leans towards another style: a third of the way bricks are still bricks."""


class Model(ABC):
    """A loaded model. `maps` are the maps it can make; sizes must be multiples of `size_step`; `takes_guide` says
    whether its layout can follow one; `joints` is what fills the joints, if that is another model; `blend` is what
    it is blended with, and how far."""

    maps: tuple[str, ...] = tuple(MAPS)
    size_step: int = STRIDE
    takes_guide: bool = False
    joints: "Model | None" = None
    blend: "tuple[Model, float] | None" = None

    def __init__(self, card: dict[str, Any]) -> None:
        self.card = card
        self.name: str = card["name"]
        self.kind: str = card["kind"]
        self.hash: str = card["hash"]

    @abstractmethod
    def tiles(
        self,
        request: "TextureRequest",
        device: torch.device,
        on_progress: Progress,
        is_cancelled: IsCancelled,
        with_preview: bool = False,
    ) -> Iterator[Tile]:
        """The requested torus as tiles of map stacks, values in -1..1; `with_preview` the first of them may be one of
        all of it, if the others take much longer."""


class LatentModel(Model):
    """A model that fills a latent torus, which the codec's decoder turns into maps. `shades` says whether style seeds
    change the shades of what is decoded."""

    shades = False

    def __init__(self, card: dict[str, Any], decoder: Decoder, calibration: Calibration) -> None:
        super().__init__(card)
        self.decoder, self.calibration = decoder, calibration

    @abstractmethod
    def latent(
        self, request: "TextureRequest", device: torch.device, on_progress: Progress, is_cancelled: IsCancelled
    ) -> np.ndarray:
        """(latent_channels, rows, columns) float32 for the requested torus."""

    def finish(self, decoded: np.ndarray, request: "TextureRequest") -> np.ndarray:
        """Decoded maps with the rim that calibration needs as the material and the request want them, (CHANNELS,
        height, width)."""
        stack = self.calibration.apply(decoded)
        if self.shades:
            first, second, share = request.way()
            look_of(first).towards(look_of(second), share).apply(stack)
        request.look.apply(stack)
        return stack

    def tiles(
        self,
        request: "TextureRequest",
        device: torch.device,
        on_progress: Progress,
        is_cancelled: IsCancelled,
        with_preview: bool = False,
    ) -> Iterator[Tile]:
        latent = self.latent(request, device, on_progress, is_cancelled)
        yield from self._decode(latent, request, device, with_preview, is_cancelled)

    def _decode(
        self,
        latent: np.ndarray,
        request: "TextureRequest",
        device: torch.device,
        with_preview: bool,
        is_cancelled: IsCancelled,
        first: tuple[int, int] = (0, 0),
    ) -> Iterator[Tile]:
        """Finished tiles of a latent torus that is cut open at the `first` row and column of pixels."""
        for tile in recent.tiles(self.decoder.to(device), latent, first, with_preview, is_cancelled):
            yield replace(tile, stack=self.finish(tile.stack, request))


class MaterialModel(LatentModel):
    """A material's own latent (channels, rows, columns), laid out anew on a torus; if it is of several pictures side
    by side, `sheets` has the columns of each. With the kernel of a `mirror`, its mirror image is laid out, too."""

    shades = True

    def __init__(
        self,
        card: dict[str, Any],
        exemplar: np.ndarray,
        wraps: tuple[bool, bool],
        border_steps: BorderSteps,
        decoder: Decoder,
        calibration: Calibration,
        sheets: tuple[int, ...] = (),
        mirror: np.ndarray | None = None,
    ) -> None:
        super().__init__(card, decoder, calibration)
        self.exemplar, self.wraps, self.border_steps, self.sheets = exemplar, wraps, border_steps, sheets
        self.shift: int | None = None
        if mirror is not None:
            self._put_beside(mirror_image(exemplar, wraps, mirror))

    def latent(
        self, request: "TextureRequest", device: torch.device, on_progress: Progress, is_cancelled: IsCancelled
    ) -> np.ndarray:
        rows, columns = self._lay_out(request, on_progress, is_cancelled)
        return self.exemplar[:, rows, columns]

    def tiles(
        self,
        request: "TextureRequest",
        device: torch.device,
        on_progress: Progress,
        is_cancelled: IsCancelled,
        with_preview: bool = False,
    ) -> Iterator[Tile]:
        """The torus is cut open where that shows least."""
        rows, columns = sources = self._lay_out(request, on_progress, is_cancelled)
        first = self.border_steps.typical_lines(sources)
        yield from self._decode(self.exemplar[:, rows, columns], request, device, with_preview, is_cancelled, first)

    def _lay_out(self, request: "TextureRequest", on_progress: Progress, is_cancelled: IsCancelled) -> np.ndarray:
        seed = request.layout_seed
        exemplar, wraps, cells = self.exemplar, self.wraps, cells_of(request)
        return lay_out(exemplar, wraps, cells, seed, on_progress, is_cancelled, self.sheets, self.shift)

    def _put_beside(self, image: MirrorImage) -> None:
        """From now on the exemplar is both, side by side."""
        columns = image.latent.shape[2]
        self.sheets, self.shift = (self.exemplar.shape[2], columns), image.shift
        self.border_steps = self.border_steps.beside_mirror_image(image.shift, columns)
        self.exemplar = np.concatenate([self.exemplar, image.latent], 2)


class StyleModel(LatentModel):
    """One style (style_size,) of the latent generator. With other style seeds its look, never its layout, leans
    towards another of the generator's styles, if there are any."""

    size_step = SIZE_STEP
    takes_guide = True

    def __init__(
        self,
        card: dict[str, Any],
        style: np.ndarray,
        generator: LatentGenerator,
        decoder: Decoder,
        calibration: Calibration,
    ) -> None:
        super().__init__(card, decoder, calibration)
        self.style, self.generator = style, generator
        self.shades = generator.config.styles == 1

    def latent(
        self, request: "TextureRequest", device: torch.device, on_progress: Progress, is_cancelled: IsCancelled
    ) -> np.ndarray:
        first, second, share = request.way()
        look = ((1 - share) * self._look_of(first) + share * self._look_of(second)).astype(np.float32)
        cells, seed = cells_of(request), request.layout_seed
        guide = request.guide.values(cells) if request.guide else None
        return dream(self.generator.to(device), self.style, look, cells, seed, guide, on_progress, is_cancelled)

    def _look_of(self, seed: int) -> np.ndarray:
        if seed == 0:
            return self.style
        which, share = noise.uniform((2,), seed, STREAM)
        others = self.generator.styles.weight.cpu().numpy()
        other = others[int(which * len(others))]
        return (self.style + LEAN * share * (other - self.style)).astype(np.float32)


class ClassicModel(Model):
    """The article's generator: colours only; 64 x 64, or any torus of the tiling sibling."""

    maps = ("base_color",)

    def __init__(
        self, card: dict[str, Any], generator: classic.ClassicGenerator | classic.ClassicTilingGenerator
    ) -> None:
        super().__init__(card)
        self.generator = generator

    def tiles(
        self,
        request: "TextureRequest",
        device: torch.device,
        on_progress: Progress,
        is_cancelled: IsCancelled,
        with_preview: bool = False,
    ) -> Iterator[Tile]:
        tiling = isinstance(self.generator, classic.ClassicTilingGenerator)
        if not tiling and request.size != (classic.SIZE, classic.SIZE):
            raise RequestError(f"The model {self.name} makes 64 x 64 pictures only; ask for that size.")
        shape = classic.noise_shape(tiling, 1, cells_of(request))
        z = torch.from_numpy(noise.normal(shape, request.layout_seed, request.style_seed)).to(device)
        with torch.inference_mode():
            colors = self.generator.to(device)(z)[0].cpu().numpy()
        stack = np.zeros((CHANNELS, *colors.shape[1:]), np.float32)
        stack[MAPS["base_color"].span] = colors
        request.look.apply(stack)
        yield Tile(stack, 0, 0, 1.0)


def material_model(
    card: dict[str, Any],
    latent: np.ndarray,
    wraps: tuple[bool, bool],
    decoder: Decoder,
    materials: Sequence[Material],
    sheets: tuple[int, ...] = (),
    mirror: np.ndarray | None = None,
) -> MaterialModel:
    """A model of a material whose latent has just been encoded; looks at its decoded maps once. The rest is as of
    `MaterialModel`."""
    steps, calibration = _look_at(latent, decoder, materials)
    return MaterialModel(card, latent, wraps, steps, decoder, calibration, sheets, mirror)


def read_model(path: Path) -> Model:
    """Read any model file that can make textures.

    Raises:
        ModelFileError: damaged, foreign, of a kind that makes no textures by itself, or a part is missing.
    """
    file = read_model_file(path)
    kind = file.card["kind"]
    if kind == "material":
        return _read_material(file, path)
    if kind == "style":
        return _read_style(file, path)
    if kind == "classic":
        return ClassicModel(file.card, classic_generator(file, path))
    raise ModelFileError(f"{path} is a {kind}, a part of other models; choose a material instead.")


def material_tensors(latent: np.ndarray, decoder: Decoder, materials: Sequence[Material]) -> dict[str, np.ndarray]:
    """What a material's file holds: its latent (channels, rows, columns), packed, border steps and calibration by the
    pictures that it was encoded from."""
    packed = pack(latent)
    steps, calibration = _look_at(unpack(packed, latent.shape), decoder, materials)
    return {
        "latent": packed,
        "latent_shape": np.array(latent.shape, np.int32),
        "across_rows": steps.across_rows,
        "across_columns": steps.across_columns,
        "calibration": calibration.matrix,
    }


def mirror_tensors(mirror_hash: str) -> dict[str, np.ndarray]:
    """What the file of a material holds beside that if it is laid out with its mirror image: which mirror makes it, so
    that its hash tells, too."""
    return {"mirror": np.frombuffer(bytes.fromhex(mirror_hash), np.uint8)}


def style_tensors(generator: dict[str, np.ndarray], index: int) -> dict[str, np.ndarray]:
    """What the file of a style holds, of its generator's tensors."""
    return {
        "style": generator["styles.weight"][index].astype(np.float32),
        "calibration": generator["calibrations"][index],
    }


def _look_at(latent: np.ndarray, decoder: Decoder, materials: Sequence[Material]) -> tuple[BorderSteps, Calibration]:
    decoded = decode_torus(decoder, latent, RIM)
    known = frozenset.intersection(*(m.known for m in materials))
    calibration = Calibration.of([scaled_down(m.stack) for m in materials], decoded, known)
    return BorderSteps.of(calibration.apply(decoded)), calibration


def _read_material(file: ModelFile, path: Path) -> MaterialModel:
    try:
        channels, rows, columns = file.tensors["latent_shape"].tolist()
        latent = unpack(file.tensors["latent"], (channels, rows, columns))
        wraps = (bool(file.card["wraps"][0]), bool(file.card["wraps"][1]))
        codec_hash = str(file.card["codec"])
        sheets = tuple(int(side) for side in file.card.get("sheets", (columns,)))
        steps = BorderSteps(file.tensors["across_rows"], file.tensors["across_columns"])
        calibration = Calibration(file.tensors["calibration"])
        if not steps.fits(latent.shape) or min(sheets) < 1 or sum(sheets) != columns:
            raise ValueError(latent.shape)
    except (KeyError, IndexError, TypeError, ValueError, MemoryError) as error:
        raise ModelFileError(f"{path} lacks parts of its latent or card; fetch it again.") from error
    _, decoder = read_codec(find_part("codec", codec_hash, path.parent))
    if latent.shape[0] != decoder.latent_channels:
        raise ModelFileError(f"{path} does not fit its codec; fetch both again.")
    if len(sheets) > 1:
        return MaterialModel(file.card, latent, wraps, steps, decoder, calibration, sheets)
    return MaterialModel(file.card, latent, wraps, steps, decoder, calibration, mirror=_mirror_of(file, path, channels))


def _mirror_of(file: ModelFile, path: Path, channels: int) -> np.ndarray | None:
    """The kernel of the mirror that a material's file names, if it names one."""
    if "mirror" not in file.tensors:
        return None
    mirror = read_mirror(find_part("mirror", file.tensors["mirror"].tobytes().hex(), path.parent))
    if len(mirror) != channels:
        raise ModelFileError(f"{path} does not fit its mirror; fetch both again.")
    return mirror


def _read_style(file: ModelFile, path: Path) -> StyleModel:
    try:
        style = file.tensors["style"].astype(np.float32)
        calibration = Calibration(file.tensors["calibration"])
        generator_path = find_part("generator", str(file.card["generator"]), path.parent)
    except (KeyError, TypeError, ValueError) as error:
        raise ModelFileError(f"{path} lacks its style or its generator's name; fetch it again.") from error
    generator = read_generator(generator_path)
    codec_hash = file.card.get("codec") or read_card(generator_path).get("codec")
    _, decoder = read_codec(find_part("codec", str(codec_hash), path.parent))
    if style.shape != (generator.config.style_size,) or generator.config.latent_channels != decoder.latent_channels:
        raise ModelFileError(f"{path} does not fit its generator and codec; fetch them again.")
    return StyleModel(file.card, style, generator, decoder, calibration)


def cells_of(request: "TextureRequest") -> tuple[int, int]:
    """Rows and columns of the latent of a request."""
    width, height = request.size
    return height // STRIDE, width // STRIDE
