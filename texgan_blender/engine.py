"""The way from Blender to `texgan_core`, which is imported when it is first needed.

Nothing here touches Blender, so all of it may run in the background thread. Errors of the core
that the user can put right come out as `UserError`.
"""

import base64
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import child, map_files, packages, records
from .errors import UserError
from .jobs import IsCancelled, Progress
from .processes import Stopped
from .records import check_packages, errors_for_the_user
from .values import (
    ICON_SIDE,
    PACKED,
    VARIATION_SIDE,
    AssetCard,
    Destination,
    Frames,
    Generated,
    MapFile,
    ModelChoice,
    Picture,
    Preview,
    Request,
    Taught,
    Tiling,
    Variation,
)

if TYPE_CHECKING:
    import numpy as np

    from ..texgan_core.export import ExportOptions
    from ..texgan_core.library import ModelInfo
    from ..texgan_core.models import Model
    from ..texgan_core.synthesize import TextureRequest, TextureSet

DEFAULT_MODEL = "Bricks097"
"""What a new scene has chosen."""
OnPreview = Callable[[Preview], None]
USUAL_RELIEF = 0.02
"""Of a texture's width, where nothing tells how high it reaches."""
SYNTHESIS_SHARE = 0.85
"""Of the whole time; the rest is for the encoding of the pictures."""


def bundled_models() -> list[ModelChoice]:
    """The menu, by class and name; empty while packages are missing. Reads the models' headers, without PyTorch."""
    if packages.missing():
        return []
    from ..texgan_core.library import is_own, list_models

    return [
        ModelChoice(
            info.name, info.material_class, info.kind == "style", str(info.card.get("licence", "")), is_own(info)
        )
        for info in list_models()
    ]


def is_learned(name: str, noise: bool) -> bool:
    """Whether the user has the model that learning under this name makes."""
    from ..texgan_core.own import learned_name

    return any(choice.is_own and choice.name == learned_name(name, noise) for choice in bundled_models())


def rename_model(name: str, new: str) -> str:
    """Call a model of the user's own otherwise; returns what it is called now.

    Raises:
        UserError: there is none, or the name cannot be.
    """
    check_packages()
    with errors_for_the_user():
        from ..texgan_core.own import rename

        return rename(name, new)


def delete_model(name: str) -> None:
    """Delete a model of the user's own with all that is its alone.

    Raises:
        UserError: there is none, or it cannot be deleted.
    """
    check_packages()
    with errors_for_the_user():
        from ..texgan_core.own import delete

        delete(name)


def own_models() -> Path:
    """The folder of the user's own models."""
    from ..texgan_core.library import OWN

    return OWN


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
        on_progress(0.0, "Loading PyTorch and the model")

        def report(share: float, text: str) -> None:
            on_progress(share * SYNTHESIS_SHARE, text)

        def show(maps: "dict[str, np.ndarray]") -> None:
            if on_preview:
                pictures = list(_encode_all(maps if previewed else {}, lambda share, text: None, is_cancelled))
                on_preview(Preview(pictures, _small(_face(maps), VARIATION_SIDE)))

        made = _synthesize(request, report, is_cancelled, show if on_preview else None)
        pictures = list(_encode_all(made.maps, on_progress, is_cancelled))
        fell_back = _fell_back(made.device, request.device)
        figures, icon = _figures(made.maps), _icon(made.maps)
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
        on_progress(0.0, "Loading PyTorch and the model")
        for number, (layout_seed, style_seed) in enumerate(seeds):

            def report(share: float, text: str, done: int = number) -> None:
                on_progress((done + share) / len(seeds), f"Variation {done + 1} of {len(seeds)}")

            other = replace(request, layout_seed=layout_seed, style_seed=style_seed, maps=("base_color",), upscale=1)
            made = _synthesize(other, report, is_cancelled)
            small, fell_back = _small(made.maps["base_color"], VARIATION_SIDE), _fell_back(made.device, request.device)
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
        from ..texgan_core.animate import frames
        from ..texgan_core.export import export
        from ..texgan_core.synthesize import color_space, synthesize

        on_progress(0.0, "Loading PyTorch and the model")
        for number in range(1, count + 1):
            _check_free(destination, request.maps, number)
        model, fell_back = _load_all(request), False
        through = range(request.style_seed + 1, request.style_seed + 1 + styles)
        wanted = replace(_wanted(request), styles=tuple(through))
        for number, frame in enumerate(frames(wanted, count), 1):

            def report(share: float, text: str, done: int = number - 1) -> None:
                on_progress((done + share) / count, f"Frame {done + 1} of {count}")

            made = synthesize(model, frame, request.device, report, is_cancelled)
            fell_back = fell_back or _fell_back(made.device, request.device)
            written = export(made.maps, place, destination.name, frame=number)
            if number == 1:
                paths, record, figures, icon = written, json.dumps(made.record), _figures(made.maps), _icon(made.maps)
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


