"""The torus that was decoded last, kept: where only the look changes, as under a slider, nothing is decoded again."""

from collections.abc import Iterator
from hashlib import blake2b

import numpy as np

from .calibration import RIM
from .codec import STRIDE, Decoder
from .decode import Tile, decode_tiles

LARGEST = 2048 * 2048
"""Pixels up to which a torus is kept; so many take 168 MB."""


class Recent:
    """Decodes tori, and remembers one."""

    def __init__(self) -> None:
        self._kept: tuple[tuple, Decoder, list[Tile]] | None = None

    def tiles(self, decoder: Decoder, latent: np.ndarray, first: tuple[int, int] = (0, 0)) -> Iterator[Tile]:
        """As `decode_tiles`, with the rim that calibration needs. Their stacks are kept, not to be changed."""
        key = _key(decoder, latent, first)
        if (kept := self._found(key, decoder)) is not None:
            yield from kept
            return
        self.forget()
        tiles = []
        fits = latent[0].size * STRIDE**2 <= LARGEST
        for tile in decode_tiles(decoder, latent, first=first, rim=RIM):
            if fits:
                tiles.append(tile)
            yield tile
        if fits:
            self._kept = (key, decoder, tiles)

    def has(self, decoder: Decoder, latent: np.ndarray, first: tuple[int, int] = (0, 0)) -> bool:
        """Whether nothing would have to be decoded."""
        return self._found(_key(decoder, latent, first), decoder) is not None

    def _found(self, key: tuple, decoder: Decoder) -> list[Tile] | None:
        kept = self._kept
        return kept[2] if kept is not None and kept[0] == key and kept[1] is decoder else None

    def forget(self) -> None:
        """Give the memory back."""
        self._kept = None


def _key(decoder: Decoder, latent: np.ndarray, first: tuple[int, int]) -> tuple:
    device = str(next(decoder.parameters()).device)
    return blake2b(latent.tobytes()).digest(), latent.shape, first, device


recent = Recent()
"""The one that all models share."""
