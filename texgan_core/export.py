"""A set of maps as the files that other programs expect: names, normals' convention, and several maps in one."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .errors import RequestError
from .maps import MAPS
from .pictures import (
    EXR,
    LARGEST_SIDE,
    bits_of,
    decode_base_color,
    decode_picture,
    is_png,
    largest_size,
    resize,
    to_linear,
    write_file,
    write_picture,
)

FILE_WORDS = {
    "base_color": "basecolor",
    "normal": "normal",
    "roughness": "roughness",
    "height": "height",
    "metallic": "metallic",
    "ambient_occlusion": "ao",
}
"""What a map is called in file names, so that Blender's Node Wrangler knows it."""
DIRECTX_WORD = "normal_directx"
PACKED = ("roughness", "metallic", "ambient_occlusion")
"""The maps that a packing puts into one picture."""
PACKINGS = {
    "none": "each map a picture of its own",
    "orm": "occlusion, roughness and metallic as red, green and blue (Unreal Engine, glTF)",
    "mask": "metallic, occlusion, nothing and smoothness as red, green, blue and alpha (Unity)",
}
LARGEST_OWN = 65536
"""Pixels a side of the largest textures that are made."""
FORMATS = {
    "png": "PNG of 8 bits, the height of 16",
    "png16": "PNG of 16 bits",
    "exr": "OpenEXR of half floats, the height of whole ones; colours linear",
}


@dataclass(frozen=True)
class ExportOptions:
    """`packing` is one of `PACKINGS`, `format` one of `FORMATS`; with `directx`, green of the normals points down."""

    packing: str = "none"
    directx: bool = False
    format: str = "png"

    def validate(self) -> None:
        """Raises RequestError: no such packing or format."""
        if self.packing not in PACKINGS:
            raise RequestError(f"There is no packing named {self.packing!r}; choose from {', '.join(PACKINGS)}.")
        if self.format not in FORMATS:
            raise RequestError(f"There is no format named {self.format!r}; choose from {', '.join(FORMATS)}.")

    @property
    def suffix(self) -> str:
        """Of the files' names."""
        return EXR if self.format == "exr" else ".png"

    def bits(self, name: str) -> int:
        """Of each channel of a map."""
        few, many = {"png": (8, 16), "png16": (16, 16), "exr": (16, 32)}[self.format]
        return many if name == "height" else few

    def keeps(self, name: str) -> bool:
        """Whether a PNG of a map is written as it is."""
        is_turned, is_packed = self.directx and name == "normal", self.packing != "none" and name in PACKED
        return self.format == "png" and not is_turned and not is_packed


def with_packed(maps: tuple[str, ...], offered: Collection[str], options: ExportOptions) -> tuple[str, ...]:
    """The maps to make so that they can be packed: those of the packing that are offered as well.

    Raises:
        RequestError: there is a packing, but no roughness is offered.
    """
    if options.packing == "none":
        return maps
    _check_roughness(offered)
    return tuple(dict.fromkeys([*maps, *(name for name in PACKED if name in offered)]))


def export(
    maps: Mapping[str, np.ndarray],
    folder: Path,
    name: str,
    options: ExportOptions | None = None,
    frame: int | None = None,
    bits: Mapping[str, int] | None = None,
) -> dict[str, Path]:
    """Write a set of maps as pictures, each whole or not at all.

    Args:
        maps: as of a `TextureSet`: float in 0..1, (height, width, 3) or (height, width); the base color may have an
            opacity as a fourth channel.
        name: begins the file names; what file systems do not like in it is left out.
        frame: ends them, with four digits, if the set is one of an animation.
        bits: how many some maps need at least, if more than the format gives.

    Returns:
        The files by map name, packed ones by the name of the packing.

    Raises:
        RequestError: no such packing or format, or a map that it needs is missing. ImageError: a file cannot be
            written.
    """
    options = options or ExportOptions()
    paths = {what: folder / file for what, file in file_names(maps, name, options, frame).items()}
    pictures = {what: _picture(maps, what, options) for what in paths}
    for what, picture in pictures.items():
        light = options.suffix == EXR and what == "base_color"
        depth = max(options.bits(what), (bits or {}).get(what, 0))
        write_picture(paths[what], _light(picture) if light else picture, depth)
    return paths


