"""The command line: what it prints, writes and returns."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.tiny import tiny_classic_model, tiny_material_model, tiny_networks, tiny_style_model
from texgan_core import encode, library
from texgan_core.cli import main
from texgan_core.cli.textures import LOOK_OPTIONS
from texgan_core.library import load_model
from texgan_core.look import RANGES, Look
from texgan_core.map_names import sort_names
from texgan_core.maps import MAPS
from texgan_core.measure import copying, quality_ratio, seam
from texgan_core.pictures import read_color, read_picture, write_picture
from texgan_core.synthesize import TextureRequest, synthesize

ASSETS = Path(__file__).parents[1] / "assets"
COMMAND = [sys.executable, "-m", "texgan_core.cli"]
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module", autouse=True)
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Two tiny models stand in for those that come with the package."""
    folder = tmp_path_factory.mktemp("bundle")
    tiny_networks(folder)
    tiny_material_model(folder)
    tiny_classic_model(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(library, "BUNDLED", folder)
        patch.setattr(encode, "BUNDLED", folder)
        library._bundled.cache_clear()
        yield folder
    library._bundled.cache_clear()


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]):
    """Run a command that must succeed; its JSON object if asked for, else its text."""

    def run(*arguments: object):
        assert main([str(a) for a in arguments]) == 0
        out = capsys.readouterr().out
        return json.loads(out) if "--json" in arguments else out

    return run


def test_generate_makes_what_the_api_makes(run, tmp_path: Path) -> None:
    size = ("--size", "128x64")
    result = run("generate", "Tiny", "--seed", 3, "--style", 1, *size, "--out", tmp_path, "--device", "cpu", "--json")
    expected = synthesize(load_model("Tiny"), TextureRequest((128, 64), 3, 1), device="cpu")
    assert set(result) == {"maps", "seconds", "seam", "record", "record_file"}
    assert result["record"] == expected.record == json.loads(Path(result["record_file"]).read_text())
    assert list(result["maps"]) == ["base_color", "normal", "roughness", "height"]
    for name, path in result["maps"].items():
        levels = 65535 if name == "height" else 255
        assert np.abs(read_picture(Path(path)) - expected.maps[name]).max() <= 0.5001 / levels
        np.testing.assert_allclose(list(result["seam"][name].values()), seam(expected.maps[name]))
        assert list(result["seam"][name]) == ["x", "y"]
    assert 0 < result["seconds"] < 60
    written = [*result["maps"].values(), result["record_file"]]
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(Path(p).name for p in written)


def test_the_height_has_sixteen_bits(run, tmp_path: Path) -> None:
    result = run("generate", "Tiny", "--size", 64, "--out", tmp_path, "--maps", "height", "--json")
    with Image.open(result["maps"]["height"]) as image:
        assert image.mode.startswith("I;16")


def test_all_maps_have_names_that_blender_knows(run, tmp_path: Path) -> None:
    result = run("generate", "Tiny", "--size", 64, "--maps", "all", "--out", tmp_path / "new" / "folder", "--json")
    names = {name: Path(path).name for name, path in result["maps"].items()}
    assert list(names) == list(MAPS)
    sets, alone = sort_names(names.values())
    assert [(s.title, s.names) for s in sets] == [("Tiny", names)]
    assert not alone
    assert names["base_color"] == "Tiny_basecolor.png"


def test_a_model_gives_by_itself_the_maps_that_it_can_make(run, tmp_path: Path) -> None:
    for maps in ((), ("--maps", "all")):
        result = run("generate", "TinyClassic", "--size", 64, "--out", tmp_path, "--json", *maps)
        assert list(result["maps"]) == ["base_color"]


