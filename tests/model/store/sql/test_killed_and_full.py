"""Databases under two programs, kills and full disks: nothing that was said to be saved is lost."""

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import event

from model.chat.conversation import Conversation
from model.chat.message import COMPLETE, Message
from model.errors import StoreUnwritable
from model.store.journal import Journal
from model.store.sql.database import Database
from model.store.sql.store import SqlStore
from tests.children import all_lines, child, killed_at_a_random_moment
from tests.conftest import place_of
from tests.places import DatabasePlace
from tests.waiting import daily

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork"),
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),
]
TURNS, KILLS = daily(30, 1000), daily(8, 200)


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DatabasePlace]:
    with closing(place_of(request, tmp_path)) as kept:
        assert isinstance(kept, DatabasePlace)
        yield kept


def started(place: DatabasePlace) -> str:
    """Save a conversation, close all connections, since a fork must share none, and return the conversation's id."""
    conversation = Conversation([Message("user", "start")])
    with closing(place.open().database) as database:
        SqlStore(database).save("A", conversation)
    return str(conversation.id)


def test_two_programs_that_write_at_once_lose_no_turn(place: DatabasePlace):
    conversation_id = started(place)

    def write(acknowledge):
        store = SqlStore(Database(place.settings.database_url))
        for _ in range(TURNS):
            message = Message("user", "x")
            store.write(conversation_id, [message])
            acknowledge(message.id)

    with child(write) as (_, first), child(write) as (_, second):
        acknowledged = [*all_lines(first), *all_lines(second)]
    ids = [message.id for message in place.open().load("A").messages]
    assert len(acknowledged) == 2 * TURNS
    assert sorted(ids) == sorted([conversation_id, *acknowledged])


def test_kills_lose_no_turn_that_was_acknowledged_and_break_nothing(place: DatabasePlace):
    conversation_id = started(place)
    expected: set[str] = set()

    def write(acknowledge):
        store = SqlStore(Database(place.settings.database_url))
        while True:
            message = Message("user", "x")
            store.write(conversation_id, [message])
            acknowledge(message.id)

    for _ in range(KILLS):
        expected.update(killed_at_a_random_moment(write, longest_s=0.05))
        with closing(Database(place.settings.database_url)) as database:
            messages = [message.id for message in SqlStore(database).load("A").messages]
        assert expected <= set(messages) and len(messages) == len(set(messages))
    assert len(expected) >= KILLS


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Database]:
    """Return an SQLite database that has room for little more, until `full` is taken off."""
    database = Database(f"sqlite:///{tmp_path / 'conversations.db'}")
    database.prepare()
    yield database
    database.close()


def limit(database: Database, pages: int) -> None:
    """Let the file have so many pages from now on."""
    database.close()
    event.listen(database.engine, "connect", lambda connection, _: connection.execute(f"PRAGMA max_page_count={pages}"))


def test_a_full_disk_keeps_what_is_there_and_a_turn_waits_until_there_is_room(
    small: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("model.store.shared_entries.RETRY_S", 3600.0)
    store = SqlStore(small)
    kept = Conversation([Message("user", "old")])
    store.save("A", kept)
    journal, conversation = Journal(tmp_path / "turns", store), Conversation()
    question, answer = conversation.ask("long story, please")
    log = journal.begin(conversation, question, answer)
    answer.content, answer.status = "x" * 500_000, COMPLETE
    log.grow(answer.content)
    limit(small, 40)
    with pytest.raises(StoreUnwritable, match="disk is full") as told:
        log.end()
    assert "Make some room" in told.value.hint and "kept in memory" in told.value.hint
    assert store.find(conversation.id).messages[1] == answer and store.names() == ["long story, please", "A"]
    with closing(Database(str(small.url))) as other:
        assert SqlStore(other).names() == ["A"] and SqlStore(other).load("A") == kept
    limit(small, 1_000_000)
    store.settle()
    with closing(Database(str(small.url))) as other:
        assert SqlStore(other).find(conversation.id).messages[1] == answer
    assert list((tmp_path / "turns").iterdir()) == []


def test_what_gives_room_is_spent_before_a_turn_waits(small: Database):
    store = SqlStore(small)
    store.spend(lambda: limit_now(store, 1_000_000))
    limit(small, 40)
    store.save("A", Conversation([Message("user", "x" * 500_000)]))
    assert len(store.load("A").messages[0].content) == 500_000


def limit_now(store: SqlStore, pages: int) -> bool:
    """Let the file have so many pages, at the very connection that found it full."""
    connection = store._tables._of_thread.open.connection
    connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    return True


def test_what_was_deleted_is_in_no_file_any_more(small: Database, tmp_path: Path):
    store = SqlStore(small)
    store.save("A", Conversation([Message("user", "quetzalcoatl " * 10), Message("assistant", "xylophonist " * 10)]))
    store.save("B", Conversation([Message("user", "stays")]))

    def traces() -> list[str]:
        data = b"".join(path.read_bytes() for path in tmp_path.glob("conversations.db*"))
        return [word for word in ("quetzalcoatl", "xylophonist") if word.encode() in data]

    assert len(traces()) == 2
    conversation = store.load("A")
    store.take_out(conversation.id, [conversation.messages[1].id])
    assert traces() == ["quetzalcoatl"]
    store.take_out(conversation.id)
    assert traces() == []