def _synthesize(
    request: Request,
    on_progress: Progress,
    is_cancelled: IsCancelled,
    on_preview: "Callable[[dict[str, np.ndarray]], None] | None" = None,
) -> "TextureSet":
    from ..texgan_core.synthesize import synthesize

    model = _load_all(request)
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


def _figures(maps: "dict[str, np.ndarray]") -> tuple[tuple[float, float], tuple[float, float], float | None]:
    """How a set meets itself, how much it repeats itself and how high it reaches, as `Generated` has them."""
    return _worst_seam(list(maps.values())), _repeats(maps), _relief(maps)


def _worst_seam(pictures: "list[np.ndarray]") -> tuple[float, float]:
    """By axis, the figure that is farthest from 1, whether a border shows or is blurred."""
    from ..texgan_core.measure import seam

    x, y = zip(*(seam(picture) for picture in pictures), strict=True)
    return max(x, key=_off), max(y, key=_off)


def _repeats(maps: "dict[str, np.ndarray]") -> tuple[float, float]:
    from ..texgan_core.measure import repeats

    return repeats(_face(maps))


def _face(maps: "dict[str, np.ndarray]") -> "np.ndarray":
    """The map that stands for a set."""
    return maps.get("base_color", next(iter(maps.values())))


def _relief(maps: "dict[str, np.ndarray]") -> float | None:
    """As high as the normals say, so it follows the relief slider; as usual if there are none of its size."""
    from ..texgan_core.normals import amplitude

    height, normal = maps.get("height"), maps.get("normal")
    if height is None:
        return None
    if normal is None or normal.shape[:2] != height.shape:
        return USUAL_RELIEF
    return amplitude(height, normal[..., :2].transpose(2, 0, 1) * 2 - 1) / height.shape[1]


def _off(figure: float) -> float:
    return max(figure, 1 / max(figure, 1e-6))


def _fell_back(used: str, wanted: str) -> bool:
    """Whether the processor did it, as the graphics card's memory ran out."""
    return used == "cpu" and _device_type(wanted) != "cpu"


def _device_type(name: str) -> str:
    from ..texgan_core.devices import choose_device

    return choose_device(name).type


def _small(picture: "np.ndarray", wanted: int) -> "np.ndarray":
    """A picture (height, width, 3 or 4), sRGB, or (height, width), as a variation has it, so many pixels a side; the
    longer side is cut."""
    import numpy as np

    from ..texgan_core.pictures import resize

    side = min(picture.shape[:2])
    small = resize(picture[:side, :side], wanted, wanted)
    small = np.broadcast_to(small[..., :3] if small.ndim == 3 else small[..., None], (wanted, wanted, 3))
    return np.concatenate([small[::-1], np.ones_like(small[..., :1])], 2).astype(np.float32).ravel()


def _icon(maps: "dict[str, np.ndarray]") -> str:
    """As `Generated.icon` has it."""
    rgb = _small(_face(maps), ICON_SIDE).reshape(-1, 4)[:, :3]
    return base64.b64encode((rgb * 255).round().astype("uint8").tobytes()).decode()


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
        return _model_of_record(name, model_hash, model_file)

    with errors_for_the_user():
        return replace(_with_models(records.read(record), find), device=device)


def with_names_now(told: Request) -> Request:
    """What a record tells, with what its models are called by now, as far as the menu has them."""

    def now(name: str, model_hash: str) -> str:
        found = _in_menu(name, model_hash)
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
        on_progress(0.0, "Loading PyTorch and the model")
        from ..texgan_core.improve import Improvement, improve_set
        from ..texgan_core.materials import with_channels

        pictures = with_channels(map_files.decoded(files, name))

        def report(share: float, text: str) -> None:
            on_progress(share * SYNTHESIS_SHARE, text)

        made = improve_set(name, pictures, Improvement(**wish), device, report, is_cancelled, region)
        if region is None and made.kept == 1 and not made.estimated:
            raise UserError("Nothing would change: the borders meet already; choose something else to do.")
        encoded = list(_encode_all(map_files.packed(made.maps, files), on_progress, is_cancelled, made.bits))
        height, width = made.maps["base_color"].shape[:2]
        figures, icon = _figures(made.maps), _icon(made.maps)
        fell_back = _fell_back(made.device, device)
    seconds = time.monotonic() - started
    return Generated(encoded, (width, height), json.dumps(made.record), seconds, *figures, fell_back, icon)


