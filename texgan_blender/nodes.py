"""The image nodes of a material: those already there are found, missing ones are laid out as Node Wrangler does."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import bpy
from bpy.types import Image, Material, Node, NodeSocket, NodeTree, ShaderNodeTexImage
from mathutils import Vector

from . import engine, images
from .errors import UserError
from .values import MapFile

MAP = "texgan_map"
"""Custom property of an image node: the map it shows."""
SCALE = "texgan_scale"
"""Custom property of a Mapping node that we made: the scale that we gave it."""
ORDER = ("ambient_occlusion", "base_color", "metallic", "roughness", "height", "normal")
"""From top to bottom, as Node Wrangler has it."""
CLAIMS = ("base_color", "normal", "roughness", "metallic", "height", "ambient_occlusion")
"""Which map an image node is of, if it feeds the places of several: the first of these."""
DIRECT = {"base_color": "Base Color", "metallic": "Metallic", "roughness": "Roughness"}
"""Maps that go straight into an input of the Principled BSDF."""
ROW = 280
"""From one image node down to the next."""
RELIEF = 0.02
"""Displacement between the lowest and the highest point, in metres."""
ADJUSTMENTS = {
    "REROUTE": ("Input",),
    "BRIGHTCONTRAST": ("Color",),
    "CURVE_RGB": ("Color",),
    "DISPLACEMENT": ("Height",),
    "GAMMA": ("Color",),
    "HUE_SAT": ("Color",),
    "MIX": ("A", "B"),
    "MIX_RGB": ("Color1", "Color2"),
    "NORMAL_MAP": ("Color",),
    "VALTORGB": ("Fac",),
}
"""Nodes that may stand between an image and where it goes, and the inputs to look behind."""
RED, GREEN = 0, 1


@dataclass(frozen=True)
class Shown:
    """Where a map comes from: an image node, and which channel (red is 0) of its picture, if there are several maps in
    it."""

    node: ShaderNodeTexImage
    channel: int | None = None


def image_nodes(
    material: Material, maps: Sequence[str], estimated: Sequence[str] = ()
) -> dict[str, ShaderNodeTexImage]:
    """The image node of each map; those that are missing are made and connected. A picture that holds several maps is
    left, and each gets one of its own. Labels tell which maps are `estimated`, unless somebody has set them otherwise.

    Raises:
        UserError: the material has shaders, but no Principled BSDF among them.
    """
    tree = _tree(material)
    principled = _principled(tree)
    present = _found(tree, principled)
    found = {name: at.node for name, at in present.items() if name in maps and at.channel is None}
    missing = [name for name in ORDER if name in maps and name not in found]
    for name, node in zip(missing, _add(tree, principled, list(found.values()), len(missing)), strict=True):
        _connect(material, principled, name, node)
        found[name] = node
    for name, node in found.items():
        node[MAP] = name
        label = engine.map_label(name)
        labels = (label, f"{label} (estimated)")
        if node.label in ("", *labels):
            node.label = labels[name in estimated]
    return found


def shown(material: Material) -> dict[str, Shown]:
    """Where the maps that a material shows come from, whoever made them."""
    tree = material.node_tree
    principled = _present_principled(tree) if tree else None
    found = _found(tree, principled) if principled else {}
    return {name: at for name, at in found.items() if at.node.image is not None}


def files_of(shown: dict[str, Shown], source: Callable[[Image], Image] = lambda image: image) -> dict[str, MapFile]:
    """The files of the pictures that maps come from, or of their sources.

    Raises:
        UserError: as `images.file_of`.
    """
    found = {at.node.name: images.file_of(source(at.node.image)) for at in shown.values()}
    return {name: MapFile(found[at.node.name], at.channel) for name, at in shown.items()}


def others(material: Material, known: set[str]) -> list[Image]:
    """What image nodes show that have a part in how a material looks, without those of `known` names."""
    output = material.node_tree.get_output_node("ALL")
    behind = {node.name: node for socket in output.inputs for node in _upstream(socket)} if output is not None else {}
    images = [n.image for n in behind.values() if n.type == "TEX_IMAGE" and n.name not in known]
    return [image for image in dict.fromkeys(images) if image is not None]


def vacant(material: Material) -> set[str]:
    """The maps that a material has nothing for: no image, and nothing else that leads to where it would go."""
    tree = material.node_tree
    principled = _present_principled(tree) if tree else None
    if principled is None:
        return set(ORDER)
    taken = {name for name in ORDER if any(socket.is_linked for socket in _places(tree, principled, name))}
    return set(ORDER) - taken - set(_found(tree, principled))


def maps_of(material: Material) -> dict[str, Image]:
    """The images of a material's maps, by map, of the nodes that we filled."""
    if material.node_tree is None:
        return {}
    return {name: at.node.image for name, at in filled(material).items() if at.channel is None}


