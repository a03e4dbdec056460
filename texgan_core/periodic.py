"""The exact and simple way to close a picture: what keeps it from tiling is a smooth part, which is taken away."""

import numpy as np


def periodic_component(picture: np.ndarray, axes: tuple[bool, bool] = (True, True)) -> np.ndarray:
    """A picture (height, width, channels) in 0..1 without the smooth part that keeps it from tiling, in y and in x as
    `axes` say, float32 (Moisan 2011, J. Math. Imaging Vis. 39).

    The smooth part is the solution of a Poisson equation whose right side is the jump across the borders.
    """
    rows, columns = picture.shape[:2]
    picture = picture.astype(np.float64)
    jump = np.zeros_like(picture)
    across_rows, across_columns = picture[0] - picture[-1], picture[:, 0] - picture[:, -1]
    if axes[0]:
        jump[0] += across_rows
        jump[-1] -= across_rows
    if axes[1]:
        jump[:, 0] += across_columns
        jump[:, -1] -= across_columns
    waves = [2 * np.cos(2 * np.pi * np.fft.fftfreq(n)) for n in (rows, columns)]
    laplacian = waves[0][:, None] + waves[1][None] - 4
    laplacian[0, 0] = 1
    spectrum = np.fft.fft2(-jump, axes=(0, 1)) / laplacian[..., None]
    spectrum[0, 0] = 0
    smooth = np.fft.ifft2(spectrum, axes=(0, 1)).real
    return np.clip(picture - smooth, 0, 1).astype(np.float32)
