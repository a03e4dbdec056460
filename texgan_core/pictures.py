"""Reading and writing picture files: the one place that knows their formats, bit depths and encodings."""

import math
import os
import warnings
import zlib
from collections.abc import Callable, Iterable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError
from PIL.PngImagePlugin import PngImageFile

from .deep_pictures import Decoded, read_deep, write_deep
from .errors import ImageError
from .profiles import as_srgb

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".bmp", ".tga", ".exr"})
"""What is taken for a picture in a folder."""
EXR = ".exr"
ORIENTATION = 0x0112
"""The EXIF tag of how a picture is to be turned."""
PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
EXR_MAGIC = b"\x76\x2f\x31\x01"
TIFF_MAGIC = (b"II*\0", b"MM\0*")
SMALLEST_SIDE = 32
LARGEST_SIDE = 8192
PACKING = {"png": {"compress_level": 1, "compress_type": zlib.Z_RLE}, "tiff": {}}
"""How Pillow packs files."""
LANCZOS_REACH = 3
"""Pixels, of the larger of two sizes, that a pixel of the other is made from on each side."""
SAME_LEVEL = 1e-3
"""How far a level of eight bits may be from a whole number."""
OVERSHOOT = 0.1
"""How far a float picture may leave 0..1, as resampling makes it do."""


def read_picture(path: Path) -> np.ndarray:
    """Read a picture of any bit depth; alpha is dropped, palettes and CMYK become RGB.

    Of an animation, the first frame is read; a picture that a camera has marked as turned is turned.

    Returns:
        (height, width) for greyscale, (height, width, 3) otherwise; float32 in 0..1 as stored.

    Raises:
        ImageError: missing, not readable as a picture, smaller than 32 or larger than 8192 pixels, or
            with values out of range.
    """
    return _read(path).values


def decode_picture(data: bytes, name: str, largest_side: int = LARGEST_SIDE) -> np.ndarray:
    """`read_picture` of the bytes of a file that Blender has; `name` is for messages. Like Blender it does not turn
    what a camera has marked as turned."""
    return _decode_bytes(data, name, largest_side).values


def decode_base_color(data: bytes, name: str, largest_side: int = LARGEST_SIDE) -> np.ndarray:
    """`decode_picture` of colours that are to be seen, as `read_cutout`, but like Blender by no profile."""
    return _cutout(replace(_decode_bytes(data, name, largest_side), profile=None))


def as_blender_has_it(data: bytes) -> bytes:
    """A file's bytes, or those of a PNG file of the same pixels if a camera has marked it as turned."""
    try:
        with Image.open(BytesIO(data)) as image:
            is_turned = image.getexif().get(ORIENTATION, 1) != 1
    except Exception:  # none of Pillow's, or damaged, which whoever reads it tells
        return data
    return encode_picture(decode_picture(data, "picture")) if is_turned else data


def is_png(data: bytes) -> bool:
    """Whether these are a PNG file's bytes."""
    return data.startswith(PNG_MAGIC)


def read_cutout(path: Path) -> np.ndarray:
    """`read_base_color`, with the opacity as a fourth channel unless the picture is opaque."""
    return _cutout(_read(path))


def read_channels(path: Path) -> np.ndarray:
    """A picture that holds a map in each channel: (height, width, 3), or 4 unless the fourth is 1 all over."""
    return _joined(_read(path))


def suffix_of(data: bytes) -> str:
    """What a picture file of these bytes may be called: ".exr", or ".png" for all that is told by its content."""
    return EXR if data.startswith(EXR_MAGIC) else ".png"


def read_color(path: Path) -> np.ndarray:
    """`read_picture` as (height, width, 3): greyscale is repeated."""
    picture = read_picture(path)
    return np.repeat(picture[..., None], 3, 2) if picture.ndim == 2 else picture


def read_base_color(path: Path) -> np.ndarray:
    """`read_color` of colours that are to be seen, sRGB-encoded: those of floats, as in OpenEXR, are linear, others may
    have an ICC profile."""
    return read_cutout(path)[..., :3]


