"""From a request to a set of texture maps: the one way in for the panel, scripts and command line."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch

from . import __version__
from .devices import choose_device, forget_cached, ran_out
from .errors import Cancelled, DeviceError, RequestError
from .job import IsCancelled, Progress, never, part_of, unseen
from .machine import check_memory
from .maps import MAPS, picture_from_stack
from .models import Model
from .recent import recent
from .request import TextureRequest

SMALLEST_PREVIEWED = 1024
"""Pixels; smaller textures are there about as soon as their preview would be."""
BYTES_PER_PIXEL = 4 * 16
"""Of memory while a texture is made: the maps as float32, one copy of them, and their pictures."""


T = TypeVar("T")
OnPreview = Callable[[dict[str, np.ndarray]], None]


@dataclass(frozen=True)
class TextureSet:
    """The maps, float32 in 0..1, first row at the top: (height, width, 3) for base color (sRGB-encoded) and
    normal (OpenGL, green up), (height, width) for the others; the record that makes the same again; and the device
    that made them, which is the processor if an accelerator's memory ran out."""

    maps: dict[str, np.ndarray]
    record: dict[str, Any]
    device: str = "cpu"


def color_space(name: str) -> str:
    """ "sRGB" or "Non-Color": how Blender is to read a map."""
    return MAPS[name].color_space


def synthesize(
    model: Model,
    request: TextureRequest,
    device: str = "auto",
    on_progress: Progress | None = None,
    is_cancelled: IsCancelled | None = None,
    on_preview: OnPreview | None = None,
) -> TextureSet:
    """Make a seamless set of maps.

    Args:
        device: "auto" (an accelerator if there is one), "cpu", "cuda" or "mps".
        on_progress: called with the share done, 0..1, and what is being done.
        is_cancelled: asked often; once it says True, `Cancelled` is raised soon after.
        on_preview: given, long before the rest is there, the maps at a quarter of their size, if the model can and it
            takes long.

    Raises:
        RequestError: a size, seed or map that the model cannot make. DeviceError: no such device, or
        not enough memory, on the processor either. ImageError: the guide's picture cannot be used, or has changed
        since the record was made that the request is of. Cancelled.
    """
    report = on_progress or unseen
    cancelled = is_cancelled or never
    request.validate(model.size_step)
    _check_model(model, request)
    _check_memory(request)
    if request.guide:
        request = replace(request, guide=request.guide.pinned())

    def make(target: torch.device) -> dict[str, np.ndarray]:
        return _make(model, request, target, report, cancelled, on_preview)

    try:
        maps, used = or_on_processor(choose_device(device), make)
    except MemoryError as error:
        text = f"There is not enough memory for {_size_text(request)}; choose a smaller size."
        raise DeviceError(text) from error
    return TextureSet(maps, _record(model, request), used.type)


def or_on_processor(device: torch.device, work: Callable[[torch.device], T]) -> tuple[T, torch.device]:
    """Do work on a device, or on the processor if an accelerator's memory does not suffice. Returns what came of it,
    and what did it.

    Raises:
        MemoryError: the processor's does not either.
    """
    try:
        return work(device), device
    except (RuntimeError, MemoryError) as error:
        if not ran_out(error):
            raise
        if device.type == "cpu":
            raise MemoryError from error
    release_memory()
    return or_on_processor(torch.device("cpu"), work)


def release_memory() -> None:
    """Give back the memory of the texture decoded last, and what PyTorch keeps of an accelerator's for later."""
    recent.forget()
    forget_cached()


def _make(
    model: Model,
    request: TextureRequest,
    device: torch.device,
    report: Progress,
    is_cancelled: IsCancelled,
    on_preview: OnPreview | None,
) -> dict[str, np.ndarray]:
    """The wanted maps on a device. All maps are enlarged together, so that none depends on which are wanted."""
    if request.upscale == 1:
        maps = _empty_maps(request)
        _fill(maps, model, request, device, report, is_cancelled, on_preview)
        return maps
    from .encode import bundled
    from .networks import read_upscaler
    from .upscale import upscale

    whole = replace(request, maps=model.maps)
    maps, made = _empty_maps(whole), 1 / (1 + request.upscale**2)
    _fill(maps, model, whole, device, part_of(report, 0.0, made), is_cancelled, on_preview)
    upscaler = read_upscaler(bundled("upscaler")).to(device)
    maps = upscale(maps, request.upscale, (True, True), upscaler, part_of(report, made, 1.0), is_cancelled)
    return {name: maps[name] for name in request.maps}


