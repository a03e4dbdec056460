"""Compare models and baselines on the same materials by the same figures.

    python -m training.evaluate --data FOLDER --materials NAMES --out DIR

Every material is cut in two along its longer side. One half is the *exemplar*: all that a method may
see. The other is the *reference*: quality is measured against it, so a method cannot gain by copying.
A material shorter than twice --size is not cut (marked *): there exemplar and reference are the same, and
crops of it, "real" ones above all, get a quality ratio below 1.

    real             crops of the reference half, with the two halves' roles exchanged
    reconstruction   the exemplar through the codec and back
    resynthesis      the exemplar's latent laid out anew, decoded
    noise            the style of a latent generator, from --generators, that learned this material
    classic          the article's network, from --classics, whose card names this material
    plain tile       a crop of half the size, repeated
    periodic         the periodic component of a crop (Moisan 2011)
    syntexturize     G'MIC's random-phase synthesis, where `gmic` is installed

Each method makes three pictures, with the layout seeds --seed, --seed + 1 and --seed + 2; its figures are
their means. A reconstruction has no seed, and a real half may hold fewer crops. Into DIR go
evaluation.json and evaluation.png, which shows the first picture of each. All figures are of the base
color; PSNR and the angle between normals are of the reconstruction.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from multiprocessing import get_context
from pathlib import Path
from statistics import mean, median
from typing import Any

import numpy as np
import torch

from texgan_core import noise
from texgan_core.calibration import RIM, Calibration
from texgan_core.cells import fit_to_cells
from texgan_core.classic import SIZE as CLASSIC_SIZE
from texgan_core.codec import Decoder
from texgan_core.decode import decode_torus
from texgan_core.encode import bundled, bundled_codec, encode, suited_mirror, wrapping
from texgan_core.errors import TexganError, TrainingError
from texgan_core.library import ModelInfo, describe
from texgan_core.maps import picture_from_stack
from texgan_core.materials import Material, load_material
from texgan_core.measure import (
    checkerboard,
    copying,
    diversity,
    grid,
    normal_angle_error,
    psnr,
    quality_ratio,
    repetition,
    seam,
)
from texgan_core.model_file import SUFFIX, read_card
from texgan_core.models import Model, material_model, read_model
from texgan_core.networks import read_codec
from texgan_core.periodic import periodic_component
from texgan_core.synthesize import TextureRequest, synthesize

from .baselines import has_gmic, plain_tile, syntexturize
from .choose import named_materials, read_names
from .halves import SIZE, halves, is_cut
from .refine import RefiningEncoder
from .sheet import picture_sheet

HELD_OUT = Path(__file__).parent / "held_out.txt"
SEEDS = 3
FIGURES = (
    "quality_ratio",
    "seam_x",
    "seam_y",
    "diversity",
    "copying",
    "repetition",
    "checkerboard",
    "grid",
    "psnr",
    "normal_angle",
)
Figures = dict[str, float]


@dataclass(frozen=True, eq=False)
class Subject:
    """A material under test: its maps, in whole cells, and the side of the pictures to be made of it."""

    material: Material
    size: int

    @cached_property
    def halves(self) -> tuple[Material, Material]:
        """Exemplar and reference."""
        return halves(self.material, self.size)

    @cached_property
    def exemplar(self) -> np.ndarray:
        return picture_of(self.halves[0].stack, "base_color")

    @cached_property
    def reference(self) -> np.ndarray:
        return picture_of(self.halves[1].stack, "base_color")


@dataclass(frozen=True, eq=False)
class Tools:
    """What the methods work with: the codec, as materials are published with it, and the model files that were trained
    on single materials."""

    encoder: RefiningEncoder
    decoder: Decoder
    mirror: Path | None
    generators: dict[str, Path]
    classics: dict[str, Path]


Method = Callable[[Subject, Tools, range], list[np.ndarray]]
"""Makes base color pictures for some seeds; none if it is not trained for the material or not installed."""


def real(subject: Subject, tools: Tools, seeds: range) -> list[np.ndarray]:
    return crops(subject.reference, subject.size)[: len(seeds)]


def reconstruction(subject: Subject, tools: Tools, seeds: range) -> list[np.ndarray]:
    return [picture_of(cut_like(reconstruct(subject, tools), subject), "base_color")]


def resynthesis(subject: Subject, tools: Tools, seeds: range) -> list[np.ndarray]:
    latent, wraps = encode(tools.encoder, subject.halves[0])
    card = {"name": subject.material.name, "kind": "material", "hash": ""}
    mirror = _mirror_for(subject.halves[0], tools)
    model = material_model(card, latent, wraps, tools.decoder, subject.halves[:1], mirror=mirror)
    return pictures_by(model, subject.size, seeds)


def _mirror_for(material: Material, tools: Tools) -> np.ndarray | None:
    if tools.mirror is None:
        return None
    plain = tools.encoder.encoder
    return suited_mirror(plain, material, encode(plain, material)[0], tools.mirror)


def from_noise(subject: Subject, tools: Tools, seeds: range) -> list[np.ndarray]:
    return pictures_by_file(tools.generators.get(subject.material.name), subject.size, seeds)


def classic(subject: Subject, tools: Tools, seeds: range) -> list[np.ndarray]:
    return pictures_by_file(tools.classics.get(subject.material.name), subject.size, seeds)


def tiled(subject: Subject, tools: Tools, seeds: range) -> list[np.ndarray]:
    parts = crops(subject.exemplar, subject.size // 2)
    return [plain_tile(parts[i % len(parts)], subject.size) for i in range(len(seeds))]


def periodic(subject: Subject, tools: Tools, seeds: range) -> list[np.ndarray]:
    return [periodic_component(crop) for crop in crops(subject.exemplar, subject.size)[: len(seeds)]]


def by_gmic(subject: Subject, tools: Tools, seeds: range) -> list[np.ndarray]:
    if not has_gmic():
        return []
    return [syntexturize(subject.exemplar[: subject.size, : subject.size], subject.size, seed) for seed in seeds]


METHODS: dict[str, Method] = {
    "real": real,
    "reconstruction": reconstruction,
    "resynthesis": resynthesis,
    "noise": from_noise,
    "classic": classic,
    "plain tile": tiled,
    "periodic": periodic,
    "syntexturize": by_gmic,
}


def main(arguments: list[str] | None = None) -> int:
    """Evaluate, and say in one sentence what went wrong, if anything did. Returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        subjects = load_subjects(options.data, read_names(options.materials), options.size)
        codec = options.codec or bundled_codec()
        encoder, decoder = read_codec(codec)
        careful = RefiningEncoder(encoder, read_codec(codec, "circular")[1])
        mirror = options.mirror or (None if options.codec else bundled("mirror"))
        trained = models_by_material(options.generators), models_by_material(options.classics)
        tools = Tools(careful, decoder, mirror, *trained)
        seeds = range(options.seed, options.seed + SEEDS)
        result, shown = evaluate(subjects, tools, seeds, options.jobs, chosen_methods(options.methods))
        result = {"size": options.size, "seed": options.seed, "codec": read_card(codec)["hash"], **result}
        write(options.out, result, shown)
    except TexganError as error:
        print(f"evaluate: {error}", file=sys.stderr)
        return 2
    print(json.dumps(result) if options.json else table(result))
    return 0


