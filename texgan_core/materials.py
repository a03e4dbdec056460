"""A folder of pictures, or of PBR sets, into map stacks: the one place for their conventions.

A PBR set is a group of pictures in one folder whose names differ in the word for the map
("Bricks_col.png", "Bricks_nrm.png"), see `map_names`. Some pictures hold three maps, see `PACKED`. A
picture that is part of no set is a base color alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from .errors import ImageError
from .map_names import NameSet, is_directx, sort_names
from .maps import CHANNELS, MAPS, stack_values_from_picture
from .normals import height_from_normals, standardize_height
from .pictures import SUFFIXES, read_channels, read_color, read_cutout, read_grey, resize

STAND_INS = {"base_color": "plain", "roughness": "gloss", "height": "bump"}
"""Kinds of picture that serve for a map that is missing; gloss is inverted."""
PACKED = {
    "orm": ("ambient_occlusion", "roughness", "metallic"),
    "mask": ("metallic", "ambient_occlusion", "unused", "gloss"),
}
"""Kinds of picture that hold several maps, by channel: those of glTF and Unreal Engine, and Unity's, which is one only
if it has the fourth. They serve for maps that have no picture of their own."""
LARGEST_STRETCH = 1.05
"""How far the proportions of a set's maps may differ."""


@dataclass(frozen=True)
class MaterialFiles:
    """The picture files of one material; `files` by map name, "gloss" for inverted roughness, or as in `PACKED`."""

    name: str
    files: dict[str, Path] = field(hash=False)
    directx_normals: bool = False


@dataclass(frozen=True)
class Material:
    """One material in memory: `stack` (CHANNELS, height, width) float16 in -1..1; `known` map names."""

    name: str
    stack: np.ndarray
    known: frozenset[str]

    def known_flags(self) -> np.ndarray:
        """(len(MAPS),) float32 of 0 and 1."""
        return np.array([name in self.known for name in MAPS], np.float32)


def find_materials(folder: Path) -> list[MaterialFiles]:
    """All materials in a folder and its subfolders, sorted by name; hidden files are passed over.

    Raises:
        ImageError: the folder does not exist or holds no picture.
    """
    if not folder.is_dir():
        raise ImageError(f"{folder} is not a folder.")
    by_parent: dict[Path, list[Path]] = {}
    for path in folder.rglob("*"):
        if path.suffix.lower() in SUFFIXES and not path.name.startswith(".") and path.is_file():
            by_parent.setdefault(path.parent, []).append(path)
    if not by_parent:
        raise ImageError(f"{folder} holds no pictures ({', '.join(sorted(SUFFIXES))}).")
    found = [m for parent, pictures in by_parent.items() for m in _materials_of(folder, parent, pictures)]
    return sorted(found, key=lambda m: m.name)


def _materials_of(root: Path, parent: Path, pictures: list[Path]) -> list[MaterialFiles]:
    """The materials of one folder; the only set of a folder bears the folder's name."""
    sets, alone = sort_names(path.name for path in pictures)
    if len(sets) == 1 and "base_color" in sets[0].names and len(alone) == 1:
        alone = []  # the one picture beside a set is its preview
    place = parent.relative_to(root)
    if len(sets) == 1 and not alone:
        return [_material(place.as_posix() if place.parts else root.resolve().name, _files_of(sets[0], parent))]
    found = [_material((place / (s.title or parent.name)).as_posix(), _files_of(s, parent)) for s in sets]
    return found + [_material((place / Path(name).stem).as_posix(), {"base_color": parent / name}) for name in alone]


def gathered(paths: Sequence[Path]) -> list[Path | MaterialFiles]:
    """What pictures and folders show: folders as they are, and of pictures beside each other those whose names make a
    set as one material. Every other is a base color, one alone in its folder whatever it is called."""
    names: dict[Path, list[str]] = {}
    for path in paths:
        if not path.is_dir():
            names.setdefault(path.parent, []).append(path.name)
    holders = {path: files for parent in names for path, files in _holders(parent, names[parent]).items()}
    return list(dict.fromkeys(path if path.is_dir() else holders[path] for path in paths))


def _holders(parent: Path, names: list[str]) -> dict[Path, MaterialFiles]:
    """The materials of some pictures of a folder, by picture."""
    sets = sort_names(names)[0] if len(names) > 1 else []
    found = {parent / name: MaterialFiles(Path(name).stem, {"base_color": parent / name}) for name in names}
    for one in sets:
        material = _material(one.title or parent.resolve().name, _files_of(one, parent))
        found |= dict.fromkeys((parent / name for name in one.names.values()), material)
    return found


def _files_of(name_set: NameSet, parent: Path) -> dict[str, Path]:
    """The pictures to use, by map name, or "gloss" where there is no roughness; packed ones for what is missing."""
    names = name_set.names
    files = {kind: parent / names[kind] for kind in MAPS if kind in names}
    for kind, stand_in in STAND_INS.items():
        if kind not in files and stand_in in names:
            files["gloss" if stand_in == "gloss" else kind] = parent / names[stand_in]
    lacking = {name for name in PACKED["orm"] if _kind_of(files, name) is None}
    return files | {kind: parent / names[kind] for kind in PACKED if kind in names and lacking}


