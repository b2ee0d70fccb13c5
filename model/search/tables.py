"""The search index's SQLite file: the words of each name and message, and what requests took.

Of a conversation that changed only the changed messages are written again. Nothing in the file is worth keeping: it is
made anew when it is gone, damaged or of an old form, and where the disk is full, the index goes on in memory.
Threads take turns; other processes may use the same file.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import astuple
from datetime import tzinfo
from pathlib import Path
from threading import RLock
from typing import Any, TypeVar

from model.chat.message import Message
from model.errors import StoreUnwritable
from model.providers.usage import UsageRow, usage_rows
from utils.files.atomic import make_folder
from utils.text.words import is_beginning, words_of

Result = TypeVar("Result")

FORM = 5  # to be raised whenever the tables, or what counts as a word, change
# SQLITE_ERROR: a table is missing, or there already in another form.
_DAMAGES = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_ERROR)

# Where something was deleted a whole table must be written anew (see `purge`): at 10,000 conversations that takes 0.07
# seconds of processor time with 16 tables, and 0.6 with one, whose index would be 7 % smaller and searched no faster.
SHARDS = 16
_TABLES = (
    "CREATE TABLE conversation (number INTEGER PRIMARY KEY, id TEXT UNIQUE, digest BLOB)",
    "CREATE TABLE unpurged (shard INTEGER PRIMARY KEY)",
    "CREATE TABLE zone (name TEXT)",  # in which the days of usage are; none for this machine's
    "CREATE TABLE usage (number, request, day, kind, provider, model_name, prompt_token_count, completion_token_count,"
    " is_estimated, request_count, image_count, images_usd, thinking_token_count)",  # as in UsageRow
    "CREATE INDEX usage_of_conversation ON usage (number)",
    *(
        # The words come folded and with one space between them, so the plainest of tokenizers is enough.
        f"CREATE VIRTUAL TABLE words_{shard} USING fts5(text, message_id UNINDEXED, tokenize='ascii')"
        for shard in range(SHARDS)
    ),
)


class IndexFile:
    """One SQLite file that can be thrown away at any time; `form` is raised whenever its tables change."""

    def __init__(
        self, path: Path, tables: Sequence[str] = _TABLES, form: int = FORM, title: str = "search index"
    ) -> None:
        self.path = path
        self._tables, self._form, self._title = (*tables, f"PRAGMA user_version = {form}"), form, title
        self._lock = RLock()
        self._connection: sqlite3.Connection | None = None
        self._is_in_memory = False  # until the program ends
        self._inode = 0
        self._opened_count = 0

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Hand out the database, to be read in the block as it is at its beginning; other threads wait."""
        with self._lock, _transaction(self._open(), "DEFERRED") as database:
            yield database

    @contextmanager
    def changing(self) -> Iterator[sqlite3.Connection]:
        """Hand out the database, to be changed in the block; an error in it takes all back."""
        with self._lock, _transaction(self._open(), "IMMEDIATE") as database:
            yield database

    def stamp(self) -> tuple[int, int]:
        """Return what changes whenever another process has written, and when the file was made anew."""
        with self._lock:
            version: int = self._open().execute("PRAGMA data_version").fetchone()[0]
            return self._opened_count, version

    def mended(self, work: Callable[[], Result]) -> Result:
        """Do the work, once more with a new file when this one is damaged or of another form, else in memory.

        Raises: StoreUnwritable when another program does not let go of the file.
        """
        try:
            try:
                return self._mended(work)
            except (sqlite3.OperationalError, OSError) as error:
                if self._is_in_memory or _code(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                    raise
                self._go_to_memory()
                return self._mended(work)
        except (sqlite3.Error, OSError) as error:
            hint = f"Close the other program, or delete {self.path}: it will be made anew. No conversation is lost."
            raise StoreUnwritable(f"The {self._title} could not be used: {error}.", hint) from error

    def make_room(self) -> bool:
        """Give the room of the file back to a disk that is full; return whether there was any."""
        # Whoever searches may hold the lock and wait for the very conversations that need the room.
        if not self._lock.acquire(timeout=1.0):
            return False
        try:
            has_room = not self._is_in_memory and self.path.is_file() and self.path.stat().st_size > 0
            if has_room:
                self._go_to_memory()
            return has_room
        finally:
            self._lock.release()

    def close(self) -> None:
        """Close the file until the next use."""
        with self._lock:
            if self._connection:
                self._connection.close()
            self._connection = None

    def _mended(self, work: Callable[[], Result]) -> Result:
        """Do the work, once more with a new file when this one is damaged or of another form."""
        try:
            return work()
        except sqlite3.DatabaseError as error:
            if _code(error) not in _DAMAGES:
                raise
            self._throw_away()
            return work()

    def _throw_away(self) -> None:
        """Delete the file; the next use makes it anew."""
        with self._lock:
            self.close()
            self.path.with_name(f"{self.path.name}-journal").unlink(missing_ok=True)
            self.path.unlink(missing_ok=True)

    def _go_to_memory(self) -> None:
        """Use no file any more, and leave none: nobody would take out of it what is deleted."""
        with self._lock:
            self._is_in_memory = True
            self.close()
            with suppress(OSError):
                if self.path.is_file():
                    os.truncate(self.path, 0)  # another process may have it open, and would keep its room
                self._throw_away()

    def _open(self) -> sqlite3.Connection:
        """Return the open database, opened again when another file has taken its place."""
        if self._connection and (self._is_in_memory or self._is_same_file()):
            return self._connection
        self.close()
        if not self._is_in_memory:
            make_folder(self.path.parent)
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))  # as private as the conversations themselves
            self._inode = self.path.stat().st_ino
        self._opened_count += 1
        place = ":memory:" if self._is_in_memory else self.path
        database = sqlite3.connect(place, timeout=30, isolation_level=None, check_same_thread=False)
        try:
            _prepare(database, self._tables, self._form)
        except BaseException:
            database.close()
            raise
        self._connection = database
        return database

    def _is_same_file(self) -> bool:
        return self.path.exists() and self.path.stat().st_ino == self._inode


