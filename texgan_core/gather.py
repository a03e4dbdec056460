"""Several exemplars of one material as one: side by side, each cut so that its courses go on in the others' step."""

import numpy as np

from .exemplar import whole_features
from .pattern import period

HARMONICS = 3
"""Waves of a period by which two repetitions are compared."""


def gather(latents: list[np.ndarray]) -> tuple[np.ndarray, tuple[int, ...]]:
    """Latents (channels, rows, columns), of which none wraps, in one: (channels, rows, all columns), and the columns
    of each, the widest first. Rows are cut to the fewest, and where the first repeats itself, rows and columns of the
    others to what is in step with it.
    """
    latents = sorted(latents, key=lambda latent: -latent.shape[2])
    flat = np.concatenate([latent.reshape(len(latent), 1, -1) for latent in latents], 2)
    ends = np.cumsum([latent[0].size for latent in latents])[:-1]
    features = np.split(whole_features(flat), ends, 2)
    views = [f.reshape(-1, *latent.shape[1:]) for f, latent in zip(features, latents, strict=True)]
    sheets, place = [latents[0]], latents[0].shape[2]
    for latent, view in zip(latents[1:], views[1:], strict=True):
        row, column = _cut(views[0], view, 0), columns_out_of_step(views[0], view, place)
        sheets.append(latent[:, row:, column:])
        place += sheets[-1].shape[2]
    rows = min(sheet.shape[1] for sheet in sheets)
    return np.concatenate([sheet[:, :rows] for sheet in sheets], 2), tuple(sheet.shape[2] for sheet in sheets)


def columns_out_of_step(first: np.ndarray, other: np.ndarray, place: int) -> int:
    """How many columns of `other` (components, rows, columns) to leave out so that what follows, if it begins at column
    `place`, is in step with `first`."""
    return _cut(_turned(first), _turned(other), place)


def _cut(first: np.ndarray, other: np.ndarray, place: int) -> int:
    """The same of rows."""
    length = period(first, wraps=False)
    if length is None:
        return 0
    waves = 2j * np.pi / length * np.arange(1, HARMONICS + 1)
    ours, theirs = (np.exp(-np.outer(waves, np.arange(f.shape[1]))) @ f.mean(2).T for f in (first, other))
    cuts = np.arange(round(length))
    alike = np.exp(np.outer(cuts - place, waves)) @ (ours.conj() * theirs).sum(1)
    return int(alike.real.argmax())


def _turned(features: np.ndarray) -> np.ndarray:
    return features.transpose(0, 2, 1)
