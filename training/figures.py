"""Print the figures of speed, memory and seamlessness that the project promises.

    python -m training.figures [--quick] [--json]

Times are medians, made on the CPU. Run it alone on an idle machine, or they mean nothing.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import nn

from texgan_core import noise
from texgan_core.codec import Decoder
from texgan_core.decode import decode_tiles
from texgan_core.errors import TexganError, TrainingError
from texgan_core.generator import COARSEST, LATTICES, noise_lattices
from texgan_core.grid import STRIDE
from texgan_core.library import bundled_models, load_model
from texgan_core.measure import seam
from texgan_core.models import MaterialModel, StyleModel
from texgan_core.synthesize import TextureRequest, synthesize

SEAMLESS = (0.7, 1.5)
ROLLED_PLACES = 3
PEAK_PROGRAM = """
import sys
from texgan_core.library import load_model
from texgan_core.synthesize import TextureRequest, synthesize

size = int(sys.argv[2])
synthesize(load_model(sys.argv[1]), TextureRequest((size, size)), "cpu")
status = open("/proc/self/status").read()
print(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))
"""


def main(arguments: list[str] | None = None) -> int:
    """Measure and print; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        result = figures(options.quick)
    except TexganError as error:
        print(f"figures: {error}", file=sys.stderr)
        return 2
    print(json.dumps(result) if options.json else "\n".join(f"{name:36} {value}" for name, value in result.items()))
    return 0


def figures(quick: bool) -> dict[str, Any]:
    """All figures by name; `quick` takes smaller sizes, fewer seeds and fewer repeats.

    Raises:
        TrainingError: no material is bundled.
    """
    name = next((info.name for info in bundled_models() if info.kind == "material"), None)
    if name is None:
        raise TrainingError("No material is bundled, so there is nothing to measure.")
    model = load_model(name)
    assert isinstance(model, MaterialModel)
    size, large, repeats = (512, 1024, 1) if quick else (1024, 4096, 5)
    seconds = generation_seconds(model, size, repeats)
    bare = bare_convolution_seconds(model.decoder, size, repeats)
    return {
        "model": name,
        "threads": torch.get_num_threads(),
        f"seconds at {size}": round(seconds, 3),
        f"seconds of bare convolutions at {size}": round(bare, 3),
        "ratio": round(seconds / bare, 2),
        "seconds of a cold process at 512": round(cold_process_seconds(name, repeats), 2),
        f"peak memory in GB at {large}": round(peak_memory(name, large) / 1e9, 2),
        "largest error of a rolled latent": decoder_roll_error(model.decoder),
        "largest error of rolled noise": noise_roll_error(),
        "seams": seams((256,) if quick else (256, 512, 1024), range(2 if quick else 10)),
    }


def generation_seconds(model: MaterialModel, size: int, repeats: int) -> float:
    """A square set of the four usual maps, the model being loaded and warm."""
    seeds = iter(range(repeats + 1))
    return median_seconds(lambda: synthesize(model, TextureRequest((size, size), next(seeds)), "cpu"), repeats)