def _prepare(database: sqlite3.Connection, tables: Sequence[str], form: int) -> None:
    """Make the tables in an empty file. Raises: sqlite3.DatabaseError when they are there in another form."""
    database.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten with zeros
    if _form(database) != form:
        with _transaction(database, "IMMEDIATE"):
            # Meanwhile another process may have made them.
            for statement in tables if _form(database) != form else ():
                database.execute(statement)


def _form(database: sqlite3.Connection) -> Any:
    return database.execute("PRAGMA user_version").fetchone()[0]


def _code(error: Exception) -> int:
    """Return which kind of fault of SQLite this is."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


@contextmanager
def _transaction(database: sqlite3.Connection, kind: str) -> Iterator[sqlite3.Connection]:
    """Keep all that is done in the block, or nothing when an error ends it."""
    database.execute(f"BEGIN {kind}")
    try:
        yield database
        database.execute("COMMIT")
    except BaseException:
        if database.in_transaction:
            database.execute("ROLLBACK")
        raise


# A row of words is numbered so that it tells its conversation: number * ROWS, and how many rows it had before.
ROWS = 1 << 24
NAME = ""  # stands for a message's id in the row that holds the words of the name, always a conversation's first


def zone_of(database: sqlite3.Connection) -> str:
    """Return the name of the time zone in which days are counted; "" for this machine's."""
    found = database.execute("SELECT name FROM zone").fetchone()
    return str(found[0]) if found else ""


def count_in(database: sqlite3.Connection, zone: str) -> None:
    """Let days be counted in another zone: all conversations are to be taken in once more, of which the words stay."""
    database.execute("DELETE FROM zone")
    database.execute("INSERT INTO zone VALUES (?)", [zone])
    database.execute("UPDATE conversation SET digest = NULL")


def put(
    database: sqlite3.Connection,
    conversation_id: str,
    name: str,
    digest: bytes,
    messages: Sequence[Message],
    zone: tzinfo | None = None,
) -> None:
    """Bring the rows of a conversation up to date, with days in a zone, else in this machine's."""
    database.execute("INSERT OR IGNORE INTO conversation (id) VALUES (?)", [conversation_id])
    query = "SELECT number, digest FROM conversation WHERE id = ?"
    number, saved = database.execute(query, [conversation_id]).fetchone()
    if saved == digest:  # another process was faster
        return
    _put_words(database, number, _texts(name, messages))
    database.execute("DELETE FROM usage WHERE number = ?", [number])
    usage = [(number, request, *astuple(row)) for request, row in usage_rows(messages, zone).items()]
    database.executemany("INSERT INTO usage VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", usage)
    database.execute("UPDATE conversation SET digest = ? WHERE number = ?", [digest, number])


