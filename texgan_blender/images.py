"""Pictures into Blender's images; no other module writes to `bpy.data.images`.

A PNG file is packed as it is: exact, saved with the .blend, and ten times faster than writing
pixels. Its rows run from the top, and Blender turns them over when it reads it.
"""

from pathlib import Path

import bpy

from . import engine
from .errors import UserError
from .values import Picture

RECORD = "texgan_record"
"""Custom property of images and materials: the record that makes them again."""
SEAM = "texgan_seam"
"""Custom property of materials: how the pictures meet themselves in x and y."""


def put(picture: Picture, image: bpy.types.Image | None, user: bpy.types.Material, record: str) -> bpy.types.Image:
    """Fill an image, or a new one if the given one is none or not ours to overwrite; returns the filled one."""
    name = f"{user.name} {engine.map_label(picture.map_name)}"
    if image is None or not _may_overwrite(image, user):
        image = bpy.data.images.new(name, 1, 1)
    image.colorspace_settings.name = picture.color_space
    image.pack(data=picture.png, data_len=len(picture.png))
    image.source = "FILE"
    image[RECORD] = record
    return image


def show_sequence(node: bpy.types.ShaderNodeTexImage, first: str, count: int, color_space: str) -> None:
    """Show numbered pictures in a node, one a frame from frame 1 on, over and over."""
    image = bpy.data.images.load(first)
    image.source = "SEQUENCE"
    image.colorspace_settings.name = color_space
    node.image = image
    node.image_user.frame_duration = count
    node.image_user.frame_start = 1
    node.image_user.use_cyclic = True
    node.image_user.use_auto_refresh = True


def file_of(image: bpy.types.Image) -> bytes:
    """The bytes of the file that an image shows, packed or not.

    Raises:
        UserError: there is none, or the image has been painted on since.
    """
    if image.is_dirty:
        raise UserError(f"The image {image.name} has changes that are in no file; save or pack it first.")
    if image.packed_file is not None:
        return bytes(image.packed_file.data)
    try:
        return Path(bpy.path.abspath(image.filepath, library=image.library)).read_bytes()
    except OSError as error:
        raise UserError(f"The file of the image {image.name} cannot be read: {error.strerror}.") from error


def _may_overwrite(image: bpy.types.Image, user: bpy.types.Material) -> bool:
    """Made by us or still blank, and no other material shows it."""
    blank = image.source == "GENERATED" and not image.is_dirty
    if image.library is not None or not (RECORD in image or blank):
        return False
    others = bpy.data.user_map(subset={image})[image] - {user}
    return not any(isinstance(other, bpy.types.Material) for other in others)
