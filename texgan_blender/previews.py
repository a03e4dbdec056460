"""What a material will look like, shown while the rest is still being made: in the image nodes that it has, else in the
panel.

The images that the nodes had are put back before the result comes, or instead of it, and before the file is saved. It
is the nodes that remember them: undo, redo and files that Blender saved by itself bring back what was shown at some
moment, and if that was a preview, it is put right at once.
"""

from collections.abc import Callable, Iterator
from typing import Any

import bpy
import bpy.utils.previews
from bpy.app.handlers import persistent
from bpy.types import Image, Material, NodeTree, ShaderNodeTexImage

from . import images, materials, nodes, pump
from .values import VARIATION_SIDE, Preview

OWN = "texgan_own"
"""Custom property of an image node that shows a preview: its own image."""
IN_PANEL = "preview"
_pictures: bpy.utils.previews.ImagePreviewCollection | None = None


def beside(material_uid: int | None) -> tuple[Callable[[Preview], None], pump.Aside]:
    """What to give a preview to, in any thread, and what shows it beside the job."""
    come: list[Preview] = []

    def look() -> None:
        if come:
            show(material_uid, come.pop())

    return come.append, pump.Aside(look, end)


def show(material_uid: int | None, preview: Preview) -> None:
    """Show a preview in the nodes of a material that show these maps already, or in the panel if there are none."""
    end()
    material = materials.existing(material_uid)
    shown = nodes.shown(material) if material is not None else {}
    alone = {name: at.node for name, at in shown.items() if at.channel is None}
    lending = [picture for picture in preview.pictures if picture.map_name in alone]
    for picture in lending:
        node = alone[picture.map_name]
        node[OWN], node.image = node.image, images.preview(picture)
    if not lending and _pictures is not None:
        small = _pictures.new(IN_PANEL)
        small.image_size = (VARIATION_SIDE, VARIATION_SIDE)
        small.image_pixels_float.foreach_set(preview.rgba)


def icon() -> int:
    """Blender's number for the picture in the panel; 0 if there is none."""
    return _pictures[IN_PANEL].icon_id if _pictures is not None and IN_PANEL in _pictures else 0


def end() -> None:
    """Give the nodes back what they showed."""
    if _pictures is not None:
        _pictures.clear()
    shown = images.previews()
    for node in _lending(shown):
        if node.image in shown:
            node.image = node[OWN]
        del node[OWN]
    for preview in shown:
        images.throw_away(preview)


def _lending(shown: list[Image]) -> Iterator[ShaderNodeTexImage]:
    """The nodes of all that shows previews which have images of their own."""
    for owner in set().union(*bpy.data.user_map(subset=shown).values()) if shown else ():
        tree = owner.node_tree if isinstance(owner, Material) else owner
        if isinstance(tree, NodeTree):
            yield from (node for node in tree.nodes if node.get(OWN) is not None)


@persistent
def _put_right(*_: Any) -> None:
    end()


def _handlers() -> tuple[list[Callable], ...]:
    """Before a file is saved or rendered, and after what may bring a preview back."""
    told = bpy.app.handlers
    return told.save_pre, told.render_init, told.undo_post, told.redo_post, told.load_post


def register() -> None:
    global _pictures
    _pictures = bpy.utils.previews.new()
    for handlers in _handlers():
        handlers.append(_put_right)


def unregister() -> None:
    global _pictures
    for handlers in _handlers():
        handlers.remove(_put_right)
    end()
    bpy.utils.previews.remove(_pictures)
    _pictures = None
