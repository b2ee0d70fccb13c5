"""Memory: one pool for all threads, so that a program of many short ones does not grow."""

import ctypes
import sys
from contextlib import suppress

M_ARENA_MAX = -8  # mallopt(3)


def limit_arenas(count: int = 2) -> None:
    """Let all threads take their memory from few pools, where the system offers that; does not raise.

    The C library of Linux gives threads eight pools a core. What is freed in one is of no use to the others, so with
    hundreds of answers at once, each in threads of its own, the program would grow for hours. Python lets one thread
    run at a time, so they need not wait for each other here.
    """
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # not every Linux has this library
            ctypes.CDLL(None).mallopt(M_ARENA_MAX, count)
