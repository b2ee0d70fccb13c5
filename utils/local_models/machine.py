"""What this machine has room for: its memory, and what is free on a disk."""

import ctypes
import os
import platform
import shutil
import sys
from contextlib import suppress
from pathlib import Path

# Where a container's limit stands: version 2 of Linux's control groups, then version 1.
_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


def memory_bytes() -> int:
    """Return how much memory programs have here, at most what a container lets them take; 0 where nobody tells."""
    whole = _installed_bytes()
    for path in _LIMITS:
        with suppress(OSError, ValueError):  # “max” is no number
            whole = min(whole, int(path.read_text(encoding="ascii")))
    return whole


def core_count() -> int:
    """Return how many cores compute; 0 where a graphics unit does it with the same memory, as on a Mac."""
    return 0 if sys.platform == "darwin" and platform.machine() == "arm64" else os.cpu_count() or 0


def free_disk_bytes(folder: Path) -> int:
    """Return what is free on the disk of a folder, which need not be there yet."""
    there = next(place for place in (folder, *folder.absolute().parents) if place.is_dir())
    return shutil.disk_usage(there).free


class _MemoryStatus(ctypes.Structure):
    """What Windows tells of memory. Source: MEMORYSTATUSEX, learn.microsoft.com/windows/win32/api/sysinfoapi."""

    _fields_ = [
        ("length", ctypes.c_uint32),
        ("load", ctypes.c_uint32),
        *((name, ctypes.c_uint64) for name in ("total", "free", "pages", "free_pages", "virtual", "free_virtual", "x")),
    ]


def _installed_bytes() -> int:
    with suppress(AttributeError, OSError, ValueError):  # Linux and macOS
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    with suppress(AttributeError, OSError):  # Windows
        status = _MemoryStatus(length=ctypes.sizeof(_MemoryStatus))
        getattr(ctypes, "windll").kernel32.GlobalMemoryStatusEx(ctypes.byref(status))  # noqa: B009 no other system has it
        return int(status.total)
    return 0
