"""The one conversation file that many threads and processes read and write.

It keeps what it has read until the file changes, and writes only under the lock. A damaged file is read as far as that
goes, and set aside before the first write. What waits while the disk is full is in `model/store/shared_entries.py`.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from model.errors import StoreUnwritable
from model.store.disk_errors import FULL, holding, reading, writing
from model.store.file.salvage import notice, notice_of_damage, salvage
from model.store.file_format import Entries, layout, parse
from model.store.shared_entries import SharedEntries
from utils.files import atomic

LOOK_S = 0.05
# A file that was not touched for so long is not being written any more; one that still is gets so long to be whole.
QUIET_S, PATIENCE_S, PATIENCE_TO_READ_S = 1.0, 10.0, 2.0


class SharedFile(SharedEntries):
    """Conversations in one file."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self._stamp: atomic.Stamp | None = None
        self._is_damaged = False  # then `_entries` is what could be read
        self._bad_stamp: atomic.Stamp | None = None  # of a file that was damaged when it was read last
        self._damage = ""  # what was told of it

    def stamp(self) -> object:
        """Return something that changes whenever a conversation does; it costs one look at the disk."""
        return atomic.stamp(self.path) if self.path.is_file() else None

    def _catch_up(self) -> None:
        if not self._is_fresh():
            self._read_at_rest(PATIENCE_TO_READ_S)

    @contextmanager
    def _held(self) -> Iterator[None]:
        with holding(self.path):
            with suppress(OSError):
                atomic.remove_leftovers_of(self.path)
            if (not self._is_fresh() or self._is_damaged) and not self._read_at_rest(PATIENCE_S):
                hint = "Wait until it is done, then try again."
                raise StoreUnwritable(f"Another program is just writing {self.path.name}.", hint)
            yield

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
        if not self._is_damaged and list(entries.items()) == list(self._entries.items()):
            return
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
