"""How good a texture is, by figures that need no trained network.

Pictures are float arrays (height, width) or (height, width, channels) in 0..1. Every figure is a pure
function of its pictures, the same on every machine.

    seam            1 is seamless, above 1.5 a visible seam, below 0.7 a blurred band
    quality_ratio   1 is as close to the reference as one part of the reference is to another
    diversity       1 is as varied as crops of the real material, 0 is always the same picture
    copying         1 is a copy of the exemplar, 0 has nothing in one piece from it
    repetition      0 repeats itself no more than the exemplar, 1 is a plain tile
    repeats         0 never repeats itself, 1 exactly
    checkerboard    0 shows no more of a pixel grid than the exemplar, 1 is nothing but grid
    grid            0 has as much power at waves of 8 pixels, against what is beside them, as the exemplar has
"""

from itertools import combinations, product

import numpy as np
import torch

from . import noise
from .errors import ImageError
from .features import SAMPLES as DESCRIBED
from .features import SMALLEST_SIDE, describe
from .pictures import resize

FAINTEST = 1e-4
"""A fortieth of an 8-bit level: differences below it are none."""
CROP = 256
"""Pixels a side of the crops that are compared, at most."""
PATCH = 8
"""Pixels a side of the patches that are looked up, and of the largest pixel grid."""
PLACES = 512
"""Patches, at most, that are looked up together with their right and lower neighbours."""
COMPONENTS = 24
"""Principal components of a patch that are compared."""
SAMPLES = 16384
"""Patches of the exemplar, about, that the components are taken from."""
WINDOW = 64
"""Pixels a side of the parts whose spectra are averaged."""
BAND = 64
"""Rows of the exemplar that are searched at a time."""
NEAR_REPEAT = 1 / 16
"""Share of the side below which two places are one: the width of the autocorrelation's own peak."""
REPEATS_SIDE = 512
"""Pixels a side, at most about, that are enough to see repeats."""


def seam(picture: np.ndarray) -> tuple[float, float]:
    """How a picture meets itself, in x (last column to first) and in y (last row to first).

    The mean difference across the border over the mean difference of inner neighbours: 1 is seamless,
    above 1.5 the border shows, below 0.7 it was blurred to hide it. 1 for a picture of one colour.
    """
    return _seam(picture, 1), _seam(picture, 0)


