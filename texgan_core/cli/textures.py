"""`texgan generate`, `texgan animate` and `texgan variations`: maps into a folder."""

import argparse
import re
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import RequestError
from ..export import FORMATS, PACKINGS, ExportOptions, export, with_packed
from ..library import find_model, load_model
from ..maps import DEFAULT_MAPS, MAPS
from ..materials import name_of
from .command import Command, make_folder, seam_by_axis, seam_text
from .progress import progress_on_stderr
from .recipes import ENDING, Recipe, recorded, write_record

if TYPE_CHECKING:
    from ..guides import Guide
    from ..synthesize import TextureRequest, TextureSet

LOOK_OPTIONS = {
    "lightness": (0.0, "-1 to 1, darker or lighter"),
    "saturation": (1.0, "0 to 2, from grey to strong colours"),
    "warmth": (0.0, "-1 to 1, bluer or redder"),
    "tint": (0.0, "-1 to 1, towards magenta or green"),
    "roughness": (0.0, "-1 to 1, smoother or rougher"),
    "relief": (1.0, "0 to 3, flatter or steeper normals"),
}
"""By part of a look: what changes nothing, and a help text."""
SIZE = (1024, 1024)
RECORDED = ("seed", "style", "upscale", "share", "pattern", "bricks", "joint", "upright", "pattern_seed", "follow")
"""Options, beside the look's, for what a record tells by itself."""


def _generate(options: argparse.Namespace) -> dict[str, Any]:
    recipe = recorded(options) if options.record else _recipe(options)
    from ..synthesize import synthesize

    prepare_output(options)
    with progress_on_stderr() as on_progress:
        on_progress(0, "Loading")
        model = recipe.load()
        maps = _maps_to_make(options, model.maps, recipe.request.maps if options.record else None)
        start = time.perf_counter()
        textures = synthesize(model, replace(recipe.request, maps=maps), options.device, on_progress)
        result = _save(textures, model.name, options, time.perf_counter() - start)
        return result | {"record_file": str(write_record(options.out, model.name, textures.record))}


def _recipe(options: argparse.Namespace) -> Recipe:
    """What the options ask for.

    Raises:
        RequestError: as `_request`, or there is no model. UnknownModelError: one is not there.
    """
    if not options.model:
        raise RequestError("Name a MODEL, or a --record to make again; see texgan generate --help.")
    model = find_model(options.model).path  # before PyTorch is imported, which takes seconds
    blend, joints = (find_model(name).path if name else None for name in (options.blend, options.joints))
    return Recipe(model, blend, options.share, joints, _request(options, _guide(options)))


def _animate(options: argparse.Namespace) -> dict[str, Any]:
    path = find_model(options.model).path
    from ..animate import frames
    from ..synthesize import synthesize

    request = _request(options)
    prepare_output(options)
    requests = list(frames(replace(request, styles=options.through), options.frames))
    with progress_on_stderr() as on_progress:
        on_progress(0, "Loading")
        model = load_model(path)
        maps = _maps_to_make(options, model.maps)
        start = time.perf_counter()
        for number, frame in enumerate(requests):
            on_progress(number / len(requests), f"Frame {number + 1} of {len(requests)}")
            textures = synthesize(model, replace(frame, maps=maps), options.device)
            export(textures.maps, options.out, model.name, export_options(options), frame=number + 1)
    return {"frames": len(requests), "seconds": round(time.perf_counter() - start, 3), "record": textures.record}


def _show_animation(result: dict[str, Any]) -> str:
    return f"{result['record']['model']}: {result['frames']} frames in {result['seconds']:.1f} s"


def _variations(options: argparse.Namespace) -> dict[str, Any]:
    from ..synthesize import vary

    request = _request(options)
    prepare_output(options)
    sources = [image.resolve() for image in options.image]
    with progress_on_stderr() as on_progress:
        on_progress(0, "Loading")
        start = time.perf_counter()
        textures = vary(sources, request, options.device, on_progress)
        return _save(textures, f"{name_of(sources[0])}_variation", options, time.perf_counter() - start)


