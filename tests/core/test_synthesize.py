"""A request in, a set of maps out: sizes, seeds, records, progress, cancel."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.tiny import tiny_classic_model, tiny_material_model, tiny_networks, tiny_style_model
from texgan_core import encode
from texgan_core.errors import Cancelled, DeviceError, ModelFileError, RequestError
from texgan_core.library import load_model
from texgan_core.maps import MAPS
from texgan_core.measure import seam
from texgan_core.models import Model
from texgan_core.request import request_from_record
from texgan_core.synthesize import TextureRequest, synthesize


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module", params=[tiny_material_model, tiny_style_model, tiny_classic_model])
def model(folder: Path, request: pytest.FixtureRequest) -> Model:
    return load_model(request.param(folder))


def request_for(model: Model, **changes: object) -> TextureRequest:
    return TextureRequest(**({"size": (192, 128), "maps": model.maps} | changes))


def test_maps_have_the_promised_shapes_and_ranges(model: Model) -> None:
    result = synthesize(model, request_for(model), device="cpu")
    assert tuple(result.maps) == model.maps
    for name, picture in result.maps.items():
        assert picture.dtype == np.float32
        assert picture.shape == ((128, 192, 3) if MAPS[name].picture_channels == 3 else (128, 192))
        assert 0 <= picture.min() <= picture.max() <= 1
    if "normal" in result.maps:
        vectors = result.maps["normal"] * 2 - 1
        np.testing.assert_allclose((vectors**2).sum(2), 1, atol=1e-3)


def test_the_same_seeds_give_the_same_pixels_and_others_do_not(model: Model) -> None:
    first = synthesize(model, request_for(model, layout_seed=3, style_seed=4), device="cpu").maps["base_color"]
    again = synthesize(model, request_for(model, layout_seed=3, style_seed=4), device="cpu").maps["base_color"]
    np.testing.assert_array_equal(first, again)
    for changed in ({"layout_seed": 4, "style_seed": 4}, {"layout_seed": 3, "style_seed": 5}):
        assert (
            np.abs(synthesize(model, request_for(model, **changed), device="cpu").maps["base_color"] - first).max()
            > 0.01
        )


def test_a_record_survives_json_and_makes_the_same_again(model: Model) -> None:
    first = synthesize(model, request_for(model, layout_seed=9, style_seed=2), device="cpu")
    record = json.loads(json.dumps(first.record))
    assert record["model"] == model.name
    assert record["model_hash"] == model.hash
    again = synthesize(model, request_from_record(record), device="cpu")
    np.testing.assert_array_equal(first.maps["base_color"], again.maps["base_color"])


def test_asking_for_fewer_maps_changes_no_pixel(folder: Path) -> None:
    model = load_model(tiny_material_model(folder))
    every = synthesize(model, TextureRequest((128, 128), maps=tuple(MAPS)), device="cpu").maps
    alone = synthesize(model, TextureRequest((128, 128), maps=("roughness",)), device="cpu").maps
    np.testing.assert_array_equal(every["roughness"], alone["roughness"])


@pytest.mark.parametrize("size", [(64, 64), (192, 64), (64, 320)])
def test_every_map_is_a_torus_at_every_ratio(model: Model, size: tuple[int, int]) -> None:
    result = synthesize(model, request_for(model, size=size), device="cpu")
    for name, picture in result.maps.items():
        x, y = seam(picture)
        assert 0.3 < x < 2, name
        assert 0.3 < y < 2, name


def test_progress_rises_to_one(model: Model) -> None:
    shares: list[float] = []
    texts: set[str] = set()
    synthesize(model, request_for(model), "cpu", lambda share, text: (shares.append(share), texts.add(text)))
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert all(texts)


@pytest.mark.parametrize("after", [0, 1, 3, 6, 12])
def test_cancel_is_heard_within_a_tile_too(folder: Path, after: int) -> None:
    asked = 0

    def is_cancelled() -> bool:
        nonlocal asked
        asked += 1
        return asked > after

    model = load_model(tiny_material_model(folder))
    with pytest.raises(Cancelled):
        synthesize(model, TextureRequest((512, 512)), "cpu", is_cancelled=is_cancelled)
    assert asked == after + 1


@pytest.mark.parametrize(
    ("request_", "says"),
    [
        (TextureRequest((100, 128)), "96 and 104"),
        (TextureRequest((0, 128)), "64 to 16384"),
        (TextureRequest((128, 10**9)), "64 to 16384"),
        (TextureRequest((128, -8)), "64 to 16384"),
        (TextureRequest(layout_seed=-1), "layout seed"),
        (TextureRequest(style_seed=2**40), "style seed"),
        (TextureRequest(maps=()), "No map"),
        (TextureRequest(maps=("albedo",)), "base_color"),
    ],
)
def test_impossible_requests_say_what_is_possible(folder: Path, request_: TextureRequest, says: str) -> None:
    with pytest.raises(RequestError, match=says):
        synthesize(load_model(tiny_material_model(folder)), request_, device="cpu")


def test_a_model_says_which_maps_and_sizes_it_makes(folder: Path) -> None:
    with pytest.raises(RequestError, match="makes no normal map"):
        synthesize(load_model(tiny_classic_model(folder)), TextureRequest((64, 64)), device="cpu")
    with pytest.raises(RequestError, match="64 and 96"):
        synthesize(load_model(tiny_style_model(folder)), TextureRequest((72, 64)), device="cpu")


def test_a_style_without_its_generator_says_what_is_missing(tmp_path: Path) -> None:
    path = tiny_style_model(tmp_path)
    (tmp_path / "generator.safetensors").unlink()
    with pytest.raises(ModelFileError, match="needs the generator"):
        load_model(path)


def test_a_record_is_read_without_pytorch() -> None:
    code = "import sys; from texgan_core.request import request_from_record; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True).returncode == 0


def test_things_that_are_no_record_are_refused() -> None:
    for record in ({}, {"size": "big"}, {"size": [64, 64], "maps": [], "layout_seed": 1, "style_seed": 1}):
        with pytest.raises(RequestError):
            request_from_record(record)


def test_when_an_accelerator_s_memory_runs_out_the_processor_goes_on(folder, monkeypatch) -> None:
    model = load_model(tiny_material_model(folder))
    request = TextureRequest((128, 64), maps=("base_color",))
    wanted = synthesize(model, request, "cpu")
    monkeypatch.setattr("texgan_core.synthesize.choose_device", lambda name: torch.device("meta"))
    tiles = model.tiles

    def short_of_memory(request, device, *others):
        if device.type != "cpu":
            raise torch.OutOfMemoryError
        return tiles(request, device, *others)

    monkeypatch.setattr(model, "tiles", short_of_memory)
    made = synthesize(model, request)
    assert made.device == "cpu"
    np.testing.assert_array_equal(made.maps["base_color"], wanted.maps["base_color"])


def test_when_the_processor_s_memory_runs_out_it_is_said(folder, monkeypatch) -> None:
    model = load_model(tiny_material_model(folder))

    def short_of_memory(*arguments):
        raise MemoryError

    monkeypatch.setattr(model, "tiles", short_of_memory)
    with pytest.raises(DeviceError, match="not enough memory for 128 x 64"):
        synthesize(model, TextureRequest((128, 64)), "cpu")


@pytest.fixture
def upscaler(tmp_path, monkeypatch):
    """A small one instead of the bundled one."""
    monkeypatch.setattr(encode, "bundled", tiny_networks(tmp_path).get)


@pytest.mark.parametrize("factor", [2, 4])
def test_enlarged_it_is_a_torus_that_scales_down_to_the_plain_one(model: Model, upscaler, factor: int) -> None:
    request = TextureRequest((128, 64), layout_seed=3, maps=model.maps)
    plain, large = (synthesize(model, replace(request, upscale=u), "cpu") for u in (1, factor))
    assert large.record["upscale"] == factor and request_from_record(large.record).upscale == factor
    for name, picture in large.maps.items():
        assert picture.shape[:2] == (64 * factor, 128 * factor)
        assert max(border_steps(picture, factor)) < 1.6, name
        if name != "normal":
            small = picture.reshape(64, factor, 128, factor, -1).mean((1, 3)).reshape(plain.maps[name].shape)
            inner = (plain.maps[name] > 0.02) & (plain.maps[name] < 0.98)
            assert np.abs(small - plain.maps[name])[inner].mean() < 1e-3, name


def border_steps(picture: np.ndarray, factor: int) -> list[float]:
    """Change across the border, in units of that across other lines between pixels of the small picture, in y and x."""
    steps = [np.abs(np.roll(picture, -1, axis) - picture) for axis in (0, 1)]
    lines = [step.reshape(*step.shape[:2], -1).mean((1 - axis, 2)) for axis, step in enumerate(steps)]
    return [line[-1] / line[factor - 1 : -1 : factor].mean() for line in lines]


def test_enlarged_maps_do_not_depend_on_which_are_wanted(folder: Path, upscaler) -> None:
    model = load_model(str(tiny_material_model(folder)))
    both = [
        synthesize(model, TextureRequest((64, 64), maps=maps, upscale=2), "cpu").maps
        for maps in (tuple(MAPS), ("normal",))
    ]
    np.testing.assert_array_equal(both[0]["normal"], both[1]["normal"])


def test_a_factor_that_is_not_there() -> None:
    with pytest.raises(RequestError, match="enlarged 3 times; choose 1, 2 or 4"):
        TextureRequest(upscale=3).validate()
