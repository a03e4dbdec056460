"""A material beside its mirror image: what it is, when it is used, and that nothing of it shows."""

from pathlib import Path

import numpy as np
import pytest

from tests.core.test_resynthesis import courses, smooth_noise
from tests.tiny import plain_kernel, tiny_material_model, tiny_mirror
from texgan_core.border import BorderSteps
from texgan_core.encode import mirrored_material
from texgan_core.errors import ModelFileError
from texgan_core.exemplar import Exemplar, whole_features
from texgan_core.maps import CHANNELS, MAPS, picture_from_stack
from texgan_core.materials import Material
from texgan_core.mirror import looks_mirrored, mirror_image, mirrored
from texgan_core.model_file import read_card, read_model_file, write_model_file
from texgan_core.models import MaterialModel, mirror_tensors, read_model
from texgan_core.networks import read_mirror
from texgan_core.resynthesis import lay_out

BOTH = (True, True)
PLAIN = plain_kernel(12)


def unit_cells(latent: np.ndarray) -> np.ndarray:
    return latent / np.sqrt(np.square(latent).mean(0))


def beside(latent: np.ndarray, wraps: tuple[bool, bool]) -> tuple[np.ndarray, tuple[int, int], int]:
    """A latent and its mirror image side by side, the columns of each, and the shift."""
    image = mirror_image(latent, wraps, plain_kernel(len(latent)))
    sheets = (latent.shape[2], image.latent.shape[2])
    return np.concatenate([latent, image.latent], 2), sheets, image.shift


def test_the_kernel_is_applied_to_the_mirrored_neighbours():
    latent = smooth_noise(0, (10, 14))
    np.testing.assert_allclose(mirrored(latent, BOTH, PLAIN), unit_cells(latent[:, :, ::-1]), atol=5e-3)
    right = np.roll(PLAIN, 1, 3)  # takes each cell's right neighbour
    around = mirrored(latent, BOTH, right)
    np.testing.assert_allclose(around, unit_cells(np.roll(latent[:, :, ::-1], -1, 2)), atol=5e-3)
    kept = mirrored(latent, (True, False), right)
    np.testing.assert_array_equal(kept[:, :, :-1], around[:, :, :-1])
    np.testing.assert_array_equal(kept[:, :, -1], mirrored(latent, BOTH, PLAIN)[:, :, -1])


def test_normals_are_turned_with_the_picture():
    stack = np.random.default_rng(0).uniform(-1, 1, (CHANNELS, 16, 24)).astype(np.float16)
    image = mirrored_material(Material("a", stack, frozenset(MAPS)))
    ours, theirs = (picture_from_stack(s.astype(np.float32), "normal") for s in (image.stack, stack))
    np.testing.assert_allclose(ours[..., 0], 1 - theirs[:, ::-1, 0], atol=1e-3)
    np.testing.assert_allclose(ours[..., 1:], theirs[:, ::-1, 1:], atol=1e-3)
    height = MAPS["height"].span
    np.testing.assert_array_equal(image.stack[height], stack[height, :, ::-1])


@pytest.mark.parametrize("wraps", [(True, True), (False, True), (False, False)])
def test_courses_go_on_beside_it(wraps):
    wall = courses((64, 64 if wraps[1] else 61))
    both, sheets, _ = beside(unit_cells(wall + 0.1), wraps)
    rows, columns = lay_out(both, wraps, (64, 64), 0, sheets=sheets, shift=0)
    mortar = np.concatenate([wall[0] > 1, both[0, :, sheets[0] :] > 0.5], 1)[rows, columns]
    assert (mortar.mean(1) > 0.9).sum() == 8
    assert 0.05 < (columns >= sheets[0]).mean() < 0.95


@pytest.mark.parametrize("wraps", [(True, True), (True, False)])
def test_a_twin_is_the_block_mirrored(wraps):
    latent = smooth_noise(1, (40, 44))
    shift = 7 if wraps[1] else 0
    features = whole_features(np.concatenate([latent, np.roll(latent[:, :, ::-1], -shift, 2)], 2))
    exemplar = Exemplar(features, wraps, (44, 44), shift)
    for position in ((3, 0), (12, 20), (5, 30), (39, 44), (0, 70)):
        twins = exemplar.twins(np.array([position]), 9)
        if not len(twins):
            assert not wraps[1]
            continue
        ours, theirs = (features[:, *exemplar.cells(tuple(p), 9)] for p in (position, twins[0]))
        np.testing.assert_array_equal(ours, theirs[:, :, ::-1])
        assert tuple(exemplar.twins(twins, 9)[0]) == position


