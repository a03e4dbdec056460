"""What a material will look like, shown while the rest is still being made: in the image nodes that it has, else in the
panel.

The images that the nodes had are put back before the result comes, or instead of it, and before the file is saved.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import bpy
import bpy.utils.previews
from bpy.app.handlers import persistent
from bpy.types import ShaderNodeTexImage

from . import images, materials, nodes, pump
from .values import VARIATION_SIDE, Preview


@dataclass(frozen=True)
class _Lent:
    """An image node, by its material's session_uid and its name, that shows a preview instead of its own image; both
    by session_uid."""

    material_uid: int | None
    node_name: str
    preview_uid: int
    own_uid: int


_lent: list[_Lent] = []
_pictures: bpy.utils.previews.ImagePreviewCollection | None = None
IN_PANEL = "preview"


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
    for picture in preview.pictures:
        if (node := shown.get(picture.map_name)) is not None:
            lent, own = images.preview(picture), node.image
            _lent.append(_Lent(material_uid, node.name, lent.session_uid, own.session_uid))
            node.image = lent
    if not _lent and _pictures is not None:
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
    for lent in _lent:
        preview, own = images.find(lent.preview_uid), images.find(lent.own_uid)
        node = _node(lent)
        if node is not None and own is not None and node.image == preview:
            node.image = own
        if preview is not None:
            images.throw_away(preview)
    _lent.clear()


def _node(lent: _Lent) -> ShaderNodeTexImage | None:
    """It may have been deleted."""
    material = materials.existing(lent.material_uid)
    tree = None if material is None else material.node_tree
    return None if tree is None else tree.nodes.get(lent.node_name)


@persistent
def _before_save(*_: Any) -> None:
    end()


@persistent
def _before_load(*_: Any) -> None:
    _lent.clear()


def register() -> None:
    global _pictures
    _pictures = bpy.utils.previews.new()
    bpy.app.handlers.save_pre.append(_before_save)
    bpy.app.handlers.load_pre.append(_before_load)


def unregister() -> None:
    global _pictures
    bpy.app.handlers.save_pre.remove(_before_save)
    bpy.app.handlers.load_pre.remove(_before_load)
    end()
    bpy.utils.previews.remove(_pictures)
    _pictures = None
