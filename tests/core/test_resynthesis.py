"""Laying out an exemplar's latent anew: exact tori, whole courses, variety, the same on every run."""

from typing import Any

import numpy as np
import pytest

from texgan_core import pattern
from texgan_core.cuts import cheapest_paths, cut_mask
from texgan_core.errors import Cancelled, RequestError
from texgan_core.exemplar import Exemplar, whole_features
from texgan_core.gather import gather
from texgan_core.pattern import Pattern, alike, period
from texgan_core.resynthesis import lay_out


def resynthesize(exemplar: np.ndarray, *request: Any, **hooks: Any) -> np.ndarray:
    """The torus itself: the cells of the exemplar, laid out."""
    rows, columns = lay_out(exemplar, *request, **hooks)
    return exemplar[:, rows, columns]


def smooth_noise(seed: int, size: tuple[int, int], channels: int = 12) -> np.ndarray:
    """A torus of blobs, (channels, *size) float32."""
    noise = np.random.default_rng(seed).standard_normal((channels, *size))
    for axis in (1, 2):
        noise = noise + np.roll(noise, 1, axis) + np.roll(noise, -1, axis)
    return (noise / 3).astype(np.float32)


def courses(size: tuple[int, int], height: int = 8, length: int = 16) -> np.ndarray:
    """A running bond of bricks of random shades, one channel for mortar."""
    rows, columns = np.mgrid[: size[0], : size[1]]
    shifted = columns + (rows // height % 2) * (length // 2)
    mortar = (rows % height == 0) | (shifted % length == 0)
    brick = (rows // height) * 100 + (shifted % size[1]) // length
    shades = np.random.default_rng(0).standard_normal((3, int(brick.max()) + 1))[:, brick]
    return np.concatenate([3.0 * mortar[None], np.where(mortar, 0, 0.5 * shades)]).astype(np.float32)


def joint_cost(torus: np.ndarray, axis: int) -> np.ndarray:
    """Mean difference between each row (axis 1) or column (axis 2) and the one before it, around the torus."""
    return np.abs(torus - np.roll(torus, 1, axis)).mean((0, 3 - axis))


def test_result_is_made_of_cells_of_the_exemplar():
    exemplar = smooth_noise(0, (48, 40))
    sources = lay_out(exemplar, (True, True), (32, 56), seed=3)
    assert sources.shape == (2, 32, 56)
    result = resynthesize(exemplar, (True, True), (32, 56), seed=3)
    assert result.dtype == np.float32
    assert np.array_equal(result, exemplar[:, sources[0], sources[1]])


def test_neighbours_mostly_stay_neighbours():
    exemplar = smooth_noise(0, (64, 64))
    sources = lay_out(exemplar, (True, True), (64, 64), seed=0)
    kept = (np.roll(sources, -1, 2) - sources) % 64 == np.array([0, 1])[:, None, None]
    assert kept.all(0).mean() > 0.75


def test_same_seed_same_layout_and_other_seeds_differ():
    exemplar = smooth_noise(1, (64, 64))
    first, again, other = (lay_out(exemplar, (True, True), (64, 64), seed) for seed in (5, 5, 6))
    assert np.array_equal(first, again)
    moved = (first - other) % 64
    # Not even a roll of each other: no single offset explains more than a part of the cells.
    offsets = np.unique(moved[0] * 64 + moved[1], return_counts=True)[1]
    assert offsets.max() < 0.25 * 64 * 64


def test_layout_does_not_hang_on_the_last_bits_of_the_exemplar():
    exemplar = smooth_noise(2, (48, 48))
    nudged = exemplar * np.float32(1 + 1e-7)
    assert np.array_equal(*(lay_out(e, (True, True), (40, 40), 0) for e in (exemplar, nudged)))


@pytest.mark.parametrize("size", [(64, 64), (40, 72), (33, 50)])
def test_closing_border_is_as_good_as_the_inside(size):
    exemplar = smooth_noise(3, (64, 64))
    for seed in range(3):
        torus = resynthesize(exemplar, (True, True), size, seed)
        for axis in (1, 2):
            steps = joint_cost(torus, axis)
            assert 0.7 < steps[0] / steps[1:].mean() < 1.5
            assert steps.max() / steps.mean() < 2


@pytest.mark.parametrize(("rows", "count"), [(64, 8), (60, 8), (100, 12)])
def test_courses_close_on_tori_that_are_no_multiple_of_the_period(rows, count):
    for seed in range(3):
        torus = resynthesize(courses((64, 64)), (True, True), (rows, 64), seed)
        mortar = (torus[0] > 1).mean(1)
        # A bed may step by one cell where the remainder is hidden, so a row and the next belong together.
        beds = np.flatnonzero((mortar > 0.3) & (np.roll(mortar, 1) <= 0.3))
        heights = np.diff(np.append(beds, beds[0] + rows))
        assert len(beds) == count
        assert heights.min() >= 6 and heights.max() <= 10
        assert (mortar + np.roll(mortar, -1))[beds].min() > 0.9


def test_exemplar_without_wrap_is_never_crossed():
    exemplar = smooth_noise(4, (40, 40))
    sources = lay_out(exemplar, (False, False), (48, 48), seed=0)
    for axis in (0, 1):
        step = np.diff(sources[axis], axis=axis)
        other = np.diff(sources[1 - axis], axis=axis)
        assert not ((step == -39) & (other == 0)).any()


def test_several_exemplars_are_mixed_and_courses_stay_in_step():
    """Three parts of one wall, cut anywhere."""
    wall = courses((96, 200), length=24)
    parts = [wall[:, 3:90, 5:90], wall[:, 0:88, 97:150], wall[:, 6:96, 140:199]]
    exemplar, sheets = gather(parts)
    assert exemplar.shape[2] == sum(sheets) and sheets[0] == 85
    beds = np.flatnonzero((exemplar[0] > 1).mean(1) > 0.9)
    assert (np.diff(beds) == 8).all() and len(beds) >= 9
    rows, columns = lay_out(exemplar, (False, False), (64, 64), 0, sheets=sheets)
    torus = exemplar[:, rows, columns]
    assert ((torus[0] > 1).mean(1) > 0.9).sum() == 8
    used = np.bincount(np.searchsorted(np.cumsum(sheets), columns.ravel(), side="right"), minlength=3)
    assert (used > 0).all()
    ends = np.cumsum(sheets)[:-1]
    joined = (np.diff(columns, axis=1) == 1) & (np.diff(rows, axis=1) == 0)
    assert not (np.isin(columns[:, 1:], ends) & joined).any()


def test_exemplars_without_a_pattern_are_not_cut():
    parts = [smooth_noise(1, (20, 24)), smooth_noise(2, (18, 30))]
    exemplar, sheets = gather(parts)
    assert sheets == (30, 24)
    np.testing.assert_array_equal(exemplar[:, :, :30], parts[1])
    np.testing.assert_array_equal(exemplar[:, :, 30:], parts[0][:, :18])
    with pytest.raises(RequestError, match="exemplar has 18 x 5"):
        lay_out(exemplar, (False, False), (32, 32), 0, sheets=(49, 5))


def test_large_torus_uses_all_of_the_exemplar_evenly():
    sources = lay_out(smooth_noise(5, (32, 32)), (True, True), (128, 128), seed=0)
    counts = np.bincount(sources[0].ravel() * 32 + sources[1].ravel(), minlength=32 * 32)
    assert (counts == 0).mean() < 0.01
    assert counts.max() < 5 * counts.mean()


def test_smallest_exemplar_and_torus_work_and_smaller_ones_are_refused():
    assert resynthesize(smooth_noise(0, (8, 9)), (False, False), (8, 30), 0).shape == (12, 8, 30)
    with pytest.raises(RequestError, match="exemplar has 7 x 40"):
        resynthesize(smooth_noise(0, (7, 40)), (True, True), (32, 32), 0)
    with pytest.raises(RequestError, match="texture has 32 x 4"):
        resynthesize(smooth_noise(0, (40, 40)), (True, True), (32, 4), 0)


def test_a_flat_exemplar_is_no_trouble():
    flat = np.ones((4, 16, 16), np.float32)
    assert np.array_equal(resynthesize(flat, (True, True), (24, 24), 0), np.ones((4, 24, 24), np.float32))


def test_progress_rises_to_one_and_cancel_stops_within_a_block():
    exemplar, seen = smooth_noise(0, (48, 48)), []
    resynthesize(exemplar, (True, True), (48, 48), 0, lambda fraction, what: seen.append((fraction, what)))
    fractions = [fraction for fraction, _ in seen]
    assert fractions == sorted(fractions) and fractions[-1] == 1 and {what for _, what in seen} == {"Laying out"}
    calls = iter([False, False, True])
    with pytest.raises(Cancelled):
        resynthesize(exemplar, (True, True), (48, 48), 0, is_cancelled=lambda: next(calls))


def test_errors_by_fft_equal_plain_sums():
    exemplar = Exemplar(whole_features(smooth_noise(6, (20, 24))), (True, False))
    generator = np.random.default_rng(0)
    current = generator.integers(-100, 100, (len(exemplar.features), 6, 6))
    known = generator.random((6, 6)) < 0.5
    errors = exemplar.errors(current, known)
    for row, column in ((0, 0), (18, 5), (7, 18)):
        rows, columns = exemplar.cells((row, column), 6)
        expected = ((exemplar.features[:, rows, columns] - current) ** 2 * known).sum()
        assert errors[row, column] == expected
    assert errors[:, 19:].min() > 2**39


def test_period_is_found_with_and_without_wrap():
    wall = whole_features(courses((64, 64)))
    assert period(wall, True) in (8, 16)
    cropped = period(wall[:, :61], False)
    assert cropped is not None and abs(cropped / 8 - round(cropped / 8)) < 0.05
    threads = np.sin(2 * np.pi * np.arange(90) * 7 / 90)[None, :, None].repeat(20, 2)
    assert period(threads, True) == pytest.approx(90 / 7)
    assert period(smooth_noise(7, (64, 64)), True) is None


def test_bond_is_kept_in_step():
    wall = whole_features(courses((64, 64)))
    found = alike(wall)
    assert found is not None
    assert found[8, 8] and found[16, 0] and found[0, 16]
    assert not found[8, 0] and not found[4, 0]
    steps = Pattern(Exemplar(wall, (True, True)), (64, 64), (0, 0)).in_step((16, 0), 20)
    assert steps[0, 0] and steps[16, 16] and not steps[8, 0] and not steps[1, 0]
    assert alike(whole_features(smooth_noise(8, (64, 64)))) is None


def test_a_mere_repeat_of_the_whole_is_no_pattern():
    twice = np.tile(smooth_noise(9, (32, 32)), (1, 2, 2))
    assert alike(whole_features(twice)) is None


def test_cut_follows_the_cells_where_both_agree():
    difference = np.full((10, 10), 100)
    difference[:, 2:4] = 0
    known = np.zeros((10, 10), bool)
    known[:, :5] = True
    inside = cut_mask(difference, known)
    assert not inside[:, :3].any() and inside[:, 3:].all()
    known[:] = True
    assert cut_mask(difference, known)[4:6, 4:6].all() and not cut_mask(difference, known)[0].any()


def test_cheapest_path_moves_one_column_per_row():
    costs = np.array([[[0, 9, 9, 5], [9, 9, 9, 0], [9, 9, 0, 9]]], np.int64)
    # From the 0 at the left to those at the right would be free, but is too far.
    assert cheapest_paths(costs).tolist() == [[3, 3, 2]]
    straight = np.full((1, 5, 3), 7, np.int64)
    straight[0, :, 1] = 1
    assert cheapest_paths(straight).tolist() == [[1] * 5]


def test_a_peak_on_a_slope_is_no_endless_search(monkeypatch):
    slope = np.linspace(1, 0.6, 200)
    slope[5] = 0.999
    monkeypatch.setattr(pattern, "row_correlation", lambda *_: slope)
    assert period(np.zeros((1, 400, 4)), False) == pytest.approx(5, abs=1)
