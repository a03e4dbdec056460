"""The add-on's texts in other languages, each a JSON file in `languages/`, named as Blender names it, from the English
text to the other. What is missing there stays English."""

import json
from pathlib import Path

import bpy

LANGUAGES = Path(__file__).with_name("languages")
CONTEXTS = ("*", "Operator")
"""Where Blender looks: for names of properties, panels and tooltips, and for names on buttons."""


def phrase(text: str, *values: object) -> str:
    """A text with places for values, as `str.format` has them, in the user's language."""
    translated = bpy.app.translations.pgettext_rpt(text)
    return translated.format(*values) if values else translated


def _languages() -> dict[str, dict[tuple[str, str], str]]:
    found = {}
    for path in LANGUAGES.glob("*.json"):
        texts = json.loads(path.read_text(encoding="utf-8"))
        found[path.stem] = {(context, english): other for english, other in texts.items() for context in CONTEXTS}
    return found


def register() -> None:
    bpy.app.translations.register(__name__, _languages())


def unregister() -> None:
    bpy.app.translations.unregister(__name__)