def filled(material: Material) -> dict[str, Shown]:
    """Where the maps come from that we have made: nodes of their own, or pictures that they share."""
    textures = [node for node in material.node_tree.nodes if node.type == "TEX_IMAGE" and node.image is not None]
    alone = {str(node[MAP]): Shown(node) for node in textures if node.get(MAP)}
    shared = {name: at for name, at in shown(material).items() if at.channel is not None}
    return alone | {name: at for name, at in shared.items() if images.RECORD in at.node.image}


def map_shown_by(material: Material, node: Node) -> str:
    """Which map an image node shows: the one that we put there, else by where it leads, else base color."""
    if node.get(MAP):
        return str(node[MAP])
    tree = _tree(material)
    principled = _present_principled(tree)
    if principled is not None:
        for name in CLAIMS:
            found = [_image_behind(socket) for socket in _places(tree, principled, name)]
            if any(at is not None and at.node == node for at in found):
                return name
    return "base_color"


def active_colour(material: Material) -> ShaderNodeTexImage | None:
    """The active node, if it is an image node that shows colours."""
    node = material.node_tree.nodes.active if material.node_tree else None
    is_colour = node is not None and node.type == "TEX_IMAGE" and _is_colour(node)
    return node if is_colour and map_shown_by(material, node) == "base_color" else None


def scale_mapping(material: Material, x: float, y: float) -> None:
    """Set how often the textures repeat, in the Mapping node that we made, unless somebody has set it otherwise."""
    for node in material.node_tree.nodes:
        if node.type == "MAPPING" and SCALE in node:
            scale = node.inputs["Scale"].default_value
            if max(abs(a - b) for a, b in zip(scale, node[SCALE], strict=True)) < 1e-6:
                scale[:] = node[SCALE] = (x, y, 1.0)


def _tree(material: Material) -> NodeTree:
    if bpy.app.version < (5, 0, 0):  # always on since, and gone in 6
        material.use_nodes = True
    return material.node_tree


def _principled(tree: NodeTree) -> Node:
    output = tree.get_output_node("ALL") or _new(tree, "ShaderNodeOutputMaterial", Vector((300, 300)))
    node = _present_principled(tree)
    if node is None and output.inputs["Surface"].is_linked:
        raise UserError("The material has no Principled BSDF; add one to its nodes, or make a new material.")
    if node is None:
        node = _new(tree, "ShaderNodeBsdfPrincipled", _place(output) - Vector((300, 0)))
        tree.links.new(node.outputs["BSDF"], output.inputs["Surface"])
    return node


def _present_principled(tree: NodeTree) -> Node | None:
    """The one that the material shows, else any."""
    output = tree.get_output_node("ALL")
    behind = _upstream(output.inputs["Surface"]) if output is not None else ()
    return next((n for n in (*behind, *tree.nodes) if n.type == "BSDF_PRINCIPLED"), None)


