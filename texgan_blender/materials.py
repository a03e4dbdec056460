"""Which material is meant, and a finished set put into it."""

from dataclasses import dataclass

import bpy
from bpy.types import ID, Context, Material, Object

from . import engine, images, nodes
from .errors import UserError

TEXTURED = {"MESH", "CURVE", "SURFACE", "META", "FONT"}


@dataclass(frozen=True)
class Target:
    """The material to fill, or the object that is to get one, by session_uid.

    A job takes seconds; an undo, a deletion or another file in between leaves Blender's own
    objects dangling, while an id is either still there or not.
    """

    object_uid: int | None
    material_uid: int | None


def active_target(context: Context) -> Target:
    """The material pinned in the Shader Editor that asks, else the active object's active material.

    Raises:
        UserError: there is no object that could have one, or it belongs to another file.
    """
    pinned = _pinned(context)
    if pinned is not None:
        _check_local(pinned)
        return Target(None, pinned.session_uid)
    active = context.view_layer.objects.active
    if active is None:
        raise UserError("Select an object first; its active material gets the textures.")
    if active.type not in TEXTURED:
        raise UserError(f"{active.name} has no surface; select a mesh, curve or text.")
    material = active.active_material
    _check_local(active if material is None else material)
    return Target(active.session_uid, None if material is None else material.session_uid)


def active_material(context: Context) -> Material | None:
    """The material that `active_target` means, if there is one yet."""
    active = context.view_layer.objects.active
    return _pinned(context) or (None if active is None else active.active_material)


def record_of(material: Material | None) -> str:
    """The record of what was last put into a material, or nothing."""
    return "" if material is None else str(material.get(images.RECORD, ""))


def fill(target: Target, made: engine.Generated) -> Material:
    """Put a set into its material, which is made now if there was none.

    Raises:
        UserError: the target has been deleted meanwhile, or has no Principled BSDF.
    """
    material = _resolve(target)
    image_nodes = nodes.image_nodes(material, [picture.map_name for picture in made.pictures])
    for picture in made.pictures:
        node = image_nodes[picture.map_name]
        node.image = images.put(picture, node.image, material, made.record)
    material[images.RECORD] = made.record
    return material


def files_of(material: Material | None) -> dict[str, bytes]:
    """The picture files of a material's maps, by map.

    Raises:
        UserError: it was not made by TexGAN, or a file is not there.
    """
    shown = nodes.maps_of(material) if material is not None else {}
    if not shown:
        raise UserError("The active material has no textures by TexGAN; generate some first.")
    return {name: images.file_of(image) for name, image in shown.items()}


def _pinned(context: Context) -> Material | None:
    space = context.space_data
    if space is None or space.type != "NODE_EDITOR" or not space.pin or not isinstance(space.id, Material):
        return None
    return space.id


def _check_local(owner: ID) -> None:
    if owner.library is not None:
        raise UserError(f"{owner.name} is linked from another file; make it local first.")


def _resolve(target: Target) -> Material:
    if target.material_uid is not None:
        return _by_uid(bpy.data.materials, target.material_uid, "The material")
    owner: Object = _by_uid(bpy.data.objects, target.object_uid, "The object")
    if owner.active_material is None:
        owner.active_material = bpy.data.materials.new(owner.name)
    return owner.active_material


def _by_uid(collection: bpy.types.bpy_prop_collection, uid: int | None, what: str) -> ID:
    for item in collection:
        if item.session_uid == uid:
            return item
    raise UserError(f"{what} was deleted while its textures were made; they were dropped.")
