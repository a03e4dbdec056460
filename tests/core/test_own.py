"""Models of the user's own: renamed and deleted with all that is theirs."""

import json
from pathlib import Path

import numpy as np
import pytest

from tests.tiny import tiny_codec, tiny_material_model, tiny_style_model
from texgan_core import library
from texgan_core.cli import main
from texgan_core.errors import RequestError, TexganError
from texgan_core.library import list_models, load_model
from texgan_core.model_file import read_card, read_model_file, write_model_file
from texgan_core.own import delete, rename
from texgan_core.pictures import write_picture
from texgan_core.synthesize import TextureRequest, synthesize


@pytest.fixture(autouse=True)
def own(tmp_path, monkeypatch) -> Path:
    """The user's own folder with two models: one that has learned a codec, one a generator."""
    folder = tmp_path / "own"
    monkeypatch.setattr(library, "OWN", folder)
    folder.mkdir()
    tiny_codec(folder, seed=1)  # not that of the generator
    for name, make, part in (("wall", tiny_material_model, "codec"), ("grass-noise", tiny_style_model, "generator")):
        make(folder, name)
        write_picture(folder / f"{name}.png", np.zeros((64, 64, 3)))
        file = folder / f"{part}.safetensors"
        (folder / f"{part}-{name}-{read_card(file)['hash'][:8]}.safetensors").write_bytes(file.read_bytes())
        file.unlink()
    return folder


def files(folder: Path) -> set[str]:
    """Their names; hashes are not told apart."""
    return {
        "-".join([*path.stem.split("-")[:-1], "HASH"]) if path.stem.startswith(("codec-", "generator-")) else path.name
        for path in folder.iterdir()
    }


GRASS = {"codec.safetensors", "grass-noise.safetensors", "grass-noise.png", "generator-grass-noise-HASH"}
WALL = {"wall.safetensors", "wall.png", "codec-wall-HASH"}


def test_renamed_it_makes_the_same_and_has_its_hash(own) -> None:
    before = synthesize(load_model("wall"), TextureRequest((64, 64)), "cpu")
    assert rename("Wall", " Garden wall ") == "Garden wall"
    assert files(own) == GRASS | {"Garden wall.safetensors", "Garden wall.png", "codec-Garden wall-HASH"}
    after = synthesize(load_model("garden wall"), TextureRequest((64, 64)), "cpu")
    np.testing.assert_array_equal(before.maps["base_color"], after.maps["base_color"])
    assert after.record["model"] == "Garden wall" and after.record["model_hash"] == before.record["model_hash"]


@pytest.mark.parametrize("new", ["lawn", "lawn-noise"])
def test_what_is_from_noise_is_still_called_so(own, new) -> None:
    assert rename("grass-noise", new) == "lawn-noise"
    assert files(own) == WALL | {
        "codec.safetensors",
        "lawn-noise.safetensors",
        "lawn-noise.png",
        "generator-lawn-noise-HASH",
    }
    assert load_model("lawn-noise").kind == "style"


def test_deleted_all_that_is_its_alone_goes(own) -> None:
    delete("grass-noise")
    assert files(own) == WALL | {"codec.safetensors"} and [
        info.name for info in list_models() if library.is_own(info)
    ] == ["wall"]


def test_deleted_it_leaves_what_another_needs(own) -> None:
    other, file = own / "other.safetensors", read_model_file(own / "wall.safetensors")
    write_model_file(other, file.card | {"name": "other"}, file.tensors)
    delete("wall")
    assert files(own) == GRASS | {"other.safetensors", "codec-wall-HASH"}
    assert load_model("other").name == "other"


def test_a_copy_is_a_model_of_its_own_name(own) -> None:
    (own / "wall_backup.safetensors").write_bytes((own / "wall.safetensors").read_bytes())
    assert [info.name for info in list_models() if library.is_own(info)] == ["grass-noise", "wall", "wall_backup"]
    (own / "wall.safetensors").unlink()
    assert load_model("wall_backup").name == "wall_backup"
    with pytest.raises(TexganError, match="no model named 'wall'"):
        load_model("wall")


def test_names_that_differ_in_large_letters_alone(own) -> None:
    (own / "WALL.safetensors").write_bytes((own / "wall.safetensors").read_bytes())
    assert [load_model(name).name for name in ("wall", "WALL")] == ["wall", "WALL"]
    with pytest.raises(TexganError, match=r"^'Wall' may be (wall or WALL|WALL or wall); write it as one of them.$"):
        load_model("Wall")


@pytest.mark.parametrize("damage", [b"", b"no model"])
def test_unreadable_neighbours_are_passed_over(own, damage) -> None:
    (own / "codec-a.safetensors").write_bytes(damage)
    assert load_model("wall").name == "wall"
    next(own.glob("codec-wall-*")).write_bytes(damage)
    said = r"which is not here, unless it is codec-a\.safetensors or codec-wall-\w+\.safetensors, which cannot be read"
    with pytest.raises(TexganError, match=said):
        load_model("wall")


def test_a_model_whose_name_is_a_pattern_of_names(own) -> None:
    rename("wall", "wall[12]")
    assert files(own) == GRASS | {"wall[12].safetensors", "wall[12].png", "codec-wall[12]-HASH"}
    delete("wall[12]")
    assert files(own) == GRASS


@pytest.mark.parametrize(
    ("name", "new", "said"),
    [
        ("none", "new", "There is no model named 'none'"),
        ("Bricks097", "new", "Bricks097 is no model in your own folder, so it stays as it is"),
        ("../own/wall", "new", "There is no model named"),
        ("wall", "a/b", "is no name for a model"),
        ("wall", " ", "is no name for a model"),
        ("wall", "Bricks097", "comes with TexGAN is called Bricks097"),
        ("wall", "wall", "You have a model named wall already"),
        ("grass-noise", "grass", "You have a model named grass-noise already"),
        ("wall", "grass-noise", "You have a model named grass-noise already"),
    ],
)
def test_what_cannot_be_renamed_is_said_and_nothing_changes(own, name, new, said) -> None:
    before = {path: path.read_bytes() for path in own.iterdir()}
    with pytest.raises(TexganError, match=said):
        rename(name, new)
    assert {path: path.read_bytes() for path in own.iterdir()} == before


def test_what_cannot_be_deleted_is_said(own, monkeypatch) -> None:
    with pytest.raises(RequestError, match="Bricks097 is no model in your own folder"):
        delete("Bricks097")

    def locked(path: Path, missing_ok: bool = False) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "unlink", locked)
    with pytest.raises(RequestError, match=r"wall\.safetensors cannot be changed: Permission denied\."):
        delete("wall")


def test_on_the_command_line(own, capsys) -> None:
    assert main(["rename", "wall", "Stones", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"renamed": "wall", "name": "Stones"}
    assert main(["delete", "Stones"]) == 0
    assert capsys.readouterr().out == "Stones is deleted\n"
    assert main(["delete", "Stones"]) == 2
    assert files(own) == GRASS
