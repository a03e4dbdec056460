"""How work is watched, and asked to stop, while it goes on."""

from collections.abc import Callable

Progress = Callable[[float, str], None]
"""Is told, now and then, a fraction 0..1 and what is being done."""
IsCancelled = Callable[[], bool]
"""Is asked, again and again, whether to stop; whoever is told so raises `Cancelled`."""


def unseen(share: float, text: str) -> None:
    """Progress that nobody watches."""


def never() -> bool:
    """What nobody cancels."""
    return False


def part_of(on_progress: Progress, first: float, last: float) -> Progress:
    """Progress of a part of the work as that of the whole."""
    return lambda share, text: on_progress(first + share * (last - first), text)
