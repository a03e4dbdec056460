"""What the core makes for Blender: textures, variations, animations, better pictures.

Nothing here touches Blender, so all of it may run in the background thread. The core is imported when it is first
needed; its errors that the user can put right come out as `UserError`.
"""

import json
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import exporting, finishing, map_files, models, packages, records
from .errors import UserError
from .jobs import IsCancelled, Progress, give_way
from .records import check_packages, errors_for_the_user
from .values import (
    VARIATION_SIDE,
    AssetCard,
    Destination,
    Frames,
    Generated,
    MapFile,
    Preview,
    Request,
    Tiling,
    Variation,
    map_label,
)

if TYPE_CHECKING:
    import numpy as np

    from ..texgan_core.synthesize import TextureRequest, TextureSet

OnPreview = Callable[[Preview], None]


def generate(
    request: Request,
    on_progress: Progress,
    is_cancelled: IsCancelled,
    on_preview: OnPreview | None = None,
    previewed: bool = True,
) -> Generated:
    """Make a set of maps and encode them. If it takes long, `on_preview` is soon given small pictures of them, unless
    only the panel is to show one: then nothing is `previewed` elsewhere.

    Raises:
        UserError: a request, model or device that cannot be used; packages are missing; cancelled.
    """
    check_packages()
    started = time.monotonic()
    with errors_for_the_user():
        _load_torch(on_progress)

        def report(share: float, text: str) -> None:
            on_progress(share * finishing.SYNTHESIS_SHARE, text)

        def show(maps: "dict[str, np.ndarray]") -> None:
            if on_preview:
                pictures = finishing.encode_all(maps if previewed else {}, lambda share, text: None, is_cancelled)
                on_preview(Preview(pictures, finishing.small(finishing.face(maps), VARIATION_SIDE)))

        made = _synthesize(request, report, is_cancelled, show if on_preview else None)
        pictures = finishing.encode_all(made.maps, on_progress, is_cancelled)
        fell_back = _fell_back(made.device, request.device)
        figures, icon = finishing.figures(made.maps), finishing.icon(made.maps)
    seconds = time.monotonic() - started
    height, width = next(iter(made.maps.values())).shape[:2]
    return Generated(pictures, (width, height), json.dumps(made.record), seconds, *figures, fell_back, icon)


def vary(
    request: Request, seeds: Sequence[tuple[int, int]], on_progress: Progress, is_cancelled: IsCancelled
) -> list[Variation]:
    """Small pictures of what a request makes with other layout and style seeds. Each is made at its full size, since
    another size would be another layout.

    Raises:
        UserError: as `generate`.
    """
    check_packages()
    variations = []
    with errors_for_the_user():
        _load_torch(on_progress)
        for number, (layout_seed, style_seed) in enumerate(seeds):

            def report(share: float, text: str, done: int = number) -> None:
                on_progress((done + share) / len(seeds), f"Variation {done + 1} of {len(seeds)}")

            other = replace(request, layout_seed=layout_seed, style_seed=style_seed, maps=("base_color",), upscale=1)
            made = _synthesize(other, report, is_cancelled)
            small = finishing.small(made.maps["base_color"], VARIATION_SIDE)
            fell_back = _fell_back(made.device, request.device)
            variations.append(Variation(layout_seed, style_seed, small, fell_back))
    return variations


def animate(
    request: Request,
    styles: int,
    count: int,
    destination: Destination,
    on_progress: Progress,
    is_cancelled: IsCancelled,
) -> Frames:
    """Numbered pictures in a folder, whose look goes from the request's style through so many `styles` after it and
    back. All come at the end, or none.

    Raises:
        UserError: as `generate`, or the folder cannot be written to, or files are there already.
    """
    check_packages()
    started, folder = time.monotonic(), Path(destination.folder)
    with errors_for_the_user(), _unfinished(folder) as place:
        _load_torch(on_progress)
        from ..texgan_core.animate import frames
        from ..texgan_core.export import export
        from ..texgan_core.synthesize import color_space, synthesize

        for number in range(1, count + 1):
            exporting.check_free(destination, request.maps, number)
        model, fell_back = models.load_all(request), False
        through = range(request.style_seed + 1, request.style_seed + 1 + styles)
        wanted = replace(_wanted(request), styles=tuple(through))
        for number, frame in enumerate(frames(wanted, count), 1):

            def report(share: float, text: str, done: int = number - 1) -> None:
                on_progress((done + share) / count, f"Frame {done + 1} of {count}")

            made = synthesize(model, frame, request.device, report, is_cancelled)
            fell_back = fell_back or _fell_back(made.device, request.device)
            written = export(made.maps, place, destination.name, frame=number)
            if number == 1:
                paths, record = written, json.dumps(made.record)
                figures, icon = finishing.figures(made.maps), finishing.icon(made.maps)
        for path in sorted(place.iterdir()):
            path.replace(folder / path.name)
    first = {map_name: str(folder / path.name) for map_name, path in paths.items()}
    color_spaces = {map_name: color_space(map_name) for map_name in paths}
    return Frames(first, color_spaces, count, record, time.monotonic() - started, *figures, fell_back, icon)


