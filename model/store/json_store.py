"""The store of one person at one machine: saved conversations in one readable JSON file.

It works on top of what other tabs and programs write meanwhile; how it does that is in `file/shared_file.py`. What one
may do with conversations is in `entry_store.py`, and is the same for a database (`sql/store.py`).
"""

import re
from collections.abc import Iterable
from pathlib import Path

from model.chat.message import Message
from model.store.disk_errors import holding, reading, writing
from model.store.entry_store import EntryStore
from model.store.file.salvage import damaged_copies_with
from model.store.file.shared_file import SharedFile
from utils.files import atomic

_HASH = re.compile(rb"[0-9a-f]{64}")


class JsonStore(EntryStore):
    """Conversations in one JSON file; threads may share the store, and processes the file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = SharedFile(path)
        self._profile = path.with_name(f"{path.name}.profile")
        super().__init__(self._file)

    def references(self) -> set[str]:
        """Return all that looks like the SHA-256 of a file, in the very bytes: no unknown key is missed."""
        data = self.path.read_bytes() if self.path.is_file() else b""
        return {found.decode() for found in _HASH.findall(data)}

    def profile(self) -> str:
        with reading(self._profile):
            # Whatever bytes stand there: who reads them tells what is no profile.
            return self._profile.read_bytes().decode("utf-8", "replace") if self._profile.is_file() else ""

    def write_profile(self, text: str) -> None:
        with writing(self._profile):
            atomic.write_private(self._profile, text.encode())

    def size_bytes(self) -> int:
        with reading(self.path):
            return self.path.stat().st_size if self.path.is_file() else 0

    def delete_all(self) -> None:
        with holding(self.path), writing(self.path):
            atomic.remove_leftovers_of(self.path)
            for path in (self.path.resolve(), self._profile):  # a link stays where a person has put one
                path.unlink(missing_ok=True)

    def _when_deleted(self, messages: Iterable[Message]) -> None:
        """Tell of damaged files that are kept beside this one, and still hold what was deleted."""
        for copy in damaged_copies_with(self.path, messages):
            self._file.tell(f"{copy}, kept because it was damaged, still holds what was deleted. Delete it, too.")
