"""Which materials are learned from, and what is said of those that are not."""

import unicodedata
from pathlib import Path

import numpy as np
import pytest

from tests.sets import grain, write_sets
from texgan_core.errors import TrainingError
from texgan_core.pictures import write_picture
from training.choose import Choice, load_materials, read_names
from training.listing import listing
from training.train import main

LISTS = Path(__file__).parents[2] / "training"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write_sets(tmp_path / "sets", size=128)


def write_color(path: Path, width: int, height: int) -> None:
    write_picture(path, np.repeat(grain(max(width, height), 3)[:height, :width, None], 3, 2))


def names(folder: Path, choice: Choice) -> list[str]:
    return [material.name for material in load_materials(folder, choice)]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_lists_of_names_may_come_from_any_editor(data: Path, tmp_path: Path, form: str) -> None:
    (data / "walls" / "bricks").rename(data / "walls" / unicodedata.normalize(form, "Gebäude"))
    excluded = tmp_path / "excluded.txt"
    for other in ("NFC", "NFD"):
        excluded.write_text("\ufeff" + unicodedata.normalize(other, "walls/Gebäude") + "\r\n", "utf-8")
        assert names(data, Choice(exclude=read_names(excluded))) == ["soil/grain"]


@pytest.mark.parametrize("field", ["names", "exclude"])
def test_a_name_that_matches_nothing_is_an_error(data: Path, field: str) -> None:
    with pytest.raises(TrainingError, match=r"walls/brick is not in .*\(nor 1 more\)"):
        load_materials(data, Choice(**{field: frozenset({"walls/brick", "walls/wall", "soil/grain"})}))


def test_an_unreadable_list_is_said_and_an_empty_one_is_not_all(data: Path, tmp_path: Path) -> None:
    (tmp_path / "latin.txt").write_bytes("Gebäude".encode("latin-1"))
    for path in (tmp_path / "latin.txt", tmp_path / "none.txt"):
        with pytest.raises(TrainingError, match="cannot be read"):
            read_names(path)
    with pytest.raises(TrainingError, match="No material was named"):
        load_materials(data, Choice(names=frozenset()))


def test_unusable_materials_are_left_out_and_all_told_of(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_color(data / "small" / "basecolor.png", 200, 40)
    write_picture(data / "bare" / "normal_gl.png", np.full((128, 128, 3), 0.5))
    (data / "broken").mkdir()
    (data / "broken" / "basecolor.png").write_bytes(b"no picture")
    assert names(data, Choice(side=96)) == ["soil/grain", "walls/bricks"]
    first, *lines = capsys.readouterr().err.strip().splitlines()
    assert first == "3 of 5 materials are left out:"
    assert [line.split(":")[0].strip() for line in lines] == ["bare", "broken/basecolor", "small/basecolor"]
    assert "no base color" in lines[0] and "200 x 40 pixels" in lines[2]
    with pytest.raises(TrainingError, match="No material is left"):
        load_materials(data, Choice(side=500))


def test_what_plain_pictures_lack_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_color(tmp_path / "photos" / "a.png", 160, 160)
    write_color(tmp_path / "photos" / "b.png", 160, 160)
    options = ["--stage", "estimator", "--data", str(tmp_path / "photos"), "--out", str(tmp_path / "e.safetensors")]
    assert main([*options, "--steps", "1", "--device", "cpu"]) == 2
    said = capsys.readouterr().err
    assert "no normal map" in said and said.strip().endswith("train: No material is left to train on.")


def test_large_pictures_are_learned_from_as_they_are_encoded(tmp_path: Path) -> None:
    write_color(tmp_path / "large" / "large.png", 2048, 1536)
    write_color(tmp_path / "large" / "small.png", 200, 150)
    large, small = load_materials(tmp_path / "large")
    assert large.stack.shape[1:] == (768, 1024) and large.stack.dtype == np.float16
    assert small.stack.shape[1:] == (150, 200)


def test_a_folder_can_be_looked_at_first(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (data / "soil" / "grain" / "normal_gl.png").rename(data / "soil" / "grain" / "normal_dx.png")
    write_color(data / "photo" / "photo.png", 200, 150)
    assert main(["--stage", "estimator", "--data", str(data), "--list"]) == 0
    photo, soil, walls = capsys.readouterr().out.strip().splitlines()
    assert photo.startswith("photo") and "left out: It has no normal map" in photo
    assert "128 x 128" in soil and "tiles " in soil and "normal (DirectX), roughness" in soil
    assert "normal (OpenGL)" in walls
    assert listing(data, Choice(only="photo")).endswith("200 x 150    tiles in x  base_color")
