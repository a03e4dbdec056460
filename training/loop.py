"""The loop around a stage: time, log, checkpoints, and noticing when training goes wrong or is to stop."""

import csv
import math
import os
import pickle
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from torch import nn

from texgan_core.errors import TrainingError
from texgan_core.pictures import write_picture
from texgan_core.precision import mixed_precision
from texgan_core.team import Team

COLLAPSED = 0.15
"""A generator whose seeds differ by less than this share of what real crops differ by has collapsed."""
ALIVE = 0.4
"""Collapse is only said of a generator that had this diversity once; early on, all seeds look alike."""
WILD = torch.finfo(torch.float16).max
"""A weight beyond what a model file can hold is of a network that has diverged, even if its losses were numbers."""
SAVE_SECONDS = 300.0
"""Between checkpoints, unless they are counted in steps."""


class Stopped(TrainingError):
    """Training was asked to stop, and has saved what it had."""


class Stage(Protocol):
    """What the loop needs of a stage: `kind`, `names` of what it learns from, and `state`, which holds all that a
    checkpoint must bring back."""

    kind: str
    names: list[str]
    state: dict[str, Any]
    device: torch.device

    def step(self, step: int, fraction: float) -> dict[str, float]: ...

    def diversity(self) -> float | None: ...

    def export(self, path: Path) -> None: ...

    def sheet(self) -> np.ndarray: ...


@dataclass(frozen=True)
class Budget:
    """When to end: after so many steps, or so many minutes of training over all resumed parts."""

    steps: int | None = None
    minutes: float | None = None

    def fraction(self, step: int, seconds: float) -> float:
        by_steps = step / self.steps if self.steps else 0.0
        by_time = seconds / (self.minutes * 60) if self.minutes else 0.0
        return max(by_steps, by_time)


