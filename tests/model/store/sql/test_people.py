"""Several people in one database: each has their own, whatever the names and ids, and no statement forgets whose."""

import re
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text

from model.chat.conversation import Conversation
from model.chat.message import Message
from model.store.protocol import FinishedTurn
from model.store.sql.database import Database
from model.store.sql.store import SqlStore
from model.store.sql.tables import metadata
from tests.conftest import place_of
from tests.places import DatabasePlace


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    with closing(place_of(request, tmp_path)) as place:
        assert isinstance(place, DatabasePlace)
        yield place.open().database


@pytest.fixture
def said(database: Database) -> Iterator[list[str]]:
    """Return all statements that are sent to the database."""
    database.prepare()
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield statements
    event.remove(database.engine, "before_cursor_execute", note)


def talk(said: str) -> Conversation:
    """Return a conversation whose messages have the same ids for everybody."""
    return Conversation([Message("user", said, id="q"), Message("assistant", f"{said}! {'a' * 64}", id="a")])


def use(store: SqlStore, word: str) -> None:
    """Do all that one can do."""
    store.save("Same", talk(word))
    store.save("Other", Conversation([Message("user", word, id="o")]))
    found = store.find("q")
    question, answer = found.ask("more?")
    question.id, answer.parent = "q2", "q2"
    answer.id, answer.content = "a2", word
    store.write_turn(FinishedTurn("q", found, question, answer))
    store.texts([("q", "q"), ("o", "o")])
    list(store.messages_of_all(["q", "o"]))
    store.choose("q", is_pinned=True)
    store.rename("Other", "Renamed")
    store.put_back(store.take_out("o"), None)
    store.change("q", [Message("assistant", f"{word}?", id="a")])
    list(store.mentioning(word))
    for read in (store.contents, store.messages, store.has, store.name_of):
        read("q")
    store.digest_of("q", "a")
    store.references()
    store.digests()
    store.whole()
    store.stamp()


def seen(store: SqlStore) -> list[Any]:
    return [store.entries(), store.contents("q"), store.whole(), store.references(), store.digests(), store.stamp()]


def test_equal_names_and_ids_of_two_people_never_meet(database: Database):
    ann, bob = SqlStore(database, "ann@example.org"), SqlStore(database, "bob@example.org")
    nobody = SqlStore(database)
    use(ann, "apple")
    before = seen(ann)
    use(bob, "banana")
    assert seen(ann) == before and nobody.entries() == []
    assert set(ann.contents("q").values()) == {"apple", "apple?", "more?"}
    assert set(bob.contents("q").values()) == {"banana", "banana?", "more?"}
    assert [row.name for row in bob.entries()] == [row.name for row in ann.entries()]
    assert list(ann.mentioning("banana")) == []
    bob.delete("Same")
    assert seen(ann) == before
    assert SqlStore(database, "ann@example.org").contents("q") == ann.contents("q")


def test_every_statement_carries_the_person(database: Database, said: list[str]):
    use(SqlStore(database, "ann@example.org"), "apple")
    told = [statement for statement in said if not re.match("PRAGMA|BEGIN|SET LOCAL", statement)]
    assert len(told) > 50
    for statement in told:
        where = statement.partition("WHERE")[2]
        is_own = "person_id =" in where or "users.id =" in where or "users.address =" in where
        assert is_own or re.match(r"INSERT INTO (\w+) \((person_id|id, address)\b", statement), statement


def test_many_conversations_are_asked_for_in_as_many_questions_as_two(database: Database, said: list[str]):
    store = SqlStore(database)
    store.add((f"No. {number}", Conversation([Message("user", "apple", id=f"m{number}")])) for number in range(40))

    def questions(count: int) -> list[int]:
        """Return how many each way of reading several conversations takes."""
        counts, ids = [], [f"m{number}" for number in range(count)]
        for ask in (
            lambda: store.texts([(one, one) for one in ids]),
            lambda: list(store.messages_of_all(ids)),
            lambda: list(islice(store.mentioning("apple"), count)),
        ):
            before = len(said)
            assert len(ask()) == count
            counts.append(len(said) - before)
        return counts

    assert questions(40) == questions(2)


def test_every_index_begins_with_the_person():
    for table in metadata.sorted_tables:
        if table.name != "users":
            indexes: list[list[Any]] = [list(table.primary_key.columns)]
            indexes += [list(index.columns) for index in table.indexes]
            assert all(columns[0].name == "person_id" for columns in indexes), table.name


def test_no_question_reads_what_is_not_the_persons_own(database: Database, said: list[str]):
    """500 people with a few conversations each: whatever is asked goes through an index."""
    database.prepare()
    many_people(database)
    store = SqlStore(database, "250@example.org")
    use(store, "apple")
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith(("SELECT", "UPDATE", "DELETE")):
            asked.append((statement, parameters))

    event.listen(database.engine, "before_cursor_execute", note)
    SqlStore(database, "250@example.org").entries()
    use_again = SqlStore(database, "250@example.org")
    use_again.find("q")
    use_again.write("q", [Message("user", "more", id="m9")])
    use_again.references()
    use_again.texts([("q", "a")])
    list(use_again.messages_of_all(["q"]))
    list(use_again.mentioning("apple"))
    use_again.delete("Same")
    event.remove(database.engine, "before_cursor_execute", note)
    assert asked
    for statement, parameters in asked:
        plan = explained(database, statement, parameters)
        assert "SCAN" not in plan.upper() or "INDEX" in plan.upper(), f"{statement}\n{plan}"
        assert "Seq Scan" not in plan, f"{statement}\n{plan}"


def many_people(database: Database) -> None:
    with database.writing() as connection:
        people = [{"id": number, "address": f"{number}@example.org"} for number in range(1, 501)]
        connection.execute(metadata.tables["users"].insert(), people)
        conversations = [
            {
                "person_id": person,
                "number": number,
                "place": number,
                "written_at": number,
                "name": str(number),
                "name_key": str(number),
                "id": f"q{number}",
                "updated_at": "",
                "is_pinned": False,
                "digest": b"x",
            }
            for person in range(1, 501)
            for number in range(1, 6)
        ]
        connection.execute(metadata.tables["conversations"].insert(), conversations)
        messages = [
            {
                "person_id": one["person_id"],
                "conversation": one["number"],
                "place": place,
                "id": f"q{one['number']}" if not place else f"a{one['number']}",
                "role": "user",
                "content": "x" * 200,
                "rest": "{}",
            }
            for one in conversations
            for place in range(4)
        ]
        connection.execute(metadata.tables["messages"].insert(), messages)
        references = [
            {"person_id": one["person_id"], "conversation": one["number"], "sha256": f"{one['number']:064}"}
            for one in conversations
        ]
        connection.execute(metadata.tables["file_references"].insert(), references)
        connection.execute(text("UPDATE users SET clock = 10 WHERE id > 0"))
        connection.commit()
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def explained(database: Database, statement: str, parameters: Any) -> str:
    """Return how the database would answer a question."""
    how = "EXPLAIN QUERY PLAN" if database.is_sqlite else "EXPLAIN"
    with database.engine.connect() as connection:
        return "\n".join(str(row[-1]) for row in connection.exec_driver_sql(f"{how} {statement}", parameters))
