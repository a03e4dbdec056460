"""How well pictures are improved, measured on small ones."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.sets import grain, write_sets
from tests.tiny import tiny_networks
from texgan_core import improve
from texgan_core.errors import RequestError
from texgan_core.improve import Improvement
from texgan_core.maps import CHANNELS, MAPS, picture_from_stack
from texgan_core.normals import from_slopes
from texgan_core.pictures import write_picture
from texgan_core.synthesize import TextureSet
from training.comparisons import Compared, centred, rerolling, rule_of_thumb, shading, strips
from training.evaluate import Subject, load_subjects
from training.evaluate_improve import TASKS, main, medians


def test_methods_are_compared_on_all_tasks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")  # no G'MIC, whether or not it is installed
    monkeypatch.setattr(improve, "bundled", tiny_networks(tmp_path).get)
    write_sets(tmp_path / "data", 384)
    (tmp_path / "names.txt").write_text("walls/bricks\nsoil/grain\n")
    folders = ["--data", str(tmp_path / "data"), "--out", str(tmp_path / "out")]
    assert main([*folders, "--materials", str(tmp_path / "names.txt"), "--size", "192"]) == 0
    result = json.loads((tmp_path / "out" / "figures.json").read_text())
    assert json.loads(capsys.readouterr().out) == result["medians"]
    closing = result["materials"]["soil/grain"]["closing"]
    assert list(closing) == ["as it is", "improve", "periodic"]
    assert closing["as it is"]["kept"] == 1 and closing["as it is"]["seam_x"] > 1.5 > closing["periodic"]["seam_x"]
    assert 0 < closing["improve"]["kept"] < 1
    estimating = result["materials"]["walls/bricks"]["estimating"]
    assert set(estimating) == {"improve", "constant", "rule of thumb", "rule at its best"}
    assert set(estimating["improve"]) == {"normal", "roughness", "height", "metallic"}
    assert set(result["medians"]) == set(TASKS)
    for factor in (2, 4):
        enlarged = result["materials"]["soil/grain"][f"upscaling {factor}"]
        assert set(enlarged) == {"real", "improve", "bicubic", "lanczos"}
        assert enlarged["real"]["psnr"] == 99 and enlarged["real"]["consistency"] < 1e-3
        assert enlarged["bicubic"]["consistency"] > enlarged["improve"]["consistency"]
    assert set(result["materials"]["soil/grain"]["cleaning"]) == {"clean", "worn", "improve"}
    lit = result["materials"]["soil/grain"]["lighting"]
    assert lit["lit"]["psnr"] < lit["improve"]["psnr"] < lit["even"]["psnr"]
    sheets = {path.stem for path in (tmp_path / "out").glob("*.png")}
    assert sheets == {task.replace(" ", "_") for task in TASKS if task != "estimating"}


def test_some_tasks_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_sets(tmp_path / "data", 384)
    (tmp_path / "names.txt").write_text("soil/grain\n")
    options = ["--data", str(tmp_path / "data"), "--materials", str(tmp_path / "names.txt"), "--size", "192"]
    assert main([*options, "--out", str(tmp_path / "out"), "--tasks", "lighting"]) == 0
    assert list(json.loads(capsys.readouterr().out)) == ["lighting"]
    assert main([*options, "--out", str(tmp_path / "out"), "--tasks", "polishing"]) == 2
    assert "no task named 'polishing'; choose from closing" in capsys.readouterr().err


def test_parts_need_be_neither_square_nor_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was found before a task fails is kept."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(improve, "bundled", tiny_networks(tmp_path).get)
    for name, height, width in (("wide", 200, 256), ("tall", 300, 200)):
        picture = np.repeat(grain(320, 3)[:height, :width, None], 3, 2)
        write_picture(tmp_path / "data" / f"{name}.png", picture)
    (tmp_path / "names.txt").write_text("wide\ntall\n")
    options = ["--data", str(tmp_path / "data"), "--materials", str(tmp_path / "names.txt"), "--size", "256"]
    options += ["--out", str(tmp_path / "out"), "--tasks", "lighting,closing,rerolling,upscaling 4"]
    broken = RequestError("broken")

    def fail(subject: Subject) -> Compared:
        raise broken

    monkeypatch.setitem(TASKS, "upscaling 4", fail)
    assert main(options) == 2
    assert "broken" in capsys.readouterr().err
    result = json.loads((tmp_path / "out" / "figures.json").read_text())
    assert list(result["materials"]["wide"]) == list(result["medians"]) == ["lighting", "closing", "rerolling"]
    with Image.open(tmp_path / "out" / "rerolling.png") as sheet:
        assert sheet.size == (3 * 256, 200 + 256)


def test_both_seeds_of_a_disc_made_anew_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_sets(tmp_path / "data", 256)
    (subject,) = load_subjects(tmp_path / "data", frozenset({"soil/grain"}), 128)

    def made(name: str, maps: dict, wanted: Improvement, device: str, region: np.ndarray) -> TextureSet:
        color = maps["base_color"] if wanted.seed else np.roll(maps["base_color"], 1, 2)
        return TextureSet({"base_color": color}, {})

    monkeypatch.setattr("training.comparisons.improve_set", made)
    figures = rerolling(subject).figures
    assert figures["improve"]["quality"] > figures["as it is"]["quality"] + 0.1


def test_light_is_uneven_around_one() -> None:
    light = shading((256, 192), 3)
    assert light.shape == (256, 192)
    assert abs(light.mean() - 1) < 0.02 and 0.15 < np.ptp(light) / 2 < 0.8


def test_brightness_that_is_height_is_found() -> None:
    """Bumps lit from everywhere: the rule of thumb is right, at the right steepness."""
    height = grain(96, 0)
    slopes = np.stack([np.roll(height, 1, 1) - np.roll(height, -1, 1), np.roll(height, -1, 0) - np.roll(height, 1, 0)])
    stack = np.zeros((CHANNELS, 96, 96), np.float32)
    stack[MAPS["normal"].span] = from_slopes(slopes / 2 * 8)
    normal = picture_from_stack(stack, "normal")
    assert rule_of_thumb(height, normal, 8.0) < 0.1
    assert rule_of_thumb(height, normal, 1.0) > 1
    assert rule_of_thumb(np.full((96, 96), 0.5), normal, 8.0) > 1


def test_strips_lie_around_the_border() -> None:
    picture = np.zeros((200, 300, 3))
    picture[0], picture[:, 0] = 1, 1
    assert centred(picture)[100, 150, 0] == 1
    upright, lying = strips(picture)
    assert upright.shape == (200, 128, 3) and lying.shape == (128, 300, 3)
    assert upright[:, 64].all() and lying[64].all()


def test_seams_out_of_range_are_counted() -> None:
    rows = {"closing": {"a": {"seam_x": 1.0, "seam_y": 1.6}}, "estimating": {}}
    assert medians({"one": rows, "two": rows})["closing"]["a"] == {
        "seam_x": 1.0,
        "seam_y": 1.6,
        "seams out of range": 2,
    }


def test_of_bands_mean_and_worst_are_told_as_well() -> None:
    one, two, three = ({"closing": {"a": {"seam_x": 1.0, "seam_y": 1.0, "band": band}}} for band in (0.9, 1.0, 1.4))
    found = medians({"one": one, "two": two, "three": three})["closing"]["a"]
    assert (found["band"], found["band, mean"], found["band, worst"]) == (1.0, 1.1, 1.4)
