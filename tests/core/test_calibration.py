"""What a codec gets wrong of a whole material is put right by a linear map."""

import numpy as np
import pytest

from texgan_core.calibration import GAINS, SHAPE, Calibration
from texgan_core.maps import CHANNELS, MAPS

COLOR, ROUGHNESS, NORMAL = (MAPS[name].span for name in ("base_color", "roughness", "normal"))


@pytest.fixture
def original() -> np.ndarray:
    rng = np.random.default_rng(0)
    stack = rng.standard_normal((CHANNELS, 48, 40)).astype(np.float32) * 0.2
    stack[COLOR] += 0.7 * stack[:1]  # colours hang together
    return stack


@pytest.fixture
def decoded(original: np.ndarray) -> np.ndarray:
    """Redder, duller, less contrast."""
    stack = original * 0.8
    stack[0] += 0.1
    stack[COLOR] = 0.7 * stack[COLOR] + 0.3 * stack[COLOR].mean(0)
    return stack


def moments(stack: np.ndarray) -> np.ndarray:
    colors = stack[COLOR].reshape(3, -1)
    return np.concatenate([colors.mean(1), np.cov(colors).ravel()])


def test_colours_get_the_mean_and_covariance_of_the_original(original: np.ndarray, decoded: np.ndarray) -> None:
    calibration = Calibration.of(original, decoded, frozenset(MAPS))
    assert np.abs(moments(decoded) - moments(original)).max() > 0.05
    calibration.apply(decoded)
    np.testing.assert_allclose(moments(decoded), moments(original), atol=1e-4)
    np.testing.assert_allclose(decoded, original, atol=1e-3)  # so linear an error is wholly undone


def test_faint_shades_of_grey_are_put_right_too() -> None:
    """Colours that deviate by 0.2 along grey and by 0.02 across it, decoded with half the shades."""
    rng = np.random.default_rng(1)
    original = np.zeros((CHANNELS, 64, 64), np.float32)
    original[COLOR] = 0.2 * rng.standard_normal((1, 64, 64)) + 0.02 * rng.standard_normal((3, 64, 64))
    decoded = original.copy()
    grey = decoded[COLOR].mean(0)
    decoded[COLOR] = grey + 0.5 * (decoded[COLOR] - grey)
    Calibration.of(original, decoded, frozenset({"base_color"})).apply(decoded)
    np.testing.assert_allclose(decoded[COLOR], original[COLOR], atol=0.01)
    shades = [(a[COLOR] - a[COLOR].mean(0)).std() for a in (decoded, original)]
    assert shades[0] == pytest.approx(shades[1], rel=0.1)


def test_maps_that_are_not_known_are_left(original: np.ndarray, decoded: np.ndarray) -> None:
    before = decoded.copy()
    Calibration.of(original, decoded, frozenset({"base_color", "normal"})).apply(decoded)
    np.testing.assert_allclose(decoded[ROUGHNESS], before[ROUGHNESS], atol=1e-6)
    np.testing.assert_allclose(decoded[NORMAL].std(), original[NORMAL].std(), rtol=1e-3)


def test_half_precision_originals_do_not_overflow() -> None:
    original = np.full((CHANNELS, 512, 512), 0.5, np.float16)
    calibration = Calibration.of(original, np.full_like(original, 0.25, np.float32), frozenset(MAPS))
    np.testing.assert_allclose(calibration.matrix[ROUGHNESS.start, -1], 0.25, atol=1e-6)


def test_none_changes_nothing(original: np.ndarray) -> None:
    stack = original.copy()
    Calibration.none().apply(stack)
    np.testing.assert_array_equal(stack, original)


def test_flat_maps_stay_flat_and_contrast_is_not_raised_without_end(original: np.ndarray) -> None:
    original[ROUGHNESS], flat = 0.4, original.copy()
    flat[ROUGHNESS] = 0.3
    flat[NORMAL] *= 0.1
    calibration = Calibration.of(original, flat, frozenset(MAPS))
    calibration.apply(flat)
    np.testing.assert_allclose(flat[ROUGHNESS], 0.4, atol=1e-6)
    assert calibration.matrix[NORMAL.start, NORMAL.start] == GAINS[1]


def test_a_flat_colour_is_brought_to_its_shade() -> None:
    original, decoded = (np.full((CHANNELS, 16, 16), value, np.float32) for value in (0.5, 0.2))
    Calibration.of(original, decoded, frozenset(MAPS)).apply(decoded)
    np.testing.assert_allclose(decoded, 0.5, atol=1e-5)


@pytest.mark.parametrize("matrix", [np.eye(3, dtype=np.float32), np.zeros(SHAPE)])
def test_another_shape_or_type_is_none(matrix: np.ndarray) -> None:
    with pytest.raises(ValueError):
        Calibration(matrix)
