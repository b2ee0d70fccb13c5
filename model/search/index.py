"""Search over all saved conversations, and what their requests took, from an index beside the conversation file.

The index follows the file: before each answer it takes in what changed since the last, and forgets what was deleted,
down to the bytes. It leaves out how a hit looks on the screen.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import tzinfo
from itertools import chain, islice
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from model.chat.message import Message
from model.providers.usage import UsageRow
from model.search.tables import (
    NAME,
    IndexFile,
    count_in,
    delete_rows,
    matching_rows,
    message_id_of,
    purge,
    put,
    summed_usage,
    zone_of,
)
from model.store.protocol import ConversationStore, Hit
from utils.text.characters import plain_text
from utils.text.words import MARK_BEGIN, snippet, words_of

Result = TypeVar("Result")
Digests = Mapping[str, tuple[str, bytes]]  # as `ConversationStore.digests` tells

_BATCH = 200  # conversations that are taken in while a search waits: a quarter of a second
LONGEST_WAIT_S = 0.5  # of a search for what another thread takes in: two batches
_TRIES = 5  # at an index to which another process writes meanwhile
_LONGEST = 500  # characters of what is sought; nobody types more, and who pastes more means its beginning


class SearchIndex:
    """The index of one store; threads may share it, and processes its file."""

    def __init__(self, path: Path, store: ConversationStore, zone: Callable[[], tzinfo | None] = lambda: None) -> None:
        """Keep an index in a file; `zone` returns the time zone of the days of usage, None for this machine's."""
        self._file = IndexFile(path)
        self._store = store
        self._zone = zone
        self._counted_in: tzinfo | None = None
        self._syncing = Lock()
        self._digests: Digests = {}  # of what was taken in last, and the file as it was then
        self._stamp = (0, 0)

    def sync(self) -> None:
        """Take in what changed in the store; the first time that may last some seconds.

        Raises: StoreUnreadable or StoreUnwritable when the store or the index can't be used.
        """
        with self._syncing:
            self._file.mended(self._take_in)

    def search(self, text: str, limit: int = 50) -> list[Hit]:
        """Return the conversations where the name or one message has all the words, or words that begin with them.

        Those with the exact phrase come first, then the newest saved. While another thread syncs, the search waits
        for it a little, and then finds what is taken in by then.
        Raises: StoreUnreadable or StoreUnwritable when the store or the index can't be used.
        """
        sought = [words for words in map(words_of, text[:_LONGEST].split()) if words]
        found = self._answer(lambda database, digests: _found(database, digests, sought, limit)) if sought else []
        # Outside of the index: who writes the conversations may wait for it.
        texts = self._store.texts((key, message_id) for key, _, message_id in found if message_id != NAME)
        texts |= {(key, NAME): name for key, name, message_id in found if message_id == NAME}
        return [Hit(key, name, told, _snippet(texts.get((key, told), ""), sought)) for key, name, told in found]

    def usage(self) -> list[UsageRow]:
        """Return what all conversations took, one row for each day, kind and model, the oldest day first.

        Raises: StoreUnreadable or StoreUnwritable when the store or the index can't be used.
        """
        return self._answer(lambda database, _digests: summed_usage(database))

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        self._file.close()

    def make_room(self) -> bool:
        """Give the room of the file back to a disk that is full; return whether there was any."""
        return self._file.make_room()

    def _answer(self, ask: Callable[[sqlite3.Connection, Digests], Result]) -> Result:
        """Return the answer of the index: up to date, but when another thread syncs for long.

        Another process may have read an older file, and take out what we have just taken in; so what it wrote since
        then is looked at again.
        """

        def work() -> Result:
            is_alone = self._syncing.acquire(timeout=LONGEST_WAIT_S)
            try:
                for _ in range(_TRIES if is_alone else 0):
                    self._take_in()
                    digests = self._digests
                    with self._file.reading() as database:
                        database.execute("SELECT * FROM unpurged").fetchall()  # from here on it stays as it is
                        if self._file.stamp() == self._stamp:
                            return ask(database, digests)
                digests = self._store.digests()  # before: who writes it may wait for the index
                with self._file.reading() as database:
                    return ask(database, digests)
            finally:
                if is_alone:
                    self._syncing.release()

        return self._file.mended(work)

    def _take_in(self) -> None:
        """Bring the index up to the store, the newest saved first."""
        digests, stamp, zone = self._store.digests(), self._file.stamp(), self._zone()
        # What was taken in needs no second look, unless another process has written the index since.
        if digests is self._digests and stamp == self._stamp and zone is self._counted_in:
            return
        self._count_in(zone)
        with self._file.reading() as database:
            rows = database.execute("SELECT id, number, digest FROM conversation").fetchall()
        saved = {conversation_id: digest for conversation_id, _, digest in rows}
        gone = [(number,) for conversation_id, number, _ in rows if conversation_id not in digests]
        changed = [(key, name, digest) for key, (name, digest) in digests.items() if saved.get(key) != digest]
        self._write(delete_rows, gone)
        self._write(put, ((*said, zone) for said in self._said(changed)))
        with self._file.reading() as database:
            unpurged = database.execute("SELECT shard FROM unpurged").fetchall()
        self._write(purge, unpurged, batch=1)
        self._digests, self._stamp, self._counted_in = digests, stamp, zone

    def _count_in(self, zone: tzinfo | None) -> None:
        """Let the days of usage be those of a zone."""
        name = str(zone or "")
        with self._file.reading() as database:
            is_so = zone_of(database) == name
        if not is_so:
            with self._file.changing() as database:
                count_in(database, name)

    def _write(self, write: Callable[..., None], rows: Iterable[tuple[Any, ...]], batch: int = _BATCH) -> None:
        """Write rows, a batch at a time, so that a search does not wait for all of them."""
        waiting = iter(rows)
        while some := list(islice(waiting, batch)):
            with self._file.changing() as database:
                for row in some:
                    write(database, *row)

    def _said(self, changed: Iterable[tuple[str, str, bytes]]) -> Iterator[tuple[str, str, bytes, Sequence[Message]]]:
        """Yield conversations with their messages; nothing of one that is gone meanwhile."""
        told = {conversation_id: (name, digest) for conversation_id, name, digest in changed}
        for conversation_id, messages in self._store.messages_of_all(told):
            yield conversation_id, *told[conversation_id], messages


