"""Evaluation from a folder of materials to the table, with a random codec; and the baselines it compares with."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.sets import grain, write_sets
from tests.tiny import tiny_classic_model, tiny_codec, tiny_style_model
from texgan_core.errors import TrainingError
from texgan_core.measure import seam
from texgan_core.model_file import read_model_file, write_model_file
from texgan_core.periodic import periodic_component
from training.baselines import has_gmic, plain_tile, syntexturize
from training.evaluate import crops, load_subjects, main, models_by_material, pictures_by_file
from training.publish import Credits, publish_generator
from training.sheet import EMPTY, MARGIN, picture_sheet


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two materials, the names of both, a codec, and a classic network that says it knows the bricks."""
    folder = tmp_path_factory.mktemp("workshop")
    write_sets(folder / "data", 256)
    (folder / "names.txt").write_text("walls/bricks  # a wall\nsoil/grain\n")
    tiny_codec(folder)
    classic = tiny_classic_model(folder / "classics")
    file = read_model_file(classic)
    write_model_file(classic, file.card | {"training_materials": ["walls/bricks"]}, file.tensors)
    return folder


def evaluate(workshop: Path, out: Path, *more: str, names: str = "names.txt") -> int:
    folders = ["--data", str(workshop / "data"), "--classics", str(workshop / "classics"), "--out", str(out)]
    models = ["--codec", str(workshop / "codec.safetensors"), "--materials", str(workshop / names)]
    return main([*folders, *models, "--size", "128", *more])


