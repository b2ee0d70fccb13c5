"""The one conversation file that many threads and processes read and write.

It keeps what it has read until the file changes, writes only under the lock, and sets a damaged file aside. It leaves
out what one may do with conversations: that is `model/store.py`.
Read next: `model/conversation_file.py`, which knows what the file looks like.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock

from model.conversation_file import Entries, layout, parse
from model.disk_errors import holding, reading, writing
from model.errors import StoreUnwritable
from model.salvage import notice, salvage
from utils import files


class SharedFile:
    """Conversations by name, in the order of their last save."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = RLock()
        self._stamp: files.Stamp | None = None
        self._entries: Entries = {}  # replaced, never changed in place: readers may hold it
        self._notices: list[str] = []

    def read(self) -> Entries:
        """Return what the file holds now; nothing to be changed by the caller.

        Raises: StoreUnreadable when it can't be opened.
        """
        with self._lock:
            try:
                return self._fresh()
            except ValueError:
                # Perhaps an editor is in the middle of writing it; a moment later it may be whole.
                time.sleep(0.05)
                with holding(self.path):
                    return self._fresh_or_mended()

    @contextmanager
    def changing(self) -> Iterator[Entries]:
        """Hand out what the file holds, to be changed in the block; write it when the block ends without an error.

        Raises: StoreUnwritable when it can't be written; then nothing is changed.
        """
        with self._lock, holding(self.path):
            entries = dict(self._fresh_or_mended())
            yield entries
            self._write(entries)

    def take_notices(self) -> list[str]:
        """Return what a person must be told about the file, each sentence once."""
        with self._lock:
            notices, self._notices = self._notices, []
            return notices

    def _fresh(self) -> Entries:
        """Return what the file holds now, read again only when it has changed.

        Raises: ValueError when it is damaged.
        """
        with reading(self.path):
            try:
                stamp = files.stamp(self.path)
                if stamp != self._stamp:
                    # The stamp is older than what is read: a change in between is seen the next time.
                    self._entries, self._stamp = parse(self.path.read_bytes(), self._entries), stamp
            except FileNotFoundError:
                self._entries, self._stamp = {}, None
        return self._entries

    def _fresh_or_mended(self) -> Entries:
        """Return what the file holds; a damaged one is set aside, and what can be read of it lives on."""
        try:
            return self._fresh()
        except ValueError:
            with reading(self.path):
                saved = salvage(self.path.read_bytes())
                aside = files.set_aside(self.path)
        try:
            self._write(saved)
        except StoreUnwritable:
            aside.rename(self.path)  # else the next start would find an empty store
            raise
        self._notices.append(notice(self.path.name, aside.name, len(saved)))
        return self._entries

    def _write(self, entries: Entries) -> None:
        """Write the file, and only then remember what is in it."""
        with writing(self.path):
            files.write_whole(self.path, layout(entries))
            self._stamp = files.stamp(self.path)
        self._entries = entries
