"""The command line: `texgan COMMAND`; `texgan --help` lists them.

Results go to stdout, with --json as exactly one JSON object; progress goes to stderr. Bad input ends
with exit code 2 and one sentence on stderr, if it is some of many pictures with 1 and a sentence for
each; Ctrl-C with 130. PyTorch is imported by the commands that need it, when they run.
"""

import argparse
import io
import json
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from ..errors import RequestError, TexganError
from . import cards, doctor, figures, improving, learning, textures


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # names that the terminal cannot show
    try:
        options = _parser().parse_args(arguments)
        result = options.run(options)
        print(json.dumps(result) if options.json else options.show(result), flush=True)
        failed = result.get("failed", ())
        for one in failed:
            print(f"texgan: {one['source']}: {one['reason']}", file=sys.stderr)
        return 1 if failed else 0
    except TexganError as error:
        print(f"texgan: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # or Python complains when it flushes stdout at exit
        return 1
    except OSError as error:
        print(f"texgan: {error.filename or 'A file'} cannot be used: {error.strerror or error}.", file=sys.stderr)
        return 2


class _Parser(argparse.ArgumentParser):
    """An argument parser whose errors are ours: one sentence, shown in one place."""

    def error(self, message: str) -> NoReturn:
        raise RequestError(f"{message}; see {self.prog} --help.")


def _parser() -> _Parser:
    parser = _Parser("texgan", description="Seamless PBR textures.", allow_abbrev=False)
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for group in (textures, improving, learning, cards, figures, doctor):
        for command in group.COMMANDS:
            command.add_to(commands)
    return parser
