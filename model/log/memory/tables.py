"""The rows of the memory's SQLite file: for each passage where it stands, its vector, and its words as numbers.

No text is in it: what a passage says is read from the conversations, when it is found.
"""

import json
import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

FORM = 1  # to be raised whenever the tables, or how messages are cut, change
TABLES = (
    "CREATE TABLE encoder (name TEXT)",  # whose vectors these are: those of two don't mix
    "CREATE TABLE conversation (number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE, digest BLOB)",
    # A row's id is never given to another one, so that whoever holds some of them knows which are new.
    "CREATE TABLE passage (id INTEGER PRIMARY KEY AUTOINCREMENT, conversation INTEGER, message_id TEXT, place INTEGER,"
    " question_id TEXT, said_at_s REAL, is_answer INTEGER, digest BLOB, terms BLOB, vector BLOB,"
    " UNIQUE (conversation, message_id, place))",
)
VECTOR, TERMS = np.float16, np.uint32  # half as large, and likenesses differ by a thousandth

Vectors = NDArray[np.float32]


class PassageRow(NamedTuple):
    """A passage as it is kept."""

    message_id: str
    place: int  # among those of the message
    question_id: str
    said_at_s: float
    is_answer: bool
    digest: bytes
    terms: NDArray[np.uint32]
    vector: NDArray[np.float32]


class PassagePlace(NamedTuple):
    """Where a passage stands."""

    conversation_id: str
    message_id: str
    place: int
    question_id: str
    said_at_s: float
    is_answer: int  # 1 where a model has said it


def use_encoder(database: sqlite3.Connection, name: str) -> None:
    """Forget all passages where another encoder has made their vectors."""
    found = database.execute("SELECT name FROM encoder").fetchone()
    if found != (name,):
        for table in ("encoder", "conversation", "passage"):
            database.execute(f"DELETE FROM {table}")
        database.execute("INSERT INTO encoder VALUES (?)", [name])


def saved_digests(database: sqlite3.Connection) -> dict[str, bytes | None]:
    """Return the digest of each conversation as it was when all of it was taken in; None where that is not so."""
    return dict(database.execute("SELECT id, digest FROM conversation").fetchall())


def delete_conversation(database: sqlite3.Connection, conversation_id: str) -> None:
    numbered = "(SELECT number FROM conversation WHERE id = ?)"
    database.execute(f"DELETE FROM passage WHERE conversation = {numbered}", [conversation_id])
    database.execute("DELETE FROM conversation WHERE id = ?", [conversation_id])


def delete_stale(database: sqlite3.Connection, conversation_id: str, digests: Mapping[str, bytes]) -> None:
    """Delete what is no longer said in a conversation; `digests` are those of its messages, by id."""
    number = _number(database, conversation_id)
    query = "SELECT DISTINCT message_id, digest FROM passage WHERE conversation = ?"
    kept = database.execute(query, [number]).fetchall()
    stale = [(number, message_id) for message_id, digest in kept if digests.get(message_id) != digest]
    database.executemany("DELETE FROM passage WHERE conversation = ? AND message_id = ?", stale)
    database.execute("UPDATE conversation SET digest = NULL WHERE number = ?", [number])


def messages_in(database: sqlite3.Connection, conversation_id: str) -> set[str]:
    """Return the ids of the messages that are taken in."""
    numbered = "(SELECT number FROM conversation WHERE id = ?)"
    query = f"SELECT DISTINCT message_id FROM passage WHERE conversation = {numbered}"
    return {message_id for (message_id,) in database.execute(query, [conversation_id])}


def ids_in(database: sqlite3.Connection, conversation_id: str, message_ids: Collection[str]) -> list[int]:
    """Return the ids of the passages of these messages."""
    query = (
        "SELECT id FROM passage WHERE conversation = (SELECT number FROM conversation WHERE id = ?)"
        " AND message_id IN (SELECT value FROM json_each(?))"
    )
    return [id for (id,) in database.execute(query, [conversation_id, json.dumps(list(message_ids))])]


def put_passages(database: sqlite3.Connection, conversation_id: str, rows: Iterable[PassageRow]) -> None:
    """Add passages of a conversation; one that another process has added meanwhile stays as it is."""
    number = _number(database, conversation_id)
    values = [
        (number, *row[:6], row.terms.astype(TERMS).tobytes(), row.vector.astype(VECTOR).tobytes()) for row in rows
    ]
    database.executemany(
        "INSERT OR IGNORE INTO passage (conversation, message_id, place, question_id, said_at_s, is_answer, digest,"
        " terms, vector) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        values,
    )


def note_whole(database: sqlite3.Connection, conversation_id: str, digest: bytes) -> None:
    """Note that all of a conversation is there."""
    database.execute("UPDATE conversation SET digest = ? WHERE id = ?", [digest, conversation_id])


def places_of(database: sqlite3.Connection, ids: Sequence[int]) -> dict[int, PassagePlace]:
    """Return where passages stand, by their ids; those that are gone are left out."""
    query = (
        "SELECT passage.id, conversation.id, message_id, place, question_id, said_at_s, is_answer FROM passage"
        f" JOIN conversation ON number = conversation WHERE passage.id IN ({', '.join('?' * len(ids))})"
    )
    return {row[0]: PassagePlace(*row[1:]) for row in database.execute(query, list(ids))}


def _number(database: sqlite3.Connection, conversation_id: str) -> int:
    """Return the number of a conversation, given now where it has none."""
    database.execute("INSERT OR IGNORE INTO conversation (id) VALUES (?)", [conversation_id])
    found = database.execute("SELECT number FROM conversation WHERE id = ?", [conversation_id]).fetchone()
    number: int = found[0]
    return number
