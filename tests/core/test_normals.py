"""Heights from normals, and the signs between them."""

import numpy as np
import pytest

from tests.sets import grain
from texgan_core.normals import amplitude, height_from_normals, standardize_height


def normals_of(slope_columns: np.ndarray, slope_rows: np.ndarray) -> np.ndarray:
    """OpenGL normals (x to the right, y up) of a surface with these slopes along columns and rows."""
    vectors = np.stack([-slope_columns, slope_rows, np.ones_like(slope_columns)])
    return (vectors / np.linalg.norm(vectors, axis=0))[:2]


def wave(rows: int, columns: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A sum of waves on a torus, in pixels, with its exact slopes."""
    y, x = np.mgrid[:rows, :columns].astype(np.float64)
    height, slope_columns, slope_rows = np.zeros((3, rows, columns))
    for high, i, j, phase in ((1.5, 2, 0, 0.3), (1.0, 0, 3, 1.0), (0.7, 4, -2, 2.0), (0.4, 5, 7, 0.0)):
        a, b = 2 * np.pi * i / columns, 2 * np.pi * j / rows
        height += high * np.sin(a * x + b * y + phase)
        slope_columns += high * a * np.cos(a * x + b * y + phase)
        slope_rows += high * b * np.cos(a * x + b * y + phase)
    return height, slope_columns, slope_rows


@pytest.mark.parametrize(("rows", "columns"), [(96, 96), (64, 128), (90, 75)])
def test_a_known_height_comes_back(rows: int, columns: int) -> None:
    height, slope_columns, slope_rows = wave(rows, columns)
    found = height_from_normals(normals_of(slope_columns, slope_rows), longest_wave=1e6)
    np.testing.assert_allclose(found, height, atol=1e-3)


@pytest.mark.parametrize(("rows", "columns"), [(256, 256), (255, 300)])
def test_how_high_a_height_reaches_is_told_by_its_normals(rows: int, columns: int) -> None:
    height, slope_columns, slope_rows = wave(rows, columns)
    normals = normals_of(slope_columns, slope_rows)
    grainy = 0.5 + height / 12 + np.random.default_rng(0).normal(0, 0.001, height.shape)
    assert amplitude(0.5 + height / 12, normals) == pytest.approx(12, rel=0.02)
    assert amplitude(grainy, normals) == pytest.approx(12, rel=0.1)
    assert amplitude(0.5 + height / 12, normals * 0) == 0
    assert amplitude(0.5 - height / 12, normals) == 0, "what contradicts it does not turn it over"
    assert amplitude(np.full_like(height, 0.5), normals) == 0


def test_an_asymmetric_bump_keeps_its_place_and_sign() -> None:
    y, x = np.mgrid[:64, :64]
    bump = 6 * np.exp(-(((x - 12) / 5.0) ** 2) - ((y - 40) / 9.0) ** 2)  # left of the middle, below it
    slope_columns = (np.roll(bump, -1, 1) - np.roll(bump, 1, 1)) / 2
    slope_rows = (np.roll(bump, -1, 0) - np.roll(bump, 1, 0)) / 2
    xy = normals_of(slope_columns, slope_rows)
    assert xy[0, 40, 8] < -0.2 and xy[0, 40, 16] > 0.2  # the left flank faces left
    assert xy[1, 32, 12] > 0.2 and xy[1, 48, 12] < -0.2  # the upper flank faces up
    found = height_from_normals(xy)
    assert np.unravel_index(found.argmax(), found.shape) == (40, 12)
    assert np.corrcoef(found.ravel(), bump.ravel())[0, 1] > 0.99
    downside = height_from_normals(xy * [[[1]], [[-1]]])  # read as DirectX it is another surface
    assert np.corrcoef(downside.ravel(), bump.ravel())[0, 1] < 0.5


def test_long_waves_are_taken_for_errors() -> None:
    x = np.arange(512) * 2 * np.pi / 512
    flat = height_from_normals(normals_of(np.tile(0.05 * np.cos(x), (512, 1)), np.zeros((512, 512))), longest_wave=64)
    assert np.abs(flat).max() < 0.02 * 0.05 * 512 / (2 * np.pi) * 2


def test_flat_normals_are_a_flat_height() -> None:
    np.testing.assert_array_equal(height_from_normals(np.zeros((2, 32, 48))), np.zeros((32, 48)))


def test_standard_heights_have_one_mean_and_spread_whatever_the_scale() -> None:
    relief = grain(64, 3)
    for scale in (20, 3000):
        standard = standardize_height(relief * scale + 7)
        assert standard.mean() == pytest.approx(0.5, abs=0.01)
        assert standard.std() == pytest.approx(1 / 6, abs=0.02)
        assert standard.min() >= 0 and standard.max() <= 1


def test_noise_is_not_blown_up_to_a_relief() -> None:
    noise = np.random.default_rng(0).standard_normal((64, 64)) * 0.01
    assert standardize_height(noise).std() < 0.01