def tiling(file: MapFile, name: str, on_progress: Progress, is_cancelled: IsCancelled) -> Tiling:
    """Whether a base color tiles, by what `improve` closes borders for; `name` is for messages.

    Raises:
        UserError: a picture that is none; packages are missing.
    """
    check_packages()
    on_progress(0.0, "Checking")
    with errors_for_the_user():
        from ..texgan_core.encode import is_seamless
        from ..texgan_core.materials import with_channels
        from ..texgan_core.measure import seam

        picture = with_channels(map_files.decoded({"base_color": file}, name))["base_color"][..., :3]
        x, y = seam(picture)
        return Tiling((is_seamless(x), is_seamless(y)), (x, y))


def learn(
    sources: Sequence[str],
    files: dict[str, MapFile],
    name: str,
    minutes: float,
    noise: bool,
    further: bool,
    replace: bool,
    device: str,
    on_progress: Progress,
    is_cancelled: IsCancelled,
) -> Taught:
    """Make a model of pictures or folders, or, where there are none, of pictures by map, in another process; with
    `noise`, one that makes them up. The other two are as in the core's `learn`.

    Raises:
        UserError: a picture or name that cannot be used; packages are missing.
    """
    check_packages()
    on_progress(0.0, "Encoding")
    with errors_for_the_user():
        from ..texgan_core.own import check_name

        check_name(name)
    with tempfile.TemporaryDirectory(prefix="texgan-") as folder:
        place = Path(folder)
        if not sources:
            map_files.write(place, "material", files)
        options = ["--name", name, "--minutes", str(minutes), "--device", device]
        wanted = {"--noise": noise, "--further": further, "--replace": replace}
        options += [option for option, is_wanted in wanted.items() if is_wanted]
        try:
            told = child.texgan(["learn", *(sources or [str(place)]), *options], on_progress, is_cancelled)
        except Stopped:
            return Taught(name, {}, {})
    return Taught(told["name"], told["before"], told["after"])


def pause_learning() -> None:
    """Let it wait, or go on."""
    child.pause()


def finish_learning() -> None:
    """Let it keep what it has learned by now, and end."""
    child.finish()


def learning_sample() -> str:
    """The path of a picture of what it draws by now, or nothing."""
    return child.sample()


def asset_card(record: str) -> AssetCard:
    """What the Asset Browser is to say of a material.

    Raises:
        UserError: as `records.read`.
    """
    if records.is_improved(record):
        return AssetCard(records.describe(record)[0], "Improved with TexGAN", "", ("TexGAN",), "TexGAN")
    told = records.read(record)
    cards = {choice.name: choice for choice in bundled_models()}
    own = cards.get(told.model)
    return AssetCard(
        description=", ".join(records.describe(record)),
        author="Made with TexGAN",
        licence=own.licence if own else "",
        tags=("TexGAN", told.model, *([own.material_class] if own else [])),
        catalog=f"TexGAN/{map_label(own.material_class)}" if own else "TexGAN",
    )


def export(
    files: dict[str, MapFile], destination: Destination, on_progress: Progress, is_cancelled: IsCancelled
) -> list[str]:
    """Write pictures by map into a folder, as other programs expect them.

    Returns:
        The names of the files.

    Raises:
        UserError: a picture that is none, a map that the packing needs is missing, or a file cannot be written or is
            there already.
    """
    check_packages()
    on_progress(0.0, "Saving")
    with errors_for_the_user():
        _check_free(destination, files)
        from ..texgan_core.export import export_files

        pictures = map_files.alone(files, destination.name)
        written = export_files(pictures, Path(destination.folder), destination.name, _options(destination))
        return [path.name for path in written.values()]


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
        _check_free(destination, request.maps)
        made = _synthesize(request, lambda share, text: on_progress(share * SYNTHESIS_SHARE, text), is_cancelled)
        on_progress(SYNTHESIS_SHARE, "Saving")
        return _write(made.maps, destination)


def _write(maps: "dict[str, np.ndarray]", destination: Destination) -> list[str]:
    from ..texgan_core.export import export

    paths = export(maps, Path(destination.folder), destination.name, _options(destination))
    return [path.name for path in paths.values()]


