"""The add-on's texts in other languages, each a JSON file in `languages/`, named as Blender names it, from the English
text to the other. What is missing there stays English."""

import json
import re
from functools import lru_cache
from pathlib import Path

import bpy

LANGUAGES = Path(__file__).with_name("languages")
CONTEXTS = ("*", "Operator")
"""Where Blender looks: for names of properties, panels and tooltips, and for names on buttons."""


def phrase(text: str, *values: object) -> str:
    """A text with places for values, as `str.format` has them, in the user's language."""
    translated = bpy.app.translations.pgettext_rpt(text)
    return translated.format(*values) if values else translated


def sentence(told: str) -> str:
    """A finished text, as errors and progress come with it, in the user's language, if what it is a form of is
    translated."""
    for form, pattern in _forms():
        if found := pattern.fullmatch(told):
            return phrase(form, *found.groups())
    return told


@lru_cache(maxsize=1)
def _forms() -> list[tuple[str, re.Pattern[str]]]:
    """Texts of the languages' files, those that say most first, with what reads the values in their places; not those
    with numbers, which come with their values."""
    forms = sorted(
        {text for texts in _texts().values() for text in texts if "{:" not in text},
        key=lambda text: -len(text.replace("{}", "")),
    )
    return [(form, re.compile("(.+)".join(map(re.escape, form.split("{}"))), re.DOTALL)) for form in forms]


def _texts() -> dict[str, dict[str, str]]:
    """By language, from English to the other."""
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in LANGUAGES.glob("*.json")}


def _languages() -> dict[str, dict[tuple[str, str], str]]:
    return {
        language: {(context, english): other for english, other in texts.items() for context in CONTEXTS}
        for language, texts in _texts().items()
    }


def register() -> None:
    bpy.app.translations.register(__name__, _languages())


def unregister() -> None:
    bpy.app.translations.unregister(__name__)