def test_all_methods_are_compared(
    workshop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")  # no G'MIC, whether or not it is installed
    assert evaluate(workshop, tmp_path, "--json") == 0
    result = json.loads(capsys.readouterr().out)
    assert result == json.loads((tmp_path / "evaluation.json").read_text())
    bricks, soil = (result["materials"][name]["methods"] for name in ("walls/bricks", "soil/grain"))
    assert list(bricks) == ["real", "reconstruction", "resynthesis", "classic", "plain tile", "periodic"]
    assert "classic" not in soil
    assert "noise" not in bricks
    assert soil["real"]["quality_ratio"] == pytest.approx(1, abs=0.3)
    # The codec is random, so what it makes is no material.
    assert soil["resynthesis"]["quality_ratio"] > 2
    assert soil["reconstruction"]["psnr"] < 25
    assert 0 < soil["reconstruction"]["normal_angle"] < 180
    assert soil["plain tile"]["copying"] > 0.8
    assert soil["plain tile"]["repetition"] > 0.5
    assert result["medians"]["real"]["quality_ratio"] == pytest.approx(
        np.mean([bricks["real"]["quality_ratio"], soil["real"]["quality_ratio"]])
    )
    with Image.open(tmp_path / "evaluation.png") as sheet:
        assert sheet.width > 6 * 128


def test_chosen_methods_alone_are_compared(workshop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluate(workshop, tmp_path, "--json", "--methods", "plain tile, periodic") == 0
    materials = json.loads(capsys.readouterr().out)["materials"]
    assert {tuple(entry["methods"]) for entry in materials.values()} == {("plain tile", "periodic")}
    assert evaluate(workshop, tmp_path, "--methods", "magic") == 2
    assert "no method named 'magic'; choose from real" in capsys.readouterr().err


def test_processes_that_share_the_materials_find_the_same(
    workshop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    assert evaluate(workshop, tmp_path / "one", "--json") == 0
    one = json.loads(capsys.readouterr().out)["medians"]
    assert evaluate(workshop, tmp_path / "two", "--json", "--jobs", "2") == 0
    two = json.loads(capsys.readouterr().out)["medians"]
    for method, figures in one.items():
        assert two[method] == pytest.approx(figures, rel=1e-3, abs=1e-3)


def test_published_styles_are_found_by_the_material_they_make(tmp_path: Path) -> None:
    source, bundle = tmp_path / "source", tmp_path / "bundle"
    tiny_codec(source)
    tiny_style_model(source)
    shutil.copytree(source, bundle, ignore=shutil.ignore_patterns("Tiny*"))
    credits = Credits("CC0-1.0", {})
    publish_generator(source / "generator.safetensors", frozenset({"a", "c"}), bundle, credits)
    assert models_by_material(bundle) == {n: bundle / f"{n}-noise.safetensors" for n in ("a", "c")}
    pictures = [pictures_by_file(path, 64, range(1))[0] for path in models_by_material(bundle).values()]
    assert np.abs(pictures[0] - pictures[1]).max() > 1e-3
    with pytest.raises(TrainingError, match="did not learn d"):
        publish_generator(source / "generator.safetensors", frozenset({"d"}), bundle, credits)


def test_styles_that_were_learned_are_found_too(tmp_path: Path) -> None:
    """Their cards name no material of their own: they are the first style of their generator."""
    path = tiny_style_model(tmp_path)
    file = read_model_file(path)
    write_model_file(path, file.card | {"training_materials": ["walls/bricks", "soil/grain"]}, file.tensors)
    assert models_by_material(tmp_path) == {"walls/bricks": path}


def test_the_halves_share_no_pixel_unless_the_material_is_small(workshop: Path) -> None:
    (cut,) = load_subjects(workshop / "data", frozenset({"soil/grain"}), 128)
    exemplar, reference = cut.halves
    np.testing.assert_array_equal(np.concatenate([exemplar.stack, reference.stack], 1), cut.material.stack)
    (small,) = load_subjects(workshop / "data", frozenset({"soil/grain"}), 200)
    assert small.halves[0] is small.halves[1] is small.material


def test_a_name_that_is_not_there_ends_in_a_sentence(
    workshop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (workshop / "wrong.txt").write_text("walls/none\n")
    assert evaluate(workshop, tmp_path, names="wrong.txt") == 2
    assert "walls/none is not in" in capsys.readouterr().err


def test_the_periodic_component_closes_a_crop_and_leaves_a_torus() -> None:
    torus = np.repeat(grain(128, 3)[..., None], 3, 2)
    crop = torus[:100, :90]
    assert min(seam(crop)) > 1.5
    closed = periodic_component(crop)
    assert max(seam(closed)) < 1.3
    np.testing.assert_allclose(closed.mean((0, 1)), crop.mean((0, 1)), atol=1e-3)
    flat = np.full((32, 32, 3), 0.25, np.float32)
    np.testing.assert_allclose(periodic_component(flat), flat, atol=1e-6)


def test_a_plain_tile_repeats() -> None:
    part = np.random.default_rng(0).random((40, 60, 3), np.float32)
    picture = plain_tile(part, 100)
    assert picture.shape == (100, 100, 3)
    np.testing.assert_array_equal(picture[40:80, 60:100], part[:, :40])


@pytest.mark.skipif(not has_gmic(), reason="G'MIC is not installed")
def test_gmic_makes_another_picture_for_another_seed() -> None:
    exemplar = np.repeat(grain(64, 3)[..., None], 3, 2)
    first, second = (syntexturize(exemplar, 96, seed) for seed in (1, 2))
    assert first.shape == (96, 96, 3)
    assert np.abs(first - second).mean() > 0.01


def test_crops_do_not_overlap() -> None:
    numbers = np.arange(20 * 30).reshape(20, 30)
    parts = crops(numbers, 10)
    assert len(parts) == 6
    assert len(np.unique(np.stack(parts))) == 600
    assert crops(numbers, 40)[0].shape == (20, 30)


def test_a_sheet_has_a_field_for_every_pair() -> None:
    red = np.zeros((300, 300, 3), np.float32)
    red[..., 0] = 1
    sheet = np.asarray(picture_sheet(["one", "two"], ["left", "right"], {("two", "right"): red}, side=64))
    assert (sheet == [255, 0, 0]).all(2).sum() == 64 * 64
    assert (sheet[-MARGIN - 64 : -MARGIN, MARGIN : MARGIN + 64] == EMPTY).all()
