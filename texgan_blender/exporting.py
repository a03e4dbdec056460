"""Maps written into a folder, as other programs expect them."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from . import map_files
from .errors import UserError
from .jobs import IsCancelled, Progress
from .records import check_packages, errors_for_the_user
from .values import Destination, MapFile

if TYPE_CHECKING:
    import numpy as np

    from ..texgan_core.export import ExportOptions


def export(
    files: dict[str, MapFile], destination: Destination, on_progress: Progress, is_cancelled: IsCancelled
) -> list[str]:
    """Write pictures by map into a folder, as other programs expect them.

    Returns:
        The names of the files.

    Raises:
        UserError: a picture that is none, a map that the packing needs is missing, or a file cannot be written or is
            there already.
    """
    check_packages()
    on_progress(0.0, "Saving")
    with errors_for_the_user():
        check_free(destination, files)
        from ..texgan_core.export import export_files

        pictures = map_files.alone(files, destination.name)
        written = export_files(pictures, Path(destination.folder), destination.name, _options(destination))
        return [path.name for path in written.values()]


def write(maps: "dict[str, np.ndarray]", destination: Destination) -> list[str]:
    from ..texgan_core.export import export

    paths = export(maps, Path(destination.folder), destination.name, _options(destination))
    return [path.name for path in paths.values()]


def check_free(destination: Destination, maps: Iterable[str], frame: int | None = None) -> None:
    """Raises UserError: a file of these maps is there already, and is not to be overwritten."""
    from ..texgan_core.export import file_names

    for name in file_names(maps, destination.name, _options(destination), frame).values():
        # What cannot be looked into cannot be written to either, which is said then.
        if not destination.overwrite and os.path.exists(Path(destination.folder) / name):  # noqa: PTH110
            raise UserError(
                f"{name} is there already; choose another folder, or Overwrite at the side of the file browser."
            )


def _options(destination: Destination) -> "ExportOptions":
    from ..texgan_core.export import ExportOptions

    return ExportOptions(destination.packing, destination.directx, destination.format)
