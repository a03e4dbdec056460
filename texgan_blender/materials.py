"""Which material is meant, and a finished set put into it."""

from collections.abc import Iterable
from dataclasses import dataclass

import bpy
from bpy.types import ID, Context, Image, Material, Node, Object, ShaderNodeTexImage

from . import building, images, nodes, wiring
from .errors import UserError
from .translations import phrase
from .values import Frames, Generated, MapFile

TEXTURED = {"MESH", "CURVE", "SURFACE", "META", "FONT"}
NOT_OURS = "The active material has no textures by TexGAN; generate some first."
METRES = "texgan_metres"
"""Custom property of materials: how wide their textures are in the world."""
ACTIVE, NEW, SELECTED = "ACTIVE", "NEW", "SELECTED"
"""Where a set goes: the active material, a new one on the active object, or one for all selected objects."""


@dataclass(frozen=True)
class Target:
    """The material to fill, None for a new one, and the objects that are to get it, by session_uid; with `replace`
    those that have one, too. `metres` is the width of the texture in the world.

    A job takes seconds; an undo, a deletion or another file in between leaves Blender's own
    objects dangling, while an id is either still there or not.
    """

    object_uids: tuple[int, ...]
    material_uid: int | None
    replace: bool = False
    metres: float = 1.0


def active_target(context: Context, into: str = ACTIVE, metres: float = 1.0) -> Target:
    """Where `into` means: the material pinned in the Shader Editor that asks, else the active object's active one.

    Raises:
        UserError: there is no object that could have one, or it belongs to another file.
    """
    pinned = _pinned(context)
    if pinned is not None and into == ACTIVE:
        check_local(pinned)
        return Target((), pinned.session_uid, metres=metres)
    active = context.view_layer.objects.active
    if active is None:
        raise UserError("Select an object first; its active material gets the textures.")
    if active.type not in TEXTURED:
        raise UserError(f"{active.name} has no surface; select a mesh, curve or text.")
    material = active.active_material if into != NEW else None
    check_local(active if material is None else material)
    others = [o for o in context.selected_objects if o != active and o.type in TEXTURED] if into == SELECTED else []
    for other in others:
        check_local(other)
    objects = tuple(o.session_uid for o in (active, *others))
    return Target(objects, None if material is None else material.session_uid, into != ACTIVE, metres)


def active_material(context: Context) -> Material | None:
    """The material that `active_target` means, if there is one yet."""
    active = context.view_layer.objects.active
    return _pinned(context) or (None if active is None else active.active_material)


def present_maps(target: Target) -> tuple[str, ...]:
    """The maps that a target has from us. Left as they are while others are filled, they would show another texture."""
    material = existing(target.material_uid)
    present = nodes.maps_of(material) if material is not None else {}
    return tuple(name for name, image in present.items() if images.RECORD in image)


def check(target: Target, maps: tuple[str, ...]) -> None:
    """Raises UserError: as `building.check`."""
    material = existing(target.material_uid)
    if material is not None:
        building.check(material, maps)


def record_of(material: Material | None) -> str:
    """The record of what was last put into a material, or nothing."""
    return "" if material is None else str(material.get(images.RECORD, ""))


def figures_of(material: Material | None) -> list[str]:
    """How the pictures of a material meet themselves and repeat themselves, in words, as far as it is known."""
    found = {} if material is None else {key: material.get(key) for key in (images.SEAM, images.REPEATS)}
    told = []
    if (seam := found.get(images.SEAM)) is not None:
        told.append(phrase("Seam x {:.2f}, y {:.2f} (1 is none)", *seam))
    if (repeats := found.get(images.REPEATS)) is not None:
        told.append(phrase("Repeats x {:.2f}, y {:.2f} (0 is never)", *repeats))
    return told


def tiling_image(material: Material | None) -> Image:
    """The picture to look at for whether a material tiles.

    Raises:
        UserError: it was not made by TexGAN.
    """
    shown = _maps_of(material)
    return shown.get("base_color") or next(iter(shown.values()))


