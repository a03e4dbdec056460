"""Pictures of more than eight bits a colour, which Pillow cannot do: OpenEXR, TIFF and PNG of 16 bits or of floats, by
OpenImageIO."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .errors import ImageError

FORMATS = {(".png", 16): "uint16", (".tiff", 16): "uint16", (".exr", 16): "half", (".exr", 32): "float"}
"""OpenImageIO's number formats by suffix and bits."""
CHANNELS = {"r": "r", "red": "r", "g": "g", "green": "g", "b": "b", "blue": "b", "a": "a", "alpha": "a"}
"""What the last word of a channel's name means."""
BEAUTY = frozenset({"combined", "beauty", "rgba", "rgb", "color", "c"})
"""Last words of the names of layers that show what is to be seen."""


@dataclass(frozen=True)
class Decoded:
    """What a picture file holds.

    Attributes:
        values: the colours, or the grey, as they are stored, (height, width, 3) or (height, width) float32.
        opacity: (height, width), unless the picture is opaque.
        is_light: whether colours are linear, as those of floats are by custom.
        has_passed: whether they are what has passed the opacity.
        profile: the ICC profile of its colours.
    """

    values: np.ndarray
    opacity: np.ndarray | None = None
    is_light: bool = False
    has_passed: bool = False
    profile: bytes | None = None


def read_deep(path: Path, largest_side: int) -> Decoded:
    """A picture; of several layers the one that has no name, or that shows what is to be seen, or the first in colour.

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
        colors, opacity = _channels(list(spec.channelnames))
        used = [*colors, *opacity]
        values = file.read_image(0, 0, min(used), max(used) + 1, oiio.FLOAT)
    finally:
        file.close()
    if values is None:
        raise ImageError(f"{path} cannot be read as a picture; it may be damaged.")
    values = np.asarray(values).reshape(spec.height, spec.width, -1)
    picked = [values[..., [channel - min(used) for channel in channels]] for channels in (colors, opacity)]
    is_light = spec.format.basetype in (oiio.HALF, oiio.FLOAT, oiio.DOUBLE)
    return Decoded(
        picked[0] if len(colors) == 3 else picked[0][..., 0],
        picked[1][..., 0] if opacity else None,
        is_light,
        is_light and not spec.get_int_attribute("oiio:UnassociatedAlpha"),
    )


def write_deep(path: Path, suffix: str, picture: np.ndarray, bits: int) -> None:
    """Write (height, width) or (height, width, channels) float in 0..1, of 16 bits, or 32 for ".exr".

    Raises:
        OSError: the file cannot be written. ImageError: OpenImageIO is not installed.
    """
    oiio = _openimageio()
    planes = picture[..., None] if picture.ndim == 2 else picture
    spec = oiio.ImageSpec(planes.shape[1], planes.shape[0], planes.shape[2], FORMATS[suffix, bits])
    spec.attribute("oiio:UnassociatedAlpha", 1)  # a fourth channel is a map like the others, no opacity
    spec.attribute("compression", "none" if suffix == ".tiff" else "zip")
    spec.attribute("png:compressionLevel", 1)
    file = oiio.ImageOutput.create(suffix.removeprefix("."))
    done = file.open(str(path), spec) and file.write_image(np.ascontiguousarray(planes, np.float32))
    if not (file.close() and done):
        raise OSError(file.geterror() or "OpenImageIO says no more")


def _channels(names: list[str]) -> tuple[list[int], list[int]]:
    """Which channels are red, green and blue, or the grey; and which the opacity, if any."""
    layers: dict[str, dict[str, int]] = {}
    for index, name in enumerate(names):
        layer, _, channel = name.rpartition(".")
        layers.setdefault(layer, {}).setdefault(CHANNELS.get(channel.lower(), channel), index)
    colored = [layer for layer, channels in layers.items() if {"r", "g", "b"} <= channels.keys()]
    if colored:
        layer = min(colored, key=lambda layer: (layer != "", layer.split(".")[-1].lower() not in BEAUTY))
        colors = [layers[layer][channel] for channel in "rgb"]
    else:
        layer, colors = names[0].rpartition(".")[0], [0]
    return colors, [layers[layer][channel] for channel in "a" if layers[layer].get(channel) not in (None, *colors)]


def _openimageio() -> Any:
    try:
        import OpenImageIO
    except ImportError as error:
        raise ImageError(
            "Pictures as OpenEXR or with 16 bits need the package OpenImageIO; install it (pip install openimageio)."
        ) from error
    return OpenImageIO