def evaluate(
    subjects: list[Subject], tools: Tools, seeds: range, jobs: int = 1, methods: tuple[str, ...] = tuple(METHODS)
) -> tuple[dict[str, Any], dict[tuple[str, str], np.ndarray]]:
    """All figures by material and method, with medians by method; and the first picture of each.

    With `jobs` processes, of one thread each, that share the materials.
    """
    materials: dict[str, dict[str, Any]] = {}
    shown: dict[tuple[str, str], np.ndarray] = {}
    judge = partial(evaluate_one, tools=tools, seeds=seeds, methods=methods)
    with ExitStack() as stack:
        results: Iterable[tuple[dict[str, Figures], dict[str, np.ndarray]]] = map(judge, subjects)
        if jobs > 1:
            context = get_context("spawn")
            pool = stack.enter_context(ProcessPoolExecutor(jobs, context, torch.set_num_threads, (1,)))
            results = pool.map(judge, subjects)
        for subject, (rows, pictures) in zip(subjects, results, strict=True):
            name = subject.material.name
            print(name, file=sys.stderr, flush=True)
            materials[name] = {"cut": is_cut(subject.material, subject.size), "methods": rows}
            shown |= {(name, method): picture for method, picture in pictures.items()}
    return {"materials": materials, "medians": medians(materials)}, shown


