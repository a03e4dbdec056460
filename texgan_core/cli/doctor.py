"""`texgan doctor`: is everything there and does it work?"""

import argparse
from typing import Any

from .command import Command


def _doctor(options: argparse.Namespace) -> dict[str, Any]:
    from ..doctor import examine

    report = examine()
    return {"lines": report.lines, "troubles": report.troubles}


def _show(result: dict[str, Any]) -> str:
    return "\n".join([*result["lines"], f"{result['troubles']} troubles" if result["troubles"] else "All is well."])


COMMANDS = (Command("doctor", "try everything out and report", lambda parser: None, _doctor, _show),)
