"""Models published into a folder, with licence and attributions."""

from pathlib import Path

import pytest

from tests.sets import write_sets
from tests.tiny import tiny_codec, tiny_generator, tiny_mirror
from texgan_core.library import BUNDLED
from texgan_core.model_file import read_card, read_model_file, write_model_file
from texgan_core.networks import read_mirror
from training.publish import main


@pytest.fixture
def studio(tmp_path: Path) -> Path:
    """Two materials, their names, a codec that learned both, and a manifest of a licence of one's own."""
    write_sets(tmp_path / "data", 128)
    file = read_model_file(tiny_codec(tmp_path))
    names = ["soil/grain", "walls/bricks"]
    write_model_file(tmp_path / "codec.safetensors", file.card | {"training_materials": names}, file.tensors)
    (tmp_path / "names.txt").write_text("\n".join(names))
    rows = [f"pbr/{name}/basecolor.png,ours,Studio" for name in names]
    (tmp_path / "manifest.csv").write_text("\ufeff" + "\n".join(["path,attribution,licence", *rows]), "utf-8")
    return tmp_path


def publish(studio: Path, *more: str, out: Path | None = None) -> int:
    given = ["--attributions", str(studio / "manifest.csv"), "--codec", str(studio / "codec.safetensors")]
    folders = ["--data", str(studio / "data"), "--materials", str(studio / "names.txt")]
    return main([*given, *folders, "--out", str(out or studio / "out"), *more])


def test_own_materials_are_published_under_their_own_licence(studio: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert publish(studio) == 2
    assert "is under Studio, not CC0-1.0" in capsys.readouterr().err and not (studio / "out").exists()
    assert publish(studio, "--licence", "Studio", out=BUNDLED) == 2
    assert "bundled with TexGAN is under CC0-1.0" in capsys.readouterr().err
    assert publish(studio, "--licence", "Studio") == 0
    assert {path.stem for path in (studio / "out").iterdir()} == {"codec", "grain", "bricks"}
    card = read_card(studio / "out" / "grain.safetensors")
    assert card["licence"] == "Studio" and card["attributions"]["walls/bricks"] == "ours"


@pytest.mark.parametrize("suits", [True, False])
def test_a_material_that_looks_like_its_mirror_image_names_the_mirror(studio: Path, monkeypatch, suits: bool) -> None:
    mirror = tiny_mirror(studio)
    monkeypatch.setattr("training.publish.suited_mirror", lambda *_: read_mirror(mirror) if suits else None)
    assert publish(studio, "--licence", "Studio", "--mirror", str(mirror)) == 0
    grain = read_model_file(studio / "out" / "grain.safetensors")
    named = grain.tensors["mirror"].tobytes().hex() if suits else None
    assert named == (read_card(studio / "out" / "mirror.safetensors")["hash"] if suits else None)
    assert ("mirror" in grain.tensors) is suits


def test_where_to_must_be_said(studio: Path) -> None:
    with pytest.raises(SystemExit):
        main(["--attributions", str(studio / "manifest.csv"), "--codec", str(studio / "codec.safetensors")])


@pytest.mark.parametrize("name", ["ruins/Bricks", "walls/codec"])
def test_no_two_are_one_file(studio: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    (studio / "data" / name).parent.mkdir(exist_ok=True)
    (studio / "data" / "soil" / "grain").rename(studio / "data" / name)
    (studio / "names.txt").write_text(f"{name}\nwalls/bricks\n")
    assert publish(studio, "--licence", "Studio") == 2
    said = capsys.readouterr().err
    assert "would be one file" in said and name in said and not (studio / "out").exists()


def test_no_two_styles_are_one_file(studio: Path, capsys: pytest.CaptureFixture[str]) -> None:
    generator = tiny_generator(studio)
    file = read_model_file(generator)
    write_model_file(generator, file.card | {"styles": ["old/a", "new/a", "c"]}, file.tensors)
    (studio / "styles.txt").write_text("old/a\nnew/a\n")
    given = ["--generator", str(generator), "--styles", str(studio / "styles.txt"), "--licence", "Studio"]
    assert main([*given, "--attributions", str(studio / "manifest.csv"), "--out", str(studio / "out")]) == 2
    assert "would be one file" in capsys.readouterr().err


def test_a_manifest_that_is_none_is_said(studio: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (studio / "manifest.csv").write_text("file;by\nx;y\n")
    assert publish(studio) == 2
    assert "is no manifest" in capsys.readouterr().err