def chosen_methods(text: str | None) -> tuple[str, ...]:
    """The methods of --methods, all if it is not given.

    Raises:
        TrainingError: one does not exist.
    """
    names = tuple(METHODS) if text is None else tuple(name.strip() for name in text.split(","))
    unknown = [name for name in names if name not in METHODS]
    if unknown:
        raise TrainingError(f"There is no method named {unknown[0]!r}; choose from {', '.join(METHODS)}.")
    return names


def evaluate_one(
    subject: Subject, tools: Tools, seeds: range, methods: tuple[str, ...]
) -> tuple[dict[str, Figures], dict[str, np.ndarray]]:
    """The figures of one material by method, and the first picture of each."""
    rows: dict[str, Figures] = {}
    shown: dict[str, np.ndarray] = {}
    for method in methods:
        pictures = METHODS[method](subject, tools, seeds)
        if pictures:
            rows[method] = measure(subject, method, pictures)
            shown[method] = pictures[0]
    if "reconstruction" in rows:
        rows["reconstruction"] |= fidelity(subject, tools)
    return rows, shown


def measure(subject: Subject, method: str, pictures: list[np.ndarray]) -> Figures:
    """The figures of one method's pictures of one material."""
    exemplar, reference = subject.exemplar, subject.exemplar if method == "real" else subject.reference
    seams = [seam(picture) for picture in pictures]
    figures = {
        "quality_ratio": mean(quality_ratio(picture, reference) for picture in pictures),
        "seam_x": mean(x for x, _ in seams),
        "seam_y": mean(y for _, y in seams),
        "copying": mean(copying(picture, exemplar) for picture in pictures),
        "repetition": mean(repetition(picture, reference) for picture in pictures),
        "checkerboard": mean(checkerboard(picture, reference) for picture in pictures),
        "grid": mean(grid(picture, reference) for picture in pictures),
    }
    if len(pictures) > 1:
        whole = picture_of(subject.material.stack, "base_color")
        figures["diversity"] = diversity(pictures, random_crops(whole, min(whole.shape[:2]) // 2))
    return figures


def fidelity(subject: Subject, tools: Tools) -> Figures:
    """How near the codec brings the exemplar back, pixel by pixel."""
    back = cut_like(reconstruct(subject, tools), subject)
    original = cut_like(subject.material.stack, subject)
    figures = {"psnr": psnr(picture_of(back, "base_color"), picture_of(original, "base_color"))}
    if "normal" in subject.material.known:
        figures["normal_angle"] = normal_angle_error(picture_of(back, "normal"), picture_of(original, "normal"))
    return figures


@lru_cache(maxsize=1)
def reconstruct(subject: Subject, tools: Tools) -> np.ndarray:
    """The whole material, as the torus that most materials are, through the codec and back, calibrated by the
    exemplar alone."""
    stack = torch.from_numpy(subject.material.stack.astype(np.float32))[None]
    with torch.inference_mode():
        latent = tools.encoder(stack, torch.from_numpy(subject.material.known_flags())[None])[0].contiguous().numpy()
    decoded = decode_torus(tools.decoder, latent, RIM)
    exemplar = subject.halves[0]
    height, width = (side + 2 * RIM for side in exemplar.stack.shape[1:])
    return Calibration.of([exemplar.stack], decoded[:, :height, :width], exemplar.known).apply(decoded)


def cut_like(stack: np.ndarray, subject: Subject) -> np.ndarray:
    """The first size x size pixels, which lie in the exemplar."""
    return stack[:, : subject.size, : subject.size]


def pictures_by_file(path: Path | None, size: int, seeds: range) -> list[np.ndarray]:
    return pictures_by(read_model(path), size, seeds) if path else []


def pictures_by(model: Model, size: int, seeds: range) -> list[np.ndarray]:
    """Base color pictures of a model; the article's own network knows one size only."""
    fixed = model.kind == "classic" and not model.card["config"].get("tiling")
    side = CLASSIC_SIZE if fixed else size
    requests = [TextureRequest((side, side), seed, 0, ("base_color",)) for seed in seeds]
    return [synthesize(model, request).maps["base_color"] for request in requests]


def picture_of(stack: np.ndarray, name: str) -> np.ndarray:
    return picture_from_stack(stack.astype(np.float32), name)


def crops(picture: np.ndarray, side: int) -> list[np.ndarray]:
    """Crops of side x side, or less where the picture is smaller, that do not overlap."""
    rows, columns = (range(0, max(n - side, 0) + 1, side) for n in picture.shape[:2])
    return [picture[row : row + side, column : column + side] for row in rows for column in columns]


def random_crops(picture: np.ndarray, side: int, count: int = 6) -> list[np.ndarray]:
    """Crops at random places: those of a grid would be alike where the material repeats itself."""
    corners = noise.uniform((count, 2), 0) * (np.array(picture.shape[:2]) - side + 1)
    return [picture[row : row + side, column : column + side] for row, column in corners.astype(int)]


def load_subjects(data: Path, names: frozenset[str], size: int) -> list[Subject]:
    """The named materials of a folder, each in whole cells.

    Raises:
        TrainingError: one is not there, or none was named.
    """
    subjects = []
    for files in named_materials(data, names):
        material = load_material(files)
        stack = fit_to_cells(material.stack.astype(np.float32), wrapping(material))
        subjects.append(Subject(Material(files.name, stack.astype(np.float16), material.known), size))
    return subjects


def models_by_material(folder: Path | None) -> dict[str, Path]:
    """The model files of a folder that make textures, by the material that they make."""
    paths = sorted(folder.glob(f"*{SUFFIX}")) if folder else []
    infos = [info for info in map(describe, paths) if info.kind in ("style", "classic")]
    return {name: info.path for info in infos for name in _makes(info)}


def _makes(info: ModelInfo) -> list[str]:
    """A published style makes the material that it names, one that a user has learned the first of its generator's; a
    classic is of what it was trained on."""
    names: list[str] = info.card["training_materials"]
    if info.kind == "style":
        return [info.card["source_material"]] if "source_material" in info.card else names[:1]
    return names


def medians(materials: dict[str, dict[str, Any]]) -> dict[str, Figures]:
    """Median of each figure over the materials, by method."""
    result: dict[str, Figures] = {}
    for method in METHODS:
        rows = [entry["methods"][method] for entry in materials.values() if method in entry["methods"]]
        figures = {name: [row[name] for row in rows if name in row] for name in FIGURES}
        result[method] = {name: median(values) for name, values in figures.items() if values}
    return result


def table(result: dict[str, Any]) -> str:
    """The figures as text, a line per material and method."""
    titles = [figure.replace("_", " ") for figure in FIGURES]
    lines = [f"{'material':30} {'method':15}" + "".join(f"{title:>14}" for title in titles)]
    blocks = {name + ("" if entry["cut"] else " *"): entry["methods"] for name, entry in result["materials"].items()}
    for name, rows in (blocks | {"median": result["medians"]}).items():
        for method in METHODS:
            figures = rows.get(method)
            values = (
                "".join(f"{figures[f]:14.3f}" if f in figures else f"{'-':>14}" for f in FIGURES) if figures else ""
            )
            lines.append(f"{name:30} {method:15}{values or '  ' + _absence(method)}")
    return "\n".join(lines)


def write(folder: Path, result: dict[str, Any], shown: dict[tuple[str, str], np.ndarray]) -> None:
    """evaluation.json and evaluation.png."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "evaluation.json").write_text(json.dumps(result, indent=1), "utf-8")
    columns = [method for method in METHODS if any(m == method for _, m in shown)]
    picture_sheet(list(result["materials"]), columns, shown).save(folder / "evaluation.png")


def _absence(method: str) -> str:
    return "not installed" if method == "syntexturize" else "not trained"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m training.evaluate", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of pictures or of PBR sets")
    parser.add_argument(
        "--materials", type=Path, default=Path(__file__).parent / "held_out.txt", help="names, one a line"
    )
    parser.add_argument("--out", type=Path, required=True, help="folder for evaluation.json and evaluation.png")
    parser.add_argument("--codec", type=Path, help="codec file, if not the bundled one")
    parser.add_argument("--mirror", type=Path, help="that codec's mirror; without one, nothing is mirrored")
    parser.add_argument("--generators", type=Path, help="folder of latent generators and their styles")
    parser.add_argument("--classics", type=Path, help="folder of classic models")
    parser.add_argument("--size", type=int, default=SIZE, help=f"pixels a side of the pictures ({SIZE})")
    parser.add_argument("--seed", type=int, default=0, help="first layout seed")
    parser.add_argument("--methods", help="of those above, separated by commas, instead of all")
    parser.add_argument("--jobs", type=int, default=1, help="processes that share the materials (1)")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of the table")
    return parser


if __name__ == "__main__":
    sys.exit(main())
