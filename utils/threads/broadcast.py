"""Broadcast: what one thread puts in, any number of asyncio tasks read, each from wherever it likes."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from threading import Lock, Thread
from typing import Generic, TypeVar

Item = TypeVar("Item")


def fed(items: Iterator[Item]) -> "Broadcast[Item]":
    """Return a feed that a thread fills with these items, as they come."""
    feed: Broadcast[Item] = Broadcast()

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


class Broadcast(Generic[Item]):
    """Items in their order, numbered from 1."""

    def __init__(self) -> None:
        self._items: list[Item] = []
        self._is_closed = False
        self._fault: Exception | None = None
        self._readers: list[_Reader] = []
        self._lock = Lock()

    @property
    def has_begun(self) -> bool:
        """Return whether something has come, be it the end."""
        return bool(self._items) or self._is_closed

    def put(self, item: Item) -> None:
        self._items.append(item)
        self._wake()

    def so_far(self) -> list[Item]:
        """Return all that has come by now."""
        return list(self._items)

    def close(self, fault: Exception | None = None) -> None:
        """Say that nothing more will come, and for which fault, if there was one."""
        self._fault, self._is_closed = fault, True
        self._wake()

    async def follow(self, after: int = 0) -> AsyncIterator[tuple[int, Item]]:
        """Yield number and item, from the one behind `after` to the last, as they come; raises what `batches` does."""
        async for batch in self.batches(after):
            for pair in batch:
                yield pair

    async def batches(self, after: int = 0) -> AsyncIterator[list[tuple[int, Item]]]:
        """Yield what has come since the last look, as soon as that is anything.

        Raises: the fault that it was closed with.
        """
        reader = _Reader()
        with self._lock:
            self._readers.append(reader)
        try:
            while True:
                reader.begin()
                is_last = self._is_closed  # looked at first: what came before the end must not be missed
                if batch := list(enumerate(self._items[after:], after + 1)):
                    after = batch[-1][0]
                    yield batch
                if is_last:
                    break
                await reader.is_new.wait()
        finally:
            with self._lock:
                self._readers.remove(reader)
        if self._fault:
            raise self._fault

    def _wake(self) -> None:
        with self._lock:
            readers = list(self._readers)
        for reader in readers:
            reader.wake()


class _Reader:
    """A task that waits for what is new."""

    def __init__(self) -> None:
        self.is_new = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._is_woken = False

    def begin(self) -> None:
        """Begin to look; whatever comes from now on wakes it again."""
        self._is_woken = False
        self.is_new.clear()

    def wake(self) -> None:
        """Wake it from another thread, once: to wake a loop takes a call of the system."""
        if not self._is_woken:
            self._is_woken = True
            with suppress(RuntimeError):  # its loop is closed
                self._loop.call_soon_threadsafe(self.is_new.set)
