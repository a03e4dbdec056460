"""Models of the user's own pictures."""

import json
import os
import shlex
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.tiny import tiny_codec, tiny_generator, tiny_networks
from texgan_core import encode, lesson, library, pupil
from texgan_core.cli import main
from texgan_core.encode import one_material
from texgan_core.errors import Cancelled, ImageError, RequestError
from texgan_core.generator_stage import GeneratorStage
from texgan_core.guides import Guide
from texgan_core.learn import _drawn_by, _figures, _is_better, _lesson, learn
from texgan_core.lesson import Watch
from texgan_core.library import list_models, load_model
from texgan_core.measure import seam
from texgan_core.model_file import read_card
from texgan_core.networks import read_codec
from texgan_core.own import delete
from texgan_core.pictures import read_picture, write_picture
from texgan_core.synthesize import TextureRequest, synthesize


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    """Tiny networks as the bundled ones, and an empty folder for the user's own models."""
    bundle = tmp_path / "bundle"
    bundle.mkdir()
    tiny_networks(bundle)
    tiny_generator(bundle)
    for room in (encode, library):
        monkeypatch.setattr(room, "BUNDLED", bundle)
    monkeypatch.setattr(library, "OWN", tmp_path / "own")
    library._bundled.cache_clear()
    yield
    library._bundled.cache_clear()


def photo(folder: Path, name: str = "wall", seed: int = 0, height: int = 192) -> Path:
    """It tiles."""
    rows, columns = np.mgrid[:height, : height + 32] * (2 * np.pi / 32)
    waves = 0.5 + 0.2 * np.sin(rows + seed) + 0.2 * np.cos(columns) * np.sin(rows)
    grain = waves[..., None] + np.random.default_rng(seed).random((*rows.shape, 1)) * 0.1
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
        watch=Watch(lambda share, text: told.append(share), on_sample=samples.append),
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


def test_the_pictures_of_a_set_are_its_maps(tmp_path) -> None:
    for name in ("wall_color", "wall_roughness"):
        photo(tmp_path, name)
    card = read_card(learn([tmp_path / "wall_color.png", tmp_path / "wall_roughness.png"], "wall").path)
    assert len(card["sheets"]) == 1 and card["wraps"] == [True, True]
    model = load_model("wall")
    assert "roughness" in model.maps


def test_a_folder_of_lone_pictures_is_all_of_them(tmp_path) -> None:
    folder = tmp_path / "walls"
    folder.mkdir()
    pictures = [photo(folder, name, seed) for seed, name in enumerate(("east", "north", "west"))]
    together, named = (learn(sources, name).path for sources, name in (([folder], "walls"), (pictures, "named")))
    assert read_card(together)["sheets"] == read_card(named)["sheets"] and len(read_card(together)["sheets"]) == 3


def test_a_folder_of_several_sets_is_refused(tmp_path) -> None:
    folder = tmp_path / "walls"
    folder.mkdir()
    for name in ("east", "west"):
        photo(folder, f"{name}_basecolor")
        photo(folder, f"{name}_roughness")
    with pytest.raises(ImageError, match="holds 2 materials; name the folder or picture of one"):
        learn([folder], "walls")


def test_cancelled_it_keeps_what_can_be_used(tmp_path) -> None:
    with pytest.raises(Cancelled):
        learn([photo(tmp_path)], "wall", minutes=1, watch=Watch(is_cancelled=lambda: True))
    assert load_model("wall").name == "wall"
    assert not list((tmp_path / "own").glob("*.part"))


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("noise", [False, True])
def test_a_name_that_is_taken_is_refused_and_nothing_changes(tmp_path, capsys, noise) -> None:
    learn([photo(tmp_path, height=256)], "wall", minutes=0.02, noise=noise)
    before = files(tmp_path / "own")
    with pytest.raises(RequestError, match=f"You have a model named {'wall-noise' if noise else 'wall'} already"):
        learn([photo(tmp_path, seed=1, height=256)], "wall", minutes=0.02, noise=noise)
    assert main(["learn", str(tmp_path / "wall.png"), "--minutes", "0.02", *["--noise"] * noise]) == 2
    assert "choose another name, let it learn further, or replace it" in capsys.readouterr().err
    assert files(tmp_path / "own") == before


