"""Whether work grows in proportion to its input: told by comparing, so that a slow or busy machine says the same."""

import time
from collections.abc import Callable

FACTOR = 4
TRIES = 3  # the best of these counts: other work on the machine only makes one slower


def growth(work: Callable[[int], object], size: int) -> float:
    """Return how many times as long the work takes for an input four times as large; about 4, or 16 where quadratic."""
    return _best_s(work, size * FACTOR) / max(_best_s(work, size), 1e-4)


def is_in_proportion(work: Callable[[int], object], size: int) -> bool:
    """Return whether four times the input takes clearly less than the sixteen times of a quadratic work."""
    return growth(work, size) < FACTOR * 2.2


def _best_s(work: Callable[[int], object], size: int) -> float:
    taken = []
    for _ in range(TRIES):
        began = time.thread_time()
        work(size)
        taken.append(time.thread_time() - began)
    return min(taken)
