"""Calls side by side in daemon threads, and are left behind when they take too long or nobody waits any more."""

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import TypeVar

from utils.threads.stop import CancellationToken

T = TypeVar("T")
Call = Callable[[CancellationToken], T]
Results = Generator[tuple[int, T | Exception], None, None]


def side_by_side(
    calls: Sequence[Call[T]], stop: CancellationToken, timeout_s: float, enough: int = 0, grace_s: float = 0.0
) -> Results[T]:
    """Yield the place of each call and what it returned or raised, as they end.

    It ends with the last call, at the time limit, or at once when `stop` is set, whichever comes first, and then tells
    the calls that are still running. Once `enough` calls have returned, the others have `grace_s` left.
    """
    ended: SimpleQueue[tuple[int, T | Exception] | None] = SimpleQueue()
    inner = CancellationToken()
    stop.when_set(lambda: ended.put(None))
    deadline_at = time.monotonic() + timeout_s
    for place, call in enumerate(calls):
        Thread(target=_run, args=(place, call, inner, ended.put), daemon=True).start()
    try:
        for _ in calls:
            result = ended.get(timeout=max(0.0, deadline_at - time.monotonic()))
            if result is None:
                return
            is_good = not isinstance(result[1], Exception)
            enough -= is_good
            if is_good and enough == 0:
                deadline_at = min(deadline_at, time.monotonic() + grace_s)
            yield result
    except Empty:
        return
    finally:
        inner.set()


def run_with_timeout(call: Call[T], stop: CancellationToken, timeout_s: float) -> T:
    """Return what a call returns, or raise what it raises, without waiting for it any longer than this.

    Raises: TimeoutError at the time limit, InterruptedError when `stop` is set.
    """
    for _, result in side_by_side([call], stop, timeout_s):
        if isinstance(result, Exception):
            raise result
        return result
    if stop.is_set:
        raise InterruptedError("Stopped.")
    raise TimeoutError(f"There was no answer within {timeout_s:g} seconds.")


def _run(place: int, call: Call[T], inner: CancellationToken, put: Callable[[tuple[int, T | Exception]], None]) -> None:
    try:
        put((place, call(inner)))
    except Exception as error:
        # Handed to whoever waits, in the thread that asked.
        put((place, error))


class Job:
    """Work in a daemon thread: setting `stop` asks for its end."""

    def __init__(self) -> None:
        self.stop = CancellationToken()
        self._ended = Event()

    def begin(self, work: Callable[[], None]) -> None:
        """Start the thread; `work` keeps what goes wrong for whoever looks."""
        Thread(target=self._run_to_end, args=(work,), daemon=True).start()

    @property
    def has_ended(self) -> bool:
        return self._ended.is_set()

    def wait(self, timeout_s: float) -> bool:
        """Wait for the end; return whether it came."""
        return self._ended.wait(timeout_s)

    def _run_to_end(self, work: Callable[[], None]) -> None:
        try:
            work()
        finally:
            self._ended.set()


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
