"""What this machine has room for: its memory, and what is free on a disk."""

import ctypes
import os
import platform
import shutil
import sys
from contextlib import suppress
from pathlib import Path

# Where a container's limit stands, in version 2 of Linux's control groups and in version 1; and beside it what is used.
_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
_USED = {"memory.max": "memory.current", "memory.limit_in_bytes": "memory.usage_in_bytes"}


def memory_bytes() -> int:
    """Return how much memory programs have here, at most what a container lets them take; 0 where nobody tells."""
    whole = _installed_bytes()
    for path in _LIMITS:
        with suppress(OSError, ValueError):  # “max” is no number
            whole = min(whole, int(path.read_text(encoding="ascii")))
    return whole


def free_memory_bytes() -> int | None:
    """Return how many bytes programs can still have, in a container too; None where nobody tells."""
    left = [found] if (found := _available_bytes()) is not None else []
    for limit in _LIMITS:
        with suppress(OSError, ValueError):  # “max” is no number
            used = limit.with_name(_USED[limit.name])
            left.append(max(0, int(limit.read_text(encoding="ascii")) - int(used.read_text(encoding="ascii"))))
    return min(left, default=None)


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


def _available_bytes() -> int | None:
    with suppress(OSError, ValueError, IndexError, StopIteration):
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
    return _installed_bytes() // 2 or None  # as on macOS: all that there is, half of which is free


def _installed_bytes() -> int:
    with suppress(AttributeError, OSError, ValueError):  # Linux and macOS
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    with suppress(AttributeError, OSError):  # Windows
        status = _MemoryStatus(length=ctypes.sizeof(_MemoryStatus))
        getattr(ctypes, "windll").kernel32.GlobalMemoryStatusEx(ctypes.byref(status))  # noqa: B009 no other system has it
        return int(status.total)
    return 0
