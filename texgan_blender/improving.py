"""Buttons that make better what a material already shows. Its pictures stay in the file, to go back to."""

from collections.abc import Callable
from functools import partial
from typing import ClassVar

import bpy
from bpy.types import Context, Material, Operator, ShaderNodeTexImage

from . import engine, images, materials, nodes, preferences, settings
from .background import InBackground, Work, tells_errors
from .errors import UserError
from .translations import phrase
from .values import Generated

BEFORE = "texgan_before"
"""Custom property of an image node: the image that it showed before."""


class TEXGAN_OT_improve(InBackground, Operator):
    """Make the pictures of the active material seamless, and estimate maps that it lacks; the pictures are kept"""

    bl_idname = "texgan.improve"
    bl_label = "Improve"
    bl_options: ClassVar[set[str]] = {"UNDO"}
    undo = "TexGAN Improve"

    def start(self, context: Context) -> tuple[Work, Callable[[Generated], str]]:
        texgan, material = context.scene.texgan, materials.active_material(context)
        if material is None:
            raise UserError("The active object has no material to improve.")
        materials.check_local(material)
        shown = nodes.shown(material)
        if "base_color" not in shown:
            raise UserError("The active material shows no picture as its base color; there is nothing to improve.")
        files = {name: images.file_of(node.image) for name, node in shown.items()}
        wanted = tuple(name for name in settings.MAPS if name in files or (texgan.complete and name in texgan.maps))
        work = partial(engine.improve, files, material.name, texgan.close, wanted, texgan.border_seed)
        return partial(work, preferences.device(context)), partial(_deliver, material.session_uid)


class TEXGAN_OT_before_after(Operator):
    """Show the pictures as they were before, or the improved ones again"""

    bl_idname = "texgan.before_after"
    bl_label = "Before / After"
    bl_options: ClassVar[set[str]] = {"UNDO", "INTERNAL"}

    @tells_errors
    def execute(self, context: Context) -> set[str]:
        improved = improved_nodes(materials.active_material(context))
        if not improved:
            raise UserError("The active material has no improved pictures.")
        for node in improved:
            node.image, node[BEFORE] = node[BEFORE], node.image
        return {"FINISHED"}


def improved_nodes(material: Material | None) -> list[ShaderNodeTexImage]:
    """The image nodes that know what they showed before."""
    if material is None or material.node_tree is None:
        return []
    return [node for node in material.node_tree.nodes if node.type == "TEX_IMAGE" and node.get(BEFORE) is not None]


def _deliver(material_uid: int, made: Generated) -> str:
    material = materials.find(material_uid)
    image_nodes = nodes.image_nodes(material, [picture.map_name for picture in made.pictures])
    for picture in made.pictures:
        node = image_nodes[picture.map_name]
        before = node.image
        node.image = images.put(picture, None, material, made.record)
        if before is not None:
            node[BEFORE] = before
    material[images.RECORD], material[images.SEAM] = made.record, made.seam
    return phrase("{}: {} maps in {:.1f} s", material.name, len(made.pictures), made.seconds)


_CLASSES = (TEXGAN_OT_improve, TEXGAN_OT_before_after)

register, unregister = bpy.utils.register_classes_factory(_CLASSES)
