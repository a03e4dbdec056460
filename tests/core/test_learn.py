"""Models of the user's own pictures."""

import json
from pathlib import Path

import numpy as np
import pytest

from tests.tiny import tiny_networks
from texgan_core import encode, library, pupil
from texgan_core.cli import main
from texgan_core.errors import Cancelled, ImageError, RequestError
from texgan_core.learn import learn
from texgan_core.library import list_models, load_model
from texgan_core.measure import seam
from texgan_core.model_file import read_card
from texgan_core.pictures import read_picture, write_picture
from texgan_core.synthesize import TextureRequest, synthesize


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    """Tiny networks as the bundled ones, and an empty folder for the user's own models."""
    bundle = tmp_path / "bundle"
    bundle.mkdir()
    tiny_networks(bundle)
    for room in (encode, library):
        monkeypatch.setattr(room, "BUNDLED", bundle)
    monkeypatch.setattr(library, "OWN", tmp_path / "own")
    library._bundled.cache_clear()
    yield
    library._bundled.cache_clear()


def photo(folder: Path, name: str = "wall", seed: int = 0) -> Path:
    """It tiles."""
    rows, columns = np.mgrid[:192, :224] * (2 * np.pi / 32)
    waves = 0.5 + 0.2 * np.sin(rows + seed) + 0.2 * np.cos(columns) * np.sin(rows)
    grain = waves[..., None] + np.random.default_rng(seed).random((192, 224, 1)) * 0.1
    write_picture(folder / f"{name}.png", grain * np.array([0.9, 0.6, 0.4]))
    return folder / f"{name}.png"


def test_it_can_be_used_at_once_and_by_its_name(tmp_path) -> None:
    made = learn([photo(tmp_path)], "wall")
    assert made.path == tmp_path / "own" / "wall.safetensors" and made.before == made.after
    assert [(m.name, m.material_class) for m in list_models()] == [("wall", "own")]
    textures = synthesize(load_model("Wall"), TextureRequest((128, 64)), "cpu")
    assert max(seam(textures.maps["base_color"])) < 1.6
    assert read_picture(made.path.with_suffix(".png")).shape == (192, 192, 3)


def test_what_is_learned_draws_the_picture_better(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(pupil, "RATE", 1e-3)  # a random decoder has more to learn
    samples: list[np.ndarray] = []
    told: list[float] = []
    made = learn(
        [photo(tmp_path)],
        "wall",
        minutes=0.15,
        on_progress=lambda share, text: told.append(share),
        on_sample=samples.append,
    )
    assert made.after["quality"] < 0.95 * made.before["quality"]
    assert told[-1] == 1 and told == sorted(told)
    assert samples and samples[0].ndim == 3
    codec = next((tmp_path / "own").glob("codec-wall-*.safetensors"))
    assert read_card(made.path)["codec"] == read_card(codec)["hash"] != read_card(encode.bundled_codec())["hash"]
    assert load_model("wall").name == "wall"
    further = learn([photo(tmp_path)], "wall", minutes=0.02, further=True)
    assert further.before["quality"] < 0.95 * made.before["quality"]
    assert len(list((tmp_path / "own").glob("codec-*"))) == 1


def test_several_pictures_of_one_material(tmp_path) -> None:
    paths = [photo(tmp_path, f"wall{n}", n) for n in range(2)]
    made = learn(paths, "walls")
    card = read_card(made.path)
    assert len(card["sheets"]) == 2 and card["wraps"] == [False, False]
    assert load_model("walls").sheets == tuple(card["sheets"])
    assert synthesize(load_model("walls"), TextureRequest((64, 64)), "cpu").maps


def test_cancelled_it_keeps_what_can_be_used(tmp_path) -> None:
    with pytest.raises(Cancelled):
        learn([photo(tmp_path)], "wall", minutes=1, is_cancelled=lambda: True)
    assert load_model("wall").name == "wall"
    assert not list((tmp_path / "own").glob("*.part"))


def test_it_waits_while_it_is_paused(tmp_path) -> None:
    pauses = iter([True] * 3)
    told: list[str] = []
    learn(
        [photo(tmp_path)],
        "wall",
        minutes=0.01,
        on_progress=lambda share, text: told.append(text),
        is_paused=lambda: next(pauses, False),
    )
    assert told.count("Paused") == 3 and told[-1] == "Learning"


@pytest.mark.parametrize(
    ("name", "minutes", "further", "said"),
    [
        ("a/b", 0, False, "is no name for a model"),
        (" ", 0, False, "is no name for a model"),
        ("wall", -1, False, "-1 minutes cannot be"),
        ("wall", 0, True, "no model at .*wall.safetensors to go on from; learn it first"),
    ],
)
def test_what_cannot_be_learned_is_said(tmp_path, name, minutes, further, said) -> None:
    with pytest.raises(RequestError, match=said):
        learn([photo(tmp_path)], name, minutes, further=further)


def test_no_picture(tmp_path) -> None:
    with pytest.raises(ImageError):
        learn([tmp_path / "none.png"], "none")
    assert list_models() == []


def test_a_damaged_model_of_the_user_s_own_is_left_out(tmp_path) -> None:
    learn([photo(tmp_path)], "wall")
    (tmp_path / "own" / "broken.safetensors").write_bytes(b"no model")
    assert [m.name for m in list_models()] == ["wall"]


def test_on_the_command_line(tmp_path, capsys) -> None:
    options = ["--minutes", "0.02", "--watch", str(tmp_path / "watch"), "--json"]
    assert main(["learn", str(photo(tmp_path)), *options]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["name"] == "wall" and set(told["before"]) == {"quality", "psnr", "normal"}
    assert json.loads((tmp_path / "watch" / "status.json").read_text())["share"] == 1
    assert (tmp_path / "watch" / "sample.png").is_file()
    assert main(["learn", str(photo(tmp_path)), "--name", "plain"]) == 0
    assert "texgan generate --model plain" in capsys.readouterr().out