def test_a_record_makes_the_same_again(run, tmp_path: Path) -> None:
    """Of two models, a pattern and a look, whose files are not listed; also from what --json printed."""
    model, other = tiny_material_model(tmp_path, "high"), tiny_material_model(tmp_path, "low", cells=32)
    ask = ("--joints", other, "--pattern", "stack bond", "--bricks", "2x2", "--seed", 5, "--warmth", 0.3)
    first = run("generate", model, *ask, "--size", "128x64", "--maps", "all", "--out", tmp_path / "a", "--json")
    (tmp_path / "printed.json").write_text(json.dumps(first))
    for number, record in enumerate((first["record_file"], tmp_path / "printed.json")):
        place = tmp_path / f"again{number}"
        again = run("generate", model, "--joints", other, "--record", record, "--out", place, "--json")
        assert again["record"] == first["record"] and again["maps"].keys() == first["maps"].keys()
        for name, path in first["maps"].items():
            assert Path(path).read_bytes() == Path(again["maps"][name]).read_bytes()


def test_a_record_of_listed_models_needs_no_names_and_may_have_another_size(run, tmp_path: Path) -> None:
    first = run("generate", "Tiny", "--seed", 3, "--style", 2, "--size", 64, "--out", tmp_path / "a", "--json")
    larger = ("--size", 128, "--packing", "orm", "--out", tmp_path / "b")
    again = run("generate", "--record", first["record_file"], *larger, "--json")
    assert {**again["record"], "size": [64, 64], "maps": first["record"]["maps"]} == first["record"]
    assert again["record"]["size"] == [128, 128] and set(again["maps"]) == {"base_color", "normal", "height", "orm"}


@pytest.mark.parametrize(
    ("record", "more", "said"),
    [
        ("none.json", (), r"none\.json cannot be read: No such file"),
        ("text.json", (), "not a record of a TexGAN texture"),
        ("list.json", (), "not a record of a TexGAN texture"),
        ("photo.png", (), "not a record of a TexGAN texture"),
        ("good.json", ("--seed", "4"), "The record tells --seed already"),
        ("good.json", ("--pattern-seed", "4"), "The record tells --pattern-seed already"),
        ("good.json", ("--warmth", "0.1"), "The record tells --warmth already"),
        ("good.json", ("--joints", "Tiny"), "tells no model in the place of Tiny; leave it out"),
        ("good.json", ("--size", "7"), "The width is 7"),
        ("good.json", ("TinyClassic",), "TinyClassic is not Tiny as it was when the record was made"),
        ("changed.json", (), "Tiny, as it was when the record was made, is not here; give its file of then"),
        ("nameless.json", (), "does not tell its models"),
    ],
)
def test_what_cannot_be_made_again_is_said(run, tmp_path: Path, monkeypatch, capsys, record, more, said) -> None:
    monkeypatch.chdir(tmp_path)
    good = run("generate", "Tiny", "--size", 64, "--out", tmp_path, "--json")["record"]
    nameless = {name: value for name, value in good.items() if name != "model_hash"}
    records = {"good": good, "changed": good | {"model_hash": "0" * 64}, "nameless": nameless, "list": [good]}
    for name, content in records.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
    (tmp_path / "text.json").write_text("hello")
    photo(tmp_path)
    assert main(["generate", "--record", record, *more]) == 2
    err = capsys.readouterr().err
    assert re.search(said, err) and len([line for line in err.splitlines() if line != "Loading ..."]) == 1


@pytest.mark.parametrize("maps", [(), ("--maps", "base_color")])
def test_what_a_packing_needs_is_made(run, tmp_path: Path, maps: tuple[str, ...]) -> None:
    result = run("generate", "Tiny", "--size", 64, "--packing", "orm", "--out", tmp_path, "--json", *maps)
    made = synthesize(load_model("Tiny"), TextureRequest((64, 64), maps=tuple(MAPS)), "auto").maps
    wanted = np.stack([made[name] for name in ("ambient_occlusion", "roughness", "metallic")], 2)
    assert np.abs(read_picture(Path(result["maps"]["orm"])) - wanted).max() <= 0.5001 / 255
    assert set(result["maps"]) == {"orm", *(maps[1:] or ("base_color", "normal", "height"))}


