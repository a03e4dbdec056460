"""Plain values that go between Blender's thread and the background's."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

VARIATION_SIDE = 128
"""Pixels a side of a variation's picture."""
ICON_SIDE = 48
"""Pixels a side of a picture in the list of what was made."""


@dataclass(frozen=True)
class Request:
    """What to make: `model` is a name in the menu or a path; hashes are those of a record's models, empty where none
    are known; `guide` and `look` hold the fields of the core's `Guide` and `Look`; `joints` is the model that fills the
    guide's joints, `blend` the one to go a `share` of the way to, if any; `styles` and `moment` are those of an
    animation. Maps that are `present` come along if the model makes them."""

    model: str
    size: tuple[int, int]
    layout_seed: int
    style_seed: int
    maps: tuple[str, ...]
    device: str
    model_hash: str = ""
    guide: dict[str, Any] | None = None
    joints: str = ""
    joints_hash: str = ""
    blend: str = ""
    blend_hash: str = ""
    share: float = 0.0
    look: dict[str, float] | None = None
    styles: tuple[int, ...] = ()
    moment: float = 0.0
    upscale: int = 1
    present: tuple[str, ...] = ()


@dataclass(frozen=True)
class MapFile:
    """Where a map is: in the bytes of a picture file, in one `channel` of it (red is 0) if others are in it, too."""

    data: bytes
    channel: int | None = None


PACKED = "+"
"""Between the maps of one picture, in its name."""


@dataclass(frozen=True)
class Picture:
    """One map, or several by `PACKED` in its name, as the bytes of a PNG file, ready to be packed into a Blender image,
    and of an `unpacked` TIFF file, from which Blender has the same pixels in a third to a half of the time."""

    map_name: str
    png: bytes
    unpacked: bytes
    color_space: str


@dataclass(frozen=True)
class Preview:
    """What a set will look like: all maps at a quarter of their size, if they are wanted, and one of them as
    `Variation.rgba`."""

    pictures: list[Picture]
    rgba: "np.ndarray"


@dataclass(frozen=True)
class Destination:
    """Where a set of maps is saved, and how: the beginning of the file names, whether to `overwrite` files that are
    there, and the core's `ExportOptions`."""

    folder: str
    name: str
    overwrite: bool
    packing: str = "none"
    directx: bool = False
    format: str = "png"


@dataclass(frozen=True)
class Generated:
    """A finished set of `size` (width, height); `record` is the JSON text that makes the same pixels again. `seam` is
    how the pictures meet themselves in x and y, the worst of them: 1 is as any line within; `repeats`, how much the
    base color repeats itself in x and y, 0 to 1; `relief`, how high the height map reaches, of the texture's width, if
    there is one. It `fell_back` to the processor if the graphics card's memory ran out. `icon` is a small picture of
    it: RGB bytes in base64, ICON_SIDE a side, from the lowest row on."""

    pictures: list[Picture]
    size: tuple[int, int]
    record: str
    seconds: float
    seam: tuple[float, float]
    repeats: tuple[float, float]
    relief: float | None
    fell_back: bool
    icon: str


@dataclass(frozen=True)
class Tiling:
    """Whether a picture tiles in x and y, and its `seam` there, as in `Generated`."""

    tiles: tuple[bool, bool]
    seam: tuple[float, float]


@dataclass(frozen=True)
class Variation:
    """A small picture of what two seeds make: `rgba` (VARIATION_SIDE**2 * 4) float32 as Blender has them, RGBA from
    the lowest row on. It `fell_back` as in `Generated`."""

    layout_seed: int
    style_seed: int
    rgba: "np.ndarray"
    fell_back: bool


@dataclass(frozen=True)
class ModelChoice:
    """A model in the panel's menu."""

    name: str
    material_class: str
    is_style: bool
    licence: str
    is_own: bool


@dataclass(frozen=True)
class AssetCard:
    """What the Asset Browser says of a material; a licence only where it is known."""

    description: str
    author: str
    licence: str
    tags: tuple[str, ...]
    catalog: str


@dataclass(frozen=True)
class Frames:
    """An animation in a folder: the first picture's path by map, its color space, and how many there are. `record`,
    `seam`, `repeats`, `relief` and `icon` are those of the first frame, as in `Generated`; it `fell_back` if any
    did."""

    first: dict[str, str]
    color_spaces: dict[str, str]
    count: int
    record: str
    seconds: float
    seam: tuple[float, float]
    repeats: tuple[float, float]
    relief: float | None
    fell_back: bool
    icon: str


@dataclass(frozen=True)
class Taught:
    """A model that was learned, and how good it was before and after, as in the core's `Learned`."""

    name: str
    before: dict[str, float]
    after: dict[str, float]


def map_label(name: str) -> str:
    """As Blender writes it: "base_color" is "Base Color"."""
    return name.replace("_", " ").replace(PACKED, ", ").title()
