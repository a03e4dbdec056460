"""The button that learns a model from pictures, and what is seen of it meanwhile."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import ClassVar

import bpy
import bpy.utils.previews
from bpy.props import BoolProperty, CollectionProperty, StringProperty
from bpy.types import Context, Event, Operator, OperatorFileListElement

from . import lessons, materials, models, nodes, preferences, pump, settings, thumbnails
from .background import InBackground, Work
from .errors import UserError
from .translations import phrase
from .values import MapFile, Taught

_pictures: bpy.utils.previews.ImagePreviewCollection | None = None
_shown_at = 0.0
"""When the sample that is shown was written."""


class TEXGAN_OT_learn(InBackground, Operator):
    """Make a model of pictures: usable at once, then better for as many minutes as are given. Another process learns; \
what it has made appears in the menu of models. Textures can be made meanwhile"""

    bl_idname = "texgan.learn"
    bl_label = "Learn"
    lane = pump.learning
    aside = pump.Aside()
    lasting = True

    replace: BoolProperty(
        name="Replace",
        description="Begin anew; the model that has this name already stays until the new one is first kept",
        options={"SKIP_SAVE"},
    )

    def ask(self, context: Context, event: Event) -> set[str] | None:
        if not self.replace:
            return None
        title = phrase("Replace the model that has this name already?")
        return context.window_manager.invoke_confirm(self, event, title=title, confirm_text=phrase("Replace"))

    def start(self, context: Context) -> tuple[Work, Callable[[Taught], str]]:
        texgan = context.scene.texgan
        name = texgan.learn_name.strip()
        if not name:
            raise UserError("Give the model a name first.")
        sources = _sources(texgan)
        files = {} if sources else _files_of(materials.active_material(context))
        wish = (sources, files, name, texgan.learn_minutes, texgan.learn_noise)
        how = (texgan.learn_further and not self.replace, self.replace)
        work = partial(lessons.learn, *wish, *how, preferences.device(context))
        return work, partial(_deliver, bpy.data.filepath, context.scene.name, texgan.model)


class TEXGAN_OT_choose_pictures(Operator):
    """Choose one or several pictures of one material to learn from, or all maps of a set; a folder by going into it"""

    bl_idname = "texgan.choose_pictures"
    bl_label = "Choose Pictures"
    bl_options: ClassVar[set[str]] = {"UNDO", "INTERNAL"}

    directory: StringProperty(subtype="DIR_PATH")
    files: CollectionProperty(type=OperatorFileListElement, options={"HIDDEN", "SKIP_SAVE"})
    filter_folder: BoolProperty(default=True, options={"HIDDEN"})
    filter_image: BoolProperty(default=True, options={"HIDDEN"})

    def invoke(self, context: Context, event: Event) -> set[str]:
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: Context) -> set[str]:
        names = [file.name for file in self.files if file.name]
        texgan = context.scene.texgan
        texgan.learn_from = ""
        for name in names or [""]:
            texgan.learn_pictures.add().path = str(Path(self.directory) / name)
        return {"FINISHED"}


class TEXGAN_OT_clear_pictures(Operator):
    """Learn from none of these"""

    bl_idname = "texgan.clear_pictures"
    bl_label = "Clear"
    bl_options: ClassVar[set[str]] = {"UNDO", "INTERNAL"}

    def execute(self, context: Context) -> set[str]:
        context.scene.texgan.learn_pictures.clear()
        return {"FINISHED"}


def is_there(texgan: settings.TexganSettings) -> bool:
    """Whether the user has a model of the name that is to be learned."""
    return models.is_learned(texgan.learn_name.strip(), texgan.learn_noise)


class _WhileLearning:
    """A button beside the progress of learning."""

    bl_options: ClassVar[set[str]] = {"INTERNAL"}
    act: ClassVar[Callable[[], None]]

    @classmethod
    def poll(cls, context: Context) -> bool:
        return pump.is_running(pump.learning)

    def execute(self, context: Context) -> set[str]:
        type(self).act()
        return {"FINISHED"}


class TEXGAN_OT_pause_learning(_WhileLearning, Operator):
    """Let the process that learns wait, or go on"""

    bl_idname = "texgan.pause_learning"
    bl_label = "Pause or Go On"
    act = staticmethod(lessons.pause_learning)


class TEXGAN_OT_finish_learning(_WhileLearning, Operator):
    """Learn no longer, and keep what was learned"""

    bl_idname = "texgan.finish_learning"
    bl_label = "Finish Now"
    act = staticmethod(lessons.finish_learning)


class TEXGAN_OT_cancel_learning(_WhileLearning, Operator):
    """Stop learning; what was kept last, at most two minutes ago, stays"""

    bl_idname = "texgan.cancel_learning"
    bl_label = "Cancel"
    act = staticmethod(pump.learning.cancel)


def _sources(texgan: settings.TexganSettings) -> tuple[str, ...]:
    """The paths to learn from; none for what the active material shows."""
    chosen = [source.path for source in texgan.learn_pictures] or [texgan.learn_from]
    return tuple(bpy.path.abspath(path) for path in chosen if path)


def _files_of(material: bpy.types.Material | None) -> dict[str, MapFile]:
    shown = nodes.shown(material) if material is not None else {}
    if "base_color" not in shown:
        raise UserError("Choose a picture or folder to learn from, or a material that shows a base color.")
    return nodes.files_of(shown)


def _deliver(blend_file: str, scene: str, model: str, made: Taught) -> str:
    thumbnails.forget(made.name)
    is_chosen = bpy.data.filepath == blend_file and scene in bpy.data.scenes and _choose(scene, model, made.name)
    return _told(made) if is_chosen else phrase("{}; it is in the menu of models", _told(made))


def _choose(scene: str, before: str, name: str) -> bool:
    """Choose a model, unless the user has chosen another since it was the one `before`, or Live would put it into a
    material at once; whether it is the chosen one now."""
    texgan = bpy.data.scenes[scene].texgan
    if texgan.model == before and not texgan.live:
        texgan.model = name
    return texgan.model == name


def _told(made: Taught) -> str:
    """By the figure that it was kept for, so that what is better reads as better: how unlike the pictures it is, or,
    where that tells nothing, its colours."""
    before, after = made.before, made.after
    is_colour_alone = "psnr" in after and max(before.get("quality", 0), after.get("quality", 0)) <= 1
    if is_colour_alone and before == after:
        return phrase("{} can be used: colours to {:.1f} dB", made.name, after["psnr"])
    if is_colour_alone:
        return phrase("{} has learned: colours to {:.1f} dB, before {:.1f}", made.name, after["psnr"], before["psnr"])
    if before == after:
        told = phrase("{} can be used: unlikeness {:.2f}, 1 is as real", made.name, after["quality"])
    else:
        figures = after["quality"], before["quality"]
        told = phrase("{} has learned: unlikeness {:.2f}, before {:.2f}, 1 is as real", made.name, *figures)
    return phrase("{}; colours to {:.1f} dB", told, after["psnr"]) if "psnr" in after else told


def sample() -> int:
    """Blender's number for the picture of what is drawn by now, beside the original; 0 if there is none."""
    global _shown_at
    path = lessons.learning_sample()
    if _pictures is None or not path:
        return 0
    try:
        written = Path(path).stat().st_mtime
    except OSError:  # it has just ended
        return 0
    if written != _shown_at:
        _shown_at = written
        _pictures.clear()
        _pictures.load("sample", path, "IMAGE")
    return _pictures["sample"].icon_id


_CLASSES = (
    TEXGAN_OT_learn,
    TEXGAN_OT_choose_pictures,
    TEXGAN_OT_clear_pictures,
    TEXGAN_OT_pause_learning,
    TEXGAN_OT_finish_learning,
    TEXGAN_OT_cancel_learning,
)
_register, _unregister = bpy.utils.register_classes_factory(_CLASSES)


def register() -> None:
    global _pictures
    _pictures = bpy.utils.previews.new()
    _register()


def unregister() -> None:
    global _pictures
    _unregister()
    bpy.utils.previews.remove(_pictures)
    _pictures = None
