"""File cleanup: removes files, and what was read of them, that no conversation refers to any more.

It looks for a file's hash in the very text of all that is saved, so that no branch, version or unknown key is missed.
A file whose conversation was deleted stays as long as the deletion can be undone.
"""

import re
import time
import weakref
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from threading import Lock, Timer

from controller.resources import Resources
from model.chat.conversation import Conversation
from model.errors import BnaError
from model.store.protocol import ConversationStore
from utils.json_tools.text import json_line

YOUNG_S = 3600.0  # a file may have been attached by another program, whose question is not asked yet
_HASH = re.compile(rb"[0-9a-f]{64}")


class FileCleanup:
    """Knows what is referred to: by what is saved, and by the files in the `folders` of what else refers to some."""

    def __init__(self, resources: Resources, store: ConversationStore, folders: Iterable[Path] = ()) -> None:
        self._resources = resources
        self._store = store
        self._folders = tuple(folders)
        self._held: Counter[str] = Counter()
        self._lock = Lock()

    def hold(self, undo: object, before: Conversation) -> None:
        """Keep a deleted conversation's files until its undo is no longer offered, then remove what is unused."""
        hashes = hashes_of(before)
        if not hashes:
            return
        with self._lock:
            self._held.update(hashes)
        # At the program's end nothing is removed: the next start does that.
        weakref.finalize(undo, self._let_go, hashes).atexit = False

    def remove_unused(self, hashes: Iterable[str]) -> list[str]:
        """Remove files that nothing refers to, whatever was read of them too; return their hashes."""
        used = self._used()
        gone = [sha256 for sha256 in hashes if sha256 not in used and not self._held[sha256]]
        for sha256 in gone:
            self._resources.remove_file(sha256)
        return gone

    def sweep(self) -> list[str]:
        """Remove all that nothing refers to; return the hashes."""
        store = self._resources.attachments
        old = [sha256 for sha256 in store.digests() if time.time() - store.kept_at_s(sha256) > YOUNG_S]
        read = {path.name[:64] for path in self._resources.read_folder.glob("*.npz")} - store.digests()
        return self.remove_unused([*old, *read]) if old or read else []

    def sweep_later(self, after_s: float) -> None:
        timer = Timer(after_s, self._quietly, args=(self.sweep,))
        timer.daemon = True
        timer.start()

    def _let_go(self, hashes: set[str]) -> None:
        """Note that an undo is gone; this may be called anywhere, so the work is done elsewhere."""
        # No lock: the garbage collector may be at work in the middle of `hold`.
        timer = Timer(0, self._quietly, args=(lambda: self._remove_held(hashes),))
        timer.daemon = True
        timer.start()

    def _remove_held(self, hashes: set[str]) -> None:
        with self._lock:
            self._held.subtract(hashes)
        self.remove_unused(hashes)

    def _quietly(self, work: Callable[[], object]) -> None:
        with suppress(BnaError, OSError):  # a file that can't be removed now is tried again at the next start
            work()

    def _used(self) -> set[str]:
        """Return all that looks like a hash in what is saved."""
        files = (path for folder in self._folders for path in folder.rglob("*") if path.is_file())
        beside = {found.decode() for path in files for found in _HASH.findall(path.read_bytes())}
        return beside | self._store.references()  # last: what a turn's file has held is in the store by now


def hashes_of(conversation: Conversation) -> set[str]:
    """Return the hashes of all files that a conversation refers to, on any branch: attached ones, and tools' own."""
    attached = {file.sha256 for message in conversation.all_messages for file in message.attachments}
    details = [step.details for message in conversation.all_messages for step in message.tool_steps]
    return attached | {found.decode() for found in _HASH.findall(json_line(details))}
