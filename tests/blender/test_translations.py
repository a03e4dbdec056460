"""Texts in other languages: all of them, and nothing that is no longer said."""

import ast
import json
import re
from pathlib import Path
from types import SimpleNamespace

import bpy
import pytest

ROOM = Path(__file__).parents[2] / "texgan_blender"
LANGUAGES = sorted((ROOM / "languages").glob("*.json"))
NAMES = {"PyTorch", "TexGAN", "CUDA", "DirectX Normals", "OpenEXR", "PNG", "1x", "2x", "4x", ""}
"""What is the same in every language."""
PLAIN = {"{} x {}"}
"""What has no words."""
PROGRESS = {"on_progress", "report"}


def texts_of_blender(extension: str) -> set[str]:
    """Names and tooltips of all that the extension has registered."""
    found: set[str] = set()
    classes = [cls for cls in _all_classes(bpy.types.bpy_struct) if cls.__module__.startswith(extension)]
    assert len(classes) > 20
    for cls in classes:
        for prop in cls.bl_rna.properties:
            if prop.is_runtime:
                found |= _texts_of(prop)
        if issubclass(cls, bpy.types.Menu):
            found |= {cls.bl_label, cls.bl_description}
    for name in dir(bpy.ops.texgan):
        rna = getattr(bpy.ops.texgan, name).get_rna_type()
        found |= {rna.name, rna.description} | {t for p in rna.properties for t in _texts_of(p) if p.is_runtime}
    return found


def _texts_of(prop: bpy.types.Property) -> set[str]:
    """What is seen of a property. One without a description has its internal name as name, and is never drawn."""
    items = prop.enum_items_static if prop.type == "ENUM" else []
    texts = {text for item in items for text in (item.name, item.description)}
    return texts | ({prop.name, prop.description} if prop.name != prop.identifier else set())


def _all_classes(base: type) -> list[type]:
    return [sub for cls in base.__subclasses__() for sub in (cls, *_all_classes(cls))]


