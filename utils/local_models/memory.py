"""How much memory this machine has left."""

import os
from contextlib import suppress
from pathlib import Path

# What limits a container: version 2 of control groups, then version 1.
_LIMITS = (
    ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
    ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"),
)


def free_memory_bytes() -> int | None:
    """Return how many bytes programs can still have; None where the system does not tell."""
    left = [_available_bytes(), *(_left_bytes(Path(limit), Path(used)) for limit, used in _LIMITS)]
    return min((one for one in left if one is not None), default=None)


def _available_bytes() -> int | None:
    with suppress(OSError, ValueError, IndexError, StopIteration):
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
    with suppress(OSError, ValueError, AttributeError):  # as on macOS: all that there is, half of which is free
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
    return None


def _left_bytes(limit: Path, used: Path) -> int | None:
    with suppress(OSError, ValueError):  # “max”, where there is no limit
        return max(0, int(limit.read_text()) - int(used.read_text()))
    return None
