"""Buttons that make better what a material already shows. Its pictures stay in the file, to go back to."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar

import bpy
from bpy.types import Context, Image, Material, Operator, ShaderNodeTexImage

from . import (
    building,
    engine,
    history,
    images,
    materials,
    nodes,
    preferences,
    previews,
    pump,
    records,
    settings,
    wiring,
)
from .background import InBackground, Work, summary, tells_errors, with_disconnected
from .errors import UserError
from .translations import phrase
from .values import PACKED, Generated, Tiling

BEFORE = "texgan_before"
"""Custom property of an image node: the image that it showed before it was first improved."""


class _Improving(InBackground):
    """Something better of what the active material shows, in one undo step; `anew`, whether of what that was made from,
    so that other settings can be tried."""

    bl_options: ClassVar[set[str]] = {"UNDO"}
    anew: ClassVar[bool]

    def start(self, context: Context) -> tuple[Work, Callable[[Generated], str]]:
        material, shown, is_alone = _shown(context)
        guesses = {name for name, at in shown.items() if _is_estimated(name, at.node.image)}
        present = {name: at for name, at in shown.items() if not (self.anew and name in guesses)}
        files = nodes.files_of(present, images.source_of) if self.anew else nodes.files_of(present)
        wish, region = self.wish(
            context.scene.texgan, tuple(files), set() if is_alone else nodes.vacant(material), guesses
        )
        work = partial(engine.improve, files, material.name, wish, region, preferences.device(context))
        named = {name: wiring.place_of(at.node) for name, at in present.items() if is_alone or at.channel is not None}
        _check_own(material, shown, [name for name in wish["maps"] if name not in named])
        return work, partial(_deliver, material.session_uid, named, guesses, self.anew)

    def wish(
        self, texgan: settings.TexganSettings, present: tuple[str, ...], vacant: set[str], guesses: set[str]
    ) -> "tuple[dict[str, Any], Any]":
        """The fields of the core's `Improvement`, and the region, if any; `present` maps are shown, those that are
        `vacant` the material has nothing for, and `guesses` are shown, but were estimated."""
        raise NotImplementedError


class TEXGAN_OT_improve(_Improving, Operator):
    """Clean the pictures of the active material, make them seamless, estimate maps that it lacks and enlarge them, as \
chosen; the pictures are kept"""

    bl_idname = "texgan.improve"
    bl_label = "Improve"
    undo = "TexGAN Improve"
    anew = True

    def wish(self, texgan, present, vacant, guesses):
        missing = texgan.maps & vacant if texgan.complete else set()
        wanted = tuple(name for name in settings.MAPS if name in {*present, *missing, *guesses})
        chosen = {"seamless": texgan.close, "maps": wanted, "seed": texgan.border_seed}
        chosen |= {"clean": texgan.clean, "even": texgan.even, "upscale": int(texgan.enlarge)}
        return chosen | {"crop": texgan.crop}, None


class TEXGAN_OT_reroll_region(_Improving, Operator):
    """Make the marked region of the active material's pictures anew; the rest of them stays as it is"""

    bl_idname = "texgan.reroll_region"
    bl_label = "Re-Roll Region"
    undo = "TexGAN Re-Roll Region"
    anew = False

    def wish(self, texgan, present, vacant, guesses):
        if texgan.region is None:
            raise UserError("There is no region; press Mark Region and paint on the picture, or choose a mask.")
        return {"seamless": "none", "maps": present, "seed": texgan.border_seed}, images.marked(texgan.region)


class TEXGAN_OT_check_tiling(InBackground, Operator):
    """Tell whether the base color of the active material tiles already; nothing is changed"""

    bl_idname = "texgan.check_tiling"
    bl_label = "Check Tiling"

    def start(self, context: Context) -> tuple[Work, Callable[[Tiling], str]]:
        _, shown, _ = _shown(context)
        files = nodes.files_of({"base_color": shown["base_color"]})
        name = shown["base_color"].node.image.name
        return partial(engine.tiling, files["base_color"], name), partial(_tell_tiling, name)


