"""What a codec gets wrong of a whole material is put right by a linear map."""

import numpy as np
import pytest

from texgan_core.calibration import COLORS_ALONE, GAINS, RIM, SHAPE, Calibration
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


def inner(stack: np.ndarray) -> np.ndarray:
    return stack[:, RIM:-RIM, RIM:-RIM]


def test_colours_get_the_mean_and_covariance_of_the_original(original: np.ndarray, decoded: np.ndarray) -> None:
    wanted = moments(inner(original))
    assert np.abs(moments(inner(decoded)) - wanted).max() > 0.05
    made = Calibration.of([original], decoded, frozenset(MAPS)).apply(decoded)
    np.testing.assert_allclose(moments(made), wanted, atol=1e-3)
    np.testing.assert_allclose(made, inner(original), atol=5e-3)  # so linear an error is wholly undone


@pytest.mark.parametrize("name", ["base_color", "normal", "roughness"])
def test_what_is_broad_and_what_is_fine_are_put_right_apart(name: str) -> None:
    """Stripes of 16 pixels that are decoded too weak under a grain that is decoded too strong."""
    rng, span = np.random.default_rng(2), MAPS[name].span
    stripes, grain = np.zeros((CHANNELS, 96, 96), np.float32), np.zeros((CHANNELS, 96, 96), np.float32)
    stripes[span] = 0.3 * np.sin(np.arange(96) * (2 * np.pi / 16))
    grain[span] = 0.05 * rng.standard_normal(grain[span].shape)
    original, decoded = stripes + grain, 0.5 * stripes + 2 * grain
    made = Calibration.of([original], decoded, frozenset({name})).apply(decoded)
    errors = [(stack - inner(original))[span].std() for stack in (inner(decoded), made)]
    assert errors[1] < 0.35 * errors[0]  # not 0: some grain is as broad as stripes
    alike = Calibration.of([original], decoded, frozenset({name}), apart=frozenset({"base_color"})).apply(decoded)
    assert (np.abs(alike - made).max() > 0.1) == (name != "base_color")


def test_a_matrix_of_models_whose_colours_alone_were_put_right_apart(original: np.ndarray) -> None:
    old = np.eye(*COLORS_ALONE, dtype=np.float32)
    old[0, CHANNELS], old[4, -1] = 0.25, 0.125
    made = Calibration(old).apply(original)
    new = np.eye(*SHAPE, dtype=np.float32)
    new[0, CHANNELS], new[4, -1] = 0.25, 0.125
    np.testing.assert_array_equal(made, Calibration(new).apply(original))
    assert np.abs(made - inner(original))[[0, 4]].min() > 0


def test_several_pictures_count_as_one_material(original: np.ndarray, decoded: np.ndarray) -> None:
    known = frozenset(MAPS)
    parts = Calibration.of([original[:, :, :24], original[:, :16]], decoded, known).matrix
    assert np.abs(parts - Calibration.of([original], decoded, known).matrix).max() < 0.2
    same = Calibration.of([original, original], decoded, known).matrix
    np.testing.assert_allclose(same, Calibration.of([original], decoded, known).matrix, atol=1e-3)


def test_a_rolled_torus_is_put_right_alike(original: np.ndarray, decoded: np.ndarray) -> None:
    calibration = Calibration.of([original], decoded, frozenset(MAPS))
    rim = ((0, 0), (RIM, RIM), (RIM, RIM))
    still, rolled = (
        calibration.apply(np.pad(np.roll(decoded, by, (1, 2)), rim, mode="wrap")) for by in ((0, 0), (3, 5))
    )
    np.testing.assert_array_equal(np.roll(still, (3, 5), (1, 2)), rolled)


def test_faint_shades_of_grey_are_put_right_too() -> None:
    """Colours that deviate by 0.2 along grey and by 0.02 across it, decoded with half the shades."""
    rng = np.random.default_rng(1)
    original = np.zeros((CHANNELS, 64, 64), np.float32)
    original[COLOR] = 0.2 * rng.standard_normal((1, 64, 64)) + 0.02 * rng.standard_normal((3, 64, 64))
    decoded = original.copy()
    grey = decoded[COLOR].mean(0)
    decoded[COLOR] = grey + 0.5 * (decoded[COLOR] - grey)
    made = Calibration.of([original], decoded, frozenset({"base_color"})).apply(decoded)
    wanted = inner(original)
    np.testing.assert_allclose(made[COLOR], wanted[COLOR], atol=0.02)
    shades = [(a[COLOR] - a[COLOR].mean(0)).std() for a in (made, wanted)]
    assert shades[0] == pytest.approx(shades[1], rel=0.1)


def test_maps_that_are_not_known_are_left(original: np.ndarray, decoded: np.ndarray) -> None:
    made = Calibration.of([original], decoded, frozenset({"base_color", "normal"})).apply(decoded)
    np.testing.assert_allclose(made[ROUGHNESS], inner(decoded)[ROUGHNESS], atol=1e-6)
    np.testing.assert_allclose(made[NORMAL], inner(original)[NORMAL], atol=2e-3)


def test_half_precision_originals_do_not_overflow() -> None:
    original = np.full((CHANNELS, 512, 512), 0.5, np.float16)
    calibration = Calibration.of([original], np.full_like(original, 0.25, np.float32), frozenset(MAPS))
    np.testing.assert_allclose(calibration.matrix[ROUGHNESS.start, -1], 0.25, atol=1e-6)


def test_none_changes_nothing(original: np.ndarray) -> None:
    np.testing.assert_array_equal(Calibration.none().apply(original), inner(original))


def test_flat_maps_stay_flat_and_contrast_is_not_raised_without_end(original: np.ndarray) -> None:
    original[ROUGHNESS], flat = 0.4, original.copy()
    flat[ROUGHNESS] = 0.3
    flat[NORMAL] *= 0.1
    calibration = Calibration.of([original], flat, frozenset(MAPS))
    np.testing.assert_allclose(calibration.apply(flat)[ROUGHNESS], 0.4, atol=1e-6)
    assert calibration.matrix[NORMAL.start, NORMAL.start] == GAINS[1]


def test_a_flat_colour_is_brought_to_its_shade() -> None:
    original, decoded = (np.full((CHANNELS, 16, 16), value, np.float32) for value in (0.5, 0.2))
    made = Calibration.of([original], decoded, frozenset(MAPS)).apply(decoded)
    np.testing.assert_allclose(made, 0.5, atol=1e-5)


@pytest.mark.parametrize("matrix", [np.eye(3, dtype=np.float32), np.zeros(SHAPE)])
def test_another_shape_or_type_is_none(matrix: np.ndarray) -> None:
    with pytest.raises(ValueError):
        Calibration(matrix)