def test_what_cannot_be_packed_is_said_before_it_is_made(tmp_path: Path, capsys, monkeypatch) -> None:
    monkeypatch.setattr("texgan_core.synthesize.synthesize", lambda *_: pytest.fail("too late"))
    assert main(["generate", "TinyClassic", "--size", "64", "--packing", "mask", "--out", str(tmp_path)]) == 2
    assert "must have a roughness map" in capsys.readouterr().err


def test_models_may_be_files(run, bundle: Path, tmp_path: Path) -> None:
    result = run("generate", bundle / "Tiny.safetensors", "--size", 64, "--out", tmp_path, "--json")
    assert result["record"]["model"] == "Tiny"


def test_a_model_is_called_by_its_file_and_not_by_what_is_written_in_it(run, tmp_path: Path) -> None:
    path = tiny_material_model(tmp_path / "models", name="Evil")
    sly = tmp_path / "sly.safetensors"
    sly.write_bytes(path.read_bytes().replace(b'\\"Evil\\"', b'\\"../E\\"'))
    (tmp_path / "codec.safetensors").write_bytes((tmp_path / "models" / "codec.safetensors").read_bytes())
    result = run("generate", sly, "--size", 64, "--maps", "height", "--out", tmp_path / "out", "--json")
    assert result["record"]["model"] == "sly"
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["sly_height.png", "sly_texgan.json"]


@pytest.mark.parametrize("source", ["Bricks097/Bricks097_1K-JPG_Color.jpg", "Wicker004"])
def test_variations_of_a_picture_or_a_set(run, tmp_path: Path, source: str) -> None:
    result = run("variations", ASSETS / source, "--seed", 2, "--size", 128, "--out", tmp_path, "--json")
    assert list(result["maps"]) == ["base_color", "normal", "roughness", "height"]
    assert result["record"]["layout_seed"] == 2
    assert read_picture(Path(result["maps"]["base_color"])).shape == (128, 128, 3)
    assert Path(result["maps"]["normal"]).name == f"{Path(source).stem}_variation_normal.png"


def test_several_pictures_are_mixed(run, tmp_path: Path) -> None:
    """A red one and a blue one of noise: there is much of both in what they make."""
    grain = np.random.default_rng(0).uniform(0, 0.3, (2, 160, 160, 3))
    for name, color, pixels in (("red", [0.6, 0.1, 0.1], grain[0]), ("blue", [0.1, 0.1, 0.6], grain[1, :, :150])):
        write_picture(tmp_path / f"{name}.png", pixels + color)
    result = run("variations", tmp_path / "red.png", tmp_path / "blue.png", "--size", 256, "--out", tmp_path, "--json")
    made = read_picture(Path(result["maps"]["base_color"]))
    red = (made[..., 0] > made[..., 2]).mean()
    assert 0.2 < red < 0.8


def test_a_look_and_a_blend_are_recorded(run, tmp_path: Path) -> None:
    style = tiny_style_model(tmp_path)
    looks = ("--lightness", 0.2, "--relief", 2, "--blend", style, "--share", 0.25)
    record = run("generate", style, "--size", 64, "--out", tmp_path, "--json", *looks)["record"]
    assert record["look"] == {**asdict(Look()), "lightness": 0.2, "relief": 2.0}
    assert record["blend"]["share"] == 0.25
    assert set(LOOK_OPTIONS) == set(RANGES)


def test_variations_beside_the_source_do_not_touch_it(run, tmp_path: Path) -> None:
    for path in (ASSETS / "Wicker004").iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    run("variations", tmp_path, "--size", 128, "--out", tmp_path)
    assert {name: (tmp_path / name).read_bytes() for name in before} == before
    assert len(list(tmp_path.iterdir())) == len(before) + 4


def test_models_lists_them(run) -> None:
    result = run("models", "--json")
    assert result == {
        "models": [
            {"name": "Tiny", "class": "test", "kind": "material"},
            {"name": "TinyClassic", "class": "test", "kind": "classic"},
        ]
    }
    assert [line.split()[0] for line in run("models").splitlines()] == ["Tiny", "TinyClassic"]


