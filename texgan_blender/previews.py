"""What a material will look like, shown while the rest is still being made: in the image nodes that it has, else in the
panel; and what it might look like, to compare.

The images that the nodes had are put back before the result comes, or instead of it, and before the file is saved. It
is the nodes that remember them: undo, redo and files that Blender saved by itself bring back what was shown at some
moment, and if that was a preview, it is put right at once.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import bpy
import bpy.utils.previews
from bpy.app.handlers import persistent
from bpy.types import ID, Image, Material, NodeTree, ShaderNodeTexImage

from . import history, images, materials, nodes, pump
from .values import VARIATION_SIDE, Generated, Preview

OWN = "texgan_own"
"""Custom property of an image node that is lent to a preview: its own image, or the preview while its own is shown."""
IN_PANEL = "preview"
MOMENT = 0.03
"""Seconds after which Blender is let draw, before more pictures are decoded."""
_compared, _is_seen = 0, False
"""The session_uid of the material that is compared with other pictures, and whether they are what it shows now."""
_pictures: bpy.utils.previews.ImagePreviewCollection | None = None


def beside(material_uid: int | None) -> tuple[Callable[[Preview], None], pump.Aside]:
    """What to give a preview to, in any thread, and what shows it beside the job."""
    come: list[Preview] = []

    def look() -> None:
        if come:
            show(material_uid, come.pop())

    return come.append, replace(UNSEEN, look=look)


def _ready(made: Any) -> Iterator[None]:
    """Make the pictures of a result ready, a moment's worth a step."""
    begun = time.monotonic()
    for picture in made.pictures if isinstance(made, Generated) else ():
        images.ready(picture)
        if time.monotonic() - begun > MOMENT:
            yield
            begun = time.monotonic()


def show(material_uid: int | None, preview: Preview) -> None:
    """Show a preview in the nodes of a material that show these maps already, or in the panel if there are none."""
    end()
    material = materials.existing(material_uid)
    places = nodes.showing(material, [p.map_name for p in preview.pictures]) if material is not None else {}
    _lend({places[p.map_name]: images.preview(p) for p in preview.pictures if p.map_name in places})
    if not places and _pictures is not None:
        small = _pictures.new(IN_PANEL)
        small.image_size = (VARIATION_SIDE, VARIATION_SIDE)
        small.image_pixels_float.foreach_set(preview.rgba)


def compare(material: Material, shown: dict[ShaderNodeTexImage, Image]) -> None:
    """Let nodes of a material show previews of other pictures, to be compared with its own."""
    global _compared, _is_seen
    _lend(shown)
    _compared, _is_seen = material.session_uid, True


def is_compared(material: Material | None) -> bool:
    return material is not None and material.session_uid == _compared


def is_seen() -> bool:
    """Whether it is the other pictures that are shown now, not those of the material that is compared."""
    return _is_seen


def flip() -> None:
    """Show what is compared with, or the material's own pictures again."""
    global _is_seen
    shown, _is_seen = images.previews(), not _is_seen
    users = _users(shown)
    for node in _lending(users):
        if node.image is not None and (node.image in shown or node[OWN] in shown):
            node.image, node[OWN] = node[OWN], node.image
    _suit_shown(users)


def _lend(shown: dict[ShaderNodeTexImage, Image]) -> None:
    for node, image in shown.items():
        node[OWN], node.image = node.image, image
    _suit_shown(_users(images.previews()))


def icon() -> int:
    """Blender's number for the picture in the panel; 0 if there is none."""
    return _pictures[IN_PANEL].icon_id if _pictures is not None and IN_PANEL in _pictures else 0


def end() -> None:
    """Give the nodes back what they showed."""
    global _compared, _is_seen
    _compared, _is_seen = 0, False
    if _pictures is not None:
        _pictures.clear()
    shown = images.previews()
    users = _users(shown)
    for node in _lending(users):
        if node.image in shown:
            node.image = node[OWN]
        del node[OWN]
    _suit_shown(users)
    for preview in shown:
        images.throw_away(preview)


def _users(shown: list[Image]) -> set[ID]:
    return set().union(*bpy.data.user_map(subset=shown).values()) if shown else set()


def _lending(users: set[ID]) -> Iterator[ShaderNodeTexImage]:
    """The nodes of all that shows previews which have images of their own."""
    for owner in users:
        tree = owner.node_tree if isinstance(owner, Material) else owner
        if isinstance(tree, NodeTree):
            yield from (node for node in tree.nodes if node.get(OWN) is not None)


def _suit_shown(users: set[ID]) -> None:
    """Let pictures of another shape not be stretched, and those of another relief be as high as they are."""
    for material in users:
        if isinstance(material, Material):
            materials.suit_shown(material)


@persistent
def _put_right(*_: Any) -> None:
    end()


UNSEEN = pump.Aside(end=end, ready=_ready)
"""Beside jobs that have no preview."""


def _handlers() -> tuple[list[Callable], ...]:
    """Before a file is saved or rendered, and after what may bring a preview back."""
    told = bpy.app.handlers
    return told.save_pre, told.render_init, told.undo_post, told.redo_post, told.load_post


def register() -> None:
    global _pictures
    _pictures = bpy.utils.previews.new()
    for handlers in (*_handlers(), history.listeners):
        handlers.append(_put_right)


def unregister() -> None:
    global _pictures
    for handlers in (*_handlers(), history.listeners):
        handlers.remove(_put_right)
    end()
    bpy.utils.previews.remove(_pictures)
    _pictures = None
