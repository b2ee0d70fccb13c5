"""A pulse beats while somebody wants it, and begins anew."""

import threading
import time
from collections.abc import Callable

from utils.threads.periodic import PeriodicCaller


def until(is_so: Callable[[], bool]) -> None:
    deadline_at = time.monotonic() + 30
    while not is_so() and time.monotonic() < deadline_at:
        time.sleep(0.005)
    assert is_so()


def test_each_is_called_until_it_wants_no_more_and_then_the_thread_ends():
    pulse, calls = PeriodicCaller(0.01), {"a": 0, "b": 0}

    def call(name: str, most: int) -> bool:
        calls[name] += 1
        return calls[name] < most

    before = threading.active_count()
    pulse.add(lambda: call("a", 1))
    pulse.add(lambda: call("b", 3))
    until(lambda: threading.active_count() == before)
    assert calls == {"a": 1, "b": 3}
    pulse.add(lambda: call("a", 2))
    until(lambda: calls["a"] == 2)