def animate_anew(
    record: str,
    model_file: str,
    device: str,
    styles: int,
    count: int,
    destination: Destination,
    on_progress: Progress,
    is_cancelled: IsCancelled,
) -> Frames:
    """An animation of what a record tells.

    Raises:
        UserError: as `regenerate` and `animate`.
    """
    request = _request_of(record, model_file, device)
    return animate(request, styles, count, destination, on_progress, is_cancelled)


@contextmanager
def _unfinished(folder: Path) -> Iterator[Path]:
    """A folder inside, which is gone in the end."""
    place = folder / ".texgan-unfinished"
    try:
        place.mkdir(parents=True, exist_ok=True)
        yield place
    except OSError as error:
        raise UserError(f"{folder} cannot be written to: {error.strerror}.") from error
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _load_torch(on_progress: Progress) -> None:
    on_progress(0.0, "Loading PyTorch and the model")
    packages.load_torch()
    give_way()


def _synthesize(
    request: Request,
    on_progress: Progress,
    is_cancelled: IsCancelled,
    on_preview: "Callable[[dict[str, np.ndarray]], None] | None" = None,
) -> "TextureSet":
    from ..texgan_core.synthesize import synthesize

    model = models.load_all(request)
    along = tuple(name for name in request.present if name in model.maps and name not in request.maps)
    wanted = _wanted(replace(request, maps=request.maps + along))
    return synthesize(model, wanted, request.device, on_progress, is_cancelled, on_preview)


def _wanted(request: Request) -> "TextureRequest":
    from ..texgan_core.guides import Guide
    from ..texgan_core.look import Look
    from ..texgan_core.synthesize import TextureRequest

    guide, look = Guide(**request.guide) if request.guide else None, Look(**(request.look or {}))
    seeds = (request.layout_seed, request.style_seed)
    return TextureRequest(
        request.size, *seeds, request.maps, guide, look, request.styles, request.moment, request.upscale
    )


def _fell_back(used: str, wanted: str) -> bool:
    """Whether the processor did it, as the graphics card's memory ran out."""
    return used == "cpu" and models.device_type(wanted) != "cpu"


def regenerate(
    record: str,
    model_file: str,
    device: str,
    present: tuple[str, ...],
    on_progress: Progress,
    is_cancelled: IsCancelled,
    on_preview: OnPreview | None = None,
    previewed: bool = True,
) -> Generated:
    """Make again what a record tells, and maps that are `present` with it; `model_file` is where to look for a model
    that the menu has not, or has no longer as it was then.

    Raises:
        UserError: not a record, its model is not there or has changed; otherwise as `generate`.
    """
    request = replace(_request_of(record, model_file, device), present=present)
    return generate(request, on_progress, is_cancelled, on_preview, previewed)


def _request_of(record: str, model_file: str, device: str) -> Request:
    def find(name: str, model_hash: str) -> str:
        return models.model_of_record(name, model_hash, model_file)

    with errors_for_the_user():
        return replace(_with_models(records.read(record), find), device=device)


def with_names_now(told: Request) -> Request:
    """What a record tells, with what its models are called by now, as far as the menu has them."""

    def now(name: str, model_hash: str) -> str:
        found = models.in_menu(name, model_hash)
        return found.name if found else name

    return _with_models(told, now)


def _with_models(told: Request, find: Callable[[str, str], str]) -> Request:
    """A record's request with what is found by the names and hashes of its models."""
    return replace(
        told,
        model=told.model and find(told.model, told.model_hash),
        joints=told.joints and find(told.joints, told.joints_hash),
        blend=told.blend and find(told.blend, told.blend_hash),
    )


