"""Prints what runs of Blender found and says whether all of it is good: `python judge.py background.json results.json`.

With TIMINGS=report in the environment, times are told but not judged: for a machine that others use too.
"""

import json
import os
import sys
from pathlib import Path

LIMITS = {
    "seconds until Esc is heard": 0.5,
    "seconds until the work has stopped": 0.5,
    "seconds to write four maps of 2048": 0.6,
    "gaps at 2048, p99 in ms": 50,
    "gaps at 2048, worst in ms": 150,
    "gaps at 2048 where little is drawn, worst in ms": 150,
    "memory grown in the second half, MB": 30,
}


def is_good(name: str, value: object) -> bool:
    """A finding is True, or a number within its limit."""
    if name not in LIMITS:
        return value is True
    is_waived = os.environ.get("TIMINGS") == "report" and ("seconds" in name or name.endswith("ms"))
    return isinstance(value, int | float) and (value <= LIMITS[name] or is_waived)


def main(paths: list[Path]) -> int:
    for path in paths:
        if not path.is_file():
            print(f"Blender ended before {path.name} was written.")
            return 1
    found = {name: value for path in paths for name, value in json.loads(path.read_text(encoding="utf-8")).items()}
    for name, value in found.items():
        print(f"{'ok ' if is_good(name, value) else 'BAD'} {name}: {value}")
    return int(not found or not all(is_good(name, value) for name, value in found.items()))


if __name__ == "__main__":
    sys.exit(main([Path(argument) for argument in sys.argv[1:]]))
