"""Search over all saved conversations, and what their requests took, from an index beside the conversation file.

The index follows the file: before each answer it takes in what changed since the last, and forgets what was deleted,
down to the bytes. It leaves out how a hit looks on the screen.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from model.search.tables import NAME, IndexFile, delete, digest, matching_rows, message_id_of, purge, put, summed_usage
from model.store.entries import id_of
from model.store.file_format import Entries, StoredConversation, contents_of
from model.store.json_store import JsonStore
from model.usage.rows import UsageRow
from utils.text.characters import plain_text
from utils.text.words import MARK_BEGIN, snippet, words_of

Result = TypeVar("Result")

_BATCH = 200  # conversations that are taken in while a search waits: a quarter of a second
_TRIES = 5  # at an index to which another process writes meanwhile
_LONGEST = 500  # characters of what is sought; nobody types more, and who pastes more means its beginning


@dataclass(frozen=True)
class Hit:
    """A conversation that was found, and where; `message_id` is "" when it was its name.

    `snippet` is plain text with the words between MARK_BEGIN and MARK_END of `utils/text/words.py`.
    """

    conversation_id: str
    name: str
    message_id: str
    snippet: str


class SearchIndex:
    """The index of one store; threads may share it, and processes its file."""

    def __init__(self, path: Path, store: JsonStore) -> None:
        self._file = IndexFile(path)
        self._store = store
        self._syncing = Lock()
        self._entries: Entries = {}  # what was taken in last, and the file as it was then
        self._stamp = (0, 0)

    def sync(self) -> None:
        """Take in what changed in the store; the first time that may last some seconds.

        Raises: StoreUnreadable or StoreUnwritable when the store or the index can't be used.
        """
        with self._syncing:
            self._file.mended(self._take_in)

    def search(self, text: str, limit: int = 50) -> list[Hit]:
        """Return the conversations where the name or one message has all the words, or words that begin with them.

        Those with the exact phrase come first, then the newest saved. While another thread syncs, the search does not
        wait for it and finds what is taken in by then.
        Raises: StoreUnreadable or StoreUnwritable when the store or the index can't be used.
        """
        sought = [words for words in map(words_of, text[:_LONGEST].split()) if words]
        return self._answer(lambda database, entries: _hits(database, entries, sought, limit)) if sought else []

    def usage(self) -> list[UsageRow]:
        """Return what all conversations took, one row for each day, kind and model, the oldest day first.

        Raises: StoreUnreadable or StoreUnwritable when the store or the index can't be used.
        """
        return self._answer(lambda database, _entries: summed_usage(database))

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        self._file.close()

    def make_room(self) -> bool:
        """Give the room of the file back to a disk that is full; return whether there was any."""
        return self._file.make_room()

    def _answer(self, ask: Callable[[sqlite3.Connection, Entries], Result]) -> Result:
        """Return the answer of the index: up to date, but when another thread syncs.

        Another process may have read an older file, and take out what we have just taken in; so what it wrote since
        then is looked at again.
        """

        def work() -> Result:
            is_alone = self._syncing.acquire(blocking=False)
            try:
                for _ in range(_TRIES if is_alone else 0):
                    self._take_in()
                    entries = self._entries
                    with self._file.reading() as database:
                        database.execute("SELECT * FROM unpurged").fetchall()  # from here on it stays as it is
                        if self._file.stamp() == self._stamp:
                            return ask(database, entries)
                entries = self._store.snapshot()  # before: who writes it may wait for the index
                with self._file.reading() as database:
                    return ask(database, entries)
            finally:
                if is_alone:
                    self._syncing.release()

        return self._file.mended(work)

    def _take_in(self) -> None:
        """Bring the index up to the store, the newest saved first."""
        entries, stamp = self._store.snapshot(), self._file.stamp()
        # What was taken in needs no second look, unless another process has written the index since.
        known = self._entries if stamp == self._stamp else {}
        if entries is known:
            return
        named = {id_of(name, entry): (name, entry) for name, entry in reversed(entries.items())}
        with self._file.reading() as database:
            rows = database.execute("SELECT id, number, digest FROM conversation").fetchall()
        digests = {conversation_id: saved for conversation_id, _, saved in rows}
        gone = [(number,) for conversation_id, number, _ in rows if conversation_id not in named]
        changed = [
            (conversation_id, name, entry)
            for conversation_id, (name, entry) in named.items()
            if known.get(name) is not entry and digests.get(conversation_id) != digest(name, entry)
        ]
        self._write(delete, gone)
        self._write(put, changed)
        with self._file.reading() as database:
            unpurged = database.execute("SELECT shelf FROM unpurged").fetchall()
        self._write(purge, unpurged, batch=1)
        self._entries, self._stamp = entries, stamp

    def _write(self, write: Callable[..., None], rows: Sequence[tuple[Any, ...]], batch: int = _BATCH) -> None:
        """Write rows, a batch at a time, so that a search does not wait for all of them."""
        for begin in range(0, len(rows), batch):
            with self._file.changing() as database:
                for row in rows[begin : begin + batch]:
                    write(database, *row)


def _hits(database: sqlite3.Connection, entries: Entries, sought: list[list[str]], limit: int) -> list[Hit]:
    """Return the hits for what is sought, each typed word as its words."""
    exact = matching_rows(database, [[word for words in sought for word in words]])
    has_others = len(sought) > 1 and len(exact) < limit
    others = matching_rows(database, sought) if has_others else {}
    numbers: dict[str, int] = dict(database.execute("SELECT id, number FROM conversation").fetchall())
    hits: list[Hit] = []
    for rows in (exact, {number: row for number, row in others.items() if number not in exact}):
        for name, entry, row in islice(_newest(entries, numbers, rows), limit - len(hits)):
            message_id = message_id_of(database, row)
            text = name if message_id == NAME else contents_of(name, entry).get(message_id, "")
            hits.append(Hit(id_of(name, entry), name, message_id, _snippet(text, sought)))
    return hits


def _snippet(text: str, sought: list[list[str]]) -> str:
    """Return the words around a hit without the marks of Markdown; as written where the hit is among those."""
    plain = snippet(plain_text(text), sought)
    return plain if MARK_BEGIN in plain else snippet(text, sought)


def _newest(
    entries: Entries, numbers: dict[str, int], rows: dict[int, int]
) -> Iterator[tuple[str, StoredConversation, int]]:
    """Yield the conversations that have a row, and the row, the newest saved first."""
    for name, entry in reversed(entries.items()):
        row = rows.get(numbers.get(id_of(name, entry), 0))
        if row:
            yield name, entry, row
