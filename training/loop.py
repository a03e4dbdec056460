"""The loop around a stage: time, log, checkpoints, and noticing when training goes wrong."""

import csv
import math
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch

from texgan_core.errors import TrainingError
from texgan_core.pictures import write_picture
from texgan_core.precision import mixed_precision
from texgan_core.team import Team

COLLAPSED = 0.15
"""A generator whose seeds differ by less than this share of what real crops differ by has collapsed."""
ALIVE = 0.4
"""Collapse is only said of a generator that had this diversity once; early on, all seeds look alike."""


class Stage(Protocol):
    """What the loop needs of a stage; `state` holds all that a checkpoint must bring back."""

    state: dict[str, Any]
    save_every: int
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


@dataclass
class Progress:
    """How far a run has come, as the checkpoint keeps it."""

    step: int = 0
    seconds: float = 0.0
    best_diversity: float = 0.0


def run(stage: Stage, budget: Budget, files: Files, team: Team, resume: bool, log_every: int, save_every: int) -> None:
    """Train until the budget is spent; the model file is written with every checkpoint.

    Raises:
        TrainingError: a loss is no longer a number or the generator has collapsed (the model of the
            checkpoint before is kept), or there is nothing to resume.
    """
    files.folder.mkdir(parents=True, exist_ok=True)
    progress = _load(stage, files.checkpoint) if resume else Progress()
    last = time.monotonic()
    while (fraction := budget.fraction(progress.step, progress.seconds)) < 1:
        with mixed_precision(stage.device):
            losses = team.average(stage.step(progress.step, fraction))
        _check_finite(losses, progress.step, files)
        progress.step += 1
        now = time.monotonic()
        # All must end at the same step, so all go by one clock.
        progress.seconds = team.average({"seconds": progress.seconds + now - last})["seconds"]
        last = now
        done = budget.fraction(progress.step, progress.seconds) >= 1
        if team.leads and (progress.step % log_every == 0 or progress.step == 1 or done):
            _report(files.log, progress, budget, losses)
        if team.leads and (progress.step % save_every == 0 or done):
            _keep(stage, progress, files)
    team.meet()


def _keep(stage: Stage, progress: Progress, files: Files) -> None:
    """Write model, sheet and checkpoint, unless the generator has collapsed."""
    check_collapse(stage.diversity(), progress, files)
    stage.export(files.model)
    write_picture(files.sheet(progress.step), stage.sheet())
    parts = {name: part.state_dict() for name, part in stage.state.items()}
    unfinished = files.checkpoint.with_suffix(".part")
    torch.save({"progress": vars(progress), "parts": parts}, unfinished)
    os.replace(unfinished, files.checkpoint)


def check_collapse(diversity: float | None, progress: Progress, files: Files) -> None:
    """Notice a generator whose pictures have come to look alike; None is for what makes no pictures.

    Raises:
        TrainingError: it was alive once and has collapsed.
    """
    if diversity is None:
        return
    print(f"diversity {diversity:.2f}", flush=True)
    progress.best_diversity = max(progress.best_diversity, diversity)
    if diversity < COLLAPSED and progress.best_diversity > ALIVE:
        raise TrainingError(
            f"The generator collapsed by step {progress.step}: its pictures all look alike (diversity "
            f"{diversity:.2f}). The last good model is kept in {files.model}; lower the learning rate."
        )


def _load(stage: Stage, path: Path) -> Progress:
    if not path.exists():
        raise TrainingError(f"There is no checkpoint to resume at {path}; start without --resume.")
    saved = torch.load(path, map_location="cpu", weights_only=True)
    if saved["parts"].keys() != stage.state.keys():
        raise TrainingError(f"{path} was written by another stage of training.")
    for name, part in stage.state.items():
        part.load_state_dict(saved["parts"][name])
    return Progress(**saved["progress"])


def _check_finite(losses: dict[str, float], step: int, files: Files) -> None:
    bad = [name for name, value in losses.items() if not math.isfinite(value)]
    if bad:
        raise TrainingError(
            f"Training diverged at step {step}: {bad[0]} is not a number. The last good model is kept in "
            f"{files.model}; go on with --resume and a lower learning rate."
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
