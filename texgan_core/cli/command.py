"""What a command is."""

import argparse
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import RequestError


@dataclass(frozen=True)
class Command:
    """A name and a line of help, which arguments it takes, from them to a JSON object, and from that to text."""

    name: str
    help: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], dict[str, Any]]
    show: Callable[[dict[str, Any]], str]

    def add_to(self, commands: Any) -> None:
        """Make it one of an argument parser's commands."""
        description = f"{self.help[0].upper()}{self.help[1:]}."
        parser = commands.add_parser(self.name, help=self.help, description=description, allow_abbrev=False)
        self.add_arguments(parser)
        parser.add_argument("--json", action="store_true", help="print exactly one JSON object")
        parser.set_defaults(run=self.run, show=self.show)


def make_folder(folder: Path) -> None:
    """Make a folder to write to, before any time is spent.

    Raises:
        RequestError: it cannot be, or may not be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RequestError(f"{folder} is no folder to write to: {error.strerror}.") from error
    if not os.access(folder, os.W_OK):
        raise RequestError(f"{folder} may not be written to; choose another folder.")


def seam_by_axis(seam: tuple[float, float]) -> dict[str, float]:
    return {"x": float(seam[0]), "y": float(seam[1])}


def seam_text(seam: dict[str, float]) -> str:
    return f"seam x {seam['x']:.2f}, y {seam['y']:.2f}"
