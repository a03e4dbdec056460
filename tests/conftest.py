"""Keeps the user's own models out; leaves pytest without Blender's exit code, which hangs in 4.5, crashes in 4.2."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator

import pytest

# Before the core is imported, or tests would see the models of whoever runs them.
os.environ["TEXGAN_MODELS"] = tempfile.mkdtemp(prefix="texgan-models-")


@pytest.fixture(autouse=True)
def no_models_of_one_s_own() -> Iterator[None]:
    """None that another test has learned."""
    yield
    shutil.rmtree(os.environ["TEXGAN_MODELS"], ignore_errors=True)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    session.config.stash[EXIT_STATUS] = int(exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    if "bpy" in sys.modules:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(config.stash.get(EXIT_STATUS, 1))


EXIT_STATUS = pytest.StashKey[int]()