def _request(options: argparse.Namespace, guide: "Guide | None" = None) -> "TextureRequest":
    """The request of the options.

    Raises:
        RequestError: sizes, seeds or maps that cannot be, or no such packing or format.
    """
    from ..look import RANGES, Look
    from ..synthesize import TextureRequest

    maps = _maps_to_make(options, tuple(MAPS))
    look = Look(**{name: getattr(options, name) for name in RANGES})
    request = TextureRequest(
        options.size or SIZE, options.seed, options.style, maps, guide, look, upscale=options.upscale
    )
    request.validate()
    return request


def _guide(options: argparse.Namespace) -> "Guide | None":
    """What --pattern or --follow ask for.

    Raises:
        RequestError: both were given.
    """
    from ..guides import PICTURE, Guide

    if options.follow and options.pattern:
        raise RequestError("A layout follows a pattern or a picture; give --pattern or --follow.")
    if options.follow:
        return Guide(PICTURE, picture=str(options.follow.resolve()))
    if not options.pattern:
        return None
    columns, rows = options.bricks
    return Guide(options.pattern, columns, rows, options.joint, options.upright, options.pattern_seed)


def _save(textures: "TextureSet", name: str, options: argparse.Namespace, seconds: float) -> dict[str, Any]:
    """Write the maps; returns what the command reports."""
    from ..measure import seam

    paths = export(textures.maps, options.out, name, export_options(options))
    return {
        "maps": {what: str(path) for what, path in paths.items()},
        "seconds": round(seconds, 3),
        "seam": {map_name: seam_by_axis(seam(picture)) for map_name, picture in textures.maps.items()},
        "record": textures.record,
    }


def prepare_output(options: argparse.Namespace) -> None:
    """Make the folder to write to, before any time is spent.

    Raises:
        RequestError: as `make_folder`, or there is no such packing or format.
    """
    export_options(options).validate()
    make_folder(options.out)


def export_options(options: argparse.Namespace) -> ExportOptions:
    """What `add_output` asked for."""
    return ExportOptions(options.packing, options.directx, options.format)


def _show(result: dict[str, Any]) -> str:
    record = result["record"]
    lines = [
        f"{record['model']}, {_size_text(record)}, layout seed {record['layout_seed']}, "
        f"style seed {record['style_seed']}: {result['seconds']:.2f} s"
    ]
    lines += [f"{path}  {_seam_text(result['seam'].get(name))}" for name, path in result["maps"].items()]
    lines += [f"{result['record_file']}  makes them again"] if "record_file" in result else []
    return "\n".join(lines)


def _size_text(record: dict[str, Any]) -> str:
    width, height = (side * record["upscale"] for side in record["size"])
    return f"{width} x {height}"


def _seam_text(seam: dict[str, float] | None) -> str:
    """Of a map; several in one picture have none in common."""
    return seam_text(seam) if seam else "packed"