def _material(name: str, files: dict[str, Path]) -> MaterialFiles:
    return MaterialFiles(name, files, "normal" in files and is_directx(files["normal"].name))


def name_of(path: Path) -> str:
    """What a picture, or a folder with one material's maps, is called."""
    return path.name if path.is_dir() else path.stem


def load_material(files: MaterialFiles) -> Material:
    """Read one material; maps of other sizes are brought to the size of the base color.

    A missing height is integrated from the normals; a missing metallic map means a dielectric.

    Raises:
        ImageError: no base color, or a picture that cannot be used.
    """
    return material_of(files.name, read_maps(files))


def read_maps(files: MaterialFiles) -> dict[str, np.ndarray]:
    """As `read_pictures`, all of the size of the base color.

    Raises:
        ImageError: as `read_pictures`.
    """
    return of_one_size(read_pictures(files))


def read_pictures(files: MaterialFiles) -> dict[str, np.ndarray]:
    """The pictures of one material by map: float32 in 0..1, the base color sRGB-encoded, with the opacity as a fourth
    channel if it has one, normals OpenGL, each of its own size.

    Raises:
        ImageError: no base color, or a picture that cannot be used.
    """
    if "base_color" not in files.files:
        raise ImageError(f"The set {files.name} has no base color picture.")
    pictures = {"base_color": read_cutout(files.files["base_color"])}
    height, width = pictures["base_color"].shape[:2]
    packed = _unpacked(files.files, width, height)
    for name in MAPS:
        picture = _read_map(files, name, width, height) if name != "base_color" else None
        picture = packed.get(name) if picture is None else picture
        if picture is not None:
            pictures[name] = picture
    return pictures


def of_one_size(pictures: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Pictures by map, all of the size of the base color."""
    height, width = pictures["base_color"].shape[:2]
    return {name: resize(picture, width, height) for name, picture in pictures.items()}


def with_channels(pictures: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Pictures by map, grey or in colour, with the channels that their maps have."""
    return {name: _with_channels(picture, MAPS[name].picture_channels) for name, picture in pictures.items()}


def _with_channels(picture: np.ndarray, channels: int) -> np.ndarray:
    if channels == 3 and picture.ndim == 2:
        return np.repeat(picture[..., None], 3, 2)
    return picture.mean(2) if channels == 1 and picture.ndim == 3 else picture


def material_of(name: str, pictures: Mapping[str, np.ndarray]) -> Material:
    """The material that pictures by map make, as from `read_maps`; missing maps as in `load_material`."""
    stack = np.zeros((CHANNELS, *pictures["base_color"].shape[:2]), np.float32)
    for map_name, picture in pictures.items():
        values = standardize_height(picture * 256) if map_name == "height" else picture
        stack[MAPS[map_name].span] = stack_values_from_picture(values, map_name)
    known = set(pictures)
    _complete(stack, known)
    return Material(name, stack.astype(np.float16), frozenset(known))


def _read_map(files: MaterialFiles, name: str, width: int, height: int) -> np.ndarray | None:
    kind = _kind_of(files.files, name)
    if kind is None:
        return None
    path = files.files[kind]
    picture = _shaped(path, read_color(path) if name == "normal" else read_grey(path), width, height)
    if name == "normal" and files.directx_normals:
        picture = np.stack([picture[..., 0], 1 - picture[..., 1], picture[..., 2]], 2)
    return 1 - picture if kind == "gloss" else picture


def _kind_of(files: Mapping[str, Path], name: str) -> str | None:
    """Which picture of its own a map has."""
    gloss = name == "roughness" and name not in files and "gloss" in files
    return "gloss" if gloss else name if name in files else None


def _unpacked(files: Mapping[str, Path], width: int, height: int) -> dict[str, np.ndarray]:
    """The maps in pictures that hold several."""
    found: dict[str, np.ndarray] = {}
    for kind, names in PACKED.items():
        channels = read_channels(files[kind]) if kind in files else None
        if channels is not None and channels.shape[2] >= len(names):
            shaped = _shaped(files[kind], channels, width, height)
            found |= {name: shaped[..., channel] for channel, name in enumerate(names)}
    if "gloss" in found:
        found.setdefault("roughness", 1 - found["gloss"])
    return found


def _shaped(path: Path, picture: np.ndarray, width: int, height: int) -> np.ndarray:
    """A map, if it has the shape of its base color."""
    stretch = picture.shape[1] * height / (picture.shape[0] * width)
    if not 1 / LARGEST_STRETCH <= stretch <= LARGEST_STRETCH:
        size = f"{picture.shape[1]} x {picture.shape[0]}"
        raise ImageError(f"{path} is {size}, its base color {width} x {height}; maps of a set must be of one shape.")
    return picture


def _complete(stack: np.ndarray, known: set[str]) -> None:
    """Fill in what a set's absent maps imply. A bare colour picture implies nothing."""
    if known == {"base_color"}:
        return
    if "height" not in known and "normal" in known:
        stack[MAPS["height"].span] = standardize_height(height_from_normals(stack[MAPS["normal"].span])) * 2 - 1
        known.add("height")
    for name, spec in MAPS.items():
        if name not in known and spec.default is not None:
            stack[spec.span] = spec.default * 2 - 1
            known.add(name)