def test_sheets_that_wrap_do_so_each_by_itself():
    features = np.random.default_rng(0).integers(-90, 90, (3, 16, 30))
    exemplar = Exemplar(features, BOTH, (18, 12))
    current, known = np.random.default_rng(1).integers(-90, 90, (3, 5, 5)), np.ones((5, 5), bool)
    errors = exemplar.errors(current, known)
    for position in ((0, 0), (14, 16), (3, 18), (15, 29)):
        rows, columns = exemplar.cells(position, 5)
        assert ((columns < 18) == (position[1] < 18)).all()
        assert errors[position] == ((features[:, rows, columns] - current) ** 2).sum()
    near = exemplar.count_near(np.array([[0, 17], [4, 18]]), 2)
    assert near[15, 1] == 1 and near[0, 18] == 0 and near[4, 29] == 1 and near[4, 17] == 0
    moved = exemplar.moved(np.array([[15, 17], [2, 29]]), np.array([[3, 4], [-4, -13]]))
    assert moved.tolist() == [[2, 3], [14, 28]]


def test_both_are_used_and_no_part_meets_its_mirror_image():
    latent = smooth_noise(2, (64, 64))
    both, sheets, shift = beside(latent, BOTH)
    rows, columns = lay_out(both, BOTH, (96, 96), 0, sheets=sheets, shift=shift)
    image = columns >= 64
    assert 0.2 < image.mean() < 0.8
    original = np.where(image, (63 - (columns - 64) - shift) % 64, columns)
    change = image[:, 1:] != image[:, :-1]
    apart = np.abs(np.diff(original, axis=1) + 32) % 64 - 32
    meets = change & (np.abs(apart) <= 1) & (np.diff(rows, axis=1) == 0)
    assert meets.sum() < 0.05 * change.sum()
    again = lay_out(both, BOTH, (96, 96), 0, sheets=sheets, shift=shift)
    np.testing.assert_array_equal(again, (rows, columns))


def test_what_is_lit_from_the_side_is_not_mirrored():
    blobs = smooth_noise(3, (96, 96))
    assert looks_mirrored(blobs, blobs[:, :, ::-1], BOTH, PLAIN)
    assert not looks_mirrored(blobs[:, :, :30], blobs[:, :, 29::-1], BOTH, PLAIN)  # too small to tell
    bumps = smooth_noise(3, (96, 96), 1)
    lit = np.concatenate([bumps, bumps - np.roll(bumps, 1, 2)])  # bright on the left
    assert not looks_mirrored(lit, lit[:, :, ::-1], BOTH, plain_kernel(2))
    rows, columns = np.mgrid[:96, :96]
    slanting = blobs * 0.2 + np.sin((rows + columns) * np.pi / 6)
    assert not looks_mirrored(slanting.astype(np.float32), slanting[:, :, ::-1].astype(np.float32), BOTH, PLAIN)


def test_steps_across_lines_are_those_of_the_mirror_image():
    stack = np.random.default_rng(4).uniform(-1, 1, (CHANNELS, 80, 96)).astype(np.float32)
    stack *= np.linspace(0.2, 1, 96, dtype=np.float32)
    steps = BorderSteps.of(stack).beside_mirror_image(2, 12)
    image = BorderSteps.of(np.roll(stack[:, :, ::-1], -16, 2))
    assert steps.fits((8, 10, 24))
    np.testing.assert_array_equal(steps.across_columns[:, :, 96:], image.across_columns)


def test_a_model_file_names_its_mirror(tmp_path: Path):
    path, mirror = tiny_material_model(tmp_path), tiny_mirror(tmp_path)
    file, plain = read_model_file(path), read_model(path)
    assert isinstance(plain, MaterialModel) and plain.exemplar.shape[2] == 24

    def name(mirror_hash: str) -> None:
        write_model_file(path, file.card, file.tensors | mirror_tensors(mirror_hash))

    name(read_card(mirror)["hash"])
    model = read_model(path)
    assert isinstance(model, MaterialModel) and model.sheets == (24, 24)
    assert model.hash != plain.hash and model.border_steps.fits(model.exemplar.shape)
    name("ab" * 32)
    with pytest.raises(ModelFileError, match="needs the mirror abab"):
        read_model(path)
    write_model_file(mirror, read_card(mirror), {"kernel": plain_kernel(4)})
    name(read_card(mirror)["hash"])
    with pytest.raises(ModelFileError, match="does not fit its mirror"):
        read_model(path)
    write_model_file(mirror, read_card(mirror), {"kernel": plain_kernel(4)[0]})
    with pytest.raises(ModelFileError, match="no kernel that mirrors"):
        read_mirror(mirror)
