"""Train one of TexGAN's networks. `python -m training.train --help` lists the options.

    --stage codec       maps to latents and back: what everything stands on
    --stage estimator   colours to the other maps
    --stage upscaler    maps to maps of twice the size
    --stage cleaner     noisy, blocky or soft colours to clean ones
    --stage generator   noise to latents of the given materials; needs --codec
    --stage classic     the article's DCGAN, as a baseline

Beside OUT, the folder OUT.run holds checkpoint, log and sample sheets. Ctrl-C ends a run after its step and saves
it; a run that was stopped, however rudely, goes on with --resume. Under `torchrun` the processes share each batch, each
on a CUDA card of its own where there are any. Pictures are scaled down to the 1024 pixels a side that encoding takes.
"""

import argparse
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from texgan_core.classic import SIZE as CLASSIC_SIZE
from texgan_core.codec import CodecConfig
from texgan_core.devices import choose_device
from texgan_core.encode import SMALLEST_SIDE, bundled_codec
from texgan_core.errors import TexganError, TrainingError
from texgan_core.generator_stage import GeneratorStage, GeneratorTraining
from texgan_core.latents import encode_material
from texgan_core.networks import read_codec
from texgan_core.team import Team

from .choose import Choice, load_materials, read_names, usable
from .classic_stage import ClassicStage, ClassicTraining
from .codec_stage import CodecStage, CodecTraining
from .listing import listing
from .loop import Budget, Files, Stage, Stopped, run
from .picture_stage import PictureStage, PictureTraining
from .tasks import TASKS

TAKEN_BY = {
    "batch": ("codec", *TASKS, "classic"),
    "start_from": ("codec", *TASKS, "generator"),
    "cells": ("generator",),
    "codec": ("generator",),
    "adversarial_from": ("codec", *TASKS),
    "faithful": ("classic",),
}
"""The stages that take an option; all others are for every stage."""
POSITIVE = ("steps", "minutes", "batch", "cells", "learning_rate", "log_every", "save_every")
SAVE_EVERY = {"classic": 50}
"""Steps between checkpoints where they do not go by time: the article's."""


