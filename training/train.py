"""Train one of TexGAN's networks. `python -m training.train --help` lists the options.

    --stage codec       maps to latents and back: what everything stands on
    --stage estimator   colours to the other maps
    --stage upscaler    maps to maps of twice the size
    --stage cleaner     noisy, blocky or soft colours to clean ones
    --stage generator   noise to latents of the given materials; needs --codec
    --stage classic     the article's DCGAN, as a baseline

Beside OUT, the folder OUT.run holds checkpoint, log and sample sheets. A run that was stopped, however
rudely, goes on with --resume. Under `torchrun` the processes share each batch.
"""

import argparse
import sys
from pathlib import Path

from texgan_core.codec import CodecConfig
from texgan_core.devices import choose_device
from texgan_core.encode import bundled_codec
from texgan_core.errors import TexganError, TrainingError
from texgan_core.generator_stage import GeneratorStage, GeneratorTraining
from texgan_core.latents import encode_materials
from texgan_core.networks import read_codec
from texgan_core.team import Team

from .classic_stage import ClassicStage, ClassicTraining
from .codec_stage import CodecStage, CodecTraining
from .data import load_materials, read_names
from .halves import halves
from .loop import Budget, Files, Stage, run
from .picture_stage import PictureStage, PictureTraining
from .tasks import TASKS


def main(arguments: list[str] | None = None) -> int:
    """Parse, train, and say in one sentence what went wrong, if anything did. Returns the exit code."""
    options = _parser().parse_args(arguments)
    team = Team()
    try:
        stage = _stage(options, team)
        budget = Budget(options.steps, options.minutes)
        run(
            stage,
            budget,
            Files(options.out),
            team,
            options.resume,
            options.log_every,
            options.save_every or stage.save_every,
        )
    except TexganError as error:
        print(f"train: {error}", file=sys.stderr)
        return 2
    finally:
        team.close()
    return 0


def _stage(options: argparse.Namespace, team: Team) -> Stage:
    if not (options.steps or options.minutes):
        raise TrainingError("Say how long to train, with --steps or --minutes.")
    device = choose_device(options.device)
    materials = load_materials(options.data, read_names(options.exclude), options.only, read_names(options.materials))
    if options.half:
        materials = [halves(material)[0] for material in materials]
    print(f"{len(materials)} materials, on {device}", flush=True)
    if options.stage == "codec":
        config = CodecTraining(
            seed=options.seed,
            batch=options.batch or CodecTraining.batch,
            learning_rate=options.learning_rate or CodecTraining.learning_rate,
            adversarial_from=options.adversarial_from,
        )
        return CodecStage(materials, CodecConfig(), config, team, device, start_from=options.start_from)
    if options.stage in TASKS:
        pictures = PictureTraining(seed=options.seed, batch=options.batch or PictureTraining.batch)
        return PictureStage(materials, TASKS[options.stage], pictures, team, device)
    if options.stage == "generator":
        settings = GeneratorTraining(seed=options.seed, cells=options.cells)
        codec = options.codec or bundled_codec()
        latents = encode_materials(materials, *read_codec(codec), settings.cells)
        return GeneratorStage(latents, codec, settings, team, device, options.start_from)
    batch = options.batch or ClassicTraining.batch
    classic = ClassicTraining(tiling=not options.faithful, seed=options.seed, batch=batch)
    return ClassicStage(materials, classic, team, device)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m training.train", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--stage", choices=("codec", *TASKS, "generator", "classic"), required=True)
    parser.add_argument("--data", type=Path, required=True, help="folder of pictures or of PBR sets")
    parser.add_argument("--out", type=Path, required=True, help="model file to write (.safetensors)")
    parser.add_argument("--steps", type=int, help="end after so many steps")
    parser.add_argument("--minutes", type=float, help="end after so many minutes of training")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint beside OUT")
    parser.add_argument("--only", help="train on the materials whose name contains this")
    parser.add_argument("--materials", type=Path, help="text file of the material names to train on, instead of all")
    parser.add_argument(
        "--half", action="store_true", help="see of each only what `training.evaluate` lets methods see"
    )
    parser.add_argument("--exclude", type=Path, help="text file of material names to leave out")
    parser.add_argument("--batch", type=int, help="crops a step (8; classic: 128)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or mps")
    parser.add_argument("--cells", type=int, default=32, help="generator: latent cells a side of a training crop")
    parser.add_argument("--codec", type=Path, help="generator: the codec to use instead of the bundled one")
    parser.add_argument("--learning-rate", type=float, help="codec: the highest rate of the first phase (4e-4)")
    parser.add_argument(
        "--start-from", type=Path, help="begin with the weights of this codec, or the layouts of this generator"
    )
    parser.add_argument("--adversarial-from", type=float, default=0.4, help="codec: share of the run before the critic")
    parser.add_argument("--faithful", action="store_true", help="classic: the article's dense layer; does not tile")
    parser.add_argument("--log-every", type=int, default=50)
    parser.add_argument("--save-every", type=int, help="steps between checkpoints (500; classic 50, as in the article)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