def export_anew(
    record: str,
    model_file: str,
    device: str,
    destination: Destination,
    on_progress: Progress,
    is_cancelled: IsCancelled,
) -> list[str]:
    """Make what a record tells, and write it with more bits than the pictures in Blender have.

    Returns:
        The names of the files.

    Raises:
        UserError: as `regenerate` and `export`.
    """
    check_packages()
    request = _request_of(record, model_file, device)
    with errors_for_the_user():
        exporting.check_free(destination, request.maps)
        _load_torch(on_progress)

        def report(share: float, text: str) -> None:
            on_progress(share * finishing.SYNTHESIS_SHARE, text)

        made = _synthesize(request, report, is_cancelled)
        on_progress(finishing.SYNTHESIS_SHARE, "Saving")
        return exporting.write(made.maps, destination)


def improve(
    files: dict[str, MapFile],
    name: str,
    wish: dict[str, Any],
    region: "np.ndarray | None",
    device: str,
    on_progress: Progress,
    is_cancelled: IsCancelled,
) -> Generated:
    """Make pictures better; `wish` has the fields of the core's `Improvement`, `region` is as in its `improve_set`.
    Maps that were in one picture come out in one; what else was in it is left out.

    Raises:
        UserError: a picture that is none, or too small; a region that cannot be used; nothing would change; packages
            are missing; cancelled.
    """
    check_packages()
    started = time.monotonic()
    with errors_for_the_user():
        _load_torch(on_progress)
        from ..texgan_core.improve import Improvement, improve_set
        from ..texgan_core.materials import with_channels

        pictures = with_channels(map_files.decoded(files, name))

        def report(share: float, text: str) -> None:
            on_progress(share * finishing.SYNTHESIS_SHARE, text)

        made = improve_set(name, pictures, Improvement(**wish), device, report, is_cancelled, region)
        if region is None and made.kept == 1 and not made.estimated:
            raise UserError("Nothing would change: the borders meet already; choose something else to do.")
        encoded = finishing.encode_all(map_files.packed(made.maps, files), on_progress, is_cancelled, made.bits)
        height, width = made.maps["base_color"].shape[:2]
        figures, icon = finishing.figures(made.maps), finishing.icon(made.maps)
        fell_back = _fell_back(made.device, device)
    seconds = time.monotonic() - started
    return Generated(encoded, (width, height), json.dumps(made.record), seconds, *figures, fell_back, icon)


def tiling(file: MapFile, name: str, on_progress: Progress, is_cancelled: IsCancelled) -> Tiling:
    """Whether a base color tiles, by what `improve` closes borders for; `name` is for messages.

    Raises:
        UserError: a picture that is none; packages are missing.
    """
    check_packages()
    _load_torch(on_progress)
    on_progress(0.0, "Checking")
    with errors_for_the_user():
        from ..texgan_core.encode import is_seamless
        from ..texgan_core.materials import with_channels
        from ..texgan_core.measure import seam

        picture = with_channels(map_files.decoded({"base_color": file}, name))["base_color"][..., :3]
        x, y = seam(picture)
        return Tiling((is_seamless(x), is_seamless(y)), (x, y))


def asset_card(record: str) -> AssetCard:
    """What the Asset Browser is to say of a material.

    Raises:
        UserError: as `records.read`.
    """
    if records.is_improved(record):
        return AssetCard(records.describe(record)[0], "Improved with TexGAN", "", ("TexGAN",), "TexGAN")
    told = records.read(record)
    cards = {choice.name: choice for choice in models.bundled_models()}
    own = cards.get(told.model)
    return AssetCard(
        description=", ".join(records.describe(record)),
        author="Made with TexGAN",
        licence=own.licence if own else "",
        tags=("TexGAN", told.model, *([own.material_class] if own else [])),
        catalog=f"TexGAN/{map_label(own.material_class)}" if own else "TexGAN",
    )


def examine() -> str:
    """The doctor's report, as text; all that is there is tried out, so it takes seconds."""
    if missing := packages.missing():
        return f"Python {sys.version}\n! {', '.join(missing)} must be installed; the log tells how the last try went."
    from ..texgan_core.doctor import examine

    return examine().text()
