"""How tests wait: for what happens, never for a time.

What must not take long is set beside something that would go on for ever. That it ended is the proof; how long the
machine took for it, busy as it may be, is not looked at. A test that hangs is ended by `faulthandler_timeout`.
"""

import os
import signal
import time
from collections.abc import Callable
from typing import Any

import psutil

FOR_EVER_S = 3600.0
PATIENCE_S = 240.0  # with which even a busy machine gets there


def daily(count: int, whole: int) -> int:
    """Return how often something is done: a few times every day, and all of them in `make test-long`."""
    return whole if os.environ.get("LONG_TESTS") == "1" else count


def wait_until(happened: Callable[[], object], what: str = "it did not happen") -> None:
    """Wait until something has happened.

    Raises: AssertionError when it does not.
    """
    deadline_at = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < deadline_at, what
        time.sleep(0.005)


def has_ended(pid: int) -> bool:
    """Return whether a process is gone, or only waits for its parent to look."""
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def end_terminal(terminal: Any) -> None:
    """End what runs in a terminal of pexpect, whose own `close` waits a tenth of a second and then gives up."""
    if terminal.isalive():
        terminal.kill(signal.SIGKILL)
        terminal.wait()
    terminal.close()
