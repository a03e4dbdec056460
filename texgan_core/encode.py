"""From a picture or a PBR set to a latent: the beginning of "more like this"."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import nn

from .cells import SMALLEST_SIDE, fit_to_cells
from .errors import ImageError, ModelFileError
from .estimate import complete
from .gather import gather
from .job import never, unseen
from .library import BUNDLED
from .maps import MAPS, picture_from_stack
from .materials import Material, MaterialFiles, find_materials, gathered, material_of, name_of, read_maps
from .measure import seam
from .mirror import looks_mirrored
from .model_file import SUFFIX, hash_tensors
from .models import MaterialModel, material_model
from .networks import read_codec, read_estimator, read_mirror

SEAMLESS = (0.5, 1.4)
"""Seam figures between which a picture is taken to tile."""
BORDER = 3
"""Cells at a border that does not tile and that the encoder, which wraps, has not seen rightly."""


def material_model_from(*paths: Path) -> MaterialModel:
    """A model of a picture, or of the one material in a folder, by the bundled codec; of several that show the same
    material, all together, pictures whose names make a set as one.

    Raises:
        ImageError: not readable, too small, or a folder of several materials.
        ModelFileError: no codec is bundled.
    """
    encoder, decoder = read_codec(bundled_codec())
    materials = [completed(files) for files in materials_of(paths)]
    name = name_of(paths[0]) if paths[0].is_dir() else materials[0].name
    card = {"name": name, "kind": "material", "class": "own"}
    if len(materials) == 1:
        latent, wraps = encode(encoder, materials[0])
        mirror = suited_mirror(encoder, materials[0], latent, bundled("mirror"))
        return material_model(card | _hash(latent), latent, wraps, decoder, materials, mirror=mirror)
    latent, sheets = gather([encode(encoder, material, (False, False))[0] for material in materials])
    return material_model(card | _hash(latent), latent, (False, False), decoder, materials, sheets)


def _hash(latent: np.ndarray) -> dict[str, str]:
    return {"hash": hash_tensors({"latent": latent})}


def bundled_codec() -> Path:
    """The codec that comes with the package."""
    return bundled("codec")


def bundled(name: str) -> Path:
    """A network that comes with the package: the codec or the estimator.

    Raises:
        ModelFileError: it is not there.
    """
    path = BUNDLED / f"{name}{SUFFIX}"
    if not path.is_file():
        raise ModelFileError(f"The {name} is missing from {BUNDLED}; install TexGAN again.")
    return path


def encode(
    encoder: nn.Module, material: Material, wraps: tuple[bool, bool] | None = None
) -> tuple[np.ndarray, tuple[bool, bool]]:
    """The latent (channels, rows, columns) of a material, and whether it wraps in y and x, which is found out by its
    seams if it is not given.

    Raises:
        ImageError: smaller than `SMALLEST_SIDE` after scaling.
    """
    wraps = wrapping(material) if wraps is None else wraps
    stack = fit_to_cells(material.stack.astype(np.float32), wraps)
    parameter = next(encoder.parameters())
    with torch.inference_mode():
        pixels = torch.from_numpy(stack)[None].to(parameter.device, memory_format=torch.channels_last)
        known = torch.from_numpy(material.known_flags())[None].to(parameter.device)
        latent = encoder(pixels, known)[0].cpu().contiguous().numpy()
    rows = slice(None) if wraps[0] else slice(BORDER, -BORDER)
    columns = slice(None) if wraps[1] else slice(BORDER, -BORDER)
    return np.ascontiguousarray(latent[:, rows, columns]), wraps


def suited_mirror(encoder: nn.Module, material: Material, latent: np.ndarray, mirror: Path) -> np.ndarray | None:
    """The kernel of a mirror's file, if a material, whose latent is the encoder's, looks like its mirror image."""
    wraps, kernel = wrapping(material), read_mirror(mirror)
    encoded, _ = encode(encoder, mirrored_material(material), wraps)
    return kernel if looks_mirrored(latent, encoded, wraps, kernel) else None


def mirrored_material(material: Material) -> Material:
    """A material as it looks mirrored left to right."""
    stack = material.stack[:, :, ::-1].copy()
    across = MAPS["normal"].span.start
    stack[across] = -stack[across]
    return Material(material.name, stack, material.known)


def wrapping(material: Material) -> tuple[bool, bool]:
    """Whether the base color tiles in y and in x, by its seams."""
    return tiles(picture_from_stack(material.stack.astype(np.float32), "base_color"))


def tiles(picture: np.ndarray) -> tuple[bool, bool]:
    """Whether a picture tiles in y and in x, by its seams."""
    x, y = seam(picture)
    return is_seamless(y), is_seamless(x)


def is_seamless(figure: float) -> bool:
    """Whether a picture of this seam tiles there."""
    low, high = SEAMLESS
    return low <= figure <= high


def completed(files: MaterialFiles) -> Material:
    """A material, all that a set without normals does not say being guessed: the codec's own guess at them is nearly
    flat."""
    pictures = read_maps(files)
    color = pictures["base_color"]
    if "normal" in pictures or min(color.shape[:2]) < SMALLEST_SIDE:
        return material_of(files.name, pictures)
    estimator = read_estimator(bundled("estimator"))
    return material_of(files.name, complete(pictures, tiles(color), estimator, unseen, never))


def materials_of(paths: Sequence[Path]) -> list[MaterialFiles]:
    """The materials that pictures and folders show, as `gathered` has them.

    Raises:
        ImageError: a folder without pictures or of several materials.
    """
    return [one_material(found) if isinstance(found, Path) else found for found in gathered(paths)]


def pictures_of_one(paths: Sequence[Path]) -> list[Path]:
    """The pictures and folders that show one material, instead of a folder that holds lone colour pictures alone all of
    these.

    Raises:
        ImageError: a folder without pictures.
    """
    return [shown for path in paths for shown in _lone_pictures(path) or [path]]


def _lone_pictures(path: Path) -> list[Path]:
    """Those in a folder, if it holds several and nothing else."""
    found = find_materials(path) if path.is_dir() else []
    are_alone = len(found) > 1 and all(list(files.files) == ["base_color"] for files in found)
    return [files.files["base_color"] for files in found] if are_alone else []


def one_material(path: Path) -> MaterialFiles:
    """A picture, or the only material of a folder.

    Raises:
        ImageError: a folder without pictures or of several materials.
    """
    if not path.is_dir():
        return MaterialFiles(name_of(path), {"base_color": path})
    found = find_materials(path)
    if len(found) > 1:
        raise ImageError(f"{path} holds {len(found)} materials; name the folder or picture of one.")
    return found[0]
