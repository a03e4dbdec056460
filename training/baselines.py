"""What anyone can do without a network: the plain and the clever ways to fill a tile from a picture.

Pictures are float32 (height, width, channels) in 0..1.
"""

import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from texgan_core.errors import ImageError
from texgan_core.pictures import read_color, write_picture

GMIC_SECONDS = 600


def plain_tile(picture: np.ndarray, size: int) -> np.ndarray:
    """A picture repeated as it is, to size x size."""
    rows, columns = (-(-size // n) for n in picture.shape[:2])
    return np.tile(picture, (rows, columns, 1))[:size, :size]


def periodic_component(picture: np.ndarray) -> np.ndarray:
    """A picture without the smooth part that keeps it from tiling (Moisan 2011, J. Math. Imaging Vis. 39).

    The smooth part is the solution of a Poisson equation whose right side is the jump across the borders.
    """
    rows, columns = picture.shape[:2]
    picture = picture.astype(np.float64)
    jump = np.zeros_like(picture)
    across_rows, across_columns = picture[0] - picture[-1], picture[:, 0] - picture[:, -1]
    jump[0] += across_rows
    jump[-1] -= across_rows
    jump[:, 0] += across_columns
    jump[:, -1] -= across_columns
    waves = [2 * np.cos(2 * np.pi * np.fft.fftfreq(n)) for n in (rows, columns)]
    laplacian = waves[0][:, None] + waves[1][None] - 4
    laplacian[0, 0] = 1
    spectrum = np.fft.fft2(-jump, axes=(0, 1)) / laplacian[..., None]
    spectrum[0, 0] = 0
    smooth = np.fft.ifft2(spectrum, axes=(0, 1)).real
    return np.clip(picture - smooth, 0, 1).astype(np.float32)


def has_gmic() -> bool:
    """Whether G'MIC's command line is installed."""
    return shutil.which("gmic") is not None


def syntexturize(picture: np.ndarray, size: int, seed: int) -> np.ndarray:
    """G'MIC's texture synthesis by random phases, size x size.

    Raises:
        ImageError: G'MIC did not make it.
    """
    with tempfile.TemporaryDirectory() as folder:
        exemplar, result = Path(folder) / "exemplar.png", Path(folder) / "result.png"
        write_picture(exemplar, picture)
        command = ["gmic", "srand", str(seed), str(exemplar), "syntexturize", f"{size},{size}", "output", str(result)]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=GMIC_SECONDS)
        except (OSError, subprocess.SubprocessError) as error:
            raise ImageError(f"G'MIC's syntexturize failed: {error}.") from error
        return read_color(result)
