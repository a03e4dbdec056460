"""How much memory there is, and what needs more."""

import ctypes
import os
import sys
from types import SimpleNamespace

import pytest

from texgan_core import machine
from texgan_core.errors import DeviceError


@pytest.mark.skipif(sys.platform == "win32", reason="asks POSIX")
def test_this_machine_tells() -> None:
    assert machine.memory() == os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.parametrize(("works", "told"), [(1, 16 * 2**30), (0, None)])
def test_windows_is_asked_as_it_wants_to_be(monkeypatch, works: int, told: int | None) -> None:
    def global_memory_status_ex(status) -> int:
        fields = (ctypes.c_uint32 * 16).from_address(ctypes.addressof(status._obj))
        assert fields[0] == 64, "the structure's size is the first of its fields"
        ctypes.c_uint64.from_buffer(fields, 8).value = 16 * 2**30
        return works

    kernel = SimpleNamespace(GlobalMemoryStatusEx=global_memory_status_ex)
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(ctypes, "windll", SimpleNamespace(kernel32=kernel), raising=False)
    assert machine.memory() == told


def test_what_needs_more_than_there_is(monkeypatch) -> None:
    monkeypatch.setattr(machine, "memory", lambda: 8 * 2**30)
    machine.check_memory("4096 x 4096", 8 * 2**30)
    with pytest.raises(DeviceError, match="8192 x 8192 needs about 16 GiB of memory and this machine has 8; choose a"):
        machine.check_memory("8192 x 8192", 16 * 2**30)
    monkeypatch.setattr(machine, "memory", lambda: None)
    machine.check_memory("8192 x 8192", 16 * 2**30)