def always_better(monkeypatch) -> None:
    monkeypatch.setattr("texgan_core.learn._is_better", lambda figures, than: True)


@pytest.mark.parametrize("noise", [False, True])
@pytest.mark.parametrize("how", ["further", "replace"])
def test_cancelled_it_leaves_the_model_that_was_there(tmp_path, monkeypatch, noise, how) -> None:
    always_better(monkeypatch)
    learn([photo(tmp_path, height=256)], "wall", minutes=0.02, noise=noise)
    before = files(tmp_path / "own")
    watch = Watch(is_cancelled=lambda: True)
    with pytest.raises(Cancelled):
        learn([photo(tmp_path, seed=1, height=256)], "wall", 1, watch=watch, noise=noise, **{how: True})
    assert files(tmp_path / "own") == before


@pytest.mark.parametrize("minutes", [0, 0.02])
def test_a_model_is_replaced_whole(tmp_path, monkeypatch, minutes) -> None:
    always_better(monkeypatch)
    learn([photo(tmp_path)], "wall", minutes=0.02)
    (old,) = (tmp_path / "own").glob("codec-wall-*")
    made = learn([photo(tmp_path, seed=1)], "wall", minutes, replace=True)
    new = list((tmp_path / "own").glob("codec-*"))
    assert old not in new and len(new) == (1 if minutes else 0)
    assert load_model("wall").hash == read_card(made.path)["hash"]


def test_what_learning_does_not_help_still_takes_the_new_pictures(tmp_path, monkeypatch) -> None:
    first = learn([photo(tmp_path)], "wall")
    old = read_card(first.path)["hash"]
    monkeypatch.setattr("texgan_core.learn._is_better", lambda figures, than: False)
    learn([photo(tmp_path, seed=1)], "wall", 0.02, replace=True)
    assert read_card(first.path)["hash"] != old and load_model("wall").name == "wall"


def test_a_generator_is_replaced_whole(tmp_path) -> None:
    learn([photo(tmp_path, height=256)], "wall", minutes=0.02, noise=True)
    (old,) = (tmp_path / "own").glob("generator-*")
    learn([photo(tmp_path, height=256)], "wall", minutes=0.04, noise=True, replace=True)
    (new,) = (tmp_path / "own").glob("generator-*")
    assert new != old and load_model("wall-noise").kind == "style"


@pytest.mark.parametrize(
    ("figures", "than", "better"),
    [
        ({"quality": 1.1, "psnr": 30}, {"quality": 1.2, "psnr": 31}, True),
        ({"quality": 1.1, "psnr": 32}, {"quality": 0.9, "psnr": 31}, False),
        ({"quality": 0.83, "psnr": 32}, {"quality": 0.82, "psnr": 31}, True),
        ({"quality": 0.7, "psnr": 30}, {"quality": 0.82, "psnr": 31}, False),
        ({"psnr": 32}, {"psnr": 31}, True),
        ({"quality": 0.9, "diversity": 1}, {"quality": 0.8, "diversity": 1}, False),
    ],
)
def test_what_is_better(figures, than, better) -> None:
    assert _is_better(figures, than) is better


def test_what_another_model_needs_as_well_stays(tmp_path, monkeypatch) -> None:
    always_better(monkeypatch)
    made = learn([photo(tmp_path)], "wall [1]", minutes=0.02)
    (tmp_path / "own" / "copy.safetensors").write_bytes(made.path.read_bytes())
    learn([photo(tmp_path)], "wall [1]", replace=True)
    assert len(list((tmp_path / "own").glob("codec-*"))) == 1
    load_model(tmp_path / "own" / "copy.safetensors")
    (tmp_path / "own" / "copy.safetensors").unlink()
    learn([photo(tmp_path)], "wall [1]", replace=True)
    assert not list((tmp_path / "own").glob("codec-*"))


def test_it_waits_while_it_is_paused(tmp_path) -> None:
    pauses = iter([True] * 3)
    told: list[str] = []
    learn(
        [photo(tmp_path)],
        "wall",
        minutes=0.01,
        watch=Watch(lambda share, text: told.append(text), is_paused=lambda: next(pauses, False)),
    )
    assert told.count("Paused") == 3 and told[-1] == "Learning"


