"""Between height and normal maps, exactly on a torus.

Convention: rows run down the picture, normals are OpenGL (y up), heights are in pixels. A height
h(row, column) has the normal (-dh/dcolumn, +dh/drow, 1), normalised.
"""

import numpy as np

SAMPLED = 2048
"""Pixels a side from which the amplitude of a height is told."""
FLATTEST = 1e-9
"""Sum of a height's squared slopes, in 0..1 per pixel, below which it is flat."""


def height_from_normals(xy: np.ndarray, longest_wave: float = 256.0) -> np.ndarray:
    """Integrate normals to the height whose slopes fit them best (Frankot & Chellappa 1988).

    Waves much longer than `longest_wave` pixels are faded out: over such lengths the small errors
    of a normal map add up to false hills.

    Args:
        xy: (2, height, width) normal components in -1..1.

    Returns:
        (height, width) float32 in pixels, mean 0.
    """
    rows, columns = xy.shape[1:]
    right, up = np.fft.rfft2(to_slopes(xy.astype(np.float32)))
    slope_columns, slope_rows = -right, up
    w_rows = 2 * np.pi * np.fft.fftfreq(rows)[:, None]
    w_columns = 2 * np.pi * np.fft.rfftfreq(columns)[None]
    square = w_rows**2 + w_columns**2
    square[0, 0] = 1
    spectrum = (slope_columns * w_columns + slope_rows * w_rows) / (1j * square)
    spectrum *= square / (square + (2 * np.pi / longest_wave) ** 2)
    spectrum[0, 0] = 0
    return np.fft.irfft2(spectrum, s=(rows, columns)).astype(np.float32)


def standardize_height(height: np.ndarray) -> np.ndarray:
    """Bring a height to mean 0.5 and standard deviation 1/6, clipped to 0..1.

    A relief of less than half a pixel is not stretched to the full range: it is noise.
    """
    centred = height - height.mean()
    return np.clip(0.5 + centred / (6 * max(float(centred.std()), 0.5)), 0, 1).astype(np.float32)


def to_slopes(xy: np.ndarray) -> np.ndarray:
    """How far normals (2, height, width) lean to the right and up per unit of z; 77 degrees count as the most."""
    return xy / np.sqrt(np.maximum(1 - np.square(xy).sum(0), np.float32(0.05)))


def from_slopes(slopes: np.ndarray) -> np.ndarray:
    """The normals (2, height, width) of slopes: inverse of `to_slopes`."""
    return slopes / np.sqrt(1 + np.square(slopes).sum(0))


def slopes_of_height(height: np.ndarray, wraps: tuple[bool, bool]) -> np.ndarray:
    """The slopes, as `to_slopes` has them, of a height (height, width) in pixels, by central differences: around the
    torus where it wraps in y and in x, as steep as just before at other borders. (2, height, width) float32."""
    down, right = (_central_difference(height, axis, wrap) for axis, wrap in enumerate(wraps))
    return np.stack([-right, down]).astype(np.float32)


def amplitude(height: np.ndarray, xy: np.ndarray) -> float:
    """How many pixels a height (height, width) in 0..1 rises from 0 to 1, by its normals (2, height, width): so many
    that its slopes are theirs, by least squares, over 2 x 2 pixels, since those of single ones are noisy. It is never
    negative, and 0 where the height is flat. At most the first `SAMPLED` pixels a side are looked at."""
    rows, columns = (min(side, SAMPLED) // 2 * 2 for side in height.shape)
    known = slopes_of_height(_halved(height[:rows, :columns]), (False, False)) / 2
    wanted = _halved(to_slopes(xy[:, :rows, :columns]))
    return max(float(np.vdot(known, wanted)) / max(float(np.vdot(known, known)), FLATTEST), 0.0)


def _halved(values: np.ndarray) -> np.ndarray:
    """The means of 2 x 2 pixels."""
    return (values[..., ::2, ::2] + values[..., 1::2, ::2] + values[..., ::2, 1::2] + values[..., 1::2, 1::2]) / 4


def _central_difference(height: np.ndarray, axis: int, wrap: bool) -> np.ndarray:
    if not wrap:
        return np.gradient(height, axis=axis)
    return (np.roll(height, -1, axis) - np.roll(height, 1, axis)) / 2
