"""The mirror of a codec, by least squares."""

from pathlib import Path

import numpy as np
import pytest

from tests.sets import write_sets
from tests.tiny import TINY, tiny_codec
from texgan_core.encode import encode, mirrored_material
from texgan_core.mirror import mirrored
from texgan_core.model_file import read_card
from texgan_core.networks import read_codec, read_mirror
from training.choose import load_materials
from training.mirror import main


def test_it_makes_of_latents_those_of_mirrored_pictures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    codec, out = tiny_codec(tmp_path), tmp_path / "mirror.safetensors"
    write_sets(tmp_path / "data", 128)
    assert main(["--data", str(tmp_path / "data"), "--codec", str(codec), "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert read_card(out)["codec"] == read_card(codec)["hash"] and len(read_card(out)["training_materials"]) > 1
    kernel, encoder = read_mirror(out), read_codec(codec)[0]
    assert kernel.shape[:2] == (TINY.latent_channels,) * 2
    errors, plain = [], []
    for material in load_materials(tmp_path / "data"):
        latent, _ = encode(encoder, material, (True, True))
        target, _ = encode(encoder, mirrored_material(material), (True, True))
        errors.append(np.square(mirrored(latent, (True, True), kernel) - target).mean())
        plain.append(np.square(latent[:, :, ::-1] - target).mean())
    assert np.mean(errors) < 0.7 * np.mean(plain)
    assert float(said.split(";")[1].split()[0]) < 1.2 * np.mean(errors) + 0.05


def test_no_materials_are_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "data").mkdir()
    given = ["--codec", str(tiny_codec(tmp_path)), "--out", str(tmp_path / "out.safetensors")]
    assert main(["--data", str(tmp_path / "data"), *given]) == 2
    assert capsys.readouterr().err.startswith("mirror: ") and not (tmp_path / "out.safetensors").exists()
