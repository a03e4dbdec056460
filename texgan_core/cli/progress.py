"""Progress on stderr."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

BAR_WIDTH = 30


@contextmanager
def progress_on_stderr() -> Iterator[Callable[[float, str], None]]:
    """A bar that is redrawn on a terminal and removed at the end; elsewhere a line for each thing done."""
    terminal = sys.stderr.isatty()
    last = ""

    def on_progress(share: float, text: str) -> None:
        nonlocal last
        if terminal:
            bar = "#" * round(share * BAR_WIDTH)
            print(f"\r[{bar:<{BAR_WIDTH}}] {share:4.0%} {text:<20}", end="", file=sys.stderr, flush=True)
        elif text != last:
            print(f"{text} ...", file=sys.stderr, flush=True)
        last = text

    try:
        yield on_progress
    finally:
        if terminal:
            print(f"\r{'':{BAR_WIDTH + 28}}\r", end="", file=sys.stderr, flush=True)
