"""Made-up PBR sets for tests: seamless bricks and seamless grain, as files in a folder."""

from pathlib import Path

import numpy as np

from texgan_core.pictures import write_picture


def grain(size: int, seed: int, smooth: float = 8.0) -> np.ndarray:
    """Filtered noise on a torus, (size, size) in 0..1."""
    spectrum = np.fft.fft2(np.random.default_rng(seed).standard_normal((size, size)))
    frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(size), np.fft.fftfreq(size)))
    field = np.fft.ifft2(spectrum * np.exp(-((frequency * smooth) ** 2))).real
    return np.clip(0.5 + field / (6 * field.std()), 0, 1).astype(np.float32)


def bricks(size: int, columns: int = 4, rows: int = 8, mortar: float = 0.12) -> np.ndarray:
    """Running bond on a torus, (size, size): 1 on a brick, 0 in the mortar."""
    y, x = np.mgrid[:size, :size] / size
    row = np.floor(y * rows)
    across = (x * columns + 0.5 * (row % 2)) % 1
    along = (y * rows) % 1
    return ((across > mortar / 2) & (across < 1 - mortar / 2) & (along > mortar) & (along < 1)).astype(np.float32)


def write_sets(folder: Path, size: int = 128) -> Path:
    """Two PBR sets, "walls/bricks" and "soil/grain", with base color, normal and roughness."""
    for name, relief in (("walls/bricks", bricks(size)), ("soil/grain", grain(size, 1))):
        texture = grain(size, 2, smooth=3)
        base = relief[..., None] * [0.5, 0.2, 0.1] + 0.3 * texture[..., None]
        slope_x = np.roll(relief, -1, 1) - np.roll(relief, 1, 1)
        slope_y = np.roll(relief, -1, 0) - np.roll(relief, 1, 0)
        normal = np.stack([-slope_x, slope_y, np.ones_like(relief)], 2)
        normal /= np.linalg.norm(normal, axis=2, keepdims=True)
        write_picture(folder / name / "basecolor.png", base)
        write_picture(folder / name / "normal_gl.png", normal * 0.5 + 0.5)
        write_picture(folder / name / "roughness.png", 0.4 + 0.4 * texture)
    return folder