def read_grey(path: Path) -> np.ndarray:
    """`read_picture` as (height, width): colours are averaged."""
    picture = read_picture(path)
    return picture.mean(2) if picture.ndim == 3 else picture


def write_picture(path: Path, picture: np.ndarray, bits: int = 8) -> None:
    """Write a PNG or, if `path` ends in ".exr", an OpenEXR picture, whole or not at all.

    Args:
        picture: (height, width) or (height, width, channels), float in 0..1; rows from the top.
        bits: 8 or 16 for PNG; 16 or 32 for OpenEXR.

    Raises:
        ImageError: the file cannot be written, or it needs OpenImageIO, which is not installed.
    """
    if path.suffix == EXR:
        _write_whole(path, lambda unfinished: write_deep(unfinished, EXR, picture, bits))
    else:
        write_file(path, encode_picture(picture, bits))


def write_file(path: Path, data: bytes) -> None:
    """Write the bytes of a picture's file, whole or not at all.

    Raises:
        ImageError: the file cannot be written.
    """
    _write_whole(path, lambda unfinished: unfinished.write_bytes(data))


def _write_whole(path: Path, write: Callable[[Path], object]) -> None:
    unfinished = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            write(unfinished)
            os.replace(unfinished, path)
        finally:
            unfinished.unlink(missing_ok=True)
    except OSError as error:
        raise ImageError(f"{path} cannot be written: {error.strerror or error}.") from error


def encode_picture(picture: np.ndarray, bits: int = 8) -> bytes:
    """The bytes of a PNG file, packed lightly: tighter packing costs more time than making the texture. Runs alone are
    looked for, as textures have little else that comes again: a tenth smaller, and sooner packed and unpacked.

    Args:
        picture: (height, width) or (height, width, channels), float in 0..1; rows from the top. A fourth channel is the
            opacity.
        bits: 8 or 16.

    Raises:
        ImageError: colours of 16 bits need OpenImageIO, which is not installed.
    """
    (png,) = _encode(picture, bits, "png")
    return png


def encode_both(picture: np.ndarray, bits: int = 8) -> tuple[bytes, bytes]:
    """`encode_picture`, and the bytes of a TIFF file of the same that is not packed at all: larger, but sooner read."""
    png, unpacked = _encode(picture, bits, "png", "tiff")
    return png, unpacked


def _encode(picture: np.ndarray, bits: int, *kinds: str) -> list[bytes]:
    if bits == 16 and picture.ndim == 3:
        return [_deep(picture, bits, kind) for kind in kinds]
    values = np.clip(picture, 0, 1)
    values *= 2**bits - 1  # in place, as pictures may be large
    levels = np.rint(values, out=values).astype(np.uint16 if bits == 16 else np.uint8)
    return [_saved(Image.fromarray(levels), kind) for kind in kinds]


def _deep(picture: np.ndarray, bits: int, kind: str) -> bytes:
    with TemporaryDirectory(prefix="texgan-") as folder:
        file = Path(folder) / f"deep.{kind}"
        write_deep(file, file.suffix, picture, bits)
        return file.read_bytes()


def _saved(image: Image.Image, kind: str) -> bytes:
    buffer = BytesIO()
    image.save(buffer, format=kind, **PACKING[kind])
    return buffer.getvalue()


def bits_of(picture: np.ndarray) -> int:
    """8 if a PNG of 8 bits holds a picture exactly, else 16, which OpenEXR and what was scaled is cut to."""
    return 8 if all(np.abs(row - np.rint(row)).max() < SAME_LEVEL for row in picture * np.float32(255)) else 16


def to_srgb(linear: np.ndarray) -> np.ndarray:
    """Light, 0..1, as sRGB encodes it (IEC 61966-2-1), float32."""
    curve = 1.055 * np.maximum(linear, 0.0031308) ** (1 / 2.4) - 0.055
    return np.where(linear <= 0.0031308, linear * 12.92, curve).astype(np.float32)


