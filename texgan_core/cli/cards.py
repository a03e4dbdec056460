"""`texgan models | info | rename | delete`: what models there are, what is known of one, own ones kept in order."""

import argparse
import json
from typing import Any

from ..library import find_model, list_models
from ..own import delete, rename
from .command import Command


def _models(options: argparse.Namespace) -> dict[str, Any]:
    return {"models": [{"name": m.name, "class": m.material_class, "kind": m.kind} for m in list_models()]}


def _show_models(result: dict[str, Any]) -> str:
    width = max((len(m["name"]) for m in result["models"]), default=0)
    return "\n".join(f"{m['name']:{width}}  {m['class']} ({m['kind']})" for m in result["models"])


def _info(options: argparse.Namespace) -> dict[str, Any]:
    return find_model(options.model).card


def _show_info(card: dict[str, Any]) -> str:
    """One entry a line, lists and tables below their key; no control characters reach the terminal."""
    lines = []
    for key, value in card.items():
        if isinstance(value, list):
            lines += [f"{key}:", *(f"  {_text(item)}" for item in value)]
        elif isinstance(value, dict):
            lines += [f"{key}:", *(f"  {name}: {_text(item)}" for name, item in value.items())]
        else:
            lines.append(f"{key}: {_text(value)}")
    return "\n".join("".join(c if c.isprintable() else "?" for c in line) for line in lines)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _rename(options: argparse.Namespace) -> dict[str, Any]:
    return {"renamed": options.name, "name": rename(options.name, options.new)}


def _delete(options: argparse.Namespace) -> dict[str, Any]:
    delete(options.name)
    return {"deleted": options.name}


def _add_own(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="a model of your own")


def _add_names(parser: argparse.ArgumentParser) -> None:
    _add_own(parser)
    parser.add_argument("new", metavar="NEW", help="what it is to be called")


def _add_model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL", help="a name that 'texgan models' lists, or a model file")


COMMANDS = (
    Command(
        "models",
        "list the models, your own too",
        lambda parser: None,
        _models,
        _show_models,
    ),
    Command("info", "show what is known of a model", _add_model, _info, _show_info),
    Command(
        "rename", "rename a model of your own", _add_names, _rename, lambda r: "{renamed} is now {name}".format(**r)
    ),
    Command("delete", "delete a model of your own", _add_own, _delete, lambda r: f"{r['deleted']} is deleted"),
)
