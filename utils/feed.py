"""A feed: what one thread puts in, any number of asyncio tasks read, each from wherever it likes.

This is the bridge between work that runs in threads and a server that runs in an event loop. Items stay, so that a
reader who was away can go on where it was.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from functools import partial
from threading import Lock, Thread
from typing import Generic, TypeVar

Item = TypeVar("Item")


def fed(items: Iterator[Item]) -> "Feed[Item]":
    """Return a feed that a thread fills with these items, as they come."""
    feed: Feed[Item] = Feed()

    def fill() -> None:
        fault = None
        try:
            for item in items:
                feed.put(item)
        except Exception as error:  # whoever reads gets it
            fault = error
        feed.close(fault)

    Thread(target=fill, daemon=True).start()
    return feed


class Feed(Generic[Item]):
    """Items in their order, numbered from 1."""

    def __init__(self) -> None:
        self._items: list[Item] = []
        self._is_closed = False
        self._fault: Exception | None = None
        self._wakers: list[Callable[[], object]] = []
        self._lock = Lock()

    def put(self, item: Item) -> None:
        """Add an item, from whichever thread."""
        self._items.append(item)
        self._wake()

    def close(self, fault: Exception | None = None) -> None:
        """Say that nothing more will come, and for which fault, if there was one."""
        self._fault, self._is_closed = fault, True
        self._wake()

    async def follow(self, after: int = 0) -> AsyncIterator[tuple[int, Item]]:
        """Yield number and item, from the one behind `after` to the last, as they come.

        Raises: the fault that it was closed with.
        """
        is_new = asyncio.Event()
        waker = partial(asyncio.get_running_loop().call_soon_threadsafe, is_new.set)
        with self._lock:
            self._wakers.append(waker)
        try:
            while True:
                is_new.clear()
                is_last = self._is_closed  # looked at first: what came before the end must not be missed
                for number, item in enumerate(self._items[after:], after + 1):
                    after = number
                    yield number, item
                if is_last:
                    break
                await is_new.wait()
        finally:
            with self._lock:
                self._wakers.remove(waker)
        if self._fault:
            raise self._fault

    def _wake(self) -> None:
        with self._lock:
            wakers = list(self._wakers)
        for waker in wakers:
            with suppress(RuntimeError):  # its loop is closed
                waker()