def test_finished_early_it_keeps_what_it_has_learned(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(pupil, "RATE", 1e-3)
    told: list[float] = []
    made = learn(
        [photo(tmp_path)],
        "wall",
        minutes=60,
        watch=Watch(lambda share, text: told.append(share), is_finished=lambda: len(told) > 40),
    )
    assert made.after["quality"] < made.before["quality"]
    assert list((tmp_path / "own").glob("codec-wall-*"))


def test_what_it_learned_is_kept_now_and_then_so_that_little_is_lost(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(pupil, "RATE", 1e-3)
    monkeypatch.setattr(lesson, "KEEP_EVERY", 1.0)
    kept: list[Path] = []

    def is_cancelled() -> bool:
        kept[:] = (tmp_path / "own").glob("codec-wall-*")
        return bool(kept)

    with pytest.raises(Cancelled):
        learn([photo(tmp_path)], "wall", minutes=60, watch=Watch(is_cancelled=is_cancelled))
    assert read_card(tmp_path / "own" / "wall.safetensors")["codec"] == read_card(kept[0])["hash"]


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
    _, _, command = capsys.readouterr().out.splitlines()[0].partition("  texgan ")
    assert command == "generate plain"
    assert main(["learn", str(photo(tmp_path)), "--name", "a wall", "--out", str(tmp_path / "else where")]) == 0
    _, _, command = capsys.readouterr().out.splitlines()[0].partition("  texgan ")
    assert main([*shlex.split(command), "--size", "64", "--out", str(tmp_path / "made")]) == 0


@pytest.mark.parametrize("option", ["--out", "--watch"])
def test_a_folder_that_cannot_be_is_said_at_once(tmp_path, monkeypatch, capsys, option) -> None:
    monkeypatch.setattr("texgan_core.learn.learn", lambda *_: pytest.fail("too late"))
    (tmp_path / "file").write_text("")
    assert main(["learn", str(photo(tmp_path)), option, str(tmp_path / "file" / "in")]) == 2
    assert capsys.readouterr().err.endswith("is no folder to write to: Not a directory.\n")


def test_what_the_disk_does_not_take_is_said(tmp_path, monkeypatch, capsys) -> None:
    def full(path: Path, data: bytes) -> int:
        raise OSError(28, "No space left on device", str(path))

    picture = photo(tmp_path)
    monkeypatch.setattr(Path, "write_bytes", full)
    assert main(["learn", str(picture), "--watch", str(tmp_path / "watch")]) == 2
    assert "wall.safetensors cannot be written: No space left on device." in capsys.readouterr().err


@pytest.mark.parametrize("held", ["status.json", "sample.png"])
def test_files_that_are_being_read_hold_nothing_up(tmp_path, monkeypatch, held) -> None:
    """As on Windows."""
    replace_file, tried = os.replace, []

    def locked(source: Path, target: Path) -> None:
        tried.append(Path(target).name)
        if Path(target).name == held and tried.count(held) < 6:
            raise PermissionError(13, "Access is denied", str(target))
        replace_file(source, target)

    monkeypatch.setattr(os, "replace", locked)
    monkeypatch.setattr(lesson, "SAMPLE_EVERY", 0.0)
    assert main(["learn", str(photo(tmp_path)), "--minutes", "0.05", "--watch", str(tmp_path / "watch")]) == 0
    assert (tmp_path / "watch" / held).is_file() and tried.count(held) >= 6


def test_by_itself_it_is_called_as_the_folder_or_the_picture(tmp_path, capsys) -> None:
    for folder in ("rock.v1", "rock.v2"):
        (tmp_path / folder).mkdir()
        photo(tmp_path / folder, "a.b")
        assert main(["learn", str(tmp_path / folder)]) == 0
    assert main(["learn", str(tmp_path / "rock.v1" / "a.b.png")]) == 0
    assert [m.name for m in list_models()] == ["a.b", "rock.v1", "rock.v2"]


def test_from_noise_it_becomes_a_model_of_its_own_that_follows_patterns(tmp_path) -> None:
    shown: list[np.ndarray] = []
    made = learn([photo(tmp_path, height=256)], "wall", minutes=0.05, watch=Watch(on_sample=shown.append), noise=True)
    assert made.path == tmp_path / "own" / "wall-noise.safetensors"
    assert set(made.after) == {"quality", "diversity"} and made.after != made.before
    assert {m.name: m.kind == "style" for m in list_models()} == {"wall": False, "wall-noise": True}
    model = load_model("wall-noise")
    request = TextureRequest((128, 64), 3, guide=Guide("running bond", 2, 4))
    plain, styled = (synthesize(model, replace(request, style_seed=seed), "cpu") for seed in (0, 5))
    assert max(seam(plain.maps["base_color"])) < 1.6
    assert np.abs(plain.maps["base_color"] - styled.maps["base_color"]).mean() > 1e-3
    assert shown[0].shape[1] > shown[0].shape[0] // 2
    generators = list((tmp_path / "own").glob("generator-wall-noise-*.safetensors"))
    assert [read_card(path)["styles"] for path in generators] == [["wall"]]


def test_a_generator_is_learned_further_from_what_it_was(tmp_path, monkeypatch) -> None:
    began = []
    begin = GeneratorStage._begin_with

    def noted(self, path: Path, codes: torch.Tensor) -> None:
        began.append(path)
        begin(self, path, codes)

    monkeypatch.setattr(GeneratorStage, "_begin_with", noted)
    learn([photo(tmp_path, height=256)], "wall", minutes=0.02, noise=True)
    (first,) = (tmp_path / "own").glob("generator-wall-noise-*.safetensors")
    made = learn([photo(tmp_path, height=256)], "wall", minutes=0.02, noise=True, further=True)
    assert began == [encode.bundled("generator"), first]
    assert len(list((tmp_path / "own").glob("generator-*"))) == 1
    assert load_model("wall-noise").kind == "style" and made.after["quality"] <= made.before["quality"]


def test_noise_of_several_pictures_has_a_style_of_each(tmp_path) -> None:
    learn([photo(tmp_path, f"wall{n}", n, 288) for n in range(2)], "walls", minutes=0.02, noise=True)
    model = load_model("walls-noise")
    assert model.generator.config.styles == 2


@pytest.mark.parametrize(
    ("height", "minutes", "further", "said"),
    [
        (192, 0, False, "takes minutes to learn"),
        (192, 1, True, "no model at .*wall-noise.safetensors to go on from"),
        (192, 1, False, "has 24 cells .* at least 28 are needed"),
    ],
)
def test_what_cannot_be_learned_from_noise_is_said(tmp_path, height, minutes, further, said) -> None:
    with pytest.raises(RequestError, match=said):
        learn([photo(tmp_path, height=height)], "wall", minutes, further=further, noise=True)


def test_noise_is_drawn_by_the_decoder_that_has_learned_leaves_it_and_outlives_it(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(pupil, "RATE", 1e-3)
    picture, own, told = photo(tmp_path, height=256), tmp_path / "own", []
    begun = Watch(lambda share, text: told.append(share), is_finished=lambda: len(told) > 20)
    learn([picture], "wall", minutes=60, watch=begun)
    drawn = (own / "wall.safetensors").read_bytes()
    (codec,) = own.glob("codec-wall-*")
    learn([picture], "wall", minutes=0.02, noise=True)
    assert (own / "wall.safetensors").read_bytes() == drawn
    model, learned = load_model("wall-noise"), read_codec(codec)[1].state_dict()
    assert all(torch.equal(weights, learned[name]) for name, weights in model.decoder.state_dict().items())
    learn([picture], "wall", minutes=0.02, further=True)
    assert synthesize(load_model("wall-noise"), TextureRequest((64, 64)), "cpu").maps
    for name in ("wall", "wall-noise"):
        assert list(own.glob("codec-wall-*"))
        delete(name)
    assert not list(own.glob("*.safetensors"))


def test_of_two_decoders_the_better_one_draws(tmp_path) -> None:
    codecs = [tiny_codec(folder, seed) for seed, folder in enumerate((tmp_path, tmp_path / "bundle"), 1)]
    lessons = [_lesson(one_material(photo(tmp_path)), read_codec(codecs[0])[0], alone=True)]
    better = min(codecs, key=lambda codec: _figures(lessons, read_codec(codec)[1])["quality"])
    assert _drawn_by(*codecs, lessons) == _drawn_by(*codecs[::-1], lessons) == better
