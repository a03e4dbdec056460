"""Each measure on pictures whose figure is known beforehand."""

import numpy as np
import pytest

from texgan_core.errors import ImageError
from texgan_core.features import describe
from texgan_core.measure import (
    Reference,
    checkerboard,
    copying,
    diversity,
    grid,
    normal_angle_error,
    psnr,
    quality_ratio,
    repeats,
    repetition,
    seam,
)

FEATURE_SPREADS = (0.20256612, 0.05854153, 0.09837888, 0.03019423, 0.05236088, 0.01695231, 0.49143252)


def grains(size: int, seed: int = 0, width: float = 3.0) -> np.ndarray:
    """A torus of filtered noise in two colours: blobs of about `width` pixels with fine noise on them."""
    rng = np.random.default_rng(seed)
    frequencies = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.fftfreq(size)[None])
    gain = np.exp(-((frequencies * 6 * width) ** 2))
    smooth = np.fft.ifft2(np.fft.fft2(rng.standard_normal((size, size))) * gain).real
    smooth = np.tanh(3 * smooth / smooth.std())
    fine = 0.2 * rng.standard_normal((size, size))
    color = np.float32([0.6, 0.5, 0.3]) + np.float32([0.25, 0.2, 0.1]) * (smooth + fine)[..., None]
    return np.clip(color, 0, 1).astype(np.float32)


