"""Where a torus is cut open: a typical line, the same whatever the layout it comes in."""

import numpy as np

from tests.sets import bricks
from texgan_core.border import BorderSteps
from texgan_core.maps import CHANNELS, MAPS
from texgan_core.measure import seam


def stack_of(picture: np.ndarray) -> np.ndarray:
    stack = np.zeros((CHANNELS, *picture.shape), np.float32)
    for name in ("base_color", "normal", "roughness", "height"):
        stack[MAPS[name].span] = picture * 2 - 1
    return stack


def test_the_border_leaves_the_joint_for_a_typical_line() -> None:
    # Lines fall on joints, beside them and within bricks.
    size = 288
    picture = bricks(size, columns=4, rows=8) + 0.3 * np.random.default_rng(0).random((size, size), np.float32)
    picture = np.roll(picture, 4, 0)
    cells = size // 8
    sources = np.stack(np.meshgrid(np.arange(cells), np.arange(cells), indexing="ij"))
    row, column = BorderSteps.of(stack_of(picture)).typical_lines(sources)
    worst = max(abs(np.log(seam(np.roll(picture, (-k, -column), (0, 1)))[1])) for k in range(size))
    x, y = seam(np.roll(picture, (-row, -column), (0, 1)))
    assert abs(np.log(y)) < 0.35 * worst
    assert 0.7 < x < 1.5
    assert 0.7 < y < 1.5


def test_rolled_sources_are_cut_open_alike() -> None:
    rng = np.random.default_rng(1)
    picture = rng.random((128, 192), np.float32) * rng.random((128, 1), np.float32) * rng.random((1, 192), np.float32)
    steps = BorderSteps.of(stack_of(picture))
    sources = np.stack(np.meshgrid(np.arange(16), np.arange(24), indexing="ij"))
    row, column = steps.typical_lines(sources)
    rolled_row, rolled_column = steps.typical_lines(np.roll(sources, (3, 5), (1, 2)))
    straight = seam(np.roll(picture, (-row, -column), (0, 1)))
    rolled = seam(np.roll(picture, (24 - rolled_row, 40 - rolled_column), (0, 1)))
    np.testing.assert_allclose(rolled, straight, rtol=0.05)
    np.testing.assert_allclose(straight, 1, atol=0.05)


def test_steps_say_whether_they_fit_a_latent() -> None:
    steps = BorderSteps.of(np.zeros((CHANNELS, 80, 96), np.float32))
    assert steps.fits((32, 10, 12))
    assert not steps.fits((32, 12, 10))
    assert not steps.fits((10, 12))
