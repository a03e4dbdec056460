"""Reading and writing picture files: the one place that knows their formats, bit depths and encodings."""

import math
import os
import warnings
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image, ImageOps

from .deep_pictures import read_exr, write_deep
from .errors import ImageError

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".bmp", ".tga", ".exr"})
"""What is taken for a picture in a folder."""
EXR = ".exr"
EXR_MAGIC = b"\x76\x2f\x31\x01"
SMALLEST_SIDE = 32
LARGEST_SIDE = 8192
LANCZOS_REACH = 3
"""Pixels, of the larger of two sizes, that a pixel of the other is made from on each side."""
OVERSHOOT = 0.1
"""How far a float picture may leave 0..1, as resampling makes it do."""


def read_picture(path: Path) -> np.ndarray:
    """Read a picture of any bit depth; alpha is dropped, palettes and CMYK become RGB.

    Of an animation, the first frame is read; a picture that a camera has marked as turned is turned.
    Sixteen bits survive in greyscale; in colour Pillow reads the upper eight.

    Returns:
        (height, width) for greyscale, (height, width, 3) otherwise; float32 in 0..1 as stored.

    Raises:
        ImageError: missing, not readable as a picture, smaller than 32 or larger than 8192 pixels, or
            with values out of range.
    """
    if path.suffix.lower() == EXR:
        values = read_exr(path, LARGEST_SIDE)
        _check_size(path, values.shape[1], values.shape[0])
        return _check_range(path, values)
    return _to_array(path, _decode(path, path))


def decode_picture(data: bytes, name: str) -> np.ndarray:
    """`read_picture` of a file's bytes; `name` is for messages."""
    if suffix_of(data) != EXR:
        return _to_array(Path(name), _decode(BytesIO(data), Path(name)))
    with TemporaryDirectory(prefix="texgan-") as folder:
        path = Path(folder) / f"{Path(name).name}{EXR}"
        path.write_bytes(data)
        return read_picture(path)


def decode_base_color(data: bytes, name: str) -> np.ndarray:
    """`decode_picture` of colours that are to be seen, sRGB-encoded: OpenEXR has them linear."""
    picture = decode_picture(data, name)
    return to_srgb(picture) if suffix_of(data) == EXR else picture


def suffix_of(data: bytes) -> str:
    """What a picture file of these bytes may be called: ".exr", or ".png" for all that is told by its content."""
    return EXR if data.startswith(EXR_MAGIC) else ".png"


def read_color(path: Path) -> np.ndarray:
    """`read_picture` as (height, width, 3): greyscale is repeated."""
    picture = read_picture(path)
    return np.repeat(picture[..., None], 3, 2) if picture.ndim == 2 else picture


def read_base_color(path: Path) -> np.ndarray:
    """`read_color` of colours that are to be seen, sRGB-encoded: OpenEXR has them linear."""
    colors = read_color(path)
    return to_srgb(colors) if path.suffix.lower() == EXR else colors


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
    unfinished = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            if path.suffix == EXR or (bits == 16 and picture.ndim == 3):
                write_deep(unfinished, path.suffix, picture, bits)
            else:
                unfinished.write_bytes(encode_picture(picture, bits))
            os.replace(unfinished, path)
        finally:
            unfinished.unlink(missing_ok=True)
    except OSError as error:
        raise ImageError(f"{path} cannot be written: {error.strerror or error}.") from error


def encode_picture(picture: np.ndarray, bits: int = 8) -> bytes:
    """The bytes of a PNG file, packed lightly: tighter packing costs more time than making the texture.

    Args:
        picture: (height, width) or (height, width, 3), float in 0..1; rows from the top.
        bits: 8, or 16 for greyscale.
    """
    values = np.round(np.clip(picture, 0, 1) * (2**bits - 1)).astype(np.uint16 if bits == 16 else np.uint8)
    buffer = BytesIO()
    Image.fromarray(values).save(buffer, format="PNG", compress_level=1)
    return buffer.getvalue()


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


def _decode(source: Path | BytesIO, path: Path) -> Image.Image:
    """Open and decode, refusing by the header what is too large before any of it is decoded."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of Pillow about sizes that we refuse ourselves, and odd metadata
            with Image.open(source) as image:
                _check_size(path, *image.size)
                image.load()
                return ImageOps.exif_transpose(image).convert(_plain_mode(image.mode))
    except ImageError:
        raise
    except FileNotFoundError as error:
        raise ImageError(f"There is no picture at {path}.") from error
    except Image.DecompressionBombError as error:
        raise ImageError(f"{path} is far too large; scale it down to {LARGEST_SIDE} pixels a side first.") from error
    except Exception as error:  # a dozen decoders fed damaged data raise whatever comes
        raise ImageError(f"{path} cannot be read as a picture; it may be damaged or of another format.") from error


def _check_size(path: Path, width: int, height: int) -> None:
    if min(width, height) < SMALLEST_SIDE:
        raise ImageError(f"{path} is {width} x {height}; at least {SMALLEST_SIDE} x {SMALLEST_SIDE} is needed.")
    if max(width, height) > LARGEST_SIDE:
        raise ImageError(f"{path} is {width} x {height}; scale it down to {LARGEST_SIDE} pixels a side first.")


def _plain_mode(mode: str) -> str:
    """The mode among I (16-bit grey), F (float grey), L and RGB that loses least."""
    if mode.startswith("I"):
        return "I"
    return {"F": "F", "1": "L", "L": "L", "LA": "L", "La": "L"}.get(mode, "RGB")


def _to_array(path: Path, image: Image.Image) -> np.ndarray:
    return _check_range(path, np.asarray(image, np.float32) / {"I": 65535, "F": 1}.get(image.mode, 255))


def _check_range(path: Path, values: np.ndarray) -> np.ndarray:
    if not (values.min() >= -OVERSHOOT and values.max() <= 1 + OVERSHOOT):  # true for NaN, too
        raise ImageError(f"{path} has values out of the range of a picture; save it as a 16-bit PNG.")
    return np.clip(values, 0, 1)
