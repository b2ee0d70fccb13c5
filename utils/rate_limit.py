"""A limit on how often each client may ask: a bucket of tokens that fills steadily (https://en.wikipedia.org/wiki/Token_bucket)."""

import time
from collections import OrderedDict
from collections.abc import Callable

MOST_CLIENTS = 10_000  # that are remembered; who has long been silent has a full bucket anyway


class RateLimit:
    """So many requests a minute for each client, all of them at once if it likes; for one thread."""

    def __init__(self, per_minute: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._capacity = max(1.0, per_minute)
        self._per_s = per_minute / 60
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # what was left, and when

    def wait_s(self, client: str) -> float:
        """Take a token, and return 0; or return how long it takes until there is one."""
        now_s = self._clock()
        left, at_s = self._buckets.pop(client, (self._capacity, now_s))
        left = min(self._capacity, left + (now_s - at_s) * self._per_s)
        is_allowed = left >= 1
        self._buckets[client] = (left - 1 if is_allowed else left, now_s)
        if len(self._buckets) > MOST_CLIENTS:
            self._buckets.popitem(last=False)
        return 0.0 if is_allowed else (1 - left) / self._per_s
