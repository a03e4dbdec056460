"""From one style of the generator to another."""

import json

import numpy as np
import pytest

from tests.tiny import tiny_material_model, tiny_style_model
from texgan_core.blend import Blend
from texgan_core.errors import RequestError
from texgan_core.library import load_model
from texgan_core.mixture import Mixture
from texgan_core.model_file import read_model_file, write_model_file
from texgan_core.synthesize import TextureRequest, synthesize

REQUEST = TextureRequest((128, 128), layout_seed=3, maps=("base_color", "normal"))


@pytest.fixture
def first(tmp_path):
    return load_model(tiny_style_model(tmp_path, "First"))


@pytest.fixture
def second(tmp_path, first):
    """Another style of the same generator, of another length."""
    file = read_model_file(tmp_path / "First.safetensors")
    generator = read_model_file(tmp_path / "generator.safetensors")
    style = 5 * generator.tensors["styles.weight"][1]
    write_model_file(tmp_path / "Second.safetensors", file.card | {"name": "Second"}, file.tensors | {"style": style})
    return load_model(tmp_path / "Second.safetensors")


def colors(model) -> np.ndarray:
    return synthesize(model, REQUEST, "cpu").maps["base_color"]


def test_the_ends_are_the_two_styles(first, second) -> None:
    np.testing.assert_allclose(colors(Blend(first, second, 0)), colors(first), atol=1e-4)
    np.testing.assert_allclose(colors(Blend(first, second, 1)), colors(second), atol=1e-4)


def test_the_middle_is_as_near_to_both(first, second) -> None:
    """Whatever the lengths of the styles, and whichever is named first."""
    forth, back = Blend(first, second, 0.25), Blend(second, first, 0.75)
    np.testing.assert_allclose(colors(forth), colors(back), atol=1e-4)
    middle = Blend(first, second, 0.5).style
    for model in (first, second):
        cosine = middle @ model.style / np.linalg.norm(middle) / np.linalg.norm(model.style)
        assert cosine > 0.3
    assert np.abs(colors(first) - colors(second)).mean() > 1e-3


def test_a_record_says_what_was_blended(first, second, tmp_path) -> None:
    record = json.loads(json.dumps(synthesize(Blend(first, second, 0.25), REQUEST, "cpu").record))
    assert record["model"] == "First"
    assert record["blend"] == {"model": "Second", "model_hash": second.hash, "share": 0.25}
    stone = load_model(tiny_material_model(tmp_path, "Stone"))
    assert Mixture(Blend(first, second, 0.25), stone).blend == (second, 0.25)
    assert synthesize(first, REQUEST, "cpu").record["blend"] is None


def test_what_cannot_be_blended(first, second, tmp_path) -> None:
    with pytest.raises(RequestError, match="Stone cannot be blended; choose two models whose names end in -noise"):
        Blend(first, load_model(tiny_material_model(tmp_path, "Stone")), 0.5)
    for share in (-0.1, 1.1, float("nan")):
        with pytest.raises(RequestError, match="The share of Second is"):
            Blend(first, second, share)
    theirs = load_model(tmp_path / "First.safetensors")
    theirs.card = theirs.card | {"generator": "f" * 64}
    with pytest.raises(RequestError, match="different generators"):
        Blend(first, theirs, 0.5)
