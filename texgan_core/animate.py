"""Animations that loop in time and tile in space: one layout, its look on a circle through some styles."""

from collections.abc import Iterator
from dataclasses import replace

from .errors import RequestError
from .synthesize import TextureRequest

MOST_FRAMES = 10000


def frames(request: TextureRequest, count: int) -> Iterator[TextureRequest]:
    """The requests of `count` frames, the last of which leads on to the first.

    Raises:
        RequestError: no styles to pass through, or no such number of frames.
    """
    if not request.styles:
        raise RequestError("An animation needs at least one more style seed to go to.")
    if not 2 <= count <= MOST_FRAMES:
        raise RequestError(f"{count} frames were asked for; choose from 2 to {MOST_FRAMES}.")
    for number in range(count):
        yield replace(request, moment=number / count)