def quality_ratio(picture: np.ndarray, reference: np.ndarray) -> float:
    """Distance of a picture to the real material, over the real material's distance to itself.

    The distance is the sliced Wasserstein distance of fixed random features, averaged over pairs of
    crops; the ratio is taken layer by layer, so that fine and coarse structure and colour weigh the
    same, then averaged. 0 and up: about 1 is as good as real, less than 1 is nearer to the middle of
    the reference than most of its own crops are.

    Raises:
        ImageError: the picture is smaller than 64, or the reference than 128 pixels a side.
    """
    side = min(CROP, *picture.shape[:2], min(reference.shape[:2]) // 2)
    return Reference(reference, side).quality_ratio(picture)


class Reference:
    """A real material that is described once, for many pictures that are compared with it.

    Args:
        picture: the material.
        side: pixels a side of the crops that are compared, half the picture's at most.
        most: crops along an axis, at most, of the material and of each picture.
        samples: as for `describe`.

    Raises:
        ImageError: the crops have less than 64 pixels a side.
    """

    def __init__(self, picture: np.ndarray, side: int, most: int | None = None, samples: int = DESCRIBED) -> None:
        if side < SMALLEST_SIDE:
            raise ImageError(
                f"To compare pictures, one must have at least {SMALLEST_SIDE} pixels a side and its reference twice "
                "that."
            )
        self._side, self._most, self._samples = side, most, samples
        self._real = self._described(picture)
        self._within = np.mean([_distance(a, b) for a, b in combinations(self._real, 2)], 0)

    def quality_ratio(self, picture: np.ndarray) -> float:
        """As the function of that name, of a picture with sides of at least that of a crop."""
        between = np.mean([_distance(a, b) for a, b in product(self._described(picture), self._real)], 0)
        return float(((between + FAINTEST) / (self._within + FAINTEST)).mean())

    def _described(self, picture: np.ndarray) -> list[np.ndarray]:
        return [describe(crop, self._samples) for crop in _crops(_as_rgb(picture), self._side, self._most)]


def diversity(pictures: list[np.ndarray], references: list[np.ndarray]) -> float:
    """Mean difference between the pictures of several seeds, over that between crops of the real material.

    All pictures of one size, all references of one size. 0.7 to 1.1 is good, towards 0 is collapse.

    Raises:
        ImageError: fewer than two of either.
    """
    if min(len(pictures), len(references)) < 2:
        raise ImageError("Diversity needs at least two pictures and two crops of the real material.")
    return (_mean_difference(pictures) + FAINTEST) / (_mean_difference(references) + FAINTEST)


def copying(picture: np.ndarray, exemplar: np.ndarray) -> float:
    """Share of neighbouring patches whose nearest patches in the exemplar are the same neighbours.

    Up to 512 patches of 8 x 8 pixels are looked up among all of the exemplar's, with their neighbours
    to the right and below. 1 is a copy in one piece; a mosaic of large pieces lies between.

    Raises:
        ImageError: other channels than the exemplar's, or smaller than 16 pixels a side.
    """
    ours, theirs = _planes(picture), _planes(exemplar)
    if len(ours) != len(theirs):
        raise ImageError("To look for copies, picture and exemplar must both be in colour or both grey.")
    if min(ours.shape[1:]) < 2 * PATCH or min(theirs.shape[1:]) < 2 * PATCH:
        raise ImageError(f"To look for copies, pictures must have at least {2 * PATCH} pixels a side.")
    basis = _patch_basis(theirs)
    places = _places(ours.shape[1] // PATCH, ours.shape[2] // PATCH)
    found = [_nearest(_patches_at(ours, places + offset), theirs, basis) for offset in ([0, 0], [0, PATCH], [PATCH, 0])]
    kept = [(found[1] - found[0] == [0, PATCH]).all(1), (found[2] - found[0] == [PATCH, 0]).all(1)]
    return float(np.mean(kept))


def repetition(picture: np.ndarray, exemplar: np.ndarray) -> float:
    """How much more a picture repeats itself than the exemplar does: -1..1, at most 0 is good.

    The difference of the two largest autocorrelations away from the origin, over equal windows.
    """
    side = tuple(min(a, b) for a, b in zip(picture.shape[:2], exemplar.shape[:2], strict=True))
    return _largest_repeat(picture[: side[0], : side[1]]) - _largest_repeat(exemplar[: side[0], : side[1]])


def repeats(picture: np.ndarray) -> tuple[float, float]:
    """How much a texture that tiles repeats itself within its tile, in x and in y; courses and weaves do by nature.

    The largest autocorrelation of its brightness, without slow changes, away from the origin, among shifts that go
    farther along x, or along y: 0 is never, 1 exactly. Looked at with at most 512 pixels a side.
    """
    grey = _grey(picture)
    rows, columns = (side // max(1, side // REPEATS_SIDE) for side in grey.shape)
    grey = resize(grey, columns, rows)
    detail = grey - blur(grey, min(rows, columns) * NEAR_REPEAT, (True, True))
    correlation = np.fft.irfft2(np.abs(np.fft.rfft2(detail)) ** 2, (rows, columns))
    correlation /= max(float(np.square(detail).sum()), detail.size * FAINTEST**2)
    y, x = np.abs(np.fft.fftfreq(rows, 1 / rows))[:, None], np.abs(np.fft.fftfreq(columns, 1 / columns))[None]
    away, along_x = np.hypot(y, x) > min(rows, columns) * NEAR_REPEAT, x * rows >= y * columns
    largest = (max(0.0, float(correlation[away & along].max())) for along in (along_x, ~along_x))
    return next(largest), next(largest)


def checkerboard(picture: np.ndarray, exemplar: np.ndarray) -> float:
    """How much more of a picture's fine contrast hangs on the pixel's place modulo 8 than of the exemplar's.

    -1..1: at most 0 is good, 1 is a picture that is nothing but a grid of period 2, 4 or 8. It sees
    both added grids and doubled pixels.
    """
    return max(a - b for a, b in zip(_grid_shares(picture), _grid_shares(exemplar), strict=True))


def grid(picture: np.ndarray, exemplar: np.ndarray) -> float:
    """How different from the exemplar's the power is of waves of 8 pixels, and of their second and third harmonics, in
    x and in y, against that of waves half way between them.

    The mean of the absolute differences of logarithms: 0 is alike, 0.7 twice or half as much. It sees what
    `checkerboard` does not: a texture put together of cells of 8 pixels that repeat themselves here and there, or that
    are more different from each other than real ones.

    Raises:
        ImageError: a picture is smaller than 64 pixels a side.
    """
    return float(np.abs(_harmonics(picture) - _harmonics(exemplar)).mean())


def psnr(picture: np.ndarray, reference: np.ndarray) -> float:
    """Peak signal-to-noise ratio in dB of two pictures of one size; infinite if they are equal."""
    error = float(np.square(picture.astype(np.float64) - reference).mean())
    return float(-10 * np.log10(error)) if error else float("inf")


def normal_angle_error(picture: np.ndarray, reference: np.ndarray) -> float:
    """Mean angle in degrees between two normal maps (height, width, 3), stored as 0.5 + 0.5 * n."""
    ours, theirs = (_unit(p.astype(np.float64) * 2 - 1) for p in (picture, reference))
    # The chord is exact for small angles, where the cosine is flat.
    chord = np.sqrt(np.square(ours - theirs).sum(2))
    return float(np.degrees(2 * np.arcsin(np.minimum(chord / 2, 1))).mean())


def _seam(picture: np.ndarray, axis: int) -> float:
    ends = np.take(picture, [0, -1], axis).astype(np.float64)
    inner = np.abs(np.diff(picture, axis=axis)).mean(dtype=np.float64)
    border = np.abs(np.diff(ends, axis=axis)).mean()
    return float((border + FAINTEST) / (inner + FAINTEST))


def _as_rgb(picture: np.ndarray) -> np.ndarray:
    return np.repeat(picture[..., None], 3, 2) if picture.ndim == 2 else picture


def _crops(picture: np.ndarray, side: int, most: int | None = None) -> list[np.ndarray]:
    """Crops that do not overlap, spread evenly over the picture, at most so many along an axis."""
    counts = [min(n // side, most or n) for n in picture.shape[:2]]
    rows, columns = (np.linspace(0, n - side, k).astype(int) for n, k in zip(picture.shape[:2], counts, strict=True))
    return [picture[row : row + side, column : column + side] for row in rows for column in columns]


def _distance(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """By layer."""
    return np.abs(first - second).mean((1, 2))


def _mean_difference(pictures: list[np.ndarray]) -> float:
    return float(np.mean([np.abs(a - b).mean() for a, b in combinations(pictures, 2)]))


def _planes(picture: np.ndarray) -> torch.Tensor:
    """(channels, height, width)."""
    planes = picture[None] if picture.ndim == 2 else picture.transpose(2, 0, 1)
    return torch.from_numpy(np.ascontiguousarray(planes, np.float32))


def _places(rows: int, columns: int) -> np.ndarray:
    """(places, 2) corners of patches that have a neighbour to the right and below, at most `PLACES`."""
    every = np.stack(np.meshgrid(np.arange(rows - 1), np.arange(columns - 1), indexing="ij"), 2).reshape(-1, 2)
    chosen = np.argsort(noise.uniform((len(every),), 0))[:PLACES]
    return every[np.sort(chosen)] * PATCH


def _patches_at(planes: torch.Tensor, places: np.ndarray) -> torch.Tensor:
    """(places, channels * PATCH * PATCH)."""
    return torch.stack([planes[:, y : y + PATCH, x : x + PATCH].flatten() for y, x in places])


def _patch_basis(planes: torch.Tensor) -> torch.Tensor:
    """Principal components of the patches of a picture: (components, channels * PATCH * PATCH)."""
    step = max(1, int(np.sqrt(planes[0].numel() / SAMPLES)))
    patches = planes.unfold(1, PATCH, step).unfold(2, PATCH, step).permute(1, 2, 0, 3, 4).flatten(0, 1).flatten(1)
    centred = (patches - patches.mean(0)).double()
    _, axes = torch.linalg.eigh(centred.T @ centred)
    return axes[:, -COMPONENTS:].T.float()


def _nearest(patches: torch.Tensor, planes: torch.Tensor, basis: torch.Tensor) -> np.ndarray:
    """Corners (places, 2) of the nearest patches in a picture, by the components of `basis`."""
    queries = patches @ basis.T
    filters = basis.view(len(basis), len(planes), PATCH, PATCH)
    columns = planes.shape[2] - PATCH + 1
    best = torch.full((len(queries),), torch.inf)
    place = torch.zeros(len(queries), dtype=torch.long)
    for row in range(0, planes.shape[1] - PATCH + 1, BAND):
        band = planes[None, :, row : row + BAND + PATCH - 1]
        candidates = torch.nn.functional.conv2d(band, filters)[0].flatten(1)
        errors, indices = torch.addmm(candidates.square().sum(0), queries, candidates, alpha=-2).min(1)
        better = errors < best
        best = torch.where(better, errors, best)
        place = torch.where(better, indices + row * columns, place)
    return torch.stack([place // columns, place % columns], 1).numpy()


def _largest_repeat(picture: np.ndarray) -> float:
    """Largest autocorrelation of a picture's brightness, without its slow changes, away from the origin."""
    grey = _grey(picture)
    rows, columns = grey.shape
    detail = grey - blur(grey, min(rows, columns) * NEAR_REPEAT)
    # Zeros around the picture keep its borders from meeting; each shift is divided by its own overlap.
    shape = (2 * rows, 2 * columns)
    shares = np.fft.irfft2(np.abs(np.fft.rfft2(np.ones_like(detail), shape)) ** 2, shape)
    products = np.fft.irfft2(np.abs(np.fft.rfft2(detail, shape)) ** 2, shape)
    correlation = products[: rows // 2 + 1] / np.maximum(shares[: rows // 2 + 1], 1)
    correlation = np.concatenate([correlation[:, -(columns // 2) :], correlation[:, : columns // 2 + 1]], 1)
    y, x = np.arange(rows // 2 + 1)[:, None], np.arange(-(columns // 2), columns // 2 + 1)[None]
    away = np.hypot(y, x) > min(rows, columns) * NEAR_REPEAT
    return float(correlation[away].max() / max(float(np.square(detail).mean()), FAINTEST**2))


def _grey(picture: np.ndarray) -> np.ndarray:
    grey = picture.mean(2) if picture.ndim == 3 else picture
    return grey.astype(np.float64)


def blur(grey: np.ndarray, sigma: float, wraps: tuple[bool, bool] = (False, False)) -> np.ndarray:
    """Gaussian blur (height, width), around the borders of y and x that wrap; the others are mirrored."""
    for axis, wrap in enumerate(wraps):
        whole = grey if wrap else np.concatenate([grey, np.flip(grey, axis)], axis)
        frequencies = np.fft.rfftfreq(whole.shape[axis])
        gain = np.exp(-2 * (np.pi * sigma * frequencies) ** 2)
        spectrum = np.fft.rfft(whole, axis=axis) * (gain[:, None] if axis == 0 else gain[None])
        smooth = np.fft.irfft(spectrum, whole.shape[axis], axis)
        grey = smooth[: len(grey)] if axis == 0 else smooth[:, : grey.shape[1]]
    return grey


def _grid_shares(picture: np.ndarray) -> list[float]:
    """Share of the variance of the pixel differences, and of their sizes, that a grid of 8 explains.

    Folding a picture by 8 leaves what all its cells have in common: a grid of 2, 4 or 8 pixels, and
    chance. Folding by 7 and 9 leaves chance alone.
    """
    grey = _grey(picture)
    shares = []
    for axis in (0, 1):
        difference = np.diff(grey, axis=axis)
        for signal in (difference, np.abs(difference)):
            chance = (_fold(signal, PATCH - 1) + _fold(signal, PATCH + 1)) / 2
            shares.append((_fold(signal, PATCH) - chance) / max(float(signal.var()), FAINTEST**2))
    return shares


def _harmonics(picture: np.ndarray) -> np.ndarray:
    """By how much the power of waves of 8, 4 and 8 / 3 pixels is above that half way beside them: (2, 3) logarithms."""
    grey = _grey(picture)
    if min(grey.shape) < WINDOW:
        raise ImageError(f"To look for a grid, pictures must have at least {WINDOW} pixels a side.")
    parts = np.lib.stride_tricks.sliding_window_view(grey, (WINDOW, WINDOW))[:: WINDOW // 2, :: WINDOW // 2]
    hann = np.hanning(WINDOW + 1)[:-1]
    detail = (parts - parts.mean((2, 3), keepdims=True)) * np.outer(hann, hann)
    power = np.square(np.abs(np.fft.fft2(detail))).mean((0, 1)) / np.square(hann).sum() ** 2
    step = WINDOW // PATCH
    waves = step * np.arange(1, 4)
    along = [np.log(power.mean(axis) + FAINTEST**2) for axis in (0, 1)]
    return np.stack([p[waves] - (p[waves - step // 2] + p[waves + step // 2]) / 2 for p in along])


def _fold(signal: np.ndarray, period: int) -> float:
    """Variance of the means over all pixels with the same place modulo a period."""
    rows, columns = (n // period for n in signal.shape)
    cells = signal[: rows * period, : columns * period].reshape(rows, period, columns, period)
    return float(cells.mean((0, 2)).var())


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(np.sqrt(np.square(vectors).sum(2, keepdims=True)), 1e-6)