def _check_free(destination: Destination, maps: Iterable[str], frame: int | None = None) -> None:
    """Raises UserError: a file of these maps is there already, and is not to be overwritten."""
    from ..texgan_core.export import file_names

    for name in file_names(maps, destination.name, _options(destination), frame).values():
        # What cannot be looked into cannot be written to either, which is said then.
        if not destination.overwrite and os.path.exists(Path(destination.folder) / name):  # noqa: PTH110
            raise UserError(
                f"{name} is there already; choose another folder, or Overwrite at the side of the file browser."
            )


def _options(destination: Destination) -> "ExportOptions":
    from ..texgan_core.export import ExportOptions

    return ExportOptions(destination.packing, destination.directx, destination.format)


def examine() -> str:
    """The doctor's report, as text; all that is there is tried out, so it takes seconds."""
    if missing := packages.missing():
        return f"Python {sys.version}\n! {', '.join(missing)} must be installed; the log tells how the last try went."
    from ..texgan_core.doctor import examine

    return examine().text()


def device_in_use() -> str:
    """What PyTorch would compute on; nothing before it has been loaded."""
    return _device_type("auto") if "torch" in sys.modules else ""


def map_label(name: str) -> str:
    """As Blender writes it: "base_color" is "Base Color"."""
    return name.replace("_", " ").replace(PACKED, ", ").title()


def uses_accelerator() -> bool:
    """Whether a graphics card's memory may be in use."""
    return bool(device_in_use()) and device_in_use() != "cpu" and _load_file.cache_info().currsize > 0


def forget_models() -> None:
    """Give back the memory of loaded models, the graphics card's too."""
    _load_file.cache_clear()
    if "torch" in sys.modules:
        from ..texgan_core.networks import forget_codecs
        from ..texgan_core.synthesize import release_memory

        forget_codecs()
        release_memory()


def _load_all(request: Request) -> "Model":
    """The request's model, blended and with the joints that it asks for."""
    from ..texgan_core.blend import Blend
    from ..texgan_core.mixture import Mixture

    model = _load(request.model)
    if request.blend:
        model = Blend(model, _load(request.blend), request.share)
    if request.joints:
        model = Mixture(model, _load(request.joints))
    return model


def _load(name_or_path: str) -> "Model":
    from ..texgan_core.library import find_model

    path = find_model(name_or_path).path
    return _load_file(str(path), path.stat().st_mtime_ns)


@lru_cache(maxsize=3)
def _load_file(path: str, modified: int) -> "Model":
    from ..texgan_core.library import load_model

    return load_model(path)


def _model_of_record(name: str, model_hash: str, model_file: str) -> str:
    """The path of what has a record's hash, whatever it is called by now: of a model in the menu, or the chosen file.
    Records of old have no hash; then it is the menu's model of this name, or the chosen file.

    Raises:
        UserError: neither is it.
    """
    from ..texgan_core.library import describe

    if found := _in_menu(name, model_hash):
        return str(found.path)
    if model_file and (not model_hash or describe(Path(model_file)).card["hash"] == model_hash):
        return model_file
    if _in_menu(name, ""):
        raise UserError(
            f"The model {name} has changed since the texture was made; choose the file that it was then as Model File "
            "in the panel, or generate anew."
        )
    if model_file:
        raise UserError(
            f"The texture was made with the model {name}, which {model_file} is not; choose the file that it was then "
            "as Model File in the panel."
        )
    raise UserError(f"The model {name} is not in the menu; choose its file as Model File in the panel.")


def _in_menu(name: str, model_hash: str) -> "ModelInfo | None":
    """The model of a hash, or of a name if the hash is empty."""
    from ..texgan_core.library import list_models

    known = {info.card["hash"] if model_hash else info.name: info for info in list_models()}
    return known.get(model_hash or name)


def _encode_all(
    maps: "dict[str, np.ndarray]",
    on_progress: Progress,
    is_cancelled: IsCancelled,
    bits: dict[str, int] | None = None,
) -> Iterator[Picture]:
    """With 8 bits, unless `bits` of a map say otherwise; heights need 16, or slopes become stairs."""
    from ..texgan_core.errors import Cancelled
    from ..texgan_core.pictures import encode_picture
    from ..texgan_core.synthesize import color_space

    for i, (name, picture) in enumerate(maps.items()):
        if is_cancelled():
            raise Cancelled
        on_progress(SYNTHESIS_SHARE + (1 - SYNTHESIS_SHARE) * i / len(maps), "Encoding")
        first = name.split(PACKED)[0]
        depth = (bits or {"height": 16}).get(first, 8)
        yield Picture(name, encode_picture(picture, depth), color_space(first))
