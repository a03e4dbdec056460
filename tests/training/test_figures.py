"""The figures' own arithmetic, on tiny models."""

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from tests.tiny import tiny_material_model
from texgan_core.library import load_model
from texgan_core.models import MaterialModel
from training.figures import bare_convolution_seconds, decoder_roll_error, peak_memory, recording


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_material_model(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="module")
def model(path: Path) -> MaterialModel:
    return load_model(path)


def test_rolling_the_latent_rolls_the_maps(model: MaterialModel) -> None:
    assert decoder_roll_error(model.decoder) <= 1e-5


def test_the_roll_error_sees_a_decoder_that_knows_its_place(model: MaterialModel) -> None:
    class Placed(nn.Module):
        latent_channels = model.decoder.latent_channels

        def __init__(self) -> None:
            super().__init__()
            self.decoder = model.decoder

        def forward(self, z: torch.Tensor, is_cancelled: Callable[[], bool]) -> torch.Tensor:
            stack = self.decoder(z, is_cancelled)
            return stack + torch.linspace(0, 1, stack.shape[3])

    assert decoder_roll_error(Placed()) > 0.01


def test_bare_convolutions_are_all_noted_and_timed(model: MaterialModel) -> None:
    shapes: list = []
    convolutions = [part for part in model.decoder.modules() if isinstance(part, nn.Conv2d)]
    with recording(model.decoder, shapes):
        model.decoder(torch.zeros(1, model.decoder.latent_channels, 24, 24))
    assert [part for part, _ in shapes] == convolutions
    model.decoder(torch.zeros(1, model.decoder.latent_channels, 24, 24))
    assert len(shapes) == len(convolutions)
    assert 0 < bare_convolution_seconds(model.decoder, 128, 1) < 60


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_peak_memory_grows_with_the_picture(path: Path) -> None:
    small, large = peak_memory(str(path), 64), peak_memory(str(path), 1536)
    assert large - small > 1536 * 1536 * 8 * np.dtype(np.float32).itemsize
