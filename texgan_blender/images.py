"""Pictures into Blender's images; no other module writes to `bpy.data.images`.

A PNG file is packed as it is: exact, saved with the .blend, and ten times faster than writing
pixels. Its rows run from the top, and Blender turns them over when it reads it.
"""

import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import bpy

from . import records, wiring
from .errors import UserError
from .values import Frames, Generated, Picture, map_label

if TYPE_CHECKING:
    import numpy as np

RECORD = "texgan_record"
"""Custom property of images and materials: the record that makes them again."""
WRITTEN = "texgan_written"
"""Custom property of images that we filled: a checksum of the packed file, which tells whether it was painted on."""
MAPS = "texgan_maps"
"""Custom property of images that we filled: the map that it holds, or several, as `Picture.map_name` has them."""
PREVIEW = "texgan_preview"
"""Custom property of images that are shown for a moment only."""
REGION_OF = "texgan_region_of"
"""Custom property of an image that marks a region: the image that it was copied from."""
SOURCE = "texgan_source"
"""Custom property of an improved image: the image that it was made from."""
WHITE = 0.5
SAME = 1 / 512
"""Values from which a pixel marks, and up to which two are one."""
SEAM = "texgan_seam"
"""Custom property of materials: how the pictures meet themselves in x and y."""
REPEATS = "texgan_repeats"
"""And how much they repeat themselves."""
RELIEF = "texgan_relief"
"""Custom property of an image of heights: how high it reaches, of the texture's width."""


def put(picture: Picture, image: bpy.types.Image | None, user: bpy.types.Material, record: str) -> bpy.types.Image:
    """Fill an image, or a new one if the given one is none or not ours to overwrite; returns the filled one. If one was
    made ready, it is that, and takes the place of the one that would be overwritten."""
    name, filled = f"{user.name} {map_label(picture.map_name)}", _ready_for(picture)
    overwritten = image if image is not None and _may_overwrite(image, user) else None
    if filled is None:
        filled = overwritten or bpy.data.images.new(name, 1, 1)
        _show(filled, picture)
    else:
        del filled[PREVIEW]
        if overwritten is not None:
            name = overwritten.name
            _replace(overwritten, filled)
        filled.name = name
    filled[RECORD] = record
    return filled


def _replace(image: bpy.types.Image, by: bpy.types.Image) -> None:
    """Whatever shows an image shows another instead."""
    by.alpha_mode, by.use_fake_user = image.alpha_mode, image.use_fake_user
    image.user_remap(by)
    throw_away(image)


def keep_alpha_mode(image: bpy.types.Image, before: bpy.types.Image) -> None:
    """Let the alpha of an image mean what it meant in the one before; our files have it straight."""
    if before.alpha_mode != "PREMUL":
        image.alpha_mode = before.alpha_mode


def _show(image: bpy.types.Image, picture: Picture) -> None:
    image.colorspace_settings.name = picture.color_space
    _pack(image, picture.png)
    image.source = "FILE"
    image[WRITTEN], image[MAPS] = _checksum(picture.png), picture.map_name


def _pack(image: bpy.types.Image, file: bytes) -> None:
    """What Blender has decoded of another file stays."""
    image.pack(data=file, data_len=len(file))


def ready(picture: Picture) -> None:
    """Let Blender decode a picture now, rather than with others when they are drawn. It is thrown away as previews are,
    if it is not `put` or shown before."""
    image = preview(picture)
    _pack(image, picture.unpacked)
    _ = image.size[0]
    _pack(image, picture.png)
    image.file_format = "PNG"


def _ready_for(picture: Picture) -> bpy.types.Image | None:
    """The image that was made ready for a picture, if it is there still."""
    there = (image for image in previews() if image.get(MAPS) == picture.map_name)
    return next((image for image in there if image.get(WRITTEN) == _checksum(picture.png)), None)


def preview(picture: Picture, relief: float | None = None) -> bpy.types.Image:
    """An image to be shown for a moment, and to be thrown away; of heights, with its relief, if that is known."""
    image = _ready_for(picture)
    if image is None:
        image = bpy.data.images.new(_preview_name(picture.map_name), 1, 1)
        _show(image, picture)
        image[PREVIEW] = True
    _tell_relief(image, relief)
    return image


def preview_of(image: bpy.types.Image) -> bpy.types.Image:
    """The same, of an image that is to stay."""
    copy = image.copy()
    copy.name, copy[PREVIEW] = _preview_name(image[MAPS]), True
    return copy


def _preview_name(map_name: str) -> str:
    return f"TexGAN Preview {map_label(map_name)}"


def previews() -> list[bpy.types.Image]:
    """All such images of this file."""
    return [image for image in bpy.data.images if PREVIEW in image and image.library is None]


def improved(record: str) -> dict[str, bpy.types.Image]:
    """The images of a record of improved pictures that are still in this file, by `MAPS`."""
    found = [image for image in bpy.data.images if image.get(RECORD) == record and PREVIEW not in image]
    return {str(image[MAPS]): image for image in found if MAPS in image}


def throw_away(image: bpy.types.Image) -> None:
    bpy.data.images.remove(image)


