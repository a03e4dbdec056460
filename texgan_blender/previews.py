"""What a material will look like, shown in its image nodes while the rest is still being made.

The images that the nodes had are put back before the result comes, or instead of it, and before the file is saved.
"""

from dataclasses import dataclass
from typing import Any

import bpy
from bpy.app.handlers import persistent
from bpy.types import ShaderNodeTexImage

from . import images, materials, nodes
from .values import Picture


@dataclass(frozen=True)
class _Lent:
    """An image node, by its material's session_uid and its name, that shows a preview instead of its own image; both
    by session_uid."""

    material_uid: int | None
    node_name: str
    preview_uid: int
    own_uid: int


_lent: list[_Lent] = []


def show(material_uid: int | None, pictures: list[Picture]) -> None:
    """Show pictures in the nodes of a material that show these maps already."""
    end()
    material = materials.existing(material_uid)
    shown = nodes.shown(material) if material is not None else {}
    for picture in pictures:
        if (node := shown.get(picture.map_name)) is not None:
            preview, own = images.preview(picture), node.image
            _lent.append(_Lent(material_uid, node.name, preview.session_uid, own.session_uid))
            node.image = preview


def end() -> None:
    """Give the nodes back what they showed."""
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
    bpy.app.handlers.save_pre.append(_before_save)
    bpy.app.handlers.load_pre.append(_before_load)


def unregister() -> None:
    bpy.app.handlers.save_pre.remove(_before_save)
    bpy.app.handlers.load_pre.remove(_before_load)
    end()