def bricks(size: int, seed: int = 0) -> np.ndarray:
    """A torus, if 60 divides its size, of bricks of 60 x 30 pixels in running bond, in reds and mortar."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:size, :size]
    row = y // 30
    shifted = (x + 30 * (row % 2)) % size
    tone = rng.uniform(0.7, 1.1, (size // 30, size // 60))[row, shifted // 60]
    mortar = (y % 30 < 4) | (shifted % 60 < 4)
    color = np.where(mortar[..., None], 0.7, np.float32([0.6, 0.3, 0.2]) * tone[..., None])
    return np.clip(color + rng.normal(0, 0.03, (size, size, 1)), 0, 1).astype(np.float32)


def halves(picture: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return picture[:, : picture.shape[1] // 2], picture[:, picture.shape[1] // 2 :]


def blurred(picture: np.ndarray) -> np.ndarray:
    return sum(np.roll(picture, (y, x), (0, 1)) for y in (-1, 0, 1) for x in (-1, 0, 1)) / 9


def doubled(picture: np.ndarray) -> np.ndarray:
    """Every second pixel, twice each way."""
    return picture[::2, ::2].repeat(2, 0).repeat(2, 1)


def test_a_torus_is_seamless_wherever_it_is_rolled() -> None:
    picture = grains(256)
    for shift in ((0, 0), (13, 70), (101, 33)):
        assert seam(np.roll(picture, shift, (0, 1))) == pytest.approx((1, 1), abs=0.4)


def test_a_raw_crop_shows_its_seam_and_a_blended_one_its_blur() -> None:
    crop = grains(256)[:200, :200]
    assert min(seam(crop)) > 1.5
    ramp = np.clip(np.arange(200) / 16, 0, 1)[:, None, None].astype(np.float32)
    for axis, figure in ((0, 1), (1, 0)):
        weight = ramp if axis == 0 else ramp.transpose(1, 0, 2)
        both = (np.take(crop, [0], axis) + np.take(crop, [-1], axis)) / 2
        blended = both * (1 - weight) + crop * weight
        weight = np.flip(weight, axis)
        blended = both * (1 - weight) + blended * weight
        assert seam(blended)[figure] < 0.7


def test_seams_are_told_apart_by_axis_and_defined_for_one_colour() -> None:
    picture = grains(256)[:, :200, 0]
    x, y = seam(picture)
    assert x > 1.5
    assert y == pytest.approx(1, abs=0.4)
    assert seam(np.zeros((64, 64), np.float32)) == (1, 1)


@pytest.mark.parametrize("texture", [grains, bricks])
def test_quality_is_about_1_for_the_real_thing(texture) -> None:
    other, reference = halves(texture(420))
    assert quality_ratio(other, reference) == pytest.approx(1, abs=0.25)
    assert quality_ratio(np.roll(reference, (37, 101), (0, 1)), reference) == pytest.approx(1, abs=0.25)
    assert quality_ratio(other[..., 0], reference[..., 0]) == pytest.approx(1, abs=0.25)


def test_quality_falls_with_blur_wrong_colours_another_texture_and_noise() -> None:
    other, reference = halves(grains(420, width=1))
    soft, blue = quality_ratio(blurred(other), reference), quality_ratio(other[..., [2, 1, 0]], reference)
    foreign = quality_ratio(bricks(240), reference)
    noise = quality_ratio(np.random.default_rng(1).random((210, 210, 3), np.float32), reference)
    assert soft > 1.5
    assert blue > 1.5
    assert foreign > 3
    assert noise > 3


def test_features_are_the_same_everywhere() -> None:
    picture = (np.arange(64 * 64 * 3) ** 2 % 251 / 250).astype(np.float32).reshape(64, 64, 3)
    figures = describe(picture)
    assert figures.shape == (7, 64, 64)
    np.testing.assert_allclose(figures.std((1, 2)), FEATURE_SPREADS, rtol=1e-3)


def test_too_small_pictures_are_refused() -> None:
    with pytest.raises(ImageError, match="at least 64"):
        quality_ratio(np.zeros((64, 64, 3), np.float32), np.zeros((127, 200, 3), np.float32))
    with pytest.raises(ImageError, match="at least 16"):
        copying(np.zeros((8, 64), np.float32), np.zeros((64, 64), np.float32))
    with pytest.raises(ImageError, match="both"):
        copying(np.zeros((64, 64), np.float32), np.zeros((64, 64, 3), np.float32))
    with pytest.raises(ImageError, match="two"):
        diversity([np.zeros((8, 8))], [np.zeros((8, 8))] * 2)


def test_a_reference_that_looks_at_less_says_about_the_same() -> None:
    picture = grains(512)
    whole, quick = Reference(picture, 64), Reference(picture, 64, 4, 1024)
    for other in (np.roll(picture, (5, 9), (0, 1)), blurred(picture), picture[..., [2, 1, 0]]):
        assert quick.quality_ratio(other) == pytest.approx(whole.quality_ratio(other), rel=0.2)
    with pytest.raises(ImageError, match="at least 64 pixels"):
        Reference(picture, 63)


def test_diversity_is_0_for_one_picture_and_1_for_real_crops() -> None:
    real = [grains(128, seed) for seed in range(4)]
    assert diversity([real[0], real[0].copy(), real[0].copy()], real) < 0.01
    assert diversity(real[:2], real[2:]) == pytest.approx(1, abs=0.1)
    pale = [0.5 + 0.5 * (picture - 0.5) for picture in real]
    assert diversity(pale, real) == pytest.approx(0.5, abs=0.05)


def test_copying_is_1_for_a_copy_and_0_for_another_sample() -> None:
    exemplar = grains(256)
    assert copying(exemplar[40:200, 30:190], exemplar) > 0.97
    noisy = exemplar + np.random.default_rng(1).normal(0, 0.02, exemplar.shape)
    assert copying(noisy, exemplar) > 0.8
    assert copying(grains(256, seed=1), exemplar) < 0.05
    noise = np.random.default_rng(2).random((256, 256), np.float32)
    assert copying(noise, np.random.default_rng(3).random((256, 256), np.float32)) < 0.02


def test_copying_of_a_mosaic_lies_between() -> None:
    exemplar = grains(256)
    rng = np.random.default_rng(4)
    rows = []
    for _ in range(8):
        corners = rng.integers(0, 224, (8, 2))
        rows.append(np.concatenate([exemplar[y : y + 32, x : x + 32] for y, x in corners], 1))
    # Of four patches across a piece, three have their neighbour in it.
    assert copying(np.concatenate(rows), exemplar) == pytest.approx(0.75, abs=0.08)


def test_repetition_sees_tiles_but_not_the_material_s_own_period() -> None:
    real = grains(512)
    assert repetition(grains(512, seed=1), real) == pytest.approx(0, abs=0.05)
    assert repetition(np.tile(real[:128, :128], (4, 4, 1)), real) > 0.8
    assert repetition(bricks(480, seed=1), bricks(480)) == pytest.approx(0, abs=0.05)
    assert repetition(bricks(480), real) > 0.4


def test_repeats_are_told_along_the_axis_on_which_they_are() -> None:
    real = grains(512)
    assert max(repeats(real)) < 0.15
    x, y = repeats(np.concatenate([real[:, :256]] * 2, 1))
    assert x > 0.9 and y < 0.2
    x, y = repeats(np.concatenate([real[:128]] * 4, 0))
    assert y > 0.9 and x < 0.2
    assert repeats(np.full((64, 96, 3), 0.5, np.float32)) == (0.0, 0.0)


def test_a_gradient_is_no_repetition() -> None:
    picture = grains(256)[..., 0]
    shaded = picture * 0.5 + np.linspace(0, 0.5, 256, dtype=np.float32)
    assert repetition(shaded, picture) == pytest.approx(0, abs=0.05)


def test_checkerboard_sees_doubled_pixels_and_added_grids() -> None:
    real, other = grains(256), grains(256, seed=1)
    assert abs(checkerboard(other, real)) < 0.01
    assert checkerboard(doubled(other), real) > 0.2
    for period in (2, 4, 8):
        grid = np.zeros((256, 256, 1), np.float32)
        grid[::period, ::period] = 0.1
        assert checkerboard(other + grid, real) > 0.05
    assert checkerboard(real, doubled(real)) <= 0.01


def test_grid_sees_cells_that_repeat_themselves_here_and_there() -> None:
    real, rng = grains(256), np.random.default_rng(0)
    assert grid(grains(256, seed=1), real) < 0.15
    cells = grains(256, seed=1).reshape(32, 8, 32, 8, 3).transpose(0, 2, 1, 3, 4)
    few = cells[rng.integers(0, 3, (32, 32)), rng.integers(0, 2, (32, 32))]
    assert grid(few.transpose(0, 2, 1, 3, 4).reshape(256, 256, 3), real) > 0.3
    lines = np.zeros((256, 256, 1), np.float32)
    lines[:, ::8] = 0.1
    assert grid(grains(256, seed=1) + lines, real) > 0.5
    assert grid(real, real) == 0
    with pytest.raises(ImageError, match="at least 64"):
        grid(real[:60], real)


def test_psnr_of_known_errors() -> None:
    picture = np.full((8, 8), 0.5, np.float32)
    assert psnr(picture + np.float32(0.1), picture) == pytest.approx(20, abs=0.01)
    assert psnr(picture, picture) == np.inf


def test_normal_angle_error_of_known_angles() -> None:
    def tilted(degrees: float) -> np.ndarray:
        angle = np.radians(degrees)
        return np.broadcast_to(np.float32([np.sin(angle), 0, np.cos(angle)]) * 0.5 + 0.5, (4, 4, 3))

    assert normal_angle_error(tilted(0), tilted(0)) == 0
    assert normal_angle_error(tilted(25), tilted(-5)) == pytest.approx(30, abs=0.01)
    assert normal_angle_error(tilted(1), tilted(0)) == pytest.approx(1, abs=0.01)