def tell(material: bpy.types.Material, height: bpy.types.Image | None, made: Generated | Frames) -> None:
    """Note in a material, and in what it shows of heights, what it has been given."""
    material[RECORD], material[SEAM], material[REPEATS] = made.record, made.seam, made.repeats
    if height is not None:
        _tell_relief(height, made.relief)


def _tell_relief(height: bpy.types.Image, relief: float | None) -> None:
    if relief is not None:
        height[RELIEF] = relief


def tell_again(material: bpy.types.Material, record: str) -> None:
    """The same of improved pictures that were put back, of which no more is known."""
    material[RECORD] = record
    for figure in (SEAM, REPEATS):
        material.pop(figure, None)


def show_sequence(node: bpy.types.ShaderNodeTexImage, first: str, count: int, color_space: str) -> tuple[int, int]:
    """Show numbered pictures in a node, one a frame from frame 1 on, over and over. Returns their width and height."""
    image = bpy.data.images.load(first)
    width, height = image.size
    if bpy.data.filepath and bpy.context.preferences.filepaths.use_relative_paths:
        image.filepath = _relative(image.filepath)
    image.source = "SEQUENCE"
    image.colorspace_settings.name = color_space
    node.image = image
    node.image_user.frame_duration = count
    node.image_user.frame_start = 1
    node.image_user.use_cyclic = True
    node.image_user.use_auto_refresh = True
    return width, height


def _relative(path: str) -> str:
    """A path as seen from the .blend file, so that both can be moved; as it is if they are on two drives of Windows."""
    try:
        return bpy.path.relpath(path)
    except ValueError:
        return path


def file_of(image: bpy.types.Image) -> bytes:
    """The bytes of the file that an image shows, packed or not.

    Raises:
        UserError: there is none, or the image has been painted on since.
    """
    if image.is_dirty:
        raise UserError(f"The image {image.name} has changes that are in no file; save or pack it first.")
    if image.packed_file is not None:
        return bytes(image.packed_file.data)
    if not image.filepath:
        raise UserError(f"The image {image.name} has no file; save or pack it first.")
    try:
        return Path(bpy.path.abspath(image.filepath, library=image.library)).read_bytes()
    except OSError as error:
        raise UserError(f"The file of the image {image.name} cannot be read: {error.strerror}.") from error


def start_region(shown: bpy.types.Image, name: str) -> bpy.types.Image:
    """A copy of an image, to be painted on where it is to be made anew."""
    region = shown.copy()
    region.name = name
    region[REGION_OF] = shown
    return region


def marked(region: bpy.types.Image) -> "np.ndarray":
    """What is marked, (height, width) bool, first row at the top: where a region differs from the image that it was
    copied from, or, of another image, where it is white.

    Raises:
        UserError: it was scaled since, or its file is gone.
    """
    import numpy as np

    def pixels(image: bpy.types.Image) -> np.ndarray:
        width, height = image.size
        values = np.empty(width * height * image.channels, np.float32)
        if not values.size:
            raise UserError(f"The image {image.name} has no pixels; choose another region.")
        image.pixels.foreach_get(values)
        return values.reshape(height, width, image.channels)[::-1, :, :3]

    painted, original = pixels(region), region.get(REGION_OF)
    if original is None:
        return painted.mean(2) > WHITE
    before = pixels(original)
    if before.shape != painted.shape:
        raise UserError(f"The image {region.name} was scaled; press Mark Region again.")
    return (np.abs(painted - before) > SAME).any(2)


def is_as_made(image: bpy.types.Image, record: str) -> bool:
    """Whether an image is what a record makes: we filled it with that, and its file, packed or not, is the same still;
    or it is an animation, whose files carry no record.

    Raises:
        UserError: as `file_of`.
    """
    if image.source == "SEQUENCE":
        return True
    return image.get(RECORD) == record and image.get(WRITTEN) == _checksum(file_of(image))


def source_of(image: bpy.types.Image) -> bpy.types.Image:
    """What an improved image was made from; the image itself if it is none, or has been painted on since."""
    source = image.get(SOURCE)
    return source if source is not None and is_untouched(image) else image


def is_untouched(image: bpy.types.Image) -> bool:
    """Whether we filled it and nobody has changed it since."""
    return _is_ours(image) and not image.is_dirty


def _may_overwrite(image: bpy.types.Image, user: bpy.types.Material) -> bool:
    """As its record makes it again, or still blank, and no other material shows it, nor a node group of others."""
    if image.library is not None or image.is_dirty or not (_is_generated(image) or image.source == "GENERATED"):
        return False
    others = bpy.data.user_map(subset={image})[image] - {user, *wiring.own_trees(user)}
    return not any(isinstance(other, bpy.types.Material | bpy.types.ShaderNodeTree) for other in others)


def _is_generated(image: bpy.types.Image) -> bool:
    return _is_ours(image) and not records.is_improved(str(image.get(RECORD, "")))


def _is_ours(image: bpy.types.Image) -> bool:
    """Whether we filled it, and it is still packed as we did; files of older versions carry no checksum."""
    if WRITTEN not in image:
        return RECORD in image
    return image.packed_file is not None and _checksum(image.packed_file.data) == image[WRITTEN]


def _checksum(file: bytes) -> str:
    return f"{zlib.crc32(file):08x}"