def export_files(files: Mapping[str, bytes], folder: Path, name: str, options: ExportOptions) -> dict[str, Path]:
    """`export` of maps that are the bytes of picture files: as PNG exactly as they are, but for those that are packed
    or turned.

    Raises:
        ImageError: one is no picture. Otherwise as `export`.
    """
    names = file_names(files, name, options)
    kept = {what for what, data in files.items() if is_png(data) and options.keeps(what)}
    maps = {what: _decoded(data, f"{name} {what}", what) for what, data in files.items() if what not in kept}
    paths = export(maps, folder, name, options, bits={what: bits_of(picture) for what, picture in maps.items()})
    for what in kept:
        paths[what] = folder / names[what]
        write_file(paths[what], files[what])
    return paths


def _decoded(data: bytes, name: str, what: str) -> np.ndarray:
    decode = decode_base_color if what == "base_color" else decode_picture
    return decode(data, name, LARGEST_OWN if is_png(data) else LARGEST_SIDE)


def _light(picture: np.ndarray) -> np.ndarray:
    """Colours as OpenEXR has them: linear, and what passes the opacity."""
    opacity = picture[..., 3:]
    light = to_linear(picture[..., :3])
    return np.dstack([light * opacity, opacity]) if opacity.shape[2] else light


def file_names(maps: Iterable[str], name: str, options: ExportOptions, frame: int | None = None) -> dict[str, str]:
    """What `export` calls the files of these maps, by map name, packed ones by the name of the packing.

    Raises:
        RequestError: no such packing or format.
    """
    options.validate()
    words = {each: FILE_WORDS[each] for each in maps if options.packing == "none" or each not in PACKED}
    if options.directx and "normal" in words:
        words["normal"] = DIRECTX_WORD
    if options.packing != "none":
        words[options.packing] = options.packing
    stem = file_stem(name)
    number = "" if frame is None else f"_{frame:04d}"
    return {what: f"{stem}_{word}{number}{options.suffix}" for what, word in words.items()}


def file_stem(name: str) -> str:
    """How the names of a set's files begin: a name from a foreign file must not lead out of the folder."""
    return re.sub(r"[^\w.-]+", "_", name)


def _picture(maps: Mapping[str, np.ndarray], what: str, options: ExportOptions) -> np.ndarray:
    """What is written of a map or packing."""
    if what == options.packing:
        return _pack(maps, what)
    return flip_green(maps[what]) if what == "normal" and options.directx else maps[what]


def flip_green(normals: np.ndarray) -> np.ndarray:
    """OpenGL normals (height, width, 3) as DirectX has them, and the other way round."""
    flipped = normals.copy()
    flipped[..., 1] = 1 - flipped[..., 1]
    return flipped


def _pack(maps: Mapping[str, np.ndarray], packing: str) -> np.ndarray:
    """(height, width, 3 or 4), as large as the largest. A material without metallic is no metal; one without occlusion
    has none. Maps are scaled as they are shown: beyond a border is the opposite one."""
    _check_roughness(maps)
    there = {name: maps[name] for name in PACKED if name in maps}
    height, width = largest_size(there.values())
    fitted = {name: resize(picture, width, height, (True, True)) for name, picture in there.items()}
    roughness = fitted["roughness"]
    occlusion = fitted.get("ambient_occlusion", np.ones_like(roughness))
    metallic = fitted.get("metallic", np.full_like(roughness, MAPS["metallic"].default))
    if packing == "orm":
        return np.stack([occlusion, roughness, metallic], 2)
    return np.stack([metallic, occlusion, np.zeros_like(roughness), 1 - roughness], 2)


def _check_roughness(names: Collection[str]) -> None:
    if "roughness" not in names:
        raise RequestError("To pack maps into one picture, the set must have a roughness map; make it again with one.")
