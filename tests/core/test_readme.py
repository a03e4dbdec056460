"""The README's commands and Python, run as they stand there, at a smaller size."""

import json
import re
import shlex
from pathlib import Path

import numpy as np
import pytest

from texgan_core.cli import main
from texgan_core.library import load_model
from texgan_core.pictures import write_picture
from texgan_core.synthesize import TextureRequest, synthesize

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
COMMANDS = [shlex.split(line)[1:] for line in README.splitlines() if line.startswith("texgan ")]
MAKES = ("generate", "variations")
"""Commands that take a size."""


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with the pictures that the README speaks of."""
    grain = np.random.default_rng(0).random((160, 160, 3))
    for name in ("my_wall.jpg", "the_same_wall.jpg"):
        write_picture(tmp_path / name, grain)
    mask = np.zeros((160, 160, 3))
    mask[40:100, 40:100] = 1
    write_picture(tmp_path / "mask.png", mask)
    (tmp_path / "bricks").mkdir()
    write_picture(tmp_path / "bricks" / "Bricks097_basecolor.png", grain)
    bricks = TextureRequest((128, 64), maps=("base_color",))
    record = json.dumps(synthesize(load_model("Bricks097"), bricks).record)
    (tmp_path / "bricks" / "Bricks097_texgan.json").write_text(record)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_there_are_some() -> None:
    assert {command[0] for command in COMMANDS} >= {*MAKES, "models", "info", "measure", "doctor"}


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_command(here, capsys, command) -> None:
    smaller = ["--size", "128"] if command[0] in MAKES else []
    assert main([*command, *smaller]) == 0
    assert capsys.readouterr().out
    if command[0] in MAKES:
        assert list((here / command[command.index("--out") + 1]).glob("*.png"))


def test_python() -> None:
    (code,) = [c for c in re.findall(r"```python\n(.*?)```", README, re.DOTALL) if "bpy" not in c]
    made: dict[str, object] = {}
    exec(code.replace("(1024, 512)", "(128, 64)"), made)
    assert made["textures"].maps["base_color"].shape == (64, 128, 3)
