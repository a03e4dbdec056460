"""What is known of the machine."""

import ctypes
import os
import sys

from .errors import DeviceError


def memory() -> int | None:
    """Bytes of memory in all, or None where the system does not tell."""
    if sys.platform == "win32":
        status = _MemoryStatus(ctypes.sizeof(_MemoryStatus))
        return status.total if ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)) else None
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return None


def check_memory(what: str, needed: float) -> None:
    """Raises DeviceError: `what` needs more bytes of memory than there are in all."""
    present = memory()
    if present is not None and needed > present:
        raise DeviceError(
            f"{what} needs about {needed / 2**30:.0f} GiB of memory and this machine has "
            f"{present / 2**30:.0f}; choose a smaller size."
        )


class _MemoryStatus(ctypes.Structure):
    """Windows' MEMORYSTATUSEX."""

    _fields_ = (
        ("length", ctypes.c_uint32),
        ("load", ctypes.c_uint32),
        ("total", ctypes.c_uint64),
        ("others", ctypes.c_uint64 * 6),
    )