def fill(target: Target, made: Generated) -> tuple[Material, list[str]]:
    """Put a set into its material, which is made now if there was none, and that onto its objects. Returns the material
    and what was disconnected, in words.

    Raises:
        UserError: the target has been deleted meanwhile; otherwise as `building.check`.
    """
    objects = _objects(target)
    material = _material(target, objects)
    image_nodes, disconnected = building.image_nodes(material, [picture.map_name for picture in made.pictures])
    for picture in made.pictures:
        node = image_nodes[picture.map_name]
        node.image = images.put(picture, node.image, material, made.record)
    tell(material, made)
    _scale(material, made.size, target.metres)
    _give(material, objects, target)
    return material, disconnected


def set_width(material: Material | None, metres: float) -> None:
    """Let what was put into a material be so wide in the world."""
    shown = nodes.maps_of(material).values() if material is not None and record_of(material) else ()
    if sizes := [image.size for image in shown if all(image.size)]:
        _scale(material, sizes[0], metres)


def _scale(material: Material, size: tuple[int, int], metres: float) -> None:
    """Let textures of a size be so wide, and their pixels square."""
    width, height = size
    material[METRES] = metres
    building.scale_mapping(material, width / height, metres)
    displace(material)


def suit_shown(material: Material) -> None:
    """Let a material suit the pictures that it shows now, as wide as it is in the world: their shape, and relief."""
    sizes = [at.node.image.size for at in nodes.shown(material).values()]
    if sizes and all(sizes[0]):
        building.scale_mapping(material, sizes[0][0] / sizes[0][1])
    displace(material)


def tell(material: Material, made: Generated | Frames) -> None:
    """Note in a material what it has been given."""
    images.tell(material, _height(material), made)


def displace(material: Material) -> None:
    """Let a material displace as far as its height reaches, at the width that it has in the world."""
    height = _height(material)
    if height is not None and (relief := height.get(images.RELIEF)) is not None:
        metres = material.get(METRES, bpy.context.scene.texgan.metres)
        building.scale_displacement(material, relief * metres)


def _height(material: Material) -> Image | None:
    at = nodes.shown(material).get("height")
    return None if at is None else at.node.image


def is_as_made(material: Material) -> bool:
    """Whether all that a material shows is as we made it, and of what the material's record tells."""
    record = record_of(material)
    return all(images.is_as_made(image, record) for image in nodes.maps_of(material).values())


def show_frames(target: Target, made: Frames) -> tuple[Material, list[str]]:
    """Let the image nodes of a material play an animation; returns the same as `fill`.

    Raises:
        UserError: as `fill`.
    """
    objects = _objects(target)
    material = _material(target, objects)
    image_nodes, disconnected = building.image_nodes(material, list(made.first))
    for name, path in made.first.items():
        size = images.show_sequence(image_nodes[name], path, made.count, made.color_spaces[name])
    tell(material, made)
    _scale(material, size, target.metres)
    _give(material, objects, target)
    return material, disconnected


@dataclass(frozen=True)
class NodeTarget:
    """One image node of a material, by session_uid and place, and the map that it is to show."""

    material_uid: int
    place: wiring.Place
    map_name: str


def active_image(context: Context) -> NodeTarget:
    """The active image node of the active material.

    Raises:
        UserError: there is none, or the material belongs to another file, or the node to other materials, too.
    """
    material = active_material(context)
    node = active_node(context, material) if material is not None else None
    if material is None or node is None or node.type != "TEX_IMAGE":
        raise UserError("Select an Image Texture node of the active material first.")
    check_local(material)
    wiring.check_own(material, node.id_data)
    return NodeTarget(material.session_uid, wiring.place_of(node), nodes.map_shown_by(material, node))


def active_node(context: Context, material: Material) -> Node | None:
    """The active node of a material, or of the group of it that the Shader Editor that asks has open."""
    space, trees = context.space_data, wiring.trees(material)
    is_open = space is not None and space.type == "NODE_EDITOR" and space.edit_tree in trees
    tree = space.edit_tree if is_open else material.node_tree
    return tree.nodes.active if tree is not None else None


