"""The record that every texture carries: what it says, and as what it makes the same again.

Nothing here touches Blender. Like `engine` it imports the core when it is first needed.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from . import packages
from .errors import UserError
from .values import Request

Phrase = Callable[..., str]


def read(record: str) -> Request:
    """What a record says was made; models by name, of no device.

    Raises:
        UserError: it is none, or damaged; packages are missing.
    """
    check_packages()
    with errors_for_the_user():
        from ..texgan_core.request import request_from_record

        try:
            told = json.loads(record)
            wanted = request_from_record(told)
            joints, blend = (told.get(part) or {} for part in ("joints", "blend"))
            return Request(
                str(told.get("model", "")),
                wanted.size,
                wanted.layout_seed,
                wanted.style_seed,
                wanted.maps,
                device="",
                model_hash=str(told.get("model_hash", "")),
                guide=asdict(wanted.guide) if wanted.guide else None,
                joints=str(joints.get("model", "")),
                joints_hash=str(joints.get("model_hash", "")),
                blend=str(blend.get("model", "")),
                blend_hash=str(blend.get("model_hash", "")),
                share=float(blend.get("share", 0)),
                look=asdict(wanted.look),
                styles=wanted.styles,
                moment=wanted.moment,
                upscale=wanted.upscale,
            )
        except (TypeError, ValueError, AttributeError) as error:
            raise UserError("The material's record is damaged; generate anew.") from error


def is_improved(record: str) -> bool:
    """Whether it is of pictures that were there before, which it cannot make again."""
    try:
        return "source" in json.loads(record)
    except (TypeError, ValueError):
        return False


def estimated(record: str) -> list[str]:
    """The maps that were not there before."""
    return list(json.loads(record).get("estimated", [])) if is_improved(record) else []


def is_cropped(record: str) -> bool:
    """Whether it is of pictures that were cropped, so that what repeats in them meets."""
    return is_improved(record) and bool(json.loads(record).get("part"))


def with_estimated(record: str, maps: set[str]) -> str:
    """A record of pictures of which these maps, too, had been estimated before."""
    told = json.loads(record)
    told["estimated"] = [name for name in told["maps"] if name in maps or name in told["estimated"]]
    return json.dumps(told)


def makes_again(record: str) -> bool:
    """Whether there is one of pictures that were generated, so that it can make them again."""
    return bool(record) and not is_improved(record)


def describe(record: str, phrase: Phrase = str.format) -> list[str]:
    """A record in two or three short lines, or none if it is damaged; `phrase` puts values into texts."""
    try:
        told = json.loads(record)
        if "source" in told:
            guessed = ", ".join(phrase(name.replace("_", " ").title()) for name in told.get("estimated", []))
            lines = [phrase("Estimated: {}", guessed)] if guessed else []
            return [_describe_improved(told, phrase), *lines, _describe_tiled(told["tiled"], phrase)]
        width, height = (side * told.get("upscale", 1) for side in told["size"])
        guide, styles = told.get("guide"), told.get("styles")
        return [
            f"{_describe_model(told)}, {width} x {height}",
            phrase("Layout {}, style {}", told["layout_seed"], told["style_seed"]),
            *([phrase("Animated through styles {}", ", ".join(map(str, styles)))] if styles else []),
            *([_describe_guide(told, phrase)] if guide else []),
        ]
    except (KeyError, TypeError, ValueError, AttributeError):
        return []


def _describe_improved(told: dict[str, Any], phrase: Phrase) -> str:
    """The source and what was done to it."""
    done = {
        phrase("cleaned"): told.get("clean"),
        phrase("evenly lit"): told.get("even"),
        phrase("cropped"): told.get("part"),
        phrase("seamless"): any(told.get("closed", {}).values()),
        phrase("a region anew"): told.get("region_hash"),
        phrase("{}x as large", told.get("upscale")): told.get("upscale", 1) > 1,
    }
    return ", ".join([str(told["source"]), *(what for what, was in done.items() if was)])


def _describe_tiled(tiled: dict[str, bool], phrase: Phrase) -> str:
    """What was found out about the source."""
    if all(tiled.values()):
        return phrase("Tiled in x and y before")
    axis = next((axis for axis, was in tiled.items() if was), None)
    return phrase("Tiled in {} before", axis) if axis else phrase("Did not tile before")


def _describe_model(told: dict[str, Any]) -> str:
    blend = told.get("blend")
    return f"{told['model']}, {blend['share']:.0%} {blend['model']}" if blend else str(told["model"])


def _describe_guide(told: dict[str, Any], phrase: Phrase) -> str:
    name = phrase(told["guide"]["pattern"].title())
    return phrase("{}, joints of {}", name, told["joints"]["model"]) if told.get("joints") else name


def check_packages() -> None:
    """Raises UserError: packages are missing."""
    if missing := packages.missing():
        raise UserError(f"{', '.join(missing)} must be installed first; press Install in the TexGAN panel.")


@contextmanager
def errors_for_the_user() -> Iterator[None]:
    """What the core finds wrong comes out as a UserError."""
    from ..texgan_core.errors import TexganError

    try:
        yield
    except TexganError as error:
        raise UserError(str(error)) from error