def _upstream(socket: NodeSocket, seen: set[str] | None = None) -> Iterator[Node]:
    """All nodes behind a socket, the nearest first."""
    seen = set() if seen is None else seen
    for link in socket.links:
        if link.from_node.name not in seen:
            seen.add(link.from_node.name)
            yield link.from_node
            for behind in link.from_node.inputs:
                yield from _upstream(behind, seen)


def _found(tree: NodeTree, principled: Node) -> dict[str, Shown]:
    """Where the maps that are there come from, each from another place."""
    found: dict[str, Shown] = {}
    for name in CLAIMS:
        at = _find(tree, principled, name)
        if at is not None and all(at.node != other.node or _differ(at, other) for other in found.values()):
            found[name] = at
    rough = found.get("roughness")
    if rough is not None and rough.channel == GREEN and "ambient_occlusion" not in found:
        # By custom: no shader takes it, but it lies there.
        found["ambient_occlusion"] = Shown(rough.node, RED)
    return found


def _differ(one: Shown, other: Shown) -> bool:
    """Whether two maps in one picture have a channel each."""
    return None not in (one.channel, other.channel) and one.channel != other.channel


def _find(tree: NodeTree, principled: Node, name: str) -> Shown | None:
    """What feeds the map's place in the material, or else a node that we once made for it."""
    for socket in _places(tree, principled, name):
        if (at := _image_behind(socket)) is not None:
            return at
    made = next((n for n in tree.nodes if n.type == "TEX_IMAGE" and n.get(MAP) == name), None)
    return None if made is None else Shown(made)


def _places(tree: NodeTree, principled: Node, name: str) -> list[NodeSocket]:
    """The inputs where a map may arrive, the best first."""
    if name in DIRECT:
        return [principled.inputs[DIRECT[name]]]
    normal, bumps = _normal_and_bumps(principled)
    if name == "normal":
        return [normal]
    if name == "height":
        output = tree.get_output_node("ALL")
        return [*bumps, output.inputs["Displacement"]] if output is not None else bumps
    return []


def _normal_and_bumps(principled: Node) -> tuple[NodeSocket, list[NodeSocket]]:
    """Where a normal map goes, which is behind all Bump nodes; and the height inputs of those."""
    normal, bumps = principled.inputs["Normal"], []
    while normal.is_linked and normal.links[0].from_node.type == "BUMP":
        bump = normal.links[0].from_node
        normal = bump.inputs["Normal"]
        bumps.append(bump.inputs["Height"])
    return normal, bumps


def _image_behind(socket: NodeSocket) -> Shown | None:
    for link in socket.links:
        node = link.from_node
        if node.type == "TEX_IMAGE" and link.from_socket == node.outputs["Color"]:
            return Shown(node)
        if node.type == "SEPARATE_COLOR" and node.mode == "RGB":
            behind = _image_behind(node.inputs["Color"])
            if behind is not None and behind.channel is None:
                return Shown(behind.node, list(node.outputs).index(link.from_socket))
        places = [place for place in node.inputs if place.name in ADJUSTMENTS.get(node.type, ())]
        found = [at for place in places if (at := _image_behind(place)) is not None]
        if found:
            return next((at for at in found if _is_colour(at.node)), found[0])
    return None


def _is_colour(node: ShaderNodeTexImage) -> bool:
    """Whether it shows colours rather than a mask or occlusion that is mixed with them."""
    return node.image is not None and node.image.colorspace_settings.name != "Non-Color"


def _add(tree: NodeTree, principled: Node, present: list[Node], count: int) -> list[Node]:
    """New image nodes, below those that are there, or in a column of their own with a mapping."""
    if count == 0:
        return []
    origin = _place(principled)
    if not present:
        top = origin + Vector((-550, 200))
        new = [_new(tree, "ShaderNodeTexImage", top - Vector((0, ROW * i))) for i in range(count)]
        _add_mapping(tree, origin, new)
        return new
    lowest = min(present, key=lambda node: node.location.y)
    new = [_new(tree, "ShaderNodeTexImage", lowest.location - Vector((0, ROW * (i + 1)))) for i in range(count)]
    for node in new:
        node.parent = lowest.parent
        for link in lowest.inputs["Vector"].links:
            tree.links.new(link.from_socket, node.inputs["Vector"])
    return new