def _size(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(-?\d{1,12})(?:[xX](-?\d{1,12}))?", text)
    if not match:
        raise argparse.ArgumentTypeError(f"{text!r} is no size such as 1024 or 1024x512")
    return int(match[1]), int(match[2] or match[1])


def _maps_to_make(
    options: argparse.Namespace, offered: tuple[str, ...], plain: tuple[str, ...] | None = None
) -> tuple[str, ...]:
    """The maps of --maps, or the plain ones, and those that --packing needs.

    Raises:
        RequestError: a packing cannot be, or needs what is not offered.
    """
    export = export_options(options)
    export.validate()
    chosen = plain if plain and options.maps is None else chosen_maps(options.maps, offered)
    return with_packed(chosen, offered, export)


def chosen_maps(text: str | None, offered: tuple[str, ...]) -> tuple[str, ...]:
    """The maps of --maps. "all", and its absence, mean what a model offers; names are taken as they are."""

    if text is None:
        return tuple(name for name in DEFAULT_MAPS if name in offered)
    return offered if text == "all" else tuple(name.strip() for name in text.split(",") if name.strip())


def _add_generate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL", nargs="?", help="a name that 'texgan models' lists, or a model file")
    record = (
        f"make the maps of a record again, such as NAME{ENDING}; of its models, only those not listed need be given"
    )
    parser.add_argument("--record", type=Path, metavar="FILE", help=record)
    _add_request(parser)
    parser.add_argument("--blend", metavar="MODEL", help="go some way to another model; both end in -noise")
    parser.add_argument("--share", type=float, default=0.5, help="how far, 0 to 1; default: 0.5")
    group = parser.add_argument_group("where stones and joints are to lie (models ending in -noise, or with --joints)")
    group.add_argument("--pattern", metavar="NAME", help="such as 'running bond', herringbone, planks or cobbles")
    group.add_argument("--bricks", type=_size, default=(4, 12), metavar="CxR", help="columns and rows; default: 4x12")
    group.add_argument("--joint", type=float, default=12, metavar="PIXELS", help="width of the joints; default: 12")
    group.add_argument("--upright", action="store_true", help="turned by a quarter")
    group.add_argument("--joints", metavar="MODEL", help="another model for the joints; then any model follows")
    group.add_argument("--pattern-seed", type=int, default=0, metavar="N", help="of planks, cobbles and patches")
    group.add_argument("--follow", type=Path, metavar="IMAGE", help="light parts of a picture high, dark ones low")
    parser.set_defaults(recorded={name: parser.get_default(name) for name in (*RECORDED, *LOOK_OPTIONS)})


def _add_animation(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL", help="a name that 'texgan models' lists, or a model file")
    _add_request(parser)
    parser.add_argument(
        "--through", type=_seeds, default=(1, 2), metavar="N,N", help="style seeds to pass; default: 1,2"
    )
    parser.add_argument("--frames", type=int, default=48, metavar="N", help="pictures of each map; default: 48")


def _seeds(text: str) -> tuple[int, ...]:
    if not re.fullmatch(r"\d{1,10}(,\d{1,10})*", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no list of seeds such as 3,7")
    return tuple(int(seed) for seed in text.split(","))


def _add_variations(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "image",
        metavar="IMAGE",
        type=Path,
        nargs="+",
        help="a picture, or one material's maps or the folder with them; several are mixed",
    )
    _add_request(parser)


def _add_request(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="where things lie; default: 0")
    parser.add_argument("--style", type=int, default=0, metavar="N", help="how they look; default: 0, as trained")
    parser.add_argument(
        "--size",
        type=_size,
        help="pixels, multiples of 8, or of 32 for models from noise: 512, or 1024x512; default: 1024",
    )
    parser.add_argument("--upscale", type=int, default=1, metavar="N", help="enlarge it 2 or 4 times in the end")
    parser.add_argument(
        "--maps", help=f"all, or some of {', '.join(MAPS)}; default: the first four, and those of --packing"
    )
    add_output(parser)
    group = parser.add_argument_group("how it looks")
    for name, (neutral, text) in LOOK_OPTIONS.items():
        group.add_argument(f"--{name}", type=float, default=neutral, metavar="X", help=f"{text}; default: {neutral:g}")


def add_output(parser: argparse.ArgumentParser) -> None:
    """Where and how maps are written, and what computes them."""
    parser.add_argument("--out", type=Path, default=Path(), metavar="DIR", help="where to write; default: here")
    parser.add_argument("--device", default="auto", help="auto (default), cpu, cuda or mps")
    packings = "; ".join(f"{name}: {text}" for name, text in PACKINGS.items())
    parser.add_argument("--packing", default="none", metavar="NAME", help=f"{packings}; default: none")
    formats = "; ".join(f"{name}: {text}" for name, text in FORMATS.items())
    parser.add_argument("--format", default="png", metavar="NAME", help=f"{formats}; default: png")
    parser.add_argument("--directx", action="store_true", help="normals with green down instead of OpenGL's up")


COMMANDS = (
    Command("generate", "make a set of maps with a model", _add_generate, _generate, _show),
    Command("animate", "make frames that loop", _add_animation, _animate, _show_animation),
    Command("variations", "make more like a picture or PBR set", _add_variations, _variations, _show),
)
