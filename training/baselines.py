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