def _found(
    database: sqlite3.Connection, digests: Digests, sought: list[list[str]], limit: int
) -> list[tuple[str, str, str]]:
    """Return id and name of each conversation with what is sought, each typed word as its words, and the message's."""
    exact = matching_rows(database, [[word for words in sought for word in words]])
    has_others = len(sought) > 1 and len(exact) < limit
    others = matching_rows(database, sought) if has_others else {}
    numbers: dict[str, int] = dict(database.execute("SELECT id, number FROM conversation").fetchall())
    others = {number: row for number, row in others.items() if number not in exact}
    newest = chain(_newest(digests, numbers, exact), _newest(digests, numbers, others))
    return [(key, digests[key][0], message_id_of(database, row)) for key, row in islice(newest, limit)]


def _snippet(text: str, sought: list[list[str]]) -> str:
    """Return the words around a hit without the marks of Markdown; as written where the hit is among those."""
    plain = snippet(plain_text(text), sought)
    return plain if MARK_BEGIN in plain else snippet(text, sought)


def _newest(digests: Digests, numbers: dict[str, int], rows: dict[int, int]) -> Iterator[tuple[str, int]]:
    """Yield the conversations that have a row, and the row, the newest saved first."""
    for conversation_id in digests:
        if row := rows.get(numbers.get(conversation_id, 0)):
            yield conversation_id, row