def test_info_is_the_whole_card(run) -> None:
    card = run("info", "tiny", "--json")
    assert card == load_model("Tiny").card
    assert card["training_materials"] == []
    assert "name: Tiny" in run("info", "Tiny").splitlines()


def test_a_near_name_is_offered(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info", "Tinny"]) == 2
    assert "Tiny" in capsys.readouterr().err


def test_measure_says_what_the_functions_say(run, tmp_path: Path) -> None:
    reference = ASSETS / "MetalPlates03" / "MetalPlates03_col.jpg"
    picture = tmp_path / "part.png"
    with Image.open(reference) as image:
        image.crop((20, 30, 84, 94)).save(picture)
    alone = run("measure", picture, "--json")
    assert alone["seam"] == dict(zip("xy", seam(read_color(picture)), strict=True))
    both = run("measure", picture, reference, "--json")
    assert both["quality_ratio"] == pytest.approx(quality_ratio(read_color(picture), read_color(reference)))
    assert both["copying"] == pytest.approx(copying(read_color(picture), read_color(reference)))
    assert both["copying"] > 0.9  # being cut from it
    assert re.search(r"seam x \d\.\d\d, y \d\.\d\d", run("measure", picture))


def test_measure_says_whether_a_picture_tiles_as_improve_judges_it(run, tmp_path: Path) -> None:
    source = photo(tmp_path)
    assert run("measure", source, "--json")["tiles"] == {"x": False, "y": False}
    assert "x: does not tile, y: does not tile" in run("measure", source)
    (improved,) = run("improve", source, "--seamless", "x", "--out", tmp_path / "out", "--json")["improved"]
    picture = improved["maps"]["base_color"]
    assert run("measure", picture, "--json")["tiles"] == {"x": True, "y": False}


def test_without_json_the_files_are_listed(run, tmp_path: Path) -> None:
    text = run("generate", "Tiny", "--size", 64, "--out", tmp_path)
    assert "64 x 64" in text.splitlines()[0]
    assert [line.split()[0] for line in text.splitlines()[1:]] == [
        str(tmp_path / f"Tiny_{word}")
        for word in ("basecolor.png", "normal.png", "roughness.png", "height.png", "texgan.json")
    ]


def test_progress_is_on_stderr_and_a_line_for_each_stage(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["generate", "Tiny", "--size", "64", "--out", str(tmp_path), "--json"]) == 0
    captured = capsys.readouterr()
    assert len(captured.out.splitlines()) == 1
    lines = captured.err.splitlines()
    assert lines[0] == "Loading ..." and lines[-1] == "Decoding ..."
    assert len(lines) == len(set(lines)) <= 6


@pytest.mark.parametrize(
    "command", [["models"], ["info", "no"], ["--help"], ["generate", "--help"], ["generate", "no"]]
)
def test_quick_commands_do_not_import_torch(command: list[str]) -> None:
    code = (
        "import sys\nfrom texgan_core.cli import main\n"
        f"try: main({command!r})\nexcept SystemExit: pass\n"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True).returncode == 0


def test_a_reader_that_leaves_is_no_error() -> None:
    process = subprocess.Popen([*COMMAND, "models", "--json"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()
    assert process.stderr.read() == b""
    process.wait(timeout=60)


@pytest.mark.skipif(os.name == "nt", reason="signals and terminals are POSIX")
def test_ctrl_c_ends_quietly_with_130(bundle: Path, tmp_path: Path) -> None:
    model = bundle / "Tiny.safetensors"
    arguments = ["generate", model, "--size", "8192", "--out", tmp_path, "--device", "cpu"]
    process = subprocess.Popen(
        [*COMMAND, *arguments], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr.readline() == "Loading ...\n"
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert out == "" and "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="signals and terminals are POSIX")
def test_on_a_terminal_there_is_one_bar_which_goes_away(bundle: Path, tmp_path: Path) -> None:
    ours, theirs = os.openpty()
    arguments = ["generate", bundle / "Tiny.safetensors", "--size", "64", "--out", tmp_path, "--json"]
    done = subprocess.run([*COMMAND, *arguments], cwd=ROOT, stdout=subprocess.PIPE, stderr=theirs, timeout=120)
    os.close(theirs)
    drawn = os.read(ours, 100_000).decode()
    os.close(ours)
    assert json.loads(done.stdout)["record"]["size"] == [64, 64]
    assert "100% Decoding" in drawn and "\n" not in drawn
    assert re.search(r"\r +\r$", drawn)


def photo(folder: Path) -> Path:
    """It does not tile."""
    ramp = np.linspace(0, 0.5, 208)[:, None] + np.linspace(0, 0.5, 163)[None]
    picture = ramp + np.random.default_rng(0).random((208, 163)) * 0.05
    write_picture(folder / "photo.png", np.repeat(picture[..., None], 3, 2))
    return folder / "photo.png"


def test_improve(run, tmp_path) -> None:
    source = photo(tmp_path)
    before = source.read_bytes()
    told = run("improve", source, "--out", tmp_path / "out", "--json")
    (result,) = told["improved"]
    assert told["failed"] == [] and result["source"] == str(source)
    assert result["tiled"] == {"x": False, "y": False} and result["closed"] == {"x": True, "y": True}
    assert set(result["maps"]) == {"base_color"} and result["estimated"] == []
    assert read_picture(Path(result["maps"]["base_color"])).shape == (208, 163, 3)
    assert json.loads(Path(result["record_file"]).read_text()) == result["record"]
    assert Path(result["record_file"]) == tmp_path / "out" / "photo_improved_texgan.json"
    assert 0.3 < result["kept"] < 1
    assert max(result["seam"]["base_color"].values()) < min(seam(read_picture(source)))
    assert source.read_bytes() == before


def test_improve_estimates_what_it_is_asked_for(run, tmp_path) -> None:
    text = run("improve", photo(tmp_path), "--seamless", "y", "--maps", "all", "--out", tmp_path / "out")
    assert "x: does not tile, y: made seamless" in text
    assert text.count("estimated") == len(MAPS) - 1
    assert len(list((tmp_path / "out").glob("photo_improved_*.png"))) == len(MAPS)


def test_improve_cleans_and_enlarges(run, tmp_path) -> None:
    source = photo(tmp_path)
    options = ["--clean", "1", "--even", "0.5", "--upscale", "2", "--seamless", "none"]
    (result,) = run("improve", source, *options, "--out", tmp_path / "out", "--json")["improved"]
    assert read_picture(Path(result["maps"]["base_color"])).shape == (416, 326, 3)
    assert {name: result["record"][name] for name in ("clean", "even", "upscale")} == {
        "clean": 1.0,
        "even": 0.5,
        "upscale": 2,
    }


def test_improve_makes_a_region_anew(run, tmp_path) -> None:
    source = photo(tmp_path)
    mask = np.zeros((208, 163, 3))
    mask[40:120, 40:120] = 1
    write_picture(tmp_path / "mask.png", mask)
    ask = ("--region", tmp_path / "mask.png", "--out", tmp_path / "out", "--json")
    (result,) = run("improve", source, *ask)["improved"]
    assert result["closed"] == {"x": False, "y": False}
    made, before = read_picture(Path(result["maps"]["base_color"])), read_picture(source)
    outside = mask[..., 0] == 0
    np.testing.assert_array_equal(made[outside], before[outside])
    assert (made != before).any()


def many(folder: Path) -> list[str]:
    """Two photos, a folder with a set, and what is no picture, between them."""
    picture = photo(folder).read_bytes()
    (folder / "a.jpg").write_bytes(picture)
    (folder / "b.jpg").write_bytes(b"no picture")
    (folder / "c.d").mkdir()
    (folder / "c.d" / "x_color.png").write_bytes(picture)
    write_picture(folder / "c.d" / "x_rough.png", np.full((208, 163), 0.5))
    (folder / "d.jpg").write_bytes(picture)
    return [str(folder / name) for name in ("a.jpg", "b.jpg", "c.d", "d.jpg")]


def test_improve_takes_many_and_names_in_the_end_what_it_cannot_use(tmp_path, capsys) -> None:
    sources, out = many(tmp_path), tmp_path / "out"
    assert main(["improve", *sources, "--out", str(out), "--json"]) == 1
    captured = capsys.readouterr()
    told = json.loads(captured.out)
    assert [one["source"] for one in told["improved"]] == [sources[0], sources[2], sources[3]]
    assert [one["source"] for one in told["failed"]] == [sources[1]]
    assert captured.err.splitlines()[-1].startswith(f"texgan: {sources[1]}: {sources[1]} cannot be read as a picture")
    names = ["a_improved_basecolor", "c.d_improved_basecolor", "c.d_improved_roughness", "d_improved_basecolor"]
    assert sorted(path.name for path in out.glob("*.png")) == [f"{name}.png" for name in names]
    assert len(list(out.glob("*_texgan.json"))) == 3


def test_improve_finds_what_a_pattern_stands_for(run, tmp_path, monkeypatch) -> None:
    sources = many(tmp_path)
    monkeypatch.chdir(tmp_path)
    told = run("improve", "[ad].jpg", "--out", tmp_path / "out", "--json")
    assert [one["source"] for one in told["improved"]] == [sources[0], sources[3]]


def test_improve_takes_the_pictures_of_a_set_as_one(run, tmp_path) -> None:
    color = photo(tmp_path).rename(tmp_path / "wall_color.png")
    rough = tmp_path / "wall_roughness.png"
    rough.write_bytes(color.read_bytes())
    (told,) = run("improve", rough, color, "--out", tmp_path / "out", "--json")["improved"]
    assert set(told["maps"]) == {"base_color", "roughness"} and told["source"] == str(color)
    assert sorted(path.name for path in (tmp_path / "out").glob("*.png")) == [
        "wall_improved_basecolor.png",
        "wall_improved_roughness.png",
    ]


def test_improve_writes_no_two_pictures_to_one_file(tmp_path, capsys) -> None:
    picture = photo(tmp_path).read_bytes()
    (tmp_path / "photo.jpg").write_bytes(picture)
    sources = [str(tmp_path / name) for name in ("photo.jpg", "photo.png")]
    assert main(["improve", *sources, "--out", str(tmp_path / "out")]) == 2
    assert "would be written to the same files; improve them one by one" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_improve_packs_what_a_set_has_and_says_at_once_what_it_lacks(run, tmp_path, capsys, monkeypatch) -> None:
    sources = many(tmp_path)
    ask = ("--seamless", "none", "--packing", "orm", "--out", str(tmp_path / "out"))
    (result,) = run("improve", sources[2], "--maps", "base_color", *ask, "--json")["improved"]
    assert set(result["maps"]) == {"base_color", "orm"} and result["estimated"] == []
    monkeypatch.setattr("texgan_core.improve.improve_set", lambda *_: pytest.fail("too late"))
    assert main(["improve", sources[0], *ask]) == 2
    assert "must have a roughness map" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("photo.png", "--upscale", "3"), "3 times as large; choose 1, 2 or 4"),
        (("photo.png", "--region", "none.png"), "There is no picture"),
        (("photo.png", "--seamless", "z"), "no borders named 'z'"),
        (("photo.png", "--maps", "color"), "no map named 'color'"),
        (("none.png",), "There is no picture"),
        (("photo.png", "--packing", "rmo"), "no packing named"),
    ],
)
def test_improve_says_what_it_cannot_do(tmp_path, monkeypatch, capsys, arguments, said) -> None:
    photo(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert main(["improve", *arguments]) == 2
    assert said in capsys.readouterr().err
