"""A line that says how long something takes, as long as it does."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

EVERY_S = 1.0
SHORT_S = 3.0  # nobody wonders before


@contextmanager
def ticking(tell: Callable[[str], None], text: str) -> Iterator[None]:
    """Tell a text now, and again each second with the seconds that it took so far."""
    ended, began_at = Event(), time.monotonic()

    def tick() -> None:
        while not ended.wait(EVERY_S):
            if (passed_s := time.monotonic() - began_at) >= SHORT_S:
                tell(f"{text} {passed_s:.0f} s")

    tell(text)
    Thread(target=tick, daemon=True).start()
    try:
        yield
    finally:
        ended.set()
