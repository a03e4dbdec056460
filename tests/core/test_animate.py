"""Animations that loop in time and tile in space."""

import json
from pathlib import Path

import numpy as np
import pytest

from tests.tiny import tiny_material_model, tiny_style_model
from texgan_core.animate import frames
from texgan_core.cli import main
from texgan_core.errors import RequestError
from texgan_core.library import load_model
from texgan_core.look import Look
from texgan_core.request import request_from_record
from texgan_core.synthesize import TextureRequest, synthesize

REQUEST = TextureRequest((128, 128), layout_seed=2, style_seed=3, maps=("base_color",), styles=(7, 9))


@pytest.fixture(params=[tiny_material_model, tiny_style_model])
def model(tmp_path, request):
    return load_model(request.param(tmp_path))


def colors(model, request) -> np.ndarray:
    return synthesize(model, request, "cpu").maps["base_color"]


def test_it_passes_through_every_style_and_comes_back(model) -> None:
    made = [colors(model, frame) for frame in frames(REQUEST, 6)]
    for number, seed in ((0, 3), (2, 7), (4, 9)):
        still = TextureRequest((128, 128), layout_seed=2, style_seed=seed, maps=("base_color",))
        np.testing.assert_allclose(made[number], colors(model, still), atol=1e-5)
    np.testing.assert_allclose(colors(model, REQUEST), made[0], atol=1e-6)


def test_no_frame_jumps_and_the_last_leads_to_the_first(model) -> None:
    made = [colors(model, frame) for frame in frames(REQUEST, 24)]
    steps = [np.abs(a - b).mean() for a, b in zip(made, [*made[1:], made[0]], strict=True)]
    farthest = max(np.abs(made[0] - other).mean() for other in made)
    assert max(steps) < 0.5 * farthest and steps[-1] < 0.5 * farthest


def test_a_record_makes_a_frame_again(model) -> None:
    frame = list(frames(REQUEST, 5))[3]
    made = synthesize(model, frame, "cpu")
    again = request_from_record(json.loads(json.dumps(made.record)))
    assert again == frame
    np.testing.assert_array_equal(colors(model, again), made.maps["base_color"])


def test_half_way_between_two_looks() -> None:
    assert Look().towards(Look(lightness=0.4, relief=2), 0.25) == Look(lightness=0.1, relief=1.25)
    first, second, share = TextureRequest(style_seed=1, styles=(2,), moment=0.25).way()
    assert (first, second) == (1, 2) and share == pytest.approx(0.5)
    assert TextureRequest(style_seed=5).way()[2] == 0


def test_what_cannot_be_animated() -> None:
    with pytest.raises(RequestError, match="at least one more style seed"):
        list(frames(TextureRequest(), 8))
    with pytest.raises(RequestError, match="1 frames were asked for"):
        list(frames(REQUEST, 1))
    with pytest.raises(RequestError, match=r"The moment is 1\.5"):
        TextureRequest(moment=1.5).validate()
    with pytest.raises(RequestError, match="The style seed is -1"):
        TextureRequest(styles=(-1,)).validate()


def test_the_command_writes_numbered_frames(tmp_path, capsys) -> None:
    model = tiny_material_model(tmp_path)
    out = tmp_path / "out"
    options = ("--size", "64", "--maps", "base_color,height", "--frames", "3", "--through", "4", "--out", str(out))
    assert main(["animate", str(model), *options, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["frames"] == 3
    assert sorted(path.name for path in Path(out).iterdir()) == sorted(
        f"Tiny_{word}_000{n}.png" for word in ("basecolor", "height") for n in (1, 2, 3)
    )
    assert main(["animate", str(model), "--through", "a"]) == 2
    assert "no list of seeds" in capsys.readouterr().err
