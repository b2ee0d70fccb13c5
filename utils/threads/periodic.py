"""A pulse: one thread that looks after several things now and then, as long as there are any."""

import time
from collections.abc import Callable
from threading import Lock, Thread

GoesOn = Callable[[], bool]


class PeriodicCaller:
    """Calls what was added again and again; each call returns whether it wants another."""

    def __init__(self, interval_s: float) -> None:
        self._interval_s = interval_s
        self._calls: list[GoesOn] = []
        self._lock = Lock()

    def count(self) -> int:
        return len(self._calls)

    def add(self, call: GoesOn) -> None:
        """Call this from now on; calls must not raise."""
        with self._lock:
            self._calls.append(call)
            if len(self._calls) == 1:
                Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while True:
            time.sleep(self._interval_s)
            over = [call for call in list(self._calls) if not call()]
            with self._lock:
                self._calls = [call for call in self._calls if call not in over]
                if not self._calls:
                    return