class TEXGAN_OT_mark_region(Operator):
    """Copy the base color, to be painted on with any brush where it is to be made anew; Image Editors show the copy"""

    bl_idname = "texgan.mark_region"
    bl_label = "Mark Region"
    bl_options: ClassVar[set[str]] = {"UNDO"}

    @tells_errors
    def execute(self, context: Context) -> set[str]:
        previews.end()
        material, shown, _ = _shown(context)
        region = images.start_region(shown["base_color"].node.image, f"{material.name} Region")
        context.scene.texgan.region = region
        for area in context.screen.areas if context.screen else ():
            if area.type == "IMAGE_EDITOR":
                area.spaces.active.image = region
                area.spaces.active.mode = "PAINT"
        self.report({"INFO"}, phrase("Paint on {} where it is to change, then re-roll", region.name))
        return {"FINISHED"}


class TEXGAN_OT_before_after(Operator):
    """Show the pictures as they were before, or the improved ones again"""

    bl_idname = "texgan.before_after"
    bl_label = "Before / After"
    bl_options: ClassVar[set[str]] = {"UNDO", "INTERNAL"}

    @tells_errors
    def execute(self, context: Context) -> set[str]:
        previews.end()
        material = materials.active_material(context)
        improved = improved_nodes(material)
        if not improved:
            raise UserError("The active material has no improved pictures.")
        for node in improved:
            wiring.check_own(material, node.id_data)
        for node in improved:
            node.image, node[BEFORE] = node[BEFORE], node.image
        return {"FINISHED"}


def _shown(context: Context) -> tuple[Material, dict[str, nodes.Shown], bool]:
    """The active material, where its maps come from, a base color among them, and whether that is a picture alone: what
    the active image node shows, if the material has no base color."""
    material = materials.active_material(context)
    if material is None:
        raise UserError("The active object has no material to improve.")
    materials.check_local(material)
    shown = nodes.shown(material)
    if "base_color" in shown:
        return material, shown, False
    node = materials.active_node(context, material)
    if node is not None and nodes.shows_base_color(material, node):
        return material, {"base_color": nodes.Shown(node)}, True
    raise UserError("The active material shows no picture as its base color; there is nothing to improve.")


def _check_own(material: Material, shown: dict[str, nodes.Shown], mapped: list[str]) -> None:
    """Raises UserError: a picture is in a node group that other materials have, too, or an image node would be."""
    for at in shown.values():
        wiring.check_own(material, at.node.id_data)
    if mapped:
        building.check(material, mapped)


def is_told() -> bool:
    """Whether what is being done, or was done last, is of these buttons, so that it is told where they are."""
    return getattr(pump.making.deliver, "func", None) in (_deliver, _tell_tiling)


def improved_nodes(material: Material | None) -> list[ShaderNodeTexImage]:
    """The image nodes that know what they showed before."""
    return [node for node in nodes.all_of(material) if node.get(BEFORE) is not None] if material is not None else []


def _is_improved(image: Image) -> bool:
    """Whether it was made by one of these buttons, so that what it was made of is to be kept, not it."""
    return records.is_improved(str(image.get(images.RECORD, "")))


def _is_estimated(map_name: str, image: Image) -> bool:
    """Whether it is a guess of ours that nobody has painted on."""
    return map_name in records.estimated(str(image.get(images.RECORD, ""))) and images.is_untouched(image)


