"""The texture maps of a material: names, channels, colour spaces, and their tensor form.

A *map stack* is one float tensor of shape (batch, CHANNELS, height, width), values in -1..1,
channels in the order of `MAPS`. Base color stays sRGB-encoded, as pictures store it; normals are
tangent-space OpenGL (green up) x and y, z being implied by unit length.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class MapSpec:
    """One map: where it lies in a map stack and how a picture of it is to be read.

    `default` (0..1) stands in where a set has no such map and its absence has a meaning; None
    where absence means "not known".
    """

    name: str
    first: int
    channels: int
    color_space: str
    picture_channels: int
    default: float | None = None

    @property
    def span(self) -> slice:
        return slice(self.first, self.first + self.channels)


MAPS: dict[str, MapSpec] = {
    spec.name: spec
    for spec in (
        MapSpec("base_color", 0, 3, "sRGB", 3),
        MapSpec("normal", 3, 2, "Non-Color", 3),
        MapSpec("roughness", 5, 1, "Non-Color", 1),
        MapSpec("height", 6, 1, "Non-Color", 1),
        # By the convention of PBR sets, a material without a metallic map is a dielectric.
        MapSpec("metallic", 7, 1, "Non-Color", 1, default=0.0),
        MapSpec("ambient_occlusion", 8, 1, "Non-Color", 1),
    )
}
DEFAULT_MAPS = ("base_color", "normal", "roughness", "height")
"""What is made if nothing else is asked for."""
CHANNELS = sum(spec.channels for spec in MAPS.values())


def picture_from_stack(stack: np.ndarray, name: str) -> np.ndarray:
    """Cut one map out of a stack.

    Args:
        stack: (CHANNELS, height, width) float32, values in -1..1 (outside is clipped).
        name: a key of `MAPS`.

    Returns:
        (height, width, 3) for base color and normal, (height, width) otherwise; float32 in 0..1.
        Normals are unit vectors encoded as 0.5 + 0.5 * n.
    """
    values = stack[MAPS[name].span]
    if name == "normal":
        values = _with_z(values)
    picture = values * np.float32(0.5)
    picture += np.float32(0.5)
    np.clip(picture, 0.0, 1.0, out=picture)
    return picture[0] if len(picture) == 1 else np.ascontiguousarray(picture.transpose(1, 2, 0))


def stack_values_from_picture(picture: np.ndarray, name: str) -> np.ndarray:
    """The channels of one map as a stack holds them: inverse of `picture_from_stack`.

    Args:
        picture: (height, width), (height, width, 3), or 4 with an opacity, which is left out; float in 0..1.

    Returns:
        (channels, height, width) float32 in -1..1.
    """
    values = picture[None] if picture.ndim == 2 else picture[..., :3].transpose(2, 0, 1)
    values = values.astype(np.float32) * 2 - 1
    if name == "normal":
        values = _unit(values)[:2]
    return values


def _unit(vectors: np.ndarray) -> np.ndarray:
    """Normalise (3, height, width) vectors; a vector that points into the surface is flattened."""
    x, y, z = vectors
    z = np.maximum(z, 1e-3)
    return np.stack([x, y, z]) / np.sqrt(x * x + y * y + z * z)


def _with_z(xy: np.ndarray) -> np.ndarray:
    """Complete (2, height, width) normals with z; too long ones are shortened to the horizon."""
    x, y = xy
    shorten = np.float32(0.999) / np.maximum(np.sqrt(x * x + y * y), np.float32(0.999))
    x, y = x * shorten, y * shorten
    return np.stack([x, y, np.sqrt(1 - x * x - y * y)])
