"""A torus that has just been decoded is not decoded again."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.tiny import tiny_codec, tiny_material_model, tiny_style_model
from texgan_core import recent as recent_module
from texgan_core.decode import decode_tiles
from texgan_core.library import load_model
from texgan_core.look import Look
from texgan_core.maps import MAPS
from texgan_core.recent import Recent, recent
from texgan_core.synthesize import TextureRequest, release_memory, synthesize


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows by one whenever a torus is really decoded."""
    counted: list[int] = []

    def counting(*arguments, **named):
        counted.append(1)
        return decode_tiles(*arguments, **named)

    monkeypatch.setattr(recent_module, "decode_tiles", counting)
    recent.forget()
    return counted


@pytest.mark.parametrize("make", [tiny_material_model, tiny_style_model])
def test_another_look_decodes_nothing_and_gives_the_same_as_from_nothing(tmp_path, decoded, make) -> None:
    model = load_model(str(make(tmp_path)))
    plain = TextureRequest((192, 128), 3, maps=tuple(MAPS))
    looked = replace(plain, look=Look(lightness=0.1, relief=2.0))
    first = synthesize(model, plain, "cpu").maps
    found = synthesize(model, looked, "cpu").maps
    assert len(decoded) == 1
    release_memory()
    for name, picture in synthesize(model, looked, "cpu").maps.items():
        np.testing.assert_array_equal(picture, found[name])
    assert len(decoded) == 2
    for name, picture in synthesize(model, plain, "cpu").maps.items():
        np.testing.assert_array_equal(picture, first[name])
    assert len(decoded) == 2


@pytest.mark.parametrize("other", [{"layout_seed": 4}, {"size": (128, 128)}])
def test_another_layout_is_decoded(tmp_path, decoded, other) -> None:
    model = load_model(str(tiny_material_model(tmp_path)))
    plain = TextureRequest((192, 128), 3)
    synthesize(model, plain, "cpu")
    synthesize(model, replace(plain, **other), "cpu")
    assert len(decoded) == 2


def test_a_cancelled_torus_and_a_large_one_are_not_kept(tmp_path, decoded, monkeypatch) -> None:
    decoder = load_model(str(tiny_material_model(tmp_path))).decoder
    latent = np.random.default_rng(0).standard_normal((8, 80, 80)).astype(np.float32)
    keeper = Recent()
    next(keeper.tiles(decoder, latent))
    list(keeper.tiles(decoder, latent))
    assert len(decoded) == 2
    list(keeper.tiles(decoder, latent))
    assert len(decoded) == 2
    monkeypatch.setattr(recent_module, "LARGEST", 600 * 600)
    list(keeper.tiles(decoder, latent[:, :, :76]))
    list(keeper.tiles(decoder, latent[:, :, :76]))
    assert len(decoded) == 4


def _two_folders(root: Path) -> list[Path]:
    folders = [root / "a", root / "b"]
    for seed, folder in enumerate(folders):
        folder.mkdir()
        tiny_codec(folder, seed)
    return folders


def test_other_weights_are_another_torus(tmp_path, decoded) -> None:
    decoders = [load_model(str(tiny_material_model(folder))).decoder for folder in _two_folders(tmp_path)]
    latent = np.ones((8, 8, 8), np.float32)
    for decoder in decoders:
        list(recent.tiles(decoder, latent))
    assert len(decoded) == 2