def fill_node(target: NodeTarget, made: Generated) -> Material:
    """Put the one picture of a set into its node; nothing else of the material changes.

    Raises:
        UserError: material or node have been deleted meanwhile, or the node has become that of other materials, too.
    """
    material = find(target.material_uid)
    node = node_at(material, target.place)
    others = [other.image for other in nodes.all_of(material) if other != node]
    node.image = images.put(made.pictures[0], None if node.image in others else node.image, material, made.record)
    return material


def node_at(material: Material, place: wiring.Place) -> ShaderNodeTexImage:
    """A node that a picture was made for.

    Raises:
        UserError: it has been deleted, or is no longer this material's alone.
    """
    node = wiring.node_at(material, place)
    if node is None:
        raise UserError("The node was deleted while its texture was made; it was dropped.")
    wiring.check_own(material, node.id_data)
    return node


def shown_in(target: Target | NodeTarget, pictures: Iterable[str]) -> dict[str, ShaderNodeTexImage]:
    """The nodes of a target that show something where pictures of these names belong.

    Raises:
        UserError: there is none, or one is not this material's alone.
    """
    material = existing(target.material_uid)
    if material is None:
        places = {}
    elif isinstance(target, NodeTarget):
        places = {name: node_at(material, target.place) for name in pictures}
    else:
        places = nodes.showing(material, pictures)
    places = {name: node for name, node in places.items() if node.image is not None}
    if material is None or not places:
        raise UserError("The active material shows no textures to compare these with.")
    for node in places.values():
        wiring.check_own(material, node.id_data)
    return places


def receive(target: Target) -> Material:
    """The material of a target, which is made now if there was none, and that onto its objects.

    Raises:
        UserError: the target has been deleted.
    """
    objects = _objects(target)
    material = _material(target, objects)
    _give(material, objects, target)
    return material


def files_of(material: Material | None) -> dict[str, MapFile]:
    """The picture files of a material's maps, by map.

    Raises:
        UserError: it was not made by TexGAN, or a file is not there.
    """
    _maps_of(material)
    assert material is not None
    return nodes.files_of(nodes.filled(material))


def _maps_of(material: Material | None) -> dict[str, Image]:
    """Raises UserError: it was not made by TexGAN."""
    shown = nodes.maps_of(material) if material is not None else {}
    if not shown:
        raise UserError(NOT_OURS)
    return shown


def _give(material: Material, objects: list[Object], target: Target) -> None:
    """Put a filled material onto those of its objects that are to get it."""
    for owner in objects:
        if target.replace or owner.active_material is None:
            owner.active_material = material


def _pinned(context: Context) -> Material | None:
    space = context.space_data
    if space is None or space.type != "NODE_EDITOR" or not space.pin or not isinstance(space.id, Material):
        return None
    return space.id


def check_local(owner: ID) -> None:
    """Raises UserError: it belongs to another file."""
    if owner.library is not None:
        raise UserError(f"{owner.name} is linked from another file; make it local first.")


def _objects(target: Target) -> list[Object]:
    """Those that are still there, the first of which must be, if its material is to be a new one."""
    found = [o for o in bpy.data.objects if o.session_uid in target.object_uids]
    if target.material_uid is None and target.object_uids[0] not in [o.session_uid for o in found]:
        raise UserError("The object was deleted while its textures were made; they were dropped.")
    return sorted(found, key=lambda o: target.object_uids.index(o.session_uid))


def _material(target: Target, objects: list[Object]) -> Material:
    if target.material_uid is None:
        present = objects[0].active_material
        return present if present is not None and not target.replace else bpy.data.materials.new(objects[0].name)
    return find(target.material_uid)


def find(material_uid: int) -> Material:
    """Raises UserError: it has been deleted."""
    material = existing(material_uid)
    if material is None:
        raise UserError("The material was deleted while its textures were made; they were dropped.")
    return material


def existing(material_uid: int | None) -> Material | None:
    """The material of this session_uid, if it is there."""
    return next((m for m in bpy.data.materials if m.session_uid == material_uid), None)