@dataclass(frozen=True)
class Files:
    """Where a run writes: the model, and beside it a folder with checkpoint, log and sample sheets."""

    model: Path

    @property
    def folder(self) -> Path:
        return self.model.with_suffix(".run")

    @property
    def checkpoint(self) -> Path:
        return self.folder / "checkpoint.pt"

    @property
    def log(self) -> Path:
        return self.folder / "log.csv"

    def sheet(self, step: int) -> Path:
        return self.folder / f"step_{step:07d}.png"

    def check_free(self) -> None:
        """Raises TrainingError: an earlier run's model or checkpoint lies where a new run would write its own."""
        kept = [path for path in (self.checkpoint, self.model) if path.exists()]
        if kept:
            raise TrainingError(
                f"{kept[0]} is there already; go on from it with --resume, give another --out, or begin anew in its "
                "place with --overwrite."
            )

    def begin(self) -> None:
        """Make the folder, without what an earlier run left in it; its model stays until there is a new one."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for path in (self.checkpoint, self.log, *self.folder.glob("step_*.png")):
            path.unlink(missing_ok=True)


@dataclass
class Progress:
    """How far a run has come, as the checkpoint keeps it."""

    step: int = 0
    seconds: float = 0.0
    best_diversity: float = 0.0


@contextmanager
def listening() -> Iterator[Callable[[], bool]]:
    """Inside, Ctrl-C and SIGTERM end nothing; what is given says whether one has come."""
    heard: list[int] = []
    signals = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, lambda number, frame: heard.append(number)) for number in signals}
    try:
        yield lambda: bool(heard)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def run(
    stage: Stage, budget: Budget, files: Files, team: Team, resume: bool, log_every: int, save_every: int | None
) -> None:
    """Train until the budget is spent; the model file is written with every checkpoint, every `save_every` steps, or
    every few minutes if that is None.

    Raises:
        TrainingError: a loss or a weight is no longer a number or the generator has collapsed (checkpoint and model
            of before are kept), or there is nothing to resume. Stopped: by Ctrl-C or SIGTERM, after saving.
    """
    progress = _load(stage, files.checkpoint) if resume else Progress()
    if team.leads and not resume:
        files.begin()
    last = saved = time.monotonic()
    stopped = False
    with listening() as asked_to_stop:
        while not stopped and (fraction := budget.fraction(progress.step, progress.seconds)) < 1:
            with mixed_precision(stage.device):
                losses = team.average(stage.step(progress.step, fraction))
            _check_losses(losses, progress.step, files)
            progress.step += 1
            now = time.monotonic()
            # All must end at the same step, so all go by one clock, and stop when one is asked to.
            shared = team.average({"seconds": progress.seconds + now - last, "asked": float(asked_to_stop())})
            progress.seconds, last = shared["seconds"], now
            done = budget.fraction(progress.step, progress.seconds) >= 1
            stopped = shared["asked"] > 0 and not done
            if team.leads and (progress.step % log_every == 0 or progress.step == 1 or done):
                _report(files.log, progress, budget, losses)
            due = progress.step % save_every == 0 if save_every else now - saved >= SAVE_SECONDS
            if team.leads and (due or done or stopped):
                _keep(stage, progress, files)
                saved = now
    team.meet()
    if stopped:
        raise Stopped(f"Stopped after step {progress.step}, which is saved; go on with --resume.")


def _keep(stage: Stage, progress: Progress, files: Files) -> None:
    """Write checkpoint, model and sheet, unless the networks have diverged or the generator has collapsed."""
    _check_weights(stage, progress.step, files)
    check_collapse(stage.diversity(), progress, files)
    parts = {name: part.state_dict() for name, part in stage.state.items()}
    unfinished = files.checkpoint.with_suffix(".part")
    saved = {"stage": stage.kind, "materials": stage.names, "progress": vars(progress), "parts": parts}
    torch.save(saved, unfinished)
    os.replace(unfinished, files.checkpoint)
    stage.export(files.model)
    write_picture(files.sheet(progress.step), stage.sheet())


def check_collapse(diversity: float | None, progress: Progress, files: Files) -> None:
    """Notice a generator whose pictures have come to look alike; None is for what makes no pictures.

    Raises:
        TrainingError: it was alive once and has collapsed.
    """
    if diversity is None:
        return
    print(f"diversity {diversity:.2f}", flush=True)
    if not math.isfinite(diversity):
        raise _diverged("what the generator makes", progress.step, files)
    progress.best_diversity = max(progress.best_diversity, diversity)
    if diversity < COLLAPSED and progress.best_diversity > ALIVE:
        raise TrainingError(
            f"The generator collapsed by step {progress.step}: its pictures all look alike (diversity "
            f"{diversity:.2f}). The last good model is kept in {files.model}; lower the learning rate."
        )


def _load(stage: Stage, path: Path) -> Progress:
    if not path.exists():
        raise TrainingError(f"There is no checkpoint to resume at {path}; start without --resume.")
    try:
        saved = torch.load(path, map_location="cpu", weights_only=True)
        of, materials, parts, progress = (saved[key] for key in ("stage", "materials", "parts", "progress"))
    except (RuntimeError, EOFError, KeyError, TypeError, pickle.UnpicklingError) as error:
        raise TrainingError(f"{path} is damaged or of another version; start anew with --overwrite.") from error
    if of != stage.kind:
        raise TrainingError(f"{path} is of a run with --stage {of}, not {stage.kind}; resume it as it was started.")
    other = sorted(set(materials) ^ set(stage.names))
    if other:
        raise TrainingError(
            f"{path} is of a run on other materials ({other[0]} is not in both); resume it with the same ones, or take "
            "its model into a new run with --start-from."
        )
    try:
        for name, part in stage.state.items():
            part.load_state_dict(parts[name])
    except (RuntimeError, ValueError, KeyError) as error:
        raise TrainingError(
            f"{path} is of a run with other settings, whose networks have other sizes; resume it as it was started."
        ) from error
    return Progress(**progress)


def _check_losses(losses: dict[str, float], step: int, files: Files) -> None:
    bad = [name for name, value in losses.items() if not math.isfinite(value)]
    if bad:
        raise _diverged(bad[0], step, files)


def _check_weights(stage: Stage, step: int, files: Files) -> None:
    """The losses were those of the weights before the last update."""
    for name, part in stage.state.items():
        for tensor in part.state_dict().values() if isinstance(part, nn.Module) else ():
            if tensor.is_floating_point() and not bool((tensor.abs() <= WILD).all()):
                raise _diverged(f"a weight of the {name}", step, files)


def _diverged(what: str, step: int, files: Files) -> TrainingError:
    kept = f"Checkpoint and model of before are kept in {files.folder} and {files.model}; go on with --resume and"
    advice = kept if files.checkpoint.exists() else "Nothing had been saved yet; begin again with"
    return TrainingError(
        f"Training diverged at step {step}: {what} is no sensible number any more. {advice} a lower --learning-rate."
    )


def _report(path: Path, progress: Progress, budget: Budget, losses: dict[str, float]) -> None:
    fraction = budget.fraction(progress.step, progress.seconds)
    left = progress.seconds / fraction * (1 - fraction)
    figures = "  ".join(f"{name} {value:.4f}" for name, value in losses.items())
    rate = progress.step / progress.seconds
    print(f"step {progress.step}  {rate:.2f} steps/s  {left:.0f} s left  {figures}", flush=True)
    new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        if new:
            writer.writerow(["step", "seconds", "figure", "value"])
        writer.writerows([progress.step, f"{progress.seconds:.1f}", k, f"{v:.6g}"] for k, v in losses.items())
