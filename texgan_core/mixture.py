"""Two materials in one texture: one on the stones of a guide, the other in its joints.

They are mixed as latents, so that all maps stay in step, and the guide's relief is carved into height and normals.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from .decode import Tile, take
from .errors import RequestError
from .grid import SAMPLES, STRUCTURE_PIXELS
from .job import IsCancelled, Progress
from .maps import MAPS
from .models import LatentModel, Model, cells_of
from .normals import from_slopes, to_slopes
from .recent import recent

if TYPE_CHECKING:
    from .synthesize import TextureRequest

SHARPNESS = 2.0
"""Of the change from one material to the other: within half of a guide's edge."""
DEPTH = 10.0
"""Pixels that joints are deeper than stones."""
CARVED = 0.4
"""Share of the height map's range that the guide's relief takes."""
HALO = 3
"""Samples of the guide around a tile that its relief depends on."""
SMOOTHED = 5
"""Pixels a side of the average that rounds the relief's edges."""


class Mixture(LatentModel):
    """`high` where the request's guide is high, `low` where it is low. Both must have been made with one codec."""

    takes_guide = True

    def __init__(self, high: Model, low: Model) -> None:
        """Raises RequestError: one of them has no latent, or they belong to different codecs."""
        for model in (high, low):
            if not isinstance(model, LatentModel):
                raise RequestError(f"{model.name} is of the kind {model.kind}, which cannot be mixed with another.")
        assert isinstance(high, LatentModel) and isinstance(low, LatentModel)
        super().__init__(high.card, high.decoder, high.calibration)
        if high.decoder is not low.decoder:
            raise RequestError(f"{high.name} and {low.name} belong to different codecs and cannot be mixed.")
        self.high, self.low, self.joints, self.blend = high, low, low, high.blend
        self.size_step = max(high.size_step, low.size_step)

    def latent(
        self, request: "TextureRequest", device: torch.device, on_progress: Progress, is_cancelled: IsCancelled
    ) -> np.ndarray:
        return self._mix(self._guide(request), request, device, on_progress, is_cancelled)

    def _guide(self, request: "TextureRequest") -> Tensor:
        """Raises RequestError: none was given."""
        if request.guide is None:
            raise RequestError("Two materials are mixed by a pattern or a picture; choose one.")
        return torch.from_numpy(request.guide.values(cells_of(request))[:1])

    def _mix(
        self,
        guide: Tensor,
        request: "TextureRequest",
        device: torch.device,
        on_progress: Progress,
        is_cancelled: IsCancelled,
    ) -> np.ndarray:
        parts = []
        for number, model in enumerate((self.high, self.low)):
            own = request if model.takes_guide else replace(request, guide=None)

            def report(share: float, text: str, done: int = number) -> None:
                on_progress((done + share) / 2, text)

            parts.append(torch.from_numpy(model.latent(own, device, report, is_cancelled)))
        share = F.avg_pool2d((guide * SHARPNESS).clamp(-1, 1), SAMPLES) / 2 + 0.5
        mixed = share * parts[0] + (1 - share) * parts[1]
        return (mixed / (share.square() + (1 - share).square()).sqrt()).numpy()  # as large as its parts

    def tiles(
        self,
        request: "TextureRequest",
        device: torch.device,
        on_progress: Progress,
        is_cancelled: IsCancelled,
        with_preview: bool = False,
    ) -> Iterator[Tile]:
        guide = self._guide(request)
        latent = self._mix(guide, request, device, on_progress, is_cancelled)
        for tile in recent.tiles(self.decoder.to(device), latent, with_preview=with_preview, is_cancelled=is_cancelled):
            high, low = self.high.finish(tile.stack, request), self.low.finish(tile.stack, request)
            if tile.scale > 1:  # without relief; a sample of the guide is a pixel of a preview
                yield replace(tile, stack=low + _share_of(guide[0].numpy()) * (high - low))
                continue
            relief = _relief(guide, tile, high.shape[1:])
            stack = low + _share_of(relief[1:-1, 1:-1]) * (high - low)
            carve(stack, relief)
            yield replace(tile, stack=stack)


def _share_of(relief: np.ndarray) -> np.ndarray:
    """How much of a pixel is the high material's."""
    return (relief * SHARPNESS).clip(-1, 1) / 2 + 0.5


def carve(stack: np.ndarray, relief: np.ndarray) -> None:
    """Add a relief (height + 2, width + 2) of -1..1 to a stack's (CHANNELS, height, width) height and normals."""
    height, normal = stack[MAPS["height"].span], stack[MAPS["normal"].span]
    height *= 1 - CARVED
    height += CARVED * relief[1:-1, 1:-1]
    slope = np.stack([relief[1:-1, :-2] - relief[1:-1, 2:], relief[2:, 1:-1] - relief[:-2, 1:-1]]) * (DEPTH / 4)
    normal[:] = from_slopes(to_slopes(normal) + slope)


def _relief(guide: Tensor, tile: Tile, sides: tuple[int, ...]) -> np.ndarray:
    """The guide (1, rows, columns) at the pixels of a tile, whose height and width are given, and one more on each
    side, its edges rounded."""
    rows, columns = (side // STRUCTURE_PIXELS + 2 * HALO for side in sides)
    first_row, first_column = (first // STRUCTURE_PIXELS - HALO for first in (tile.row, tile.column))
    part = take(guide, first_row, first_column, rows, columns)[None]
    fine = F.avg_pool2d(F.interpolate(part, scale_factor=STRUCTURE_PIXELS, mode="bilinear"), SMOOTHED, 1)
    spare = HALO * STRUCTURE_PIXELS - SMOOTHED // 2 - 1
    return fine[0, 0, spare:-spare, spare:-spare].numpy()