def main(arguments: list[str] | None = None) -> int:
    """Parse, train, and say in one sentence what went wrong, if anything did. Returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        _check(options)
        if options.list:
            print(listing(options.data, _choice(options)))
        else:
            _train(options)
    except Stopped as end:
        print(f"train: {end}", file=sys.stderr)
        return 130
    except TexganError as error:
        print(f"train: {error}", file=sys.stderr)
        return 2
    return 0


def _check(options: argparse.Namespace) -> None:
    """Raises TrainingError: options that are missing, or that the stage does not take."""
    for option, stages in TAKEN_BY.items():
        if getattr(options, option) is not None and options.stage not in stages:
            name = option.replace("_", "-")
            raise TrainingError(f"--stage {options.stage} takes no --{name}; it is for {', '.join(stages)}.")
    for option in POSITIVE:
        if (value := getattr(options, option)) is not None and not value > 0:
            raise TrainingError(f"--{option.replace('_', '-')} must be above 0, not {value}.")
    if options.list:
        return
    if options.out is None:
        raise TrainingError("Say which model file to write, with --out.")
    if not (options.steps or options.minutes):
        raise TrainingError("Say how long to train, with --steps or --minutes.")
    if not (options.resume or options.overwrite):
        Files(options.out).check_free()


def _train(options: argparse.Namespace) -> None:
    with closing(Team(choose_device(options.device))) as team:
        stage = STAGES[options.stage](options, team)
        print(f"{len(stage.names)} materials, on {team.device}", flush=True)
        budget, files = Budget(options.steps, options.minutes), Files(options.out)
        save_every = options.save_every or SAVE_EVERY.get(options.stage)
        run(stage, budget, files, team, options.resume, options.log_every, save_every)


def _codec(options: argparse.Namespace, team: Team) -> Stage:
    usual = {name: getattr(CodecTraining, name) for name in ("learning_rate", "sharpening_rate", "critic_rate")}
    split = CodecTraining.adversarial_from if options.adversarial_from is None else options.adversarial_from
    batch = options.batch or CodecTraining.batch
    config = CodecTraining(seed=options.seed, batch=batch, adversarial_from=split, **_rates(options, usual))
    materials = load_materials(options.data, _choice(options))
    return CodecStage(materials, CodecConfig(), config, team, team.device, options.start_from)


def _pictures(options: argparse.Namespace, team: Team) -> Stage:
    task = TASKS[options.stage]
    usual = {"learning_rate": task.learning_rate, "critic_rate": PictureTraining.critic_rate}
    batch = options.batch or PictureTraining.batch
    split = options.adversarial_from
    config = PictureTraining(seed=options.seed, batch=batch, adversarial_from=split, **_rates(options, usual))
    materials = load_materials(options.data, _choice(options))
    return PictureStage(materials, task, config, team, team.device, options.start_from)


def _generator(options: argparse.Namespace, team: Team) -> Stage:
    usual = {name: getattr(GeneratorTraining, name) for name in ("generator_rate", "critic_rate")}
    cells = options.cells or GeneratorTraining.cells
    config = GeneratorTraining(seed=options.seed, cells=cells, **_rates(options, usual))
    codec, choice = options.codec or bundled_codec(), _choice(options)
    networks = read_codec(codec)
    found = choice.files(options.data)
    latents = usable(found, lambda files: encode_material(choice.load(files), *networks, cells))
    return GeneratorStage(latents, codec, config, team, team.device, options.start_from)


def _classic(options: argparse.Namespace, team: Team) -> Stage:
    rates = _rates(options, {"learning_rate": ClassicTraining.learning_rate})
    batch = options.batch or ClassicTraining.batch
    config = ClassicTraining(tiling=not options.faithful, seed=options.seed, batch=batch, **rates)
    return ClassicStage(load_materials(options.data, _choice(options)), config, team, team.device)


STAGES: dict[str, Callable[[argparse.Namespace, Team], Stage]] = {
    "codec": _codec,
    **dict.fromkeys(TASKS, _pictures),
    "generator": _generator,
    "classic": _classic,
}


def _rates(options: argparse.Namespace, usual: dict[str, float]) -> dict[str, Any]:
    """Learning rates: the first as --learning-rate says, the others in their usual proportion to it."""
    first = next(iter(usual.values()))
    factor = 1.0 if options.learning_rate is None else options.learning_rate / first
    return {name: rate * factor for name, rate in usual.items()}


def _choice(options: argparse.Namespace) -> Choice:
    """What to learn from, of the size and with the maps that the stage needs."""
    task = TASKS.get(options.stage)
    sides = {"codec": CodecTraining.crop, "generator": SMALLEST_SIDE, "classic": CLASSIC_SIZE}
    return Choice(
        names=read_names(options.materials) if options.materials else None,
        exclude=read_names(options.exclude) if options.exclude else frozenset(),
        only=options.only,
        half=options.half,
        side=task.crop if task else sides[options.stage],
        needs=task.needs if task else frozenset(),
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m training.train", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--stage", choices=tuple(STAGES), required=True)
    parser.add_argument("--data", type=Path, required=True, help="folder of pictures or of PBR sets")
    parser.add_argument("--out", type=Path, help="model file to write (.safetensors)")
    parser.add_argument("--steps", type=int, help="end after so many steps")
    parser.add_argument("--minutes", type=float, help="end after so many minutes of training")
    earlier = parser.add_mutually_exclusive_group()
    earlier.add_argument("--resume", action="store_true", help="go on from the checkpoint beside OUT")
    earlier.add_argument("--overwrite", action="store_true", help="begin anew where an earlier run's model lies")
    parser.add_argument("--list", action="store_true", help="print what would be learned from, and what not and why")
    parser.add_argument("--only", help="train on the materials whose name contains this")
    parser.add_argument("--materials", type=Path, help="text file of the material names to train on, instead of all")
    parser.add_argument(
        "--half", action="store_true", help="see of each only what `training.evaluate` lets methods see"
    )
    parser.add_argument("--exclude", type=Path, help="text file of material names to leave out")
    parser.add_argument("--batch", type=int, help="crops a step (8; classic: 128)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or mps")
    parser.add_argument("--cells", type=int, help="generator: latent cells a side of a training crop (32)")
    parser.add_argument("--codec", type=Path, help="generator: the codec to use instead of the bundled one")
    parser.add_argument("--learning-rate", type=float, help="the network's highest; others in proportion")
    parser.add_argument(
        "--start-from", type=Path, help="model file whose weights (generator: layouts) to begin with; not for classic"
    )
    parser.add_argument(
        "--adversarial-from", type=float, help="share of the run before the critic (0.4; estimator 0.6, cleaner 0.5)"
    )
    parser.add_argument("--faithful", action="store_const", const=True, help="classic: a dense layer; does not tile")
    parser.add_argument("--log-every", type=int, default=50)
    parser.add_argument("--save-every", type=int, help="steps between checkpoints (five minutes; classic: 50 steps)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
