"""How a database is used: two short transactions a turn, at most five connections, and none that idles."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import event

from model.chat.conversation import Conversation
from model.chat.message import COMPLETE, Message
from model.errors import StoreError, StoreUnwritable
from model.store.journal import Journal
from model.store.sql.database import POOL_SIZE, Database
from model.store.sql.store import SqlStore, open_sql_store
from settings import Settings
from tests.places import DatabasePlace, Postgres
from tests.waiting import daily, wait_until

STREAMS = daily(30, 200)


@pytest.fixture
def place(postgres: Postgres) -> Iterator[DatabasePlace]:
    with closing(DatabasePlace(postgres.new_database())) as kept:
        yield kept


def watched(database: Database) -> list[str]:
    """Return, growing, what becomes of the database's connections."""
    seen: list[str] = []
    for name in ("checkout", "checkin"):
        event.listen(database.engine, name, lambda *_, name=name: seen.append(name))
    for name in ("begin", "commit"):
        event.listen(database.engine, name, lambda *_, name=name: seen.append(name))
    return seen


def test_a_turn_touches_the_database_at_its_beginning_and_its_end_only(place: DatabasePlace, tmp_path: Path):
    store = place.open()
    conversation = Conversation([Message("user", "start")])
    store.save("A", conversation)
    seen, journal = watched(store.database), Journal(tmp_path / "turns", store)
    question, answer = conversation.ask("why?")
    log = journal.begin(conversation, question, answer)
    assert seen.count("checkout") == seen.count("checkin") == 1
    seen.clear()
    for word in "because of the rain".split():
        answer.content += f"{word} "
        log.grow(f"{word} ")
    assert seen == []
    answer.status = COMPLETE
    log.end()
    assert seen.count("checkout") == seen.count("checkin") == seen.count("commit") == 1
    assert store.find(conversation.id).messages[-1].content == answer.content


def test_many_streams_need_five_connections_and_leave_none_idle_in_a_transaction(
    place: DatabasePlace, postgres: Postgres, tmp_path: Path
):
    store = place.open()
    journal, wrong = Journal(tmp_path / "turns", store), []
    name = str(store.database.url.database)

    def stream(number: int) -> None:
        try:
            conversation = Conversation()
            log = journal.begin(conversation, *conversation.ask(f"question {number}"))
            for word in range(5):
                log.gather(f"{word} ")
                store.entries()
            log.end()
        except Exception as error:
            wrong.append(error)

    threads = [Thread(target=stream, args=(number,)) for number in range(STREAMS)]
    for thread in threads:
        thread.start()
    counts, idle = [], []
    look = f"SELECT state, xact_start < now() - interval '30 s' FROM pg_stat_activity WHERE datname = '{name}'"
    while any(thread.is_alive() for thread in threads):
        rows = postgres.run(look)
        counts.append(len(rows))
        idle += [row for row in rows if row[0] == "idle in transaction" and row[1]]
    for thread in threads:
        thread.join()
    assert wrong == [] and len(place.open().names()) == STREAMS
    assert max(counts) <= POOL_SIZE and idle == []
    states = {row[0] for row in postgres.run(look) if row[0] != "active"}
    assert states <= {"idle"}


def test_all_people_share_the_connections_of_a_process(place: DatabasePlace):
    address = place.settings.database_url
    ann, bob = open_sql_store(address, "ann@example.org"), open_sql_store(address, "bob@example.org")
    assert ann.database is bob.database
    ann.database.close()


def test_what_waits_for_a_lock_gives_up_and_tells(place: DatabasePlace, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("model.store.sql.database.PATIENCE_S", 0.05)
    store, other = place.open(), place.open()
    store.save("A", Conversation([Message("user", "x")]))
    with store._tables.changing(), pytest.raises(StoreUnwritable, match="does not let go"):
        other.rename("A", "B")
    other.rename("A", "B")


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("ALTER DATABASE {name} SET default_transaction_read_only = on", "can only be read"),
        ("ALTER DATABASE {name} CONNECTION LIMIT 0", "no connection left"),
    ],
)
def test_a_database_that_refuses_to_be_written_keeps_what_it_has_and_a_turn_waits(
    place: DatabasePlace, postgres: Postgres, tmp_path: Path, statement: str, told: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("model.store.shared_entries.RETRY_S", 0.01)
    own = place.open()
    name = str(own.database.url.database)
    own.save("A", Conversation([Message("user", "old")]))
    own.database.close()
    # Who owns a server may always come in, and write; so somebody else does.
    role = f"role_{name}"
    for one in (
        f"CREATE ROLE {role} LOGIN",
        f"ALTER DATABASE {name} OWNER TO {role}",
    ):
        postgres.run(one)
    postgres.run(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}", name)
    postgres.run(f"GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {role}", name)
    address = place.address.replace("postgres:@", f"{role}:@")
    with closing(DatabasePlace(address)) as guest:
        store = guest.open()
        journal, conversation = Journal(tmp_path / "turns", store), Conversation()
        question, answer = conversation.ask("why?")
        log = journal.begin(conversation, question, answer)
        answer.content, answer.status = "because", COMPLETE
        postgres.run(statement.format(name=name))
        postgres.let_go(name)
        with pytest.raises(StoreError, match=told) as refused:
            log.end()
        assert "kept in memory" in refused.value.hint
        postgres.run(f"ALTER DATABASE {name} RESET default_transaction_read_only")
        postgres.run(f"ALTER DATABASE {name} CONNECTION LIMIT -1")
        postgres.let_go(name)
        wait_until(lambda: not list((tmp_path / "turns").iterdir()))
    assert own.names() == ["why?", "A"]


def test_a_sentence_never_holds_the_password():
    database = Database(Settings.from_env({"DATABASE_URL": "postgresql://me:secret@127.0.0.1:1/chat"}).database_url)
    with pytest.raises(StoreError) as told:
        SqlStore(database).names()
    shown: Any = f"{told.value.message} {told.value.hint}"
    assert "secret" not in shown and "chat" in shown and "127.0.0.1" in shown