def to_linear(encoded: np.ndarray) -> np.ndarray:
    """What `to_srgb` undoes, float32."""
    curve = ((np.maximum(encoded, 0.04045) + 0.055) / 1.055) ** 2.4
    return np.where(encoded <= 0.04045, encoded / 12.92, curve).astype(np.float32)


def resize(
    picture: np.ndarray,
    width: int,
    height: int,
    wraps: tuple[bool, bool] = (False, False),
    resampling: Image.Resampling = Image.Resampling.LANCZOS,
) -> np.ndarray:
    """Resample (height, width) or (height, width, channels) float pictures, antialiased; what tiles in y or x, as
    `wraps` says, still does."""
    if picture.shape[:2] == (height, width):
        return picture
    planes = picture[..., None] if picture.ndim == 2 else picture
    scaled = [_resize_plane(planes[..., i], (width, height), wraps, resampling) for i in range(planes.shape[2])]
    result = np.clip(np.stack(scaled, 2), 0, 1)
    return result[..., 0] if picture.ndim == 2 else result


def largest_size(pictures: Iterable[np.ndarray]) -> tuple[int, int]:
    """Height and width of the picture of the most pixels."""
    height, width = max((picture.shape[:2] for picture in pictures), key=math.prod)
    return height, width


def _resize_plane(
    plane: np.ndarray, size: tuple[int, int], wraps: tuple[bool, bool], resampling: Image.Resampling
) -> np.ndarray:
    (rows, columns), (width, height) = plane.shape, size
    above, left = (
        math.ceil(LANCZOS_REACH * max(1, side / wanted)) * wrap
        for side, wanted, wrap in zip((rows, columns), (height, width), wraps, strict=True)
    )
    around = np.pad(plane, ((above, above), (left, left)), mode="wrap")
    image = Image.fromarray(np.ascontiguousarray(around, np.float32))
    return np.asarray(image.resize(size, resampling, (left, above, left + columns, above + rows)))


def _cutout(decoded: Decoded) -> np.ndarray:
    """Colours, (height, width, 3), or 4 with the opacity, sRGB-encoded."""
    picture = _joined(decoded)
    colors = picture[..., :3]
    if decoded.is_light:
        opacity = picture[..., 3:] if decoded.has_passed and picture.shape[2] == 4 else np.float32(1)
        colors[:] = to_srgb(np.minimum(colors / np.where(opacity > 0, opacity, 1), 1))
    elif decoded.profile:
        colors[:] = as_srgb(colors, decoded.profile, bits_of(colors))
    return picture


def _joined(decoded: Decoded) -> np.ndarray:
    values, opacity = decoded.values, decoded.opacity
    colors = np.repeat(values[..., None], 3, 2) if values.ndim == 2 else values
    return colors if opacity is None else np.dstack([colors, opacity])


def _read(path: Path) -> Decoded:
    if path.suffix.lower() == EXR:
        return _read_deep(path, LARGEST_SIDE)
    return _decode(path, path, LARGEST_SIDE, upright=True)


def _read_deep(path: Path, largest_side: int) -> Decoded:
    decoded = read_deep(path, largest_side)
    values, opacity = decoded.values, decoded.opacity
    _check_size(path, values.shape[1], values.shape[0], largest_side)
    if opacity is not None:
        opacity = None if opacity.min() >= 1 else _check_range(path, opacity)
    return replace(decoded, values=_check_range(path, values), opacity=opacity)


def _decode_bytes(data: bytes, name: str, largest_side: int) -> Decoded:
    if suffix_of(data) == EXR:
        return _decode_deep(data, Path(name), EXR, largest_side)
    return _decode(BytesIO(data), Path(name), largest_side, upright=False)


def _decode_deep(data: bytes, path: Path, suffix: str, largest_side: int) -> Decoded:
    """What `_read_deep` reads, which knows only files."""
    with TemporaryDirectory(prefix="texgan-") as folder:
        file = Path(folder) / f"{path.name}{suffix}"
        file.write_bytes(data)
        return _read_deep(file, largest_side)


