"""The links of a material's nodes, followed through node groups: into them and out of them."""

from collections.abc import Iterator
from dataclasses import dataclass

import bpy
from bpy.types import Material, Node, NodeSocket, NodeTree

from .errors import UserError

Place = tuple[int, str]
"""Where a node of a material is, while a job runs: the session_uid of its group, 0 outside of any, and its name."""


@dataclass(frozen=True)
class Spot:
    """A socket, and the group nodes around it, the outermost first."""

    socket: NodeSocket
    groups: tuple[Node, ...] = ()

    @property
    def node(self) -> Node:
        return self.socket.node

    @property
    def tree(self) -> NodeTree:
        return self.socket.id_data

    def input(self, name: str) -> "Spot":
        """An input of the same node."""
        return Spot(self.node.inputs[name], self.groups)


def sources(spot: Spot) -> Iterator[Spot]:
    """The outputs that feed an input."""
    for link in spot.socket.links:
        node = link.from_node
        if node.type == "GROUP_INPUT":
            yield from sources(_outside(link.from_socket, spot.groups)) if spot.groups else ()
        elif node.type == "GROUP":
            inside = _inside(node, link.from_socket)
            yield from sources(Spot(inside, (*spot.groups, node))) if inside is not None else ()
        else:
            yield Spot(link.from_socket, spot.groups)


def source_of_type(spot: Spot, node_type: str) -> Spot | None:
    """What feeds an input, if it is a node of this type."""
    return next((source for source in sources(spot) if source.node.type == node_type), None)


def upstream(spot: Spot, seen: set[tuple[Node, tuple[Node, ...]]] | None = None) -> Iterator[Spot]:
    """An output of each node behind an input, the nearest first."""
    seen = set() if seen is None else seen
    for source in sources(spot):
        if (source.node, source.groups) not in seen:
            seen.add((source.node, source.groups))
            yield source
            for socket in source.node.inputs:
                yield from upstream(Spot(socket, source.groups), seen)


def entrance(spot: Spot) -> Spot:
    """Where a link has to go that is to arrive at an input: there, or at the input of a group that leads there."""
    link = next(iter(spot.socket.links), None)
    if link is None or link.from_node.type != "GROUP_INPUT" or not spot.groups:
        return spot
    return entrance(_outside(link.from_socket, spot.groups))


def _outside(socket: NodeSocket, groups: tuple[Node, ...]) -> Spot:
    """The input of the innermost group that an output of its Group Input is."""
    return Spot(next(s for s in groups[-1].inputs if s.identifier == socket.identifier), groups[:-1])


def _inside(group: Node, socket: NodeSocket) -> NodeSocket | None:
    """What arrives, in the tree of a group, at one of its outputs."""
    nodes = group.node_tree.nodes if group.node_tree is not None else ()
    output = next((n for n in nodes if n.type == "GROUP_OUTPUT" and n.is_active_output), None)
    inputs = output.inputs if output is not None else ()
    return next((s for s in inputs if s.identifier == socket.identifier), None)


def trees(material: Material) -> list[NodeTree]:
    """The tree of a material, and those of the groups in it, however deep."""
    found = [material.node_tree] if material.node_tree is not None else []
    for tree in found:
        groups = [node.node_tree for node in tree.nodes if node.type == "GROUP" and node.node_tree is not None]
        found += [group for group in dict.fromkeys(groups) if group not in found]
    return found


def own_trees(material: Material) -> list[NodeTree]:
    """Those of them that no other material has, and no other file."""
    theirs = {tree for other in bpy.data.materials if other != material for tree in trees(other)}
    return [tree for tree in trees(material) if tree not in theirs and tree.library is None]


def check_own(material: Material, tree: NodeTree) -> None:
    """Raises UserError: nodes of this tree are not to be changed, as other materials or another file have them."""
    if tree.library is not None:
        raise UserError(f"{tree.name} is linked from another file; make it local first.")
    for other in bpy.data.materials:
        if other != material and tree in trees(other):
            raise UserError(
                f"The node group {tree.name} is in the material {other.name}, too; "
                "click the number beside its name to make it a copy of its own first."
            )


def place_of(node: Node) -> Place:
    tree = node.id_data
    return (0 if tree.is_embedded_data else tree.session_uid, node.name)


def node_at(material: Material, place: Place) -> Node | None:
    """The node of a material that is at a place, if it is there still."""
    uid, name = place
    for tree in trees(material):
        if uid == (0 if tree.is_embedded_data else tree.session_uid):
            return tree.nodes.get(name)
    return None
