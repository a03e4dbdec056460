"""Keeps the user's own models out; leaves pytest without Blender's exit code, which hangs in 4.5, crashes in 4.2."""

import os
import sys
import tempfile

import pytest

# Before the core is imported, or tests would see the models of whoever runs them.
os.environ["TEXGAN_MODELS"] = tempfile.mkdtemp(prefix="texgan-models-")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    session.config.stash[EXIT_STATUS] = int(exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    if "bpy" in sys.modules:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(config.stash.get(EXIT_STATUS, 1))


EXIT_STATUS = pytest.StashKey[int]()