def bare_convolution_seconds(decoder: Decoder, size: int, repeats: int) -> float:
    """The decoder's convolutions alone, on tensors of the shapes they meet in decoding a square picture."""
    shapes: list[tuple[nn.Conv2d, torch.Size]] = []
    latent = noise.normal((decoder.latent_channels, size // STRIDE, size // STRIDE), 0)
    with recording(decoder, shapes):
        for _ in decode_tiles(decoder, latent):
            pass
    # Tiles repeat the same shapes: one tensor each is enough.
    tensors = {shape: torch.randn(shape).contiguous(memory_format=torch.channels_last) for _, shape in shapes}

    def convolve() -> None:
        with torch.inference_mode():
            for convolution, shape in shapes:
                convolution(tensors[shape])

    return median_seconds(convolve, repeats)


@contextmanager
def recording(module: nn.Module, shapes: list[tuple[nn.Conv2d, torch.Size]]) -> Iterator[None]:
    """Note every convolution and the shape of its input, in order."""
    convolutions = [part for part in module.modules() if isinstance(part, nn.Conv2d)]
    hooks = [c.register_forward_pre_hook(lambda part, args: shapes.append((part, args[0].shape))) for c in convolutions]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def cold_process_seconds(name: str, repeats: int) -> float:
    """`texgan generate` at 512, from start to exit of the process."""

    def generate() -> None:
        with tempfile.TemporaryDirectory() as folder:
            _run("-m", "texgan_core.cli", "generate", name, "--size", "512", "--device", "cpu", "--out", folder)

    return median_seconds(generate, repeats)


def peak_memory(name: str, size: int) -> int:
    """Bytes that a process of its own holds at most while it makes a square set. Linux only."""
    return int(_run("-c", PEAK_PROGRAM, name, str(size))) * 1024


def decoder_roll_error(decoder: Decoder, cells: int = 24) -> float:
    """Largest difference between decoding a rolled latent and rolling what was decoded."""
    latent = noise.normal((decoder.latent_channels, cells, cells), 1)
    rolled = np.roll(latent, (ROLLED_PLACES, ROLLED_PLACES), (1, 2))
    return _roll_error(_decode(decoder, latent), _decode(decoder, rolled), ROLLED_PLACES * STRIDE)


def noise_roll_error() -> float | None:
    """The same from the noise of a latent generator to maps; None if none is bundled."""
    name = next((info.name for info in bundled_models() if info.kind == "style"), None)
    if name is None:
        return None
    model = load_model(name)
    assert isinstance(model, StyleModel)
    style = torch.from_numpy(model.style)[None]
    lattices = noise_lattices(0, (24, 24), model.generator.config.noise_channels)

    def maps_of(places: int) -> np.ndarray:
        shifts = [places * COARSEST // pitch for pitch in LATTICES]
        rolled = [np.roll(a, (s, s), (2, 3)).copy() for a, s in zip(lattices, shifts, strict=True)]
        with torch.inference_mode():
            latent = model.generator([torch.from_numpy(a) for a in rolled], style)[0].contiguous().numpy()
        return _decode(model.decoder, latent)

    return _roll_error(maps_of(0), maps_of(ROLLED_PLACES), ROLLED_PLACES * COARSEST * STRIDE)


def seams(sizes: tuple[int, ...], seeds: range) -> dict[str, Any]:
    """Seams of all bundled models, maps and axes: the extremes, and which are not seamless."""
    found: dict[str, float] = {}
    for info in bundled_models():
        model = load_model(info.name)
        for size in sizes:
            for seed in seeds:
                result = synthesize(model, TextureRequest((size, size), seed, 0, model.maps), "cpu")
                for map_name, picture in result.maps.items():
                    for axis, figure in zip("xy", seam(picture), strict=True):
                        found[f"{info.name} {map_name} {axis} {size} seed {seed}"] = round(figure, 3)
    outside = {where: figure for where, figure in found.items() if not SEAMLESS[0] <= figure <= SEAMLESS[1]}
    return {"count": len(found), "least": min(found.values()), "most": max(found.values()), "outside": outside}


def median_seconds(action: Callable[[], Any], repeats: int) -> float:
    """Median time of an action, after one that warms up."""
    action()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def _decode(decoder: Decoder, latent: np.ndarray) -> np.ndarray:
    """A torus small enough for one tile."""
    (tile,) = decode_tiles(decoder, latent)
    return tile.stack


def _roll_error(straight: np.ndarray, rolled: np.ndarray, pixels: int) -> float:
    return float(np.abs(rolled - np.roll(straight, (pixels, pixels), (1, 2))).max())


def _run(*arguments: str) -> str:
    result = subprocess.run([sys.executable, *arguments], capture_output=True, text=True)
    if result.returncode:
        raise TrainingError(f"A process that was to be measured failed: {result.stderr.strip()[-300:]}")
    return result.stdout


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m training.figures", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="smaller, fewer, once: to see that it works")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser


if __name__ == "__main__":
    sys.exit(main())
