"""The add-on's preferences: what computes, and where PyTorch comes from."""

from pathlib import Path

import bpy
from bpy.props import EnumProperty, StringProperty
from bpy.types import Context, UILayout

from . import installer, models, packages
from .drawing import draw_job, draw_message, draw_text
from .errors import UserError
from .installer import Source
from .translations import phrase

EXTENSION = __package__.rpartition(".")[0]
"""The installed package's name, which Blender chooses and keeps the preferences under."""
ONLINE, WHEELS, ENVIRONMENT = "ONLINE", "WHEELS", "ENVIRONMENT"


def _use_packages(preferences: "TexganPreferences", context: Context) -> None:
    activate_packages()


class TexganPreferences(bpy.types.AddonPreferences):
    bl_idname = EXTENSION

    device: EnumProperty(
        name="Device",
        description="What computes the textures",
        items=[
            ("auto", "Automatic", "The graphics card if PyTorch can use it, otherwise the processor"),
            ("cpu", "Processor", "Slower, always there"),
            ("cuda", "CUDA or ROCm", "A graphics card by NVIDIA or AMD"),
            ("mps", "Apple Metal", "The graphics of an Apple computer"),
        ],
        default="auto",
    )
    source: EnumProperty(
        name="From",
        description="Where PyTorch comes from",
        items=[
            (ONLINE, "The Network", "Fetch the packages; needs Blender's permission to go online"),
            (WHEELS, "A Folder of Wheels", "Packages that were saved on another machine of the same kind"),
            (ENVIRONMENT, "My Own Environment", "A virtual environment of the same Python that has PyTorch already"),
        ],
        default=ONLINE,
        update=_use_packages,
    )
    index: StringProperty(
        name="Index Address",
        description="The index to fetch PyTorch itself from, for a build other than the usual; empty for the usual one",
    )
    wheels: StringProperty(
        name="Wheels",
        description="The folder with the wheels of PyTorch, Pillow, safetensors, OpenImageIO and what they need",
        subtype="DIR_PATH",
    )
    environment: StringProperty(
        name="Environment",
        description="The folder of the virtual environment, or of the packages in it",
        subtype="DIR_PATH",
        update=_use_packages,
    )

    def draw(self, context: Context) -> None:
        layout = self.layout
        layout.use_property_split = True
        row = layout.row()
        row.prop(self, "device")
        row.operator("texgan.free_memory", icon="X")
        _draw_packages(self, layout.box(), context)


def _draw_packages(preferences: TexganPreferences, box: UILayout, context: Context) -> None:
    draw_text(box, context, _state(context), "ERROR" if packages.missing() else "CHECKMARK")
    box.prop(preferences, "source")
    if preferences.source == WHEELS:
        box.prop(preferences, "wheels")
    elif preferences.source == ENVIRONMENT:
        box.prop(preferences, "environment")
    else:
        box.prop(preferences, "index")
        if not bpy.app.online_access:
            box.prop(context.preferences.system, "use_online_access", text="Let Blender Go Online")
        if text := installer.hint():
            draw_text(box, context, text, "INFO")
    if not draw_job(box):
        row = box.row()
        row.operator("texgan.install", icon="IMPORT")
        row.operator("texgan.uninstall", icon="TRASH")
        row.operator("texgan.open_log", icon="TEXT")
        row.operator("texgan.doctor", icon="CHECKMARK")
        draw_message(box, context)


def _state(context: Context) -> str:
    """Whether all is there, in one sentence."""
    if missing := packages.missing():
        return phrase("{} must be installed; PyTorch would compute on {}.", ", ".join(missing), installer.graphics())
    used = models.device_in_use()
    if used and device(context) == "cpu":
        used = "cpu"
    version = packages.torch_version()
    return (
        phrase("PyTorch {} is there, computing on {}.", version, used)
        if used
        else phrase("PyTorch {} is there.", version)
    )


def of(context: Context) -> TexganPreferences | None:
    """The preferences. `blender --addons` enables the add-on without giving it any."""
    addon = context.preferences.addons.get(EXTENSION)
    return None if addon is None else addon.preferences


def device(context: Context) -> str:
    """The chosen device."""
    return chosen.device if (chosen := of(context)) else "auto"


def source(context: Context) -> Source | None:
    """Where to install from; None if the user has an environment of his own.

    Raises:
        UserError: the folder of wheels has not been chosen.
    """
    chosen = of(context)
    if chosen is None:
        return Source()
    if chosen.source == WHEELS:
        if not chosen.wheels:
            raise UserError("Choose the folder of wheels first.")
        return Source(wheels=bpy.path.abspath(chosen.wheels))
    return Source(index=chosen.index.strip()) if chosen.source == ONLINE else None


def environment(context: Context) -> str:
    """The user's own environment, if that is what was chosen."""
    chosen = of(context)
    if chosen is None or chosen.source != ENVIRONMENT or not chosen.environment:
        return ""
    return bpy.path.abspath(chosen.environment)


def folder() -> Path:
    """The add-on's own folder in the user's Blender."""
    try:
        return Path(bpy.utils.extension_path_user(EXTENSION))
    except ValueError:  # not installed as an extension, but as a script
        return Path(bpy.utils.user_resource("DATAFILES")) / "texgan"


def activate_packages() -> None:
    """Let Python find the packages that were installed or chosen."""
    packages.activate(folder(), environment(bpy.context))


def register() -> None:
    bpy.utils.register_class(TexganPreferences)
    activate_packages()
    packages.tidy(folder())


def unregister() -> None:
    packages.deactivate()
    bpy.utils.unregister_class(TexganPreferences)
