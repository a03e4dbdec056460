"""Buttons that set the add-on up: install what the core needs, remove it again, and see whether all works."""

import sys
from collections.abc import Callable
from functools import partial
from typing import ClassVar

import bpy
from bpy.types import Context, Operator

from . import engine, installer, models, packages, preferences, pump
from .background import InBackground, Work
from .errors import UserError
from .jobs import IsCancelled, Progress
from .translations import phrase

REPORT = "TexGAN Report"
"""The text that the doctor's report becomes."""


class TEXGAN_OT_install(InBackground, Operator):
    """Install PyTorch and what else is needed into TexGAN's own folder; nothing else of Blender is touched"""

    bl_idname = "texgan.install"
    bl_label = "Install"
    lasting = True

    @classmethod
    def poll(cls, context: Context) -> bool:
        return not pump.is_running()

    def start(self, context: Context) -> tuple[Work, Callable[[str], str]]:
        return self._work(context), self._deliver

    def _work(self, context: Context) -> Work:
        source = preferences.source(context)
        if source is None:
            packages.check_environment(preferences.environment(context))
            return lambda on_progress, is_cancelled: packages.torch_version()
        if not source.wheels and not bpy.app.online_access:
            raise UserError(
                "Blender is set to stay offline; allow online access in TexGAN's preferences, or choose a folder of "
                "wheels there."
            )
        return partial(installer.install, preferences.folder(), source)

    @staticmethod
    def _deliver(version: str) -> str:
        preferences.activate_packages()
        if "torch" in sys.modules:
            return phrase("PyTorch {} is ready; restart Blender to use it", version)
        return phrase("PyTorch {} is ready", version)


class TEXGAN_OT_uninstall(Operator):
    """Remove the packages that TexGAN installed; those of your own environment stay"""

    bl_idname = "texgan.uninstall"
    bl_label = "Remove"
    bl_options: ClassVar[set[str]] = {"INTERNAL"}

    @classmethod
    def poll(cls, context: Context) -> bool:
        return not pump.is_running() and packages.current(preferences.folder()) is not None

    def execute(self, context: Context) -> set[str]:
        models.forget_models()
        packages.remove(preferences.folder())
        preferences.activate_packages()
        self.report({"INFO"}, phrase("Removed; what is loaded goes when Blender ends"))
        return {"FINISHED"}


class TEXGAN_OT_free_memory(Operator):
    """Let go of loaded models, in the graphics card's memory too; they are loaded again when they are needed"""

    bl_idname = "texgan.free_memory"
    bl_label = "Free Memory"
    bl_options: ClassVar[set[str]] = {"INTERNAL"}

    @classmethod
    def poll(cls, context: Context) -> bool:
        return not pump.is_running(pump.making)

    def execute(self, context: Context) -> set[str]:
        models.forget_models()
        self.report({"INFO"}, phrase("Loaded models were let go"))
        return {"FINISHED"}


class TEXGAN_OT_open_log(Operator):
    """Show what pip said the last time"""

    bl_idname = "texgan.open_log"
    bl_label = "Show Log"
    bl_options: ClassVar[set[str]] = {"INTERNAL"}

    @classmethod
    def poll(cls, context: Context) -> bool:
        return (preferences.folder() / installer.LOG).is_file()

    def execute(self, context: Context) -> set[str]:
        log = preferences.folder() / installer.LOG
        _to_text(installer.LOG, log.read_text(encoding="utf-8", errors="replace"))
        self.report({"INFO"}, phrase("The log is the text {} in the Text Editor", installer.LOG))
        return {"FINISHED"}


class TEXGAN_OT_doctor(InBackground, Operator):
    """Try everything out and copy a report of it, for a question or a bug report"""

    bl_idname = "texgan.doctor"
    bl_label = "Doctor"
    lasting = True

    def start(self, context: Context) -> tuple[Work, Callable[[str], str]]:
        first = f"Blender {bpy.app.version_string}, {bpy.app.build_platform.decode(errors='replace')}"

        def examine(on_progress: Progress, is_cancelled: IsCancelled) -> str:
            on_progress(0.1, "Trying everything out")
            more = f"\n{installer.report(preferences.folder())}" if packages.missing() else ""
            return f"{first}\n{engine.examine()}{more}"

        return examine, self._deliver

    @staticmethod
    def _deliver(report: str) -> str:
        bpy.context.window_manager.clipboard = report
        _to_text(REPORT, report)
        trouble = [line for line in report.splitlines() if line.startswith("!")]
        found = trouble[0].lstrip("! ") if trouble else phrase("All is well")
        return phrase("{}; the report is copied, and the text {}", found, REPORT)


def _to_text(name: str, content: str) -> None:
    text = bpy.data.texts.get(name) or bpy.data.texts.new(name)
    text.clear()
    text.write(content)


_CLASSES = (TEXGAN_OT_install, TEXGAN_OT_uninstall, TEXGAN_OT_free_memory, TEXGAN_OT_open_log, TEXGAN_OT_doctor)

register, unregister = bpy.utils.register_classes_factory(_CLASSES)
