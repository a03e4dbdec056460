"""Guides: patterns that close around a torus at any size, and pictures."""

from dataclasses import asdict, replace

import numpy as np
import pytest

from texgan_core.errors import ImageError, RequestError
from texgan_core.guides import PATTERNS, Guide, guide_from_record
from texgan_core.pictures import write_picture

CELLS = (24, 32)
EVERY = [Guide(name, columns=12, rows=12, joint=12) for name in PATTERNS]
REGULAR = [guide for guide in EVERY if guide.pattern not in ("planks", "cobbles", "patches")]
ABRUPT = ("weave", "patches")
"""Threads of a weave end abruptly, and of a patch it is the share that is told, not the distance to its border."""


@pytest.mark.parametrize("guide", [g for g in EVERY if g.pattern not in ABRUPT], ids=lambda guide: guide.pattern)
def test_a_pattern_closes_around_the_torus(guide: Guide) -> None:
    """Distances change by 4 pixels from sample to sample at most, around the border too; half of a guide's range."""
    high = guide.values(CELLS)[0]
    for axis in (0, 1):
        assert np.abs(high - np.roll(high, 1, axis)).max() <= 1 + 1e-5


@pytest.mark.parametrize("guide", REGULAR, ids=lambda guide: guide.pattern)
def test_twice_the_bricks_on_twice_the_torus_are_the_same(guide: Guide) -> None:
    once = guide.values(CELLS)
    twice = replace(guide, rows=24, columns=24).values((48, 64))
    np.testing.assert_allclose(np.tile(once, (1, 2, 2)), twice, atol=1e-5)


@pytest.mark.parametrize("guide", EVERY, ids=lambda guide: guide.pattern)
def test_a_pattern_has_stones_and_joints(guide: Guide) -> None:
    high, said = guide.values((64, 64))
    assert high.dtype == np.float32 and high.min() == -1 and high.max() == 1
    assert (said == 1).all()
    assert 0.3 < (high > 0).mean() < 0.95


def test_courses_of_a_running_bond_are_shifted_by_half_a_brick() -> None:
    """Eight bricks of 64 pixels, which are 16 samples, around; four courses of 16 samples."""
    high = Guide("running bond", columns=8, rows=4, joint=8).values((32, 64))[0]
    courses = high[[8, 24, 40, 56]]
    np.testing.assert_array_equal(courses[0], np.roll(courses[1], 8))
    np.testing.assert_array_equal(courses[0], courses[2])
    assert (np.flatnonzero(courses[0] < 0) % 16).tolist() == [0, 15] * 8


def test_a_picture_is_known_by_its_pixels(tmp_path) -> None:
    path = tmp_path / "mask.png"
    ramp = np.tile(np.linspace(0, 1, 64), (48, 1))
    write_picture(path, ramp)
    guide = Guide("picture", picture=str(path))
    pinned = guide.pinned()
    assert pinned.pinned() == pinned and len(pinned.picture_hash) == 64
    np.testing.assert_array_equal(pinned.values(CELLS), guide.values(CELLS))
    write_picture(path, ramp, bits=8)
    pinned.values(CELLS)
    write_picture(path, 1 - ramp)
    for use in (lambda: pinned.values(CELLS), pinned.pinned):
        with pytest.raises(ImageError, match=r"mask\.png has changed since the texture was made; bring it back"):
            use()
    guide.values(CELLS)
    assert Guide("planks").pinned() == Guide("planks")


def test_a_wider_joint_leaves_less_stone() -> None:
    shares = [(Guide(joint=joint).values((64, 64))[0] > 0).mean() for joint in (4, 12, 24)]
    assert shares == sorted(shares, reverse=True) and shares[0] > shares[-1]


def test_upright_turns_by_a_quarter() -> None:
    lying, upright = Guide("stack bond", 3, 5), Guide("stack bond", 3, 5, upright=True)
    np.testing.assert_array_equal(upright.values((16, 24))[0], lying.values((24, 16))[0].T)


def test_seeds_move_planks() -> None:
    first, again, other = (Guide("planks", seed=seed).values(CELLS) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_patches_close_and_the_joint_says_how_much_they_cover() -> None:
    """Units of 128 pixels; the steps across the border are like those within."""
    for joint in (32, 64, 96):
        high = Guide("patches", columns=4, rows=4, joint=joint, seed=3).values((64, 64))[0]
        assert abs((high > 0).mean() - (1 - joint / 128)) < 0.01
        for axis in (0, 1):
            steps = np.abs(high - np.roll(high, 1, axis)).mean(1 - axis)
            assert steps[0] < 2 * steps.mean()
    assert (Guide("patches").values(CELLS) != Guide("patches", seed=1).values(CELLS)).any()


def test_hexagons_have_borders_halfway_between_their_middles() -> None:
    high = Guide("hexagons", columns=2, rows=2, joint=0).values((16, 16))[0]
    middle = high[8, 4]  # of the tile in row 0, column 0: a quarter of a unit of 16 samples
    assert middle == 1


def test_a_picture_is_followed(tmp_path) -> None:
    path = tmp_path / "mask.png"
    write_picture(path, np.repeat(np.array([[0.0], [1.0]]), 64, 1).repeat(32, 0))
    high = Guide("picture", picture=str(path)).values((16, 8))[0]
    assert high.shape == (32, 16)
    assert high[6].mean() == -1 and high[26].mean() == 1


@pytest.mark.parametrize(
    ("guide", "says"),
    [
        (Guide("brix"), "no pattern named 'brix'; choose from running bond"),
        (Guide("herringbone", columns=6, rows=8), "has 6 columns; choose a multiple of 4"),
        (Guide("third bond", rows=8), "has 8 rows; choose a multiple of 3"),
        (Guide("stack bond", rows=0), "has 0 rows; choose a whole number from 1"),
        (Guide(joint=-1), "-1 pixels wide"),
        (Guide(joint=float("nan")), "nan pixels wide"),
    ],
)
def test_what_does_not_close_is_said(guide: Guide, says: str) -> None:
    with pytest.raises(RequestError, match=says):
        guide.values(CELLS)


def test_a_picture_that_is_not_there(tmp_path) -> None:
    with pytest.raises(ImageError, match="There is no picture"):
        Guide("picture", picture=str(tmp_path / "none.png")).values(CELLS)


def test_a_record_holds_a_guide() -> None:
    guide = Guide("cobbles", 6, 8, 9.5, True, 3)
    assert guide_from_record(asdict(guide)) == guide
    assert guide_from_record(None) is None
    with pytest.raises(RequestError):
        guide_from_record({"pattern": "brix"})
    with pytest.raises(TypeError):
        guide_from_record({"pattern": "planks", "code": 1})
