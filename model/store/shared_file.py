"""The one conversation file that many threads and processes read and write.

It keeps what it has read until the file changes, and writes only under the lock. What must not be lost but can't be
written now, because the disk is full, waits in memory: all who read see it, and the next write that works brings it to
disk. A damaged file is read as far as that goes, and set aside before the first write. It leaves out what one may do
with conversations: that is `model/store/json_store.py`.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import RLock

from model.errors import BnaError, StoreError, StoreUnwritable
from model.store.disk_errors import FULL, holding, reading, writing
from model.store.file_format import Entries, layout, parse
from model.store.salvage import notice, notice_of_damage, salvage
from utils.files import atomic
from utils.threads.periodic import PeriodicCaller

RETRY_S = 2.0  # how often what waits is tried again
REST = 20  # times as long as that took: a large file is not written without a pause
LOOK_S = 0.05
# A file that was not touched for so long is not being written any more; one that is gets so long to become whole.
QUIET_S, PATIENCE_S, PATIENCE_TO_READ_S = 1.0, 10.0, 2.0

Change = Callable[[Entries], None]


@dataclass(frozen=True)
class Waiting:
    """A change that is not on disk yet, and what to do when it is."""

    change: Change
    when_written: Callable[[], None]


class SharedFile:
    """Conversations by name, in the order of their last save."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.make_room: Callable[[], bool] = lambda: False
        self._lock = RLock()
        self._stamp: atomic.Stamp | None = None
        self._entries: Entries = {}  # replaced, never changed in place: readers may hold it
        self._is_damaged = False  # then `_entries` is what could be read
        self._bad_stamp: atomic.Stamp | None = None  # of a file that was damaged when it was read last
        self._damage = ""  # what was told of it
        self._notices: list[str] = []
        self._waiting: tuple[Waiting, ...] = ()
        self._shown: tuple[Entries, tuple[Waiting, ...], Entries] = ({}, (), {})  # what it was made of, and it
        self._retries = PeriodicCaller(RETRY_S)
        self._next_try_at = 0.0

    def read(self) -> Entries:
        """Return what the file holds now, and what waits to be written; nothing to be changed by the caller.

        Raises: StoreUnreadable when it can't be opened.
        """
        with self._lock:
            if not self._is_fresh():
                self._read_at_rest(PATIENCE_TO_READ_S)
            if not self._waiting:
                return self._entries
            if self._shown[0] is not self._entries or self._shown[1] is not self._waiting:
                self._shown = (self._entries, self._waiting, self._with_waiting()[0])
            return self._shown[2]

    def waiting(self) -> tuple[Waiting, ...]:
        """Return what is not on disk yet."""
        return self._waiting

    @contextmanager
    def changing(self) -> Iterator[Entries]:
        """Hand out what `read` returns, to be changed in the block; write it when the block ends without an error.

        Raises: StoreUnwritable when it can't be written; then nothing is changed.
        """
        with self._lock, holding(self.path):
            with suppress(OSError):
                atomic.remove_leftovers_of(self.path)
            if (not self._is_fresh() or self._is_damaged) and not self._read_at_rest(PATIENCE_S):
                hint = "Wait until it is done, then try again."
                raise StoreUnwritable(f"Another program is just writing {self.path.name}.", hint)
            entries, done = self._with_waiting()
            yield entries
            if self._is_damaged or list(entries.items()) != list(self._entries.items()):
                self._write(entries)
            self._waiting = tuple(one for one in self._waiting if one not in done)
        for one in done:
            one.when_written()

    def save(self, change: Change, when_written: Callable[[], None]) -> None:
        """Make a change; where that is refused it waits, and is tried again until it is done.

        A change that raises must have changed nothing.
        Raises: StoreError when it waits.
        """
        try:
            with self.changing() as entries:
                change(entries)
        except StoreError:
            with self._lock:
                if not self._waiting:
                    self._retries.add(lambda: self._try_again())  # another one each time: the last may just be going
                self._waiting += (Waiting(change, when_written),)
            raise
        when_written()

    def settle(self) -> None:
        """Try once more to write what waits."""
        if self._waiting:
            with suppress(BnaError), self.changing():
                pass

    def take_notices(self) -> list[str]:
        """Return what a person must be told about the file, each sentence once."""
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
        """Return what the file holds with the changes that wait, and which of them could be made."""
        entries, done = dict(self._entries), []
        for one in self._waiting:
            with suppress(StoreError, ValueError, RecursionError):  # its conversation was damaged meanwhile
                one.change(entries)
                done.append(one)
        return entries, done

    def _is_fresh(self) -> bool:
        """Read the file if it has changed; return False, and leave all as it was, when it is damaged."""
        with reading(self.path):
            try:
                stamp = atomic.stamp(self.path)
                if stamp == self._stamp:
                    return True
                if stamp == self._bad_stamp:
                    return False
                self._bad_stamp = stamp  # unless what follows succeeds
                # The stamp is older than what is read: a change in between is seen the next time.
                self._entries, self._stamp = parse(self.path.read_bytes(), self._entries), stamp
            except FileNotFoundError:
                if self._stamp is not None:
                    self._entries, self._stamp = {}, None
            except ValueError:
                return False
        self._is_damaged, self._bad_stamp = False, None
        return True

    def _read_at_rest(self, patience_s: float) -> bool:
        """Read a file that is damaged, or that another program is just writing in its place.

        Return whether nobody writes it by now; what can be read of it is taken over all the same.
        """
        began_at = changed_at = time.monotonic()
        stamp = self._stamp_now()
        while True:
            time.sleep(LOOK_S)
            now, found = time.monotonic(), self._stamp_now()
            if found != stamp:
                stamp, changed_at = found, now
            elif self._is_fresh() and not self._is_damaged:
                return True
            elif stamp is None or time.time() - stamp[0] / 1e9 > QUIET_S or now - changed_at > QUIET_S:
                self._stamp = self._bad_stamp = None  # it may have become whole within one tick of the clock
                return self._is_fresh() or self._take_over("")
            if now - began_at > patience_s:
                if self._is_fresh() and not self._is_damaged:
                    return True
                self._take_over(f"Another program is just writing {self.path.name}; not all of it can be read yet.")
                return False

    def _stamp_now(self) -> atomic.Stamp | None:
        with reading(self.path), suppress(FileNotFoundError):
            return atomic.stamp(self.path)
        return None

    def _take_over(self, sentence: str) -> bool:
        """Go on with what can be read of a damaged file; it stays as it is until something is to be written."""
        with reading(self.path):
            stamp = atomic.stamp(self.path)
            self._entries, self._stamp = salvage(self.path.read_bytes()), stamp
        self._is_damaged = True
        self._notices = [one for one in self._notices if one != self._damage]
        self._damage = sentence or notice_of_damage(self.path.name, len(self._entries))
        self.tell(self._damage)
        return True

    def _write(self, entries: Entries) -> None:
        """Write the file, and only then remember what is in it; a damaged one is kept under another name."""
        with writing(self.path):
            aside = atomic.copy_aside(self.path) if self._is_damaged else None
            try:
                self._write_somehow(layout(entries))
            except BaseException:
                if aside:
                    aside.unlink()
                raise
            self._stamp = atomic.stamp(self.path)
        if aside:
            self._notices = [one for one in self._notices if one != self._damage]
            self.tell(notice(self.path.name, aside.name, len(self._entries)))
        self._entries, self._is_damaged = entries, False

    def _write_somehow(self, data: bytes) -> None:
        """Write the file, at the cost of whatever is worth less.

        Raises: OSError.
        """
        try:
            atomic.write_private(self.path, data)
        except OSError as error:
            if error.errno not in FULL or not self.make_room():
                raise
            atomic.write_private(self.path, data)