def _decode(source: Path | BytesIO, path: Path, largest_side: int, upright: bool) -> Decoded:
    try:
        return _opened(source, path, largest_side, upright)
    except ImageError:
        raise
    except FileNotFoundError as error:
        raise ImageError(f"There is no picture at {path}.") from error
    except Image.DecompressionBombError as error:
        raise ImageError(f"{path} is far too large; scale it down to {LARGEST_SIDE} pixels a side first.") from error
    except Exception as error:  # a dozen decoders fed damaged data raise whatever comes
        raise ImageError(f"{path} cannot be read as a picture; it may be damaged or of another format.") from error


def _opened(source: Path | BytesIO, path: Path, largest_side: int, upright: bool) -> Decoded:
    """Open and decode, refusing by the header what is too large before any of it is decoded."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of Pillow about sizes that we refuse ourselves, and odd metadata
            # Pillow would refuse our own largest ones.
            with PngImageFile(source) if largest_side > LARGEST_SIDE else Image.open(source) as image:
                _check_size(path, *image.size, largest_side)
                profile = image.info.get("icc_profile")
                if not _has_deep_colors(image) or (upright and image.getexif().get(ORIENTATION, 1) != 1):
                    image.load()
                    return _to_arrays(path, ImageOps.exif_transpose(image) if upright else image, profile)
                suffix = f".{image.format}".lower()
    except UnidentifiedImageError:
        if not _start_of(source).startswith(TIFF_MAGIC):
            raise
        profile, suffix = None, ".tif"  # of floats, which Pillow does not know
    if isinstance(source, Path):
        return replace(_read_deep(source, largest_side), profile=profile)
    return replace(_decode_deep(source.getvalue(), path, suffix, largest_side), profile=profile)


def _start_of(source: Path | BytesIO) -> bytes:
    with source.open("rb") if isinstance(source, Path) else BytesIO(source.getvalue()) as file:
        return file.read(len(TIFF_MAGIC[0]))


def _check_size(path: Path, width: int, height: int, largest_side: int) -> None:
    if min(width, height) < SMALLEST_SIDE:
        raise ImageError(f"{path} is {width} x {height}; at least {SMALLEST_SIDE} x {SMALLEST_SIDE} is needed.")
    if max(width, height) > largest_side:
        raise ImageError(f"{path} is {width} x {height}; scale it down to {largest_side} pixels a side first.")


def _plain_mode(mode: str) -> str:
    """The mode among I (16-bit grey), F (float grey), L and RGB that loses least."""
    if mode.startswith("I"):
        return "I"
    return {"F": "F", "1": "L", "L": "L", "LA": "L", "La": "L"}.get(mode, "RGB")


def _has_deep_colors(image: ImageFile.ImageFile) -> bool:
    """Whether Pillow would read only the upper half of sixteen bits."""
    return image.mode in ("RGB", "RGBA") and ";16" in str(image.tile)


def _to_arrays(path: Path, image: Image.Image, profile: bytes | None) -> Decoded:
    plain = image.convert(_plain_mode(image.mode))
    values = _check_range(path, np.asarray(plain, np.float32) / {"I": 65535, "F": 1}.get(plain.mode, 255))
    opacity = None
    if plain.mode not in ("I", "F") and image.has_transparency_data:
        opacity = np.asarray(image.convert("RGBA").getchannel("A"), np.float32) / 255
        opacity = None if opacity.min() == 1 else opacity
    return Decoded(values, opacity, is_light=plain.mode == "F", profile=profile)


def _check_range(path: Path, values: np.ndarray) -> np.ndarray:
    if not (values.min() >= -OVERSHOOT and values.max() <= 1 + OVERSHOOT):  # true for NaN, too
        raise ImageError(f"{path} has values out of the range of a picture; save it as a 16-bit PNG.")
    return np.clip(values, 0, 1)
