"""The torus that was decoded last, kept: where only the look changes, as under a slider, nothing is decoded again."""

from collections.abc import Iterator
from hashlib import blake2b

import numpy as np

from .calibration import RIM
from .codec import Decoder
from .decode import Tile, decode_tiles
from .grid import STRIDE
from .job import IsCancelled, never
from .preview import SCALE, preview

LARGEST = 2048 * 2048
"""Pixels up to which a torus is kept; so many take 168 MB."""


class Recent:
    """Decodes tori, and remembers one."""

    def __init__(self) -> None:
        self._kept: tuple[tuple, Decoder, list[Tile]] | None = None

    def tiles(
        self,
        decoder: Decoder,
        latent: np.ndarray,
        first: tuple[int, int] = (0, 0),
        with_preview: bool = False,
        is_cancelled: IsCancelled = never,
    ) -> Iterator[Tile]:
        """As `decode_tiles`, with the rim that calibration needs; `with_preview` one of the whole comes first, if all
        must be decoded. Their stacks are kept, not to be changed."""
        device = str(next(decoder.parameters()).device)
        key = (blake2b(latent.tobytes()).digest(), latent.shape, first, device)
        known = self._kept
        if known is not None and known[0] == key and known[1] is decoder:
            yield from known[2]
            return
        if with_preview:
            yield Tile(preview(decoder, latent, first, RIM, is_cancelled), 0, 0, 0.0, SCALE)
        self.forget()
        tiles = []
        fits = latent[0].size * STRIDE**2 <= LARGEST
        for tile in decode_tiles(decoder, latent, first=first, rim=RIM, is_cancelled=is_cancelled):
            if fits:
                tiles.append(tile)
            yield tile
        if fits:
            self._kept = (key, decoder, tiles)

    def forget(self) -> None:
        """Give the memory back."""
        self._kept = None


recent = Recent()
"""The one that all models share."""
