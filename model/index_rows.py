"""The rows of the search index: the words of each name and message, and what requests took.

Of a conversation that changed only the changed messages are written again. It leaves out which conversations changed,
and the order of hits.
"""

import hashlib
import sqlite3
from collections.abc import Sequence
from dataclasses import astuple

from model.conversation_file import Entry, messages_of
from model.index_file import SHELVES
from model.message import Message
from model.usage import UsageRow, usage_rows
from utils.words import is_beginning, words_of

# A row of words is numbered so that it tells its conversation: number * ROWS, and how many rows it had before.
ROWS = 1 << 24
NAME = ""  # stands for a message's id in the row that holds the words of the name, always a conversation's first


def digest(name: str, entry: Entry) -> bytes:
    """Return what changes whenever a conversation or its name does."""
    return hashlib.blake2b(entry.raw, digest_size=16, key=hashlib.sha256(name.encode()).digest()).digest()


def put(database: sqlite3.Connection, conversation_id: str, name: str, entry: Entry) -> None:
    """Bring the rows of a conversation up to date."""
    seen = digest(name, entry)
    database.execute("INSERT OR IGNORE INTO conversation (id) VALUES (?)", [conversation_id])
    query = "SELECT number, digest FROM conversation WHERE id = ?"
    number, saved = database.execute(query, [conversation_id]).fetchone()
    if saved == seen:  # another process was faster
        return
    messages = _readable_messages(name, entry)
    _put_words(database, number, _texts(name, messages))
    database.execute("DELETE FROM usage WHERE number = ?", [number])
    usage = [(number, request, *astuple(row)) for request, row in usage_rows(messages).items()]
    database.executemany("INSERT INTO usage VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", usage)
    database.execute("UPDATE conversation SET digest = ? WHERE number = ?", [seen, number])


def delete(database: sqlite3.Connection, number: int) -> None:
    """Delete all rows of a conversation."""
    _put_words(database, number, {})
    database.execute("DELETE FROM usage WHERE number = ?", [number])
    database.execute("DELETE FROM conversation WHERE number = ?", [number])


def purge(database: sqlite3.Connection, shelf: int) -> None:
    """Overwrite what is left of deleted words.

    FTS5 only marks deleted words as such, until it happens to write the part of the index where they stand again.
    'optimize' writes all of the table again.
    """
    database.execute(f"INSERT INTO words_{shelf} (words_{shelf}) VALUES ('optimize')")
    database.execute("DELETE FROM unpurged WHERE shelf = ?", [shelf])


def matching_rows(database: sqlite3.Connection, phrases: Sequence[list[str]]) -> dict[int, int]:
    """Return, by a conversation's number, the first row where all phrases stand; a phrase is a list of words."""
    # Words hold letters and digits only, so nothing in them can mean something to FTS5.
    query = " ".join(f'"{" ".join(words)}"' + "*" * is_beginning(words[-1]) for words in phrases)
    found: dict[int, int] = {}
    for shelf in range(SHELVES):
        select = f"SELECT rowid / {ROWS}, min(rowid) FROM words_{shelf} WHERE text MATCH ? GROUP BY 1"
        found.update(database.execute(select, [query]))
    return found


def message_id_of(database: sqlite3.Connection, row: int) -> str:
    """Return the id of the message whose words stand in a row."""
    query = f"SELECT message_id FROM words_{row // ROWS % SHELVES} WHERE rowid = ?"
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


def _readable_messages(name: str, entry: Entry) -> list[Message]:
    """Return the messages of all branches; none when they can't be opened, which the store tells when one tries."""
    try:
        return messages_of(name, entry)
    except (ValueError, RecursionError):
        return []


def _texts(name: str, messages: Sequence[Message]) -> dict[str, str]:
    """Return the words of the name, and of each message by its id; a summary is not what anybody said."""
    said = {message.id: message.content for message in messages if not message.summary_of}
    return {key: " ".join(words_of(text)) for key, text in ({NAME: name} | said).items()}


def _put_words(database: sqlite3.Connection, number: int, texts: dict[str, str]) -> None:
    """Make a conversation's rows of words hold these texts."""
    shelf, first = number % SHELVES, number * ROWS
    query = f"SELECT rowid, message_id, text FROM words_{shelf} WHERE rowid BETWEEN ? AND ?"
    rows = database.execute(query, [first, first + ROWS - 1]).fetchall()
    stale = [(rowid, text) for rowid, message_id, text in rows if texts.get(message_id) != text]
    kept = {message_id for _, message_id, text in rows if texts.get(message_id) == text}
    database.executemany(f"DELETE FROM words_{shelf} WHERE rowid = ?", [[rowid] for rowid, _ in stale])
    if any(text for _, text in stale):
        database.execute("INSERT OR IGNORE INTO unpurged VALUES (?)", [shelf])
    free = max([first, *(rowid for rowid, _, _ in rows)]) + 1
    new = [key for key in texts if key not in kept]
    fresh = [(first if key == NAME else free + index, texts[key], key) for index, key in enumerate(new)]
    database.executemany(f"INSERT INTO words_{shelf} (rowid, text, message_id) VALUES (?, ?, ?)", fresh)
