"""Which image nodes show the maps of a material, those in its node groups among them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bpy.types import Image, Material, Node, ShaderNodeTexImage

from . import images, wiring
from .values import PACKED, MapFile
from .wiring import Place, Spot

MAP = "texgan_map"
"""Custom property of an image node: the map it shows."""
CLAIMS = ("base_color", "normal", "roughness", "metallic", "height", "ambient_occlusion")
"""Which map an image node is of, if it feeds the places of several: the first of these."""
DIRECT = {"base_color": "Base Color", "metallic": "Metallic", "roughness": "Roughness"}
"""Maps that go straight into an input of the Principled BSDF."""
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


def shown(material: Material) -> dict[str, Shown]:
    """Where the maps that a material shows come from, whoever made them."""
    shader = principled(material)
    found = wired(material, shader) if shader else {}
    return {name: at for name, at in found.items() if at.node.image is not None}


def files_of(shown: dict[str, Shown], source: Callable[[Image], Image] = lambda image: image) -> dict[str, MapFile]:
    """The files of the pictures that maps come from, or of their sources.

    Raises:
        UserError: as `images.file_of`.
    """
    found = {at.node: images.file_of(source(at.node.image)) for at in shown.values()}
    return {name: MapFile(found[at.node], at.channel) for name, at in shown.items()}


def showing(material: Material, pictures: Iterable[str]) -> dict[str, ShaderNodeTexImage]:
    """The nodes that a material shows pictures of these names with: of a map, or of the same maps in one."""
    found, alone = shown(material), {name: PACKED not in name for name in pictures}
    places = {name: found.get(name.split(PACKED)[0]) for name in alone}
    return {name: at.node for name, at in places.items() if at is not None and (at.channel is None) == alone[name]}


def others(material: Material, known: set[Place]) -> list[Image]:
    """What image nodes show that have a part in how a material looks, without those at `known` places."""
    output = material.node_tree.get_output_node("ALL")
    behind = [spot.node for socket in output.inputs for spot in wiring.upstream(Spot(socket))] if output else []
    images = [node.image for node in behind if node.type == "TEX_IMAGE" and wiring.place_of(node) not in known]
    return [image for image in dict.fromkeys(images) if image is not None]


def vacant(material: Material) -> set[str]:
    """The maps that a material has nothing for: no image, and nothing else that leads to where it would go."""
    shader = principled(material)
    if shader is None:
        return set(CLAIMS)
    ways = {name: [wiring.entrance(spot) for spot in arrivals(material, shader, name)] for name in CLAIMS}
    taken = {name for name, spots in ways.items() if any(spot.socket.is_linked for spot in spots)}
    return set(CLAIMS) - taken - set(wired(material, shader))


def maps_of(material: Material) -> dict[str, Image]:
    """The images of a material's maps, by map, of the nodes that we filled."""
    return {name: at.node.image for name, at in filled(material).items() if at.channel is None}


def filled(material: Material) -> dict[str, Shown]:
    """Where the maps come from that we have made: nodes of their own, or pictures that they share."""
    alone = {str(node[MAP]): Shown(node) for node in all_of(material) if node.image is not None and node.get(MAP)}
    shared = {name: at for name, at in shown(material).items() if at.channel is not None}
    return alone | {name: at for name, at in shared.items() if images.RECORD in at.node.image}


def all_of(material: Material) -> list[ShaderNodeTexImage]:
    """All image nodes of a material."""
    return [node for tree in wiring.trees(material) for node in tree.nodes if node.type == "TEX_IMAGE"]


def map_shown_by(material: Material, node: Node) -> str:
    """Which map an image node shows: the one that we put there, else by where it leads, else base color."""
    if node.get(MAP):
        return str(node[MAP])
    shader = principled(material)
    if shader is not None:
        for name in CLAIMS:
            found = [image_behind(spot) for spot in arrivals(material, shader, name)]
            if any(at is not None and at.node == node for at in found):
                return name
    return "base_color"


def shows_base_color(material: Material, node: Node) -> bool:
    """Whether a node is an image node that shows colours."""
    return node.type == "TEX_IMAGE" and _is_colour(node) and map_shown_by(material, node) == "base_color"


def principled(material: Material) -> Spot | None:
    """An output of the Principled BSDF that a material shows, else of any."""
    tree = material.node_tree
    if tree is None:
        return None
    output = tree.get_output_node("ALL")
    behind = wiring.upstream(Spot(output.inputs["Surface"])) if output is not None else ()
    rest = (Spot(node.outputs[0]) for node in tree.nodes if node.outputs)
    return next((spot for spots in (behind, rest) for spot in spots if spot.node.type == "BSDF_PRINCIPLED"), None)


def wired(material: Material, shader: Spot) -> dict[str, Shown]:
    """Where the maps that are there come from, each from another place; `shader` is the Principled BSDF."""
    found: dict[str, Shown] = {}
    for name in CLAIMS:
        at = _find(material, shader, name)
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


def _find(material: Material, shader: Spot, name: str) -> Shown | None:
    """What feeds the map's place in the material, or else a node that we once made for it."""
    for spot in arrivals(material, shader, name):
        if (at := image_behind(spot)) is not None:
            return at
    made = next((node for node in all_of(material) if node.get(MAP) == name), None)
    return None if made is None else Shown(made)


def arrivals(material: Material, shader: Spot, name: str) -> list[Spot]:
    """The inputs where a map may arrive, the best first."""
    if name in DIRECT:
        return [shader.input(DIRECT[name])]
    normal, bumps = normal_and_bumps(shader)
    if name == "normal":
        return [normal]
    if name == "height":
        output = material.node_tree.get_output_node("ALL")
        return [*bumps, Spot(output.inputs["Displacement"])] if output is not None else bumps
    return []


def normal_and_bumps(shader: Spot) -> tuple[Spot, list[Spot]]:
    """Where a normal map goes, which is behind all Bump nodes; and the height inputs of those."""
    normal, bumps = shader.input("Normal"), []
    while (bump := wiring.source_of_type(normal, "BUMP")) is not None:
        normal = bump.input("Normal")
        bumps.append(bump.input("Height"))
    return normal, bumps


def image_behind(spot: Spot) -> Shown | None:
    """The image that feeds an input, through adjustments; one of colours first."""
    for source in wiring.sources(spot):
        node = source.node
        if node.type == "TEX_IMAGE" and source.socket == node.outputs["Color"]:
            return Shown(node)
        if node.type == "SEPARATE_COLOR" and node.mode == "RGB":
            behind = image_behind(source.input("Color"))
            if behind is not None and behind.channel is None:
                return Shown(behind.node, list(node.outputs).index(source.socket))
        places = [Spot(place, source.groups) for place in node.inputs if place.name in ADJUSTMENTS.get(node.type, ())]
        found = [at for place in places if (at := image_behind(place)) is not None]
        if found:
            return next((at for at in found if _is_colour(at.node)), found[0])
    return None


def _is_colour(node: ShaderNodeTexImage) -> bool:
    """Whether it shows colours rather than a mask or occlusion that is mixed with them."""
    return node.image is not None and node.image.colorspace_settings.name != "Non-Color"