def _deliver(material_uid: int, named: dict[str, wiring.Place], guesses: set[str], anew: bool, made: Generated) -> str:
    """`named` has the places of nodes that are to be filled, of maps in one picture with others, or of a picture alone;
    `guesses` were estimated before, and stay guesses; `anew`: see `_Improving`."""
    material = materials.find(material_uid)
    new = records.estimated(made.record)
    made = replace(made, record=records.with_estimated(made.record, guesses))
    firsts = {picture.map_name: picture.map_name.split(PACKED)[0] for picture in made.pictures}
    mapped = [name for name, first in firsts.items() if first not in named]
    estimated, improved = records.estimated(made.record), set()
    image_nodes, disconnected = building.image_nodes(material, mapped, estimated) if mapped else ({}, [])
    for picture in made.pictures:
        place = named.get(firsts[picture.map_name])
        node = materials.node_at(material, place) if place else image_nodes[picture.map_name]
        before = node.image
        node.image = images.put(picture, None, material, made.record)
        if before is not None and picture.map_name not in new:
            _keep(node, before, anew)
        improved.add(wiring.place_of(node))
    materials.tell(material, made)
    materials.displace(material)
    is_single = not mapped and len(improved) == 1
    history.add(bpy.context.scene, made.record, made.icon, material.name, is_single)
    told = with_disconnected(summary(material.name, made), disconnected)
    if records.is_cropped(made.record):
        told = phrase("{}; cropped to {} x {}, where what repeats meets", told, *made.size)
    left = [image.name for image in nodes.others(material, improved)]
    return phrase("{}; left as they were: {}", told, ", ".join(left)) if left else told


def _tell_tiling(name: str, found: Tiling) -> str:
    told = {
        (True, True): phrase("{}: tiles left and right (seam {:.2f}) and top and bottom ({:.2f}); 1 is none"),
        (True, False): phrase("{}: tiles left and right (seam {:.2f}); top and bottom do not meet ({:.2f}); 1 is none"),
        (False, True): phrase("{}: left and right do not meet (seam {:.2f}); tiles top and bottom ({:.2f}); 1 is none"),
        (False, False): phrase("{}: left and right do not meet (seam {:.2f}), nor top and bottom ({:.2f}); 1 is none"),
    }
    return told[found.tiles].format(name, *found.seam)


def _keep(node: ShaderNodeTexImage, before: Image, anew: bool) -> None:
    """Let an improved node know what to go back to, and its image what it was made from."""
    images.keep_alpha_mode(node.image, before)
    if anew:
        node.image[images.SOURCE] = images.source_of(before)
    node[BEFORE] = node.get(BEFORE) if _is_improved(before) and node.get(BEFORE) else before


def put_back(target: materials.Target | materials.NodeTarget, record: str) -> tuple[Material, list[str]]:
    """Let a material, or one node, show the improved pictures of a record again that are in this file. Returns the
    material and what was disconnected, in words.

    Raises:
        UserError: it has been deleted, or has no picture of several maps in one, where they are such; otherwise as
            `building.check`.
    """
    pictures = images.improved(record)
    if isinstance(target, materials.NodeTarget):
        material = materials.find(target.material_uid)
        _show_again(materials.node_at(material, target.place), *pictures.values())
        return material, []
    material = materials.receive(target)
    shown = nodes.showing(material, [name for name in pictures if PACKED in name])
    alone = [name for name in pictures if PACKED not in name]
    if len(shown) + len(alone) < len(pictures):
        raise UserError("The active material has no picture of several maps in one, as these are.")
    for node in shown.values():
        wiring.check_own(material, node.id_data)
    made, disconnected = building.image_nodes(material, alone, records.estimated(record))
    for name, node in (shown | made).items():
        _show_again(node, pictures[name])
    images.tell_again(material, record)
    materials.set_width(material, target.metres)
    return material, disconnected


def _show_again(node: ShaderNodeTexImage, image: Image) -> None:
    """Let a node show an improved image, and know what it was made from, if that is known."""
    node.image, source = image, image.get(images.SOURCE)
    if source is not None:
        node[BEFORE] = source


_CLASSES = (
    TEXGAN_OT_improve,
    TEXGAN_OT_before_after,
    TEXGAN_OT_check_tiling,
    TEXGAN_OT_mark_region,
    TEXGAN_OT_reroll_region,
)

register, unregister = bpy.utils.register_classes_factory(_CLASSES)