def _fill(
    maps: dict[str, np.ndarray],
    model: Model,
    request: TextureRequest,
    device: torch.device,
    report: Progress,
    is_cancelled: IsCancelled,
    on_preview: OnPreview | None,
) -> None:
    """Make all tiles on a device and put them into the maps."""
    if is_cancelled():
        raise Cancelled
    with_preview = on_preview is not None and min(request.size) >= SMALLEST_PREVIEWED

    def laid_out(share: float, text: str) -> None:
        report(share * 0.4, text)

    for tile in model.tiles(request, device, laid_out, is_cancelled, with_preview):
        if on_preview is not None and tile.scale > 1:
            on_preview({name: picture_from_stack(tile.stack, name) for name in maps})
        else:
            _place(maps, tile.stack, tile.row, tile.column)
            report(0.4 + 0.6 * tile.done, "Decoding")
        if is_cancelled():
            raise Cancelled


def _check_model(model: Model, request: TextureRequest) -> None:
    missing = [name for name in request.maps if name not in model.maps]
    if missing:
        raise RequestError(f"The model {model.name} makes no {missing[0]} map; it makes {', '.join(model.maps)}.")
    if request.guide and not model.takes_guide:
        raise RequestError(
            f"The model {model.name} follows no pattern by itself; choose one whose name ends in -noise, "
            "or a second material for the joints."
        )


def _check_memory(request: TextureRequest) -> None:
    pixels = request.size[0] * request.size[1] * request.upscale**2
    check_memory(_size_text(request), pixels * BYTES_PER_PIXEL)


def _size_text(request: TextureRequest) -> str:
    return f"{request.size[0] * request.upscale} x {request.size[1] * request.upscale}"


def _empty_maps(request: TextureRequest) -> dict[str, np.ndarray]:
    width, height = request.size
    shapes = {n: (height, width, 3) if MAPS[n].picture_channels == 3 else (height, width) for n in request.maps}
    return {name: np.empty(shape, np.float32) for name, shape in shapes.items()}


def _place(maps: dict[str, np.ndarray], stack: np.ndarray, row: int, column: int) -> None:
    height, width = stack.shape[1:]
    for name, picture in maps.items():
        picture[row : row + height, column : column + width] = picture_from_stack(stack, name)


def _record(model: Model, request: TextureRequest) -> dict[str, Any]:
    return {
        "texgan": __version__,
        **_name_and_hash(model),
        "size": list(request.size),
        "layout_seed": request.layout_seed,
        "style_seed": request.style_seed,
        "maps": list(request.maps),
        "guide": asdict(request.guide) if request.guide else None,
        "look": asdict(request.look),
        "styles": list(request.styles),
        "moment": request.moment,
        "upscale": request.upscale,
        "joints": _name_and_hash(model.joints) if model.joints else None,
        "blend": _name_and_hash(model.blend[0]) | {"share": model.blend[1]} if model.blend else None,
    }


def _name_and_hash(model: Model) -> dict[str, Any]:
    return {"model": model.name, "model_hash": model.hash}


def vary(
    paths: Path | Sequence[Path],
    request: TextureRequest,
    device: str = "auto",
    on_progress: Progress | None = None,
    is_cancelled: IsCancelled | None = None,
) -> TextureSet:
    """More like a picture, or like a PBR set, as pictures or in a folder: encode it, lay it out anew, decode. Of
    several that show the same material, all are used.

    Maps that the pictures do not come with are estimated by the network.

    Raises:
        ImageError: a picture cannot be used. Otherwise as `synthesize`.
    """
    from .encode import material_model_from  # and with it what only pictures need

    model = material_model_from(*([paths] if isinstance(paths, Path) else paths))
    return synthesize(model, request, device, on_progress, is_cancelled)