def texts_in_code() -> set[str]:
    """What the panels draw, what goes through `phrase`, and what the job in the background says it does."""
    found = set()
    for path in [*ROOM.glob("*.py"), *(ROOM.parent / "texgan_core").glob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                places = [k.value for k in node.keywords if k.arg == "text"]
                places += node.args[:1] if called == "phrase" else node.args[1:2] if called in PROGRESS else []
                found |= {_form(p, {}) for p in _branches(places) if _is_text(p)}
    return {text for text in found if text not in PLAIN}


def _is_text(said: ast.expr) -> bool:
    return isinstance(said, ast.JoinedStr) or (isinstance(said, ast.Constant) and isinstance(said.value, str))


def _branches(places: list[ast.expr]) -> list[ast.expr]:
    """What an expression with a condition in it may be."""
    return [one for p in places for one in ([p.body, p.orelse] if isinstance(p, ast.IfExp) else [p])]


ERRORS = {"UserError", "RequestError", "ImageError", "DeviceError", "ModelFileError", "UnknownModelError"}
NEVER_SHOWN = {"measure.py"}
"""What the panel does not call."""


def sentences_in_code() -> set[str]:
    """What errors that reach the user say, {} standing for values; not what is a value and little else."""
    found = set()
    for path in [*ROOM.glob("*.py"), *(ROOM.parent / "texgan_core").glob("*.py")]:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        named = {
            target.id: node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and path.name not in NEVER_SHOWN:
                called = node.exc.func.id if isinstance(node.exc.func, ast.Name) else ""
                if called in ERRORS and node.exc.args:
                    found.add(_form(node.exc.args[0], named))
    return {form for form in found if len(form.replace("{}", "").strip(". ")) > 3}


def _form(said: ast.expr, named: dict[str, ast.expr]) -> str:
    if isinstance(said, ast.Name) and said.id in named:
        said = named[said.id]
    if isinstance(said, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in said.values)
    return str(said.value) if isinstance(said, ast.Constant) else "{}"


def english(extension: str) -> set[str]:
    texts = texts_of_blender(extension) | texts_in_code() | sentences_in_code()
    return {text for text in texts if text not in NAMES and not text.startswith("TEXGAN_")}


@pytest.mark.parametrize("path", LANGUAGES, ids=lambda path: path.stem)
def test_every_text_is_translated_and_no_other(extension, path):
    texts = json.loads(path.read_text(encoding="utf-8"))
    wanted = english(extension)
    assert sorted(wanted - set(texts)) == []
    assert sorted(set(texts) - wanted) == []
    for text, other in texts.items():
        assert text.count("{") == other.count("{"), text
        assert other.strip() == other and other


def test_blender_takes_them(room):
    """The package bpy has no languages to choose; the windowed run looks at one."""
    languages = room("translations")._languages()
    assert languages and languages["de_DE"]["Operator", "Generate"] == languages["de_DE"]["*", "Generate"] == "Erzeugen"
    assert room("translations").phrase("{} variations", 3) == "3 variations"
    assert room("translations").phrase("Fetching {odd}") == "Fetching {odd}"


def test_sentences_are_found_by_their_form(room, monkeypatch):
    translations = room("translations")
    monkeypatch.setattr(translations, "phrase", lambda form, *values: (form, *values))
    said = "The width is 70, no multiple of 32; the nearest are 64 and 96."
    form = "The {} is {}, no multiple of {}; the nearest are {} and {}."
    assert translations.sentence(said) == (form, "width", "70", "32", "64", "96")
    assert translations.sentence("Choose a model first.") == ("Choose a model first.",)
    assert translations.sentence("What nobody says") == "What nobody says"


@pytest.fixture
def foreign(room, monkeypatch):
    """A language in which every letter of a translated text is another one; places for values stay."""

    def translated(text: str) -> str:
        parts = re.split(r"(\{[^}]*\})", text)
        return "".join(part if part.startswith("{") else re.sub("[A-Za-z]", "ж", part) for part in parts)

    told = SimpleNamespace(pgettext_rpt=translated)
    monkeypatch.setattr(room("translations"), "bpy", SimpleNamespace(app=SimpleNamespace(translations=told)))


def left_in_english(layout, *names: str) -> list[str]:
    """What is drawn in words that neither went through `phrase` nor are Blender's to translate, without `names`."""
    ours = json.loads(LANGUAGES[0].read_text(encoding="utf-8"))
    drawn = [text for text in layout.texts() if text not in ours]
    names = "|".join(["TexGAN", *names])
    return [text for text in drawn if re.search("[A-Za-z]{3}", re.sub(names, "", text))]


def test_all_that_is_drawn_is_translated(foreign, room, texgan, draw, run_job):
    names, pump, texgan.height = ("Tiny", "Material"), room("pump"), 128
    pump.making.message = pump.learning.message = ""  # of tests before
    bpy.ops.texgan.generate()
    layout = draw()
    assert any("жжж" in text for text in layout.texts()) and left_in_english(layout, *names) == []
    texgan.complete, texgan.even, texgan.maps = True, 0.5, {"base_color", "metallic"}
    bpy.ops.texgan.improve()
    assert left_in_english(draw(), *names) == []
    for said in ("Decoding", "Variation 2 of 6", "Frame 1 of 48", "Fetching torch", "Looking up numpy"):
        job = run_job(pump.making, 0.5, said)
        assert left_in_english(draw(), *names, "torch", "numpy") == []
    job.cancel()
    assert left_in_english(draw(), *names) == []
    pump.making.message, _, _ = pump._finish(job, pump.making)
    assert pump.making.message == "жжжжжжжжж"
    assert all(left == [] for left in map(only_names, room("settings")._model_menu(texgan, bpy.context)))
    pump.making.message = ""


def only_names(item: tuple) -> list[str]:
    """The English words of a menu's item beside the names of models and classes."""
    name, described = item[1], item[2]
    return re.findall(r"\b(?:own|your|comes|with)\b", described) + re.findall("File", name)
