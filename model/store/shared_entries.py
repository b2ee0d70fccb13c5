"""Conversations that many threads and processes read and write, wherever they are kept.

What must not be lost but can't be written now, because the disk is full or the database is gone, waits in memory: all
who read see it, and the next write that works takes it along. It leaves out where conversations are kept
(`file/shared_file.py`, `sql/shared_tables.py`), and what one may do with them (`entry_store.py`).
"""

import logging
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from threading import RLock

from model.errors import AllDeleted, BnaError, StoreError
from model.store.file_format import Entries
from utils.threads.periodic import PeriodicCaller

RETRY_S = 2.0  # how often what waits is tried again
REST = 20  # times as long as that took: a large file is not written without a pause

Change = Callable[[Entries], None]


@dataclass(frozen=True)
class Waiting:
    """A change that is not kept yet, and what to do when it is."""

    change: Change
    when_written: Callable[[], None]


class SharedEntries(ABC):
    """Conversations by name, in the order of their last save."""

    def __init__(self) -> None:
        self.make_room: Callable[[], bool] = lambda: False  # on a full disk; it returns whether there was any
        self._lock = RLock()
        self._entries: Entries = {}  # as they were read last; replaced, never changed in place: readers may hold it
        self._notices: list[str] = []
        self._waiting: tuple[Waiting, ...] = ()
        self._is_closed = False
        self._shown: tuple[Entries, tuple[Waiting, ...], Entries] = ({}, (), {})  # what it was made of, and it
        self._retries = PeriodicCaller(RETRY_S)
        self._next_try_at = 0.0

    @abstractmethod
    def stamp(self) -> object:
        """Return something that changes whenever a kept conversation does; it costs next to nothing."""

    @abstractmethod
    def _catch_up(self) -> None:
        """Bring `_entries` up to what others wrote.

        Raises: StoreUnreadable.
        """

    @abstractmethod
    def _held(self) -> AbstractContextManager[None]:
        """Keep all others from writing during the block, and bring `_entries` up to date at its beginning.

        Raises: StoreUnwritable.
        """

    @abstractmethod
    def _write(self, entries: Entries) -> None:
        """Keep all that differs from `_entries`, and only then remember it; called inside of `_held`.

        Raises: StoreUnwritable.
        """

    def at_once(self) -> AbstractContextManager[object]:
        """Let all that is read in the block be read in one go."""
        return nullcontext()

    def read(self) -> Entries:
        """Return what is kept now, and what waits; nothing to be changed by the caller.

        Raises: StoreUnreadable when it can't be read.
        """
        with self._open():
            self._catch_up()
            if not self._waiting:
                return self._entries
            if self._shown[0] is not self._entries or self._shown[1] is not self._waiting:
                self._shown = (self._entries, self._waiting, self._with_waiting()[0])
            return self._shown[2]

    def waiting(self) -> tuple[Waiting, ...]:
        """Return what is not kept yet."""
        return self._waiting

    @contextmanager
    def changing(self) -> Iterator[Entries]:
        """Hand out what `read` returns, to be changed in the block; write it when the block ends without an error.

        Raises: StoreUnwritable when it can't be written; then nothing is changed.
        """
        with self._open(), self._held():
            entries, done = self._with_waiting()
            yield entries
            self._write(entries)
            self._waiting = tuple(one for one in self._waiting if one not in done)
        for one in done:
            one.when_written()

    def save(self, change: Change, when_written: Callable[[], None]) -> None:
        """Make a change; where that is refused it waits, and is tried again until it is done.

        A change that raises must have changed nothing.
        Raises: StoreError when it waits; AllDeleted when it does not.
        """
        try:
            with self.changing() as entries:
                change(entries)
        except AllDeleted:  # nothing waits for what is gone
            raise
        except StoreError:
            with self._lock:
                if not self._waiting:
                    self._retries.add(lambda: self._try_again())  # another one each time: the last may just be going
                self._waiting += (Waiting(change, when_written),)
            raise
        when_written()

    def close(self) -> None:
        """Let nothing be read or written any more, and nothing wait."""
        with self._lock:
            self._is_closed, self._waiting, self._entries = True, (), {}

    @contextmanager
    def _open(self) -> Iterator[None]:
        """Keep other threads out during the block. Raises: AllDeleted where nothing may be used any more."""
        with self._lock:
            if self._is_closed:
                raise AllDeleted()
            yield

    def settle(self) -> None:
        """Try once more to write what waits."""
        if self._waiting:
            with suppress(BnaError), self.changing():
                pass

    def take_notices(self) -> list[str]:
        """Return what a person must be told of what is kept, each sentence once."""
        with self._lock:
            notices, self._notices = self._notices, []
            return notices

    def tell(self, sentence: str) -> None:
        """Add a sentence to what a person must be told."""
        with self._lock:
            if sentence not in self._notices:
                self._notices.append(sentence)
                logging.getLogger(__name__).warning(sentence)  # for those who use no page

    def _try_again(self) -> bool:
        """Write what waits; return whether it still does."""
        if (began_at := time.monotonic()) >= self._next_try_at:
            self.settle()
            self._next_try_at = time.monotonic() + REST * (time.monotonic() - began_at)
        return bool(self._waiting)

    def _with_waiting(self) -> tuple[Entries, list[Waiting]]:
        """Return what is kept with the changes that wait, and which of them could be made."""
        entries, done = dict(self._entries), []
        for one in self._waiting:
            with suppress(StoreError, ValueError, RecursionError):  # its conversation was damaged meanwhile
                one.change(entries)
                done.append(one)
        return entries, done
