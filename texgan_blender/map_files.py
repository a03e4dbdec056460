"""Files of maps from Blender's images to the core's pictures and back: maps that share a picture, as ambient occlusion,
roughness and metallic do in glTF, are parted on the way in and put together again on the way out.

Nothing here touches Blender. Like `engine` it imports the core when it is first needed.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from .records import errors_for_the_user
from .values import PACKED, MapFile

if TYPE_CHECKING:
    import numpy as np


def decoded(files: dict[str, MapFile], name: str) -> "dict[str, np.ndarray]":
    """The pictures by map, as the core's `read_picture` has them; `name` is for messages.

    Raises:
        ImageError: as `decode_picture`.
    """
    from ..texgan_core.pictures import decode_base_color, decode_picture

    shared = {file.data for file in files.values() if file.channel is not None}
    whole = {data: decode_picture(data, name) for data in shared}
    found = {}
    for map_name, file in files.items():
        if file.channel is None:
            decode = decode_base_color if map_name == "base_color" else decode_picture
            found[map_name] = decode(file.data, f"{name} {map_name}")
        else:
            picture = whole[file.data]
            found[map_name] = picture if picture.ndim == 2 else picture[..., file.channel]
    return found


def packed(maps: "dict[str, np.ndarray]", files: dict[str, MapFile]) -> "dict[str, np.ndarray]":
    """Maps that were channels of one picture as one again, under their names joined; channels of no map are black."""
    import numpy as np

    shared: dict[bytes, dict[int, str]] = {}
    for name, file in files.items():
        if file.channel is not None:
            shared.setdefault(file.data, {})[file.channel] = name
    found = {name: picture for name, picture in maps.items() if name not in files or files[name].channel is None}
    for names in shared.values():
        black = np.zeros_like(maps[next(iter(names.values()))])
        channels = [maps[names[channel]] if channel in names else black for channel in range(3)]
        found[PACKED.join(names[channel] for channel in sorted(names))] = np.stack(channels, 2)
    return found


def alone(files: dict[str, MapFile], name: str) -> dict[str, bytes]:
    """The bytes of a picture file for each map: as they are, but of those that share one, PNG of 8 bits.

    Raises:
        ImageError: as `decoded`.
    """
    from ..texgan_core.pictures import encode_picture

    parted = {map_name: file for map_name, file in files.items() if file.channel is not None}
    made = {map_name: encode_picture(picture, 8) for map_name, picture in decoded(parted, name).items()}
    return {map_name: made.get(map_name, file.data) for map_name, file in files.items()}


def write(folder: Path, name: str, files: dict[str, MapFile]) -> None:
    """Each map into a picture file of its own, named after it.

    Raises:
        UserError: one that cannot be read.
    """
    with errors_for_the_user():
        from ..texgan_core.pictures import as_blender_has_it, suffix_of

        for map_name, data in alone(files, name).items():
            (folder / f"{name}_{map_name}{suffix_of(data)}").write_bytes(as_blender_has_it(data))
