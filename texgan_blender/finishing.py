"""What finished maps become for Blender: encoded pictures, a small one of the set, and figures about it."""

import base64
from typing import TYPE_CHECKING

from .jobs import IsCancelled, Progress, side_by_side
from .values import ICON_SIDE, PACKED, Picture

if TYPE_CHECKING:
    import numpy as np

USUAL_RELIEF = 0.02
"""Of a texture's width, where nothing tells how high it reaches."""
SYNTHESIS_SHARE = 0.85
"""Of the whole time; the rest is for the encoding of the pictures."""


def encode_all(
    maps: "dict[str, np.ndarray]",
    on_progress: Progress,
    is_cancelled: IsCancelled,
    bits: dict[str, int] | None = None,
) -> list[Picture]:
    """With 8 bits, unless `bits` of a map say otherwise; heights need 16, or slopes become stairs. As many at once as
    there are processor cores, as one of 2048 x 2048 may take half a second."""
    from ..texgan_core.errors import Cancelled
    from ..texgan_core.pictures import encode_both
    from ..texgan_core.synthesize import color_space

    def encode(name: str) -> Picture:
        if is_cancelled():
            raise Cancelled
        first = name.split(PACKED)[0]
        depth = (bits or {"height": 16}).get(first, 8)
        png, unpacked = encode_both(maps[name], depth)
        return Picture(name, png, unpacked, color_space(first))

    encoded: list[Picture] = []
    on_progress(SYNTHESIS_SHARE, "Encoding")
    for picture in side_by_side(encode, maps):
        encoded.append(picture)
        on_progress(SYNTHESIS_SHARE + (1 - SYNTHESIS_SHARE) * len(encoded) / len(maps), "Encoding")
    return encoded


def figures(maps: "dict[str, np.ndarray]") -> tuple[tuple[float, float], tuple[float, float], float | None]:
    """How a set meets itself, how much it repeats itself and how high it reaches, as `Generated` has them."""
    return _worst_seam(list(maps.values())), _repeats(maps), _relief(maps)


def _worst_seam(pictures: "list[np.ndarray]") -> tuple[float, float]:
    """By axis, the figure that is farthest from 1, whether a border shows or is blurred."""
    from ..texgan_core.measure import seam

    x, y = zip(*(seam(picture) for picture in pictures), strict=True)
    return max(x, key=_off), max(y, key=_off)


def _repeats(maps: "dict[str, np.ndarray]") -> tuple[float, float]:
    from ..texgan_core.measure import repeats

    return repeats(face(maps))


def face(maps: "dict[str, np.ndarray]") -> "np.ndarray":
    """The map that stands for a set."""
    return maps.get("base_color", next(iter(maps.values())))


def _relief(maps: "dict[str, np.ndarray]") -> float | None:
    """As high as the normals say, so it follows the relief slider; as usual if there are none of its size."""
    from ..texgan_core.normals import amplitude

    height, normal = maps.get("height"), maps.get("normal")
    if height is None:
        return None
    if normal is None or normal.shape[:2] != height.shape:
        return USUAL_RELIEF
    return amplitude(height, normal[..., :2].transpose(2, 0, 1) * 2 - 1) / height.shape[1]


def _off(figure: float) -> float:
    return max(figure, 1 / max(figure, 1e-6))


def small(picture: "np.ndarray", wanted: int) -> "np.ndarray":
    """A picture (height, width, 3 or 4), sRGB, or (height, width), as a variation has it, so many pixels a side; the
    longer side is cut."""
    import numpy as np

    from ..texgan_core.pictures import resize

    side = min(picture.shape[:2])
    scaled = resize(picture[:side, :side], wanted, wanted)
    scaled = np.broadcast_to(scaled[..., :3] if scaled.ndim == 3 else scaled[..., None], (wanted, wanted, 3))
    return np.concatenate([scaled[::-1], np.ones_like(scaled[..., :1])], 2).astype(np.float32).ravel()


def icon(maps: "dict[str, np.ndarray]") -> str:
    """As `Generated.icon` has it."""
    rgb = small(face(maps), ICON_SIDE).reshape(-1, 4)[:, :3]
    return base64.b64encode((rgb * 255).round().astype("uint8").tobytes()).decode()