def delete_rows(database: sqlite3.Connection, number: int) -> None:
    _put_words(database, number, {})
    database.execute("DELETE FROM usage WHERE number = ?", [number])
    database.execute("DELETE FROM conversation WHERE number = ?", [number])


def purge(database: sqlite3.Connection, shard: int) -> None:
    """Overwrite what is left of deleted words.

    FTS5 only marks deleted words as such, until it happens to write the part of the index where they stand again.
    'optimize' writes all of the table again.
    """
    database.execute(f"INSERT INTO words_{shard} (words_{shard}) VALUES ('optimize')")
    database.execute("DELETE FROM unpurged WHERE shard = ?", [shard])


def matching_rows(database: sqlite3.Connection, phrases: Sequence[list[str]]) -> dict[int, int]:
    """Return, by a conversation's number, the first row where all phrases stand; a phrase is a list of words."""
    # Words hold letters and digits only, so nothing in them can mean something to FTS5.
    query = " ".join(f'"{" ".join(words)}"' + "*" * is_beginning(words[-1]) for words in phrases)
    found: dict[int, int] = {}
    for shard in range(SHARDS):
        select = f"SELECT rowid / {ROWS}, min(rowid) FROM words_{shard} WHERE text MATCH ? GROUP BY 1"
        found.update(database.execute(select, [query]))
    return found


def message_id_of(database: sqlite3.Connection, row: int) -> str:
    """Return the id of the message whose words stand in a row."""
    query = f"SELECT message_id FROM words_{row // ROWS % SHARDS} WHERE rowid = ?"
    message_id: str = database.execute(query, [row]).fetchone()[0]
    return message_id


def summed_usage(database: sqlite3.Connection) -> list[UsageRow]:
    """Return what all requests took, one row for each day, kind and model."""
    keys = "day, kind, provider, model_name"
    sums = "sum(prompt_token_count), sum(completion_token_count), is_estimated"
    sums += ", sum(request_count), sum(image_count), sum(images_usd), sum(thinking_token_count)"
    # Images without a known price stay by themselves, so that a sum never hides them.
    groups = f"{keys}, is_estimated, images_usd IS NULL"
    query = f"SELECT {keys}, {sums} FROM (SELECT * FROM usage GROUP BY request) GROUP BY {groups} ORDER BY {keys}"
    return [UsageRow(*row) for row in database.execute(query)]


def _texts(name: str, messages: Sequence[Message]) -> dict[str, str]:
    """Return the words of the name, and of each message by its id; a summary is not what anybody said."""
    said = {message.id: message.content for message in messages if not message.summary_of}
    return {key: " ".join(words_of(text)) for key, text in ({NAME: name} | said).items()}


def _put_words(database: sqlite3.Connection, number: int, texts: dict[str, str]) -> None:
    """Make a conversation's rows of words hold these texts."""
    shard, first = number % SHARDS, number * ROWS
    query = f"SELECT rowid, message_id, text FROM words_{shard} WHERE rowid BETWEEN ? AND ?"
    rows = database.execute(query, [first, first + ROWS - 1]).fetchall()
    stale = [(rowid, text) for rowid, message_id, text in rows if texts.get(message_id) != text]
    kept = {message_id for _, message_id, text in rows if texts.get(message_id) == text}
    database.executemany(f"DELETE FROM words_{shard} WHERE rowid = ?", [[rowid] for rowid, _ in stale])
    if any(text for _, text in stale):
        database.execute("INSERT OR IGNORE INTO unpurged VALUES (?)", [shard])
    free = max([first, *(rowid for rowid, _, _ in rows)]) + 1
    new = [key for key in texts if key not in kept]
    fresh = [(first if key == NAME else free + index, texts[key], key) for index, key in enumerate(new)]
    database.executemany(f"INSERT INTO words_{shard} (rowid, text, message_id) VALUES (?, ?, ?)", fresh)
