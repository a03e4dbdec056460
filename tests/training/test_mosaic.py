"""The picture of all bundled models."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from texgan_core.library import load_model
from texgan_core.synthesize import TextureRequest, synthesize
from training.mosaic import GAP, main, mosaic, tiled


def test_fields_lie_in_rows() -> None:
    colors = [(10 * i, 0, 0) for i in range(5)]
    whole = np.asarray(mosaic([Image.new("RGB", (8, 8), color) for color in colors], 3))
    assert whole.shape == (2 * 8 + GAP, 3 * 8 + 2 * GAP, 3)
    assert [whole[y, x, 0] for y in (4, 4 + 8 + GAP) for x in (4, 4 + 8 + GAP, 4 + 16 + 2 * GAP)] == [
        0, 10, 20, 30, 40, 255,
    ]  # fmt: skip


def test_a_model_is_shown_two_by_two() -> None:
    field = np.asarray(tiled(synthesize(load_model("Bricks097"), TextureRequest((64, 64))), 128))
    np.testing.assert_array_equal(field[:64, :64], field[64:, 64:])
    assert field.std() > 5


def test_an_unknown_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        main(["--kind", "codec", "--out", str(tmp_path / "x.jpg")])