def _add_mapping(tree: NodeTree, origin: Vector, textures: list[Node]) -> None:
    """Texture Coordinate, Mapping and a Reroute, with the frames "Mapping" and "Textures" around all."""
    mapping = _new(tree, "ShaderNodeMapping", origin - Vector((1050, 0)))
    mapping[SCALE] = (1.0, 1.0, 1.0)
    coordinates = _new(tree, "ShaderNodeTexCoord", origin - Vector((1250, 0)))
    middle = (textures[0].location + textures[-1].location) / 2
    reroute = _new(tree, "NodeReroute", middle - Vector((50, 120)))
    tree.links.new(coordinates.outputs["UV"], mapping.inputs["Vector"])
    tree.links.new(mapping.outputs["Vector"], reroute.inputs[0])
    for node in textures:
        tree.links.new(reroute.outputs[0], node.inputs["Vector"])
    _frame(tree, "Mapping", [mapping, coordinates])
    _frame(tree, "Textures", [*textures, reroute])


def _frame(tree: NodeTree, label: str, members: list[Node]) -> None:
    frame = _new(tree, "NodeFrame", Vector((0, 0)))
    frame.label = label
    for node in members:
        node.parent = frame


def _connect(material: Material, principled: Node, name: str, image: Node) -> None:
    """Ambient occlusion stays unconnected: Cycles and EEVEE compute their own."""
    if name in DIRECT:
        material.node_tree.links.new(image.outputs["Color"], principled.inputs[DIRECT[name]])
    elif name == "normal":
        _connect_normal(material.node_tree, principled, image)
    elif name == "height":
        _connect_height(material, principled, image)


def _connect_normal(tree: NodeTree, principled: Node, image: Node) -> None:
    socket, _ = _normal_and_bumps(principled)
    node = _node_behind(socket, "NORMAL_MAP")
    if node is None:
        node = _new(tree, "ShaderNodeNormalMap", _place(image) + Vector((300, 0)))
        tree.links.new(node.outputs["Normal"], socket)
    tree.links.new(image.outputs["Color"], node.inputs["Color"])


def _connect_height(material: Material, principled: Node, image: Node) -> None:
    """Into a Bump node that waits for a height, or takes another map for one, or else as true displacement.

    As a bump, which is Blender's default, it would show the relief of the normal map a second time.
    """
    tree = material.node_tree
    _, bumps = _normal_and_bumps(principled)
    for socket in bumps:
        if not socket.is_linked or _image_behind(socket) is not None:
            tree.links.new(image.outputs["Color"], socket)
            return
    socket = tree.get_output_node("ALL").inputs["Displacement"]
    node = _node_behind(socket, "DISPLACEMENT")
    if node is None:
        node = _new(tree, "ShaderNodeDisplacement", _place(principled) + Vector((100, -700)))
        node.inputs["Midlevel"].default_value = 0.5
        node.inputs["Scale"].default_value = RELIEF
        tree.links.new(node.outputs["Displacement"], socket)
        material.displacement_method = "DISPLACEMENT"
    tree.links.new(image.outputs["Color"], node.inputs["Height"])


def _new(tree: NodeTree, kind: str, location: Vector) -> Node:
    node = tree.nodes.new(kind)
    node.location = location
    node.select = False
    return node


def _node_behind(socket: NodeSocket, node_type: str) -> Node | None:
    node = socket.links[0].from_node if socket.is_linked else None
    return node if node is not None and node.type == node_type else None


def _place(node: Node) -> Vector:
    """A node's location in the tree; Blender gives it relative to the frame around it."""
    place, frame = node.location.copy(), node.parent
    while frame is not None:
        place += frame.location
        frame = frame.parent
    return place
