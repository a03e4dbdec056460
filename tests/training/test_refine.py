"""Latents refined for their decoder, and networks averaged."""

from pathlib import Path

import numpy as np
import pytest
import torch

from tests.tiny import tiny_codec, tiny_generator
from texgan_core.calibration import Calibration
from texgan_core.maps import MAPS
from texgan_core.materials import find_materials, load_material
from texgan_core.model_file import read_card, read_model_file, write_model_file
from texgan_core.networks import read_codec
from training.average import main
from training.refine import RefiningEncoder

ASSETS = Path(__file__).parents[1] / "assets"


def test_a_refined_latent_draws_normals_better_and_colours_as_before(tmp_path) -> None:
    codec = tiny_codec(tmp_path)
    encoder, decoder = read_codec(codec, "circular")
    material = load_material(find_materials(ASSETS)[0])
    stack = torch.from_numpy(material.stack[:, :64, :64].astype(np.float32))[None]
    known = torch.from_numpy(material.known_flags())[None]
    with torch.inference_mode():
        plain, refined = (e(stack, known) for e in (encoder, RefiningEncoder(encoder, decoder)))
        before, after = decoder(plain), decoder(refined)
    normal, color = MAPS["normal"].span, MAPS["base_color"].span
    error_before, error_after = ((drawn - stack)[:, normal].abs().mean() for drawn in (before, after))
    assert error_after < error_before
    assert (after - before)[:, color].abs().mean() < (before - stack)[:, color].abs().mean() / 4
    assert torch.allclose(refined.square().mean(1), torch.ones(1, 8, 8), atol=1e-2)


def other_codec(tmp_path: Path, codec: Path) -> Path:
    file = read_model_file(codec)
    write_model_file(tmp_path / "other.safetensors", file.card, {n: t + 1 for n, t in file.tensors.items()})
    return tmp_path / "other.safetensors"


def test_the_average_lies_between(tmp_path) -> None:
    codec = tiny_codec(tmp_path)
    other, out = other_codec(tmp_path, codec), tmp_path / "mean.safetensors"
    assert main([str(codec), "3", str(other), "1", "--out", str(out)]) == 0
    first, mean = read_model_file(codec).tensors, read_model_file(out).tensors
    assert all(np.abs(mean[name] - first[name] - 0.25).max() < 1e-2 for name in first)
    assert read_card(out)["name"] == "mean" and read_codec(out)


def test_the_average_of_generators_is_a_generator_with_the_credits_of_all(tmp_path) -> None:
    generator = tiny_generator(tmp_path)
    file = read_model_file(generator)
    for name, licence in (("a", "CC0-1.0"), ("b", "CC0-1.0"), ("c", "private")):
        card = file.card | {"licence": licence, "training_materials": [name, "d"], "attributions": {name: f"by {name}"}}
        write_model_file(tmp_path / f"{name}.safetensors", card, file.tensors)
    a, b, c, out = (str(tmp_path / f"{name}.safetensors") for name in ("a", "b", "c", "out"))
    assert main([a, "1", b, "1", "--out", out]) == 0
    mean = read_model_file(Path(out))
    assert Calibration(mean.tensors["calibrations"][0])
    assert mean.card["training_materials"] == ["a", "d", "b"]
    assert mean.card["attributions"] == {"a": "by a", "b": "by b"} and mean.card["licence"] == "CC0-1.0"
    assert main([a, "1", c, "1", "--out", out]) == 0
    assert "licence" not in read_card(Path(out))
    write_model_file(tmp_path / "b.safetensors", file.card | {"styles": ["x", "y", "z"]}, file.tensors)
    assert main([str(generator), "1", b, "1", "--out", out]) == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["codec", "1", "generator", "1"], "is not of the same form"),
        (["codec", "1", "codec"], "Name each network with its weight"),
        (["codec", "1", "codec", "0"], "needs a weight above 0"),
    ],
)
def test_what_has_no_average_is_said(tmp_path, capsys, words, said) -> None:
    paths = {"codec": str(tiny_codec(tmp_path)), "generator": str(tiny_generator(tmp_path))}
    out = tmp_path / "mean.safetensors"
    assert main([*(paths.get(word, word) for word in words), "--out", str(out)]) == 2
    assert said in capsys.readouterr().err and not out.exists()
