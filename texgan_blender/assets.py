"""Materials as assets, in catalogs of their class.

A catalog is a line in a file that lies in the root of an asset library or, outside of any, beside the .blend. So it can
be written once the .blend has a place; until then the asset knows the catalog's identity alone.
"""

import uuid
from pathlib import Path

import bpy
from bpy.types import Material

from . import engine, materials
from .errors import UserError

CATALOG_FILE = "blender_assets.cats.txt"
HEAD = "# Asset catalogs of this library, as Blender's Asset Browser shows them.\n\nVERSION 1\n\n"
FAMILY = uuid.UUID("0c5a8a0e-7c46-5c1e-9d0d-3f0a6e1b7d52")
"""What the identities of our catalogs are derived from, so that they are the same in every file."""
CATALOG = "texgan_catalog"
"""Custom property of materials: the path of their catalog."""


def mark(material: Material | None) -> Material:
    """Make a material that we filled an asset, with preview, description, tags and catalog; returns it.

    Raises:
        UserError: it was not made by TexGAN, it belongs to another file, or the catalogs cannot be written.
    """
    if material is None or not materials.record_of(material):
        raise UserError(materials.NOT_OURS)
    materials.check_local(material)
    material.asset_mark()
    _draw_preview(material)
    told, data = engine.asset_card(materials.record_of(material)), material.asset_data
    data.description, data.author, data.license = told.description, told.author, told.licence
    for tag in told.tags:
        data.tags.new(tag, skip_if_exists=True)
    material[CATALOG] = told.catalog
    data.catalog_id = str(_identity(told.catalog))
    write_catalogs()
    return material


def _draw_preview(material: Material) -> None:
    """The picture that the Asset Browser shows; without a window, it takes Blender seconds."""
    material.asset_generate_preview()


def write_catalogs() -> None:
    """Add the catalogs of this file's assets to those of its library, if the file has a place.

    Raises:
        UserError: the file of catalogs cannot be written.
    """
    paths = {str(m[CATALOG]) for m in bpy.data.materials if m.asset_data and m.library is None and CATALOG in m}
    if not (paths and bpy.data.filepath):
        return
    file = _library_of(Path(bpy.data.filepath)) / CATALOG_FILE
    try:
        text = file.read_text(encoding="utf-8") if file.is_file() else HEAD
        missing = [path for path in sorted(paths) if str(_identity(path)) not in text]
        if missing:
            text = text if text.endswith("\n") else f"{text}\n"
            lines = "".join(f"{_identity(path)}:{path}:{path.replace('/', '-')}\n" for path in missing)
            unfinished = file.with_name(f"{file.name}.part")
            unfinished.write_text(text + lines, encoding="utf-8")
            unfinished.replace(file)
    except OSError as error:
        raise UserError(f"{file} cannot be written: {error.strerror}.") from error


def _identity(path: str) -> uuid.UUID:
    return uuid.uuid5(FAMILY, path)


def _library_of(file: Path) -> Path:
    """The root of the asset library that a file lies in, or its own folder."""
    roots = [Path(library.path).resolve() for library in bpy.context.preferences.filepaths.asset_libraries]
    return next((root for root in roots if root in file.resolve().parents), file.parent)


@bpy.app.handlers.persistent
def _after_saving(*_: object) -> None:
    try:
        write_catalogs()
    except UserError as error:
        print(f"TexGAN: {error}")


def register() -> None:
    bpy.app.handlers.save_post.append(_after_saving)


def unregister() -> None:
    bpy.app.handlers.save_post.remove(_after_saving)
