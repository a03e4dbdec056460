"""Image nodes for maps that a material lacks, laid out as Node Wrangler does."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import bpy
from bpy.types import Material, Node, NodeSocket, NodeTree, ShaderNodeTexImage
from mathutils import Vector

from . import nodes, wiring
from .errors import UserError
from .nodes import DIRECT, MAP
from .translations import phrase
from .values import map_label
from .wiring import Spot

SCALE = "texgan_scale"
"""Custom property of a Mapping or Displacement node that we made: the scale that we gave it."""
ORDER = ("ambient_occlusion", "base_color", "metallic", "roughness", "height", "normal")
"""From top to bottom, as Node Wrangler has it."""
ROW = 280
"""From one image node down to the next."""


@dataclass(frozen=True)
class _Gap:
    """The input that a new image is to arrive at, and what makes a node between them, if there has to be one."""

    at: Spot
    between: Callable[[Material, Spot, Node], NodeSocket] | None = None


@dataclass(frozen=True)
class _Plan:
    """The image nodes that are there, by map, and the gaps of those that are missing, none for ambient occlusion, whose
    image stays unconnected, as Cycles and EEVEE compute their own; it lies in the `home` of the textures."""

    found: dict[str, ShaderNodeTexImage]
    missing: dict[str, _Gap | None]
    home: NodeTree

    def by_tree(self) -> dict[NodeTree, list[str]]:
        """The maps whose image nodes are to be made, by the tree that gets them."""
        trees: dict[NodeTree, list[str]] = {}
        for name, gap in self.missing.items():
            trees.setdefault(gap.at.tree if gap else self.home, []).append(name)
        return trees


def image_nodes(
    material: Material, maps: Sequence[str], estimated: Sequence[str] = ()
) -> tuple[dict[str, ShaderNodeTexImage], list[str]]:
    """The image node of each map, those that are missing made and connected; and what that has disconnected, in words.
    A picture that holds several maps is left, and each gets one of its own. Labels tell which maps are `estimated`,
    unless somebody has set them otherwise.

    Raises:
        UserError: as `check`.
    """
    shader = _principled(material)
    plan = _plan(material, shader, maps)
    found, disconnected = dict(plan.found), []
    for tree, names in plan.by_tree().items():
        gaps = [gap for name in names if (gap := plan.missing[name])]
        present = [node for node in plan.found.values() if node.id_data == tree]
        for name, node in zip(names, _add(tree, _origin(tree, shader, gaps), present, len(names)), strict=True):
            before = _connect(material, node, plan.missing[name])
            disconnected += [f"{before.label or before.name} → {phrase(map_label(name))}"] if before else []
            found[name] = node
    for name, node in found.items():
        node[MAP] = name
        label = map_label(name)
        labels = (label, f"{label} (estimated)")
        if node.label in ("", *labels):
            node.label = labels[name in estimated]
    return found, disconnected


def check(material: Material, maps: Sequence[str]) -> None:
    """Whether these maps can go into a material.

    Raises:
        UserError: it has shaders, but no Principled BSDF among them; or nodes would change that other materials have.
    """
    shader = _present_principled(material)
    if shader is not None and material.node_tree.get_output_node("ALL") is not None:
        _plan(material, shader, maps)


def scale_mapping(material: Material, shape: float, metres: float | None = None) -> None:
    """Let textures of a shape, width / height, be so wide, or as wide as they are, in the Mapping node that we made,
    unless somebody has set it otherwise."""
    for node in _with_scale(material, "MAPPING"):
        scale = node.inputs["Scale"].default_value
        if all(map(_is_same, scale, node[SCALE])):
            repeats = 1 / metres if metres else scale[0]
            scale[:] = node[SCALE] = (repeats, repeats * shape, 1.0)


def scale_displacement(material: Material, metres: float) -> None:
    """Set how far it is from the lowest to the highest point, in the Displacement node that we made, unless somebody
    has set it otherwise."""
    for node in _with_scale(material, "DISPLACEMENT"):
        scale = node.inputs["Scale"]
        if _is_same(scale.default_value, node[SCALE]):
            scale.default_value = node[SCALE] = metres


def _with_scale(material: Material, node_type: str) -> list[Node]:
    """Nodes that we made, and gave a scale."""
    made = (node for tree in wiring.own_trees(material) for node in tree.nodes if SCALE in node)
    return [node for node in made if node.type == node_type]


def _is_same(a: float, b: float) -> bool:
    """But for what is lost of a number in a socket."""
    return math.isclose(a, b, rel_tol=1e-5)


def _principled(material: Material) -> Spot:
    """An output of the Principled BSDF, which an empty tree is given.

    Raises:
        UserError: as `_present_principled`.
    """
    if bpy.app.version < (5, 0, 0):  # always on since, and gone in 6
        material.use_nodes = True
    tree, shader = material.node_tree, _present_principled(material)
    output = tree.get_output_node("ALL") or _new(tree, "ShaderNodeOutputMaterial", Vector((300, 300)))
    if shader is None:
        node = _new(tree, "ShaderNodeBsdfPrincipled", _place(output) - Vector((300, 0)))
        tree.links.new(node.outputs["BSDF"], output.inputs["Surface"])
        shader = Spot(node.outputs["BSDF"])
    return shader


def _present_principled(material: Material) -> Spot | None:
    """Raises UserError: there are other shaders."""
    shader = nodes.principled(material)
    output = material.node_tree.get_output_node("ALL") if material.node_tree is not None else None
    if shader is None and output is not None and output.inputs["Surface"].is_linked:
        raise UserError("The material has no Principled BSDF; add one to its nodes, or make a new material.")
    return shader


def _plan(material: Material, shader: Spot, maps: Sequence[str]) -> _Plan:
    """Raises UserError: as `wiring.check_own`."""
    found = {name: at.node for name, at in nodes.wired(material, shader).items() if name in maps and at.channel is None}
    gaps = _gaps(material, shader)
    missing = {name: gaps.get(name) for name in ORDER if name in maps and name not in found}
    plan = _Plan(found, missing, wiring.entrance(shader.input(DIRECT["base_color"])).tree)
    for tree in (*(node.id_data for node in found.values()), *plan.by_tree()):
        wiring.check_own(material, tree)
    return plan


def _gaps(material: Material, shader: Spot) -> dict[str, _Gap]:
    """Where a new image of each map would arrive. Out of groups if an input of theirs is there for it, and for no other
    map."""
    inside = {name: _Gap(shader.input(socket)) for name, socket in DIRECT.items()}
    inside |= {"normal": _normal_gap(shader), "height": _height_gap(material, shader)}
    outside = {name: wiring.entrance(gap.at) for name, gap in inside.items()}
    alone = [spot for spot in outside.values() if list(outside.values()).count(spot) == 1]
    return {name: replace(gap, at=outside[name] if outside[name] in alone else gap.at) for name, gap in inside.items()}


def _normal_gap(shader: Spot) -> _Gap:
    normal, _ = nodes.normal_and_bumps(shader)
    node = wiring.source_of_type(normal, "NORMAL_MAP")
    return _Gap(node.input("Color")) if node is not None else _Gap(normal, _normal_map)


def _height_gap(material: Material, shader: Spot) -> _Gap:
    """A Bump node that waits for a height, or takes another map for one; else true displacement.

    As a bump, which is Blender's default, it would show the relief of the normal map a second time.
    """
    _, bumps = nodes.normal_and_bumps(shader)
    for spot in bumps:
        if not wiring.entrance(spot).socket.is_linked or nodes.image_behind(spot) is not None:
            return _Gap(spot)
    displacement = Spot(material.node_tree.get_output_node("ALL").inputs["Displacement"])
    node = wiring.source_of_type(displacement, "DISPLACEMENT")
    return _Gap(node.input("Height")) if node is not None else _Gap(displacement, _displacement)


def _connect(material: Material, image: Node, gap: _Gap | None) -> Node | None:
    """Returns what it has taken the place of; that stays in the tree."""
    if gap is None:
        return None
    before = next((link.from_node for link in gap.at.socket.links), None)
    output = gap.between(material, gap.at, image) if gap.between else image.outputs["Color"]
    gap.at.tree.links.new(output, gap.at.socket)
    return before


def _normal_map(material: Material, at: Spot, image: Node) -> NodeSocket:
    node = _new(at.tree, "ShaderNodeNormalMap", _place(image) + Vector((300, 0)))
    at.tree.links.new(image.outputs["Color"], node.inputs["Color"])
    return node.outputs["Normal"]


def _displacement(material: Material, at: Spot, image: Node) -> NodeSocket:
    node = _new(at.tree, "ShaderNodeDisplacement", _place(at.node) - Vector((200, 700)))
    node.inputs["Midlevel"].default_value = 0.5
    node[SCALE] = node.inputs["Scale"].default_value
    material.displacement_method = "DISPLACEMENT"
    at.tree.links.new(image.outputs["Color"], node.inputs["Height"])
    return node.outputs["Displacement"]


def _origin(tree: NodeTree, shader: Spot, gaps: list[_Gap]) -> Vector:
    """The place in a tree that new nodes are laid out from: that of the Principled BSDF, or of what takes its part."""
    nodes = (shader.node, *shader.groups, *(gap.at.node for gap in gaps))
    return _place(next(node for node in nodes if node.id_data == tree))


def _add(tree: NodeTree, origin: Vector, present: list[Node], count: int) -> list[Node]:
    """New image nodes, below those that are there, or in a column of their own with a mapping."""
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


def _new(tree: NodeTree, kind: str, location: Vector) -> Node:
    node = tree.nodes.new(kind)
    node.location = location
    node.select = False
    return node


def _place(node: Node) -> Vector:
    """A node's location in the tree; Blender gives it relative to the frame around it."""
    place, frame = node.location.copy(), node.parent
    while frame is not None:
        place += frame.location
        frame = frame.parent
    return place
