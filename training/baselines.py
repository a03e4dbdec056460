"""What anyone can do without a network: the plain and the clever ways to fill a tile from a picture.

Pictures are float32 (height, width, channels) in 0..1.
"""

import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from texgan_core.errors import ImageError
from texgan_core.pictures import read_color, write_picture

GMIC_SECONDS = 600


def plain_tile(picture: np.ndarray, size: int) -> np.ndarray:
    """A picture repeated as it is, to size x size."""
    rows, columns = (-(-size // n) for n in picture.shape[:2])
    return np.tile(picture, (rows, columns, 1))[:size, :size]


def has_gmic() -> bool:
    """Whether G'MIC's command line is installed."""
    return shutil.which("gmic") is not None


def syntexturize(picture: np.ndarray, size: int, seed: int) -> np.ndarray:
    """G'MIC's texture synthesis by random phases, size x size. Raises as `gmic`."""
    return gmic(picture, "syntexturize", f"{size},{size}", seed=seed)


def gmic(picture: np.ndarray, *command: str, seed: int = 0) -> np.ndarray:
    """A picture (height, width, 3) as a command of G'MIC changes it.

    Raises:
        ImageError: G'MIC did not make it.
    """
    with tempfile.TemporaryDirectory() as folder:
        source, result = Path(folder) / "source.png", Path(folder) / "result.png"
        write_picture(source, picture)
        whole = ["gmic", "srand", str(seed), str(source), *command, "output", str(result)]
        try:
            subprocess.run(whole, check=True, capture_output=True, timeout=GMIC_SECONDS)
        except (OSError, subprocess.SubprocessError) as error:
            raise ImageError(f"G'MIC's {command[0]} failed: {error}.") from error
        return read_color(result)


def scaled(picture: np.ndarray, factor: int, filter_name: str) -> np.ndarray:
    """A picture (height, width, 3) `factor` times as large by "bicubic" or "lanczos", around its borders as a torus."""
    height, width = picture.shape[:2]
    rim = 8
    planes = np.pad(picture, ((rim, rim), (rim, rim), (0, 0)), mode="wrap").transpose(2, 0, 1)
    size = ((width + 2 * rim) * factor, (height + 2 * rim) * factor)
    kind = {"bicubic": Image.Resampling.BICUBIC, "lanczos": Image.Resampling.LANCZOS}[filter_name]
    large = [np.asarray(Image.fromarray(plane.astype(np.float32)).resize(size, kind)) for plane in planes]
    return np.clip(np.stack(large, 2)[rim * factor : -rim * factor, rim * factor : -rim * factor], 0, 1)
