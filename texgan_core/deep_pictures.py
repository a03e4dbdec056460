"""Pictures of more than eight bits a colour, which Pillow cannot do: OpenEXR and PNG of 16 bits, by OpenImageIO."""

from pathlib import Path
from typing import Any

import numpy as np

from .errors import ImageError

FORMATS = {(".png", 16): "uint16", (".exr", 16): "half", (".exr", 32): "float"}
"""OpenImageIO's number formats by suffix and bits."""


def read_deep(path: Path, largest_side: int) -> tuple[np.ndarray, np.ndarray | None]:
    """The colours, or the grey, of a picture as they are, (height, width, 3) or (height, width) float32; and its
    opacity, (height, width), if it has one.

    Raises:
        ImageError: missing, damaged, larger than `largest_side`, or OpenImageIO is not installed.
    """
    oiio = _openimageio()
    config = oiio.ImageSpec()
    config.attribute("oiio:UnassociatedAlpha", 1)
    file = oiio.ImageInput.open(str(path), config)
    if file is None:
        oiio.geterror()  # or it is printed when Python ends
        what = "cannot be read as a picture; it may be damaged" if path.is_file() else "is not there"
        raise ImageError(f"{path} {what}.")
    try:
        spec = file.spec()
        if max(spec.width, spec.height) > largest_side:
            size = f"{spec.width} x {spec.height}"
            raise ImageError(f"{path} is {size}; scale it down to {largest_side} pixels a side first.")
        values = file.read_image(oiio.FLOAT)
    finally:
        file.close()
    if values is None:
        raise ImageError(f"{path} cannot be read as a picture; it may be damaged.")
    names = list(spec.channelnames)
    return _colours(np.asarray(values), names), values[..., names.index("A")] if "A" in names[1:] else None


def write_deep(path: Path, suffix: str, picture: np.ndarray, bits: int) -> None:
    """Write (height, width) or (height, width, channels) float in 0..1, of 16 bits, or 32 for ".exr".

    Raises:
        OSError: the file cannot be written. ImageError: OpenImageIO is not installed.
    """
    oiio = _openimageio()
    planes = picture[..., None] if picture.ndim == 2 else picture
    spec = oiio.ImageSpec(planes.shape[1], planes.shape[0], planes.shape[2], FORMATS[suffix, bits])
    spec.attribute("oiio:UnassociatedAlpha", 1)  # a fourth channel is a map like the others, no opacity
    spec.attribute("compression", "zip")
    spec.attribute("png:compressionLevel", 1)
    file = oiio.ImageOutput.create(suffix.removeprefix("."))
    done = file.open(str(path), spec) and file.write_image(np.ascontiguousarray(planes, np.float32))
    if not (file.close() and done):
        raise OSError(file.geterror() or "OpenImageIO says no more")


def _colours(values: np.ndarray, names: list[str]) -> np.ndarray:
    """The channels R, G and B, wherever they are, or the first."""
    if {"R", "G", "B"} <= set(names):
        return values[..., [names.index(name) for name in "RGB"]]
    return values[..., 0]


def _openimageio() -> Any:
    try:
        import OpenImageIO
    except ImportError as error:
        raise ImageError(
            "Pictures as OpenEXR or with 16 bits need the package OpenImageIO; install it (pip install openimageio)."
        ) from error
    return OpenImageIO
