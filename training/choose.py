"""Which materials of a folder to learn from or to look at, by name, and those of them that can be used."""

import sys
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np

from texgan_core.cells import LARGEST_SIDE, fit_to_cells
from texgan_core.encode import wrapping
from texgan_core.errors import ImageError, TrainingError
from texgan_core.materials import Material, MaterialFiles, find_materials, load_material

from .halves import halves

Made = TypeVar("Made")


@dataclass(frozen=True)
class Choice:
    """Which materials of a folder to learn from: all, or those of `names`, or whose name contains `only`; never those
    of `exclude`. Each must have `side` pixels a side and the maps `needs`; of each, only a `half` may be seen."""

    names: frozenset[str] | None = None
    exclude: frozenset[str] = frozenset()
    only: str | None = None
    half: bool = False
    side: int = 0
    needs: frozenset[str] = frozenset()

    def files(self, folder: Path) -> list[MaterialFiles]:
        """Those that are chosen by name, sorted.

        Raises:
            TrainingError: none is left, or a name matches nothing. ImageError: no folder of pictures.
        """
        found = find_all(folder) if self.names is None else named_materials(folder, self.names)
        if self.exclude:
            named_materials(folder, self.exclude)
        found = [m for m in found if m.name not in self.exclude and (self.only is None or self.only in m.name)]
        if not found:
            raise TrainingError(f"{folder} holds no material to train on, after what was excluded.")
        return found

    def load(self, files: MaterialFiles) -> Material:
        """A material as it is learned from, of at most `LARGEST_SIDE` pixels a side, as encoding sees it.

        Raises:
            ImageError: a picture cannot be used, is too small, or a needed map is missing.
        """
        material = fitted(load_material(files))
        if self.half:
            material = halves(material)[0]
        height, width = material.stack.shape[1:]
        if min(height, width) < self.side:
            raise ImageError(f"It has {width} x {height} pixels to learn from; a training crop takes {self.side}.")
        for name in sorted(self.needs - material.known):
            raise ImageError(f"It has no {name} map, which is what is to be learned.")
        return material


def load_materials(folder: Path, choice: Choice = Choice()) -> list[Material]:
    """The chosen materials of a folder; otherwise as `usable`."""
    return usable(choice.files(folder), choice.load)


def usable(found: list[MaterialFiles], make: Callable[[MaterialFiles], Made]) -> list[Made]:
    """What is made of each material; those of which it cannot be are told of on stderr, all at once.

    Raises:
        TrainingError: none is left.
    """
    made, unusable = [], []
    for files in found:
        try:
            made.append(make(files))
        except (ImageError, TrainingError) as error:
            unusable.append(f"  {files.name}: {error}")
    if unusable:
        print(f"{len(unusable)} of {len(found)} materials are left out:", *unusable, sep="\n", file=sys.stderr)
    if not made:
        raise TrainingError("No material is left to train on.")
    return made


def fitted(material: Material) -> Material:
    """A material that is larger than encoding takes it, scaled down as encoding does. Raises ImageError as that."""
    if max(material.stack.shape[1:]) <= LARGEST_SIDE:
        return material
    stack = fit_to_cells(material.stack.astype(np.float32), wrapping(material))
    return replace(material, stack=stack.astype(np.float16))


def read_names(path: Path | None) -> frozenset[str]:
    """Names from a text file, one a line; '#' starts a comment.

    Raises:
        TrainingError: not a text file in UTF-8.
    """
    if path is None:
        return frozenset()
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise TrainingError(f"{path} cannot be read; give a text file (UTF-8) with one name a line.") from error
    lines = (line.split("#")[0].strip() for line in _composed(text).splitlines())
    return frozenset(line for line in lines if line)


def find_all(folder: Path) -> list[MaterialFiles]:
    """As `find_materials`, names being composed as those of `read_names` are: file systems differ in how they keep
    accents. Raises ImageError."""
    return [replace(files, name=_composed(files.name)) for files in find_materials(folder)]


def named_materials(folder: Path, names: frozenset[str]) -> list[MaterialFiles]:
    """The named materials of a folder, sorted by name.

    Raises:
        TrainingError: some are not there, or none was named.
    """
    found = {files.name: files for files in find_all(folder)}
    missing = sorted(names - found.keys())
    if missing or not names:
        others = f" (nor {len(missing) - 1} more)" if len(missing) > 1 else ""
        what = f"{missing[0]} is not in {folder}{others}" if missing else "No material was named"
        raise TrainingError(f"{what}; name materials of that folder, one a line.")
    return [found[name] for name in sorted(names)]


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)
