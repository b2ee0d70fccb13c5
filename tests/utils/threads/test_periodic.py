"""A pulse beats while somebody wants it, and begins anew."""

import threading

from tests.waiting import wait_until
from utils.threads.periodic import PeriodicCaller


def test_each_is_called_until_it_wants_no_more_and_then_the_thread_ends():
    pulse, calls = PeriodicCaller(0.01), {"a": 0, "b": 0}

    def call(name: str, most: int) -> bool:
        calls[name] += 1
        return calls[name] < most

    before = threading.active_count()
    pulse.add(lambda: call("a", 1))
    pulse.add(lambda: call("b", 3))
    wait_until(lambda: calls == {"a": 1, "b": 3})
    wait_until(lambda: threading.active_count() <= before)
    assert calls == {"a": 1, "b": 3}
    pulse.add(lambda: call("a", 2))
    wait_until(lambda: calls["a"] == 2)
