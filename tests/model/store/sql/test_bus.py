"""Messages between processes over PostgreSQL: in their order, of any length, and again once it is back."""

from collections.abc import Iterator
from contextlib import closing
from functools import partial
from threading import Thread
from typing import Any

import psycopg
import pytest

from model.store.sql.bus import CHANNEL, MessageBus, open_bus
from model.store.sql.database import Database
from tests.places import DatabasePlace, Postgres
from tests.waiting import PATIENCE_S, wait_until


class Ear:
    """What one process hears."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self.origins: set[str] = set()
        self.join_count = 0
        self.tick_count = 0

    def take(self, origin: str, message: dict[str, Any]) -> None:
        self.origins.add(origin)
        if message.get("is_bug"):
            raise RuntimeError("a bug")
        self.heard.append(message)

    def join(self) -> None:
        self.join_count += 1

    def tick(self) -> None:
        self.tick_count += 1


class Process:
    """A process of its own as far as the database can tell."""

    def __init__(self, place: DatabasePlace) -> None:
        self.ear, self.database = Ear(), Database(place.settings.database_url)
        self.bus = MessageBus(self.database, self.ear)


def close(*processes: Process) -> None:
    for process in processes:
        process.bus.close()
    for process in processes:
        end(process.bus.threads, process.database)


def end(threads: list[Thread], database: Database) -> None:
    """Wait until nobody listens any more; a connection that is open at the end is told as a fault."""
    for thread in threads:
        thread.join(PATIENCE_S)
    database.close()


def has_heard(process: Process, count: int) -> bool:
    return len(process.ear.heard) == count


@pytest.fixture
def place(postgres: Postgres) -> Iterator[DatabasePlace]:
    with closing(DatabasePlace(postgres.new_database())) as kept:
        yield kept


@pytest.fixture
def processes(place: DatabasePlace) -> Iterator[list[Process]]:
    made = [Process(place) for _ in range(3)]
    wait_until(lambda: all(process.ear.join_count for process in made))
    yield made
    close(*made)


def test_all_others_hear_every_message_in_its_order(processes: list[Process]):
    messages = [{"n": number, "text": "häß 日本 \0 \u2028 '; --" * (number % 7)} for number in range(500)]
    for message in messages:
        processes[0].bus.send(message)
    for other in processes[1:]:
        wait_until(partial(has_heard, other, 500))
        assert other.ear.heard == messages and other.ear.origins == {processes[0].bus.name}
    assert processes[0].ear.heard == []


def test_a_message_may_be_longer_than_a_notification(processes: list[Process]):
    messages = [{"text": "x" * size} for size in (6_950, 6_987, 7_000, 7_001, 14_000, 300_000)]
    for number, message in enumerate(messages, 1):
        processes[0].bus.send(message)
        wait_until(partial(has_heard, processes[1], number))
    assert processes[1].ear.heard == messages


def test_long_messages_of_two_processes_do_not_get_mixed(processes: list[Process]):
    for number in range(20):
        for process, letter in zip(processes, "ab", strict=False):
            process.bus.send({"text": letter * 20_000, "n": number})
    wait_until(lambda: len(processes[2].ear.heard) == 40)
    for letter in "ab":
        found = [message for message in processes[2].ear.heard if message["text"][0] == letter]
        assert found == [{"text": letter * 20_000, "n": number} for number in range(20)]


def test_a_bug_in_taking_one_does_not_end_the_listening(processes: list[Process], caplog: pytest.LogCaptureFixture):
    for message in ({"is_bug": True}, {"n": 1}):
        processes[0].bus.send(message)
    wait_until(lambda: processes[1].ear.heard == [{"n": 1}])
    assert "could not be taken" in caplog.text


def test_what_others_notify_is_left_alone(processes: list[Process], place: DatabasePlace):
    with psycopg.connect(place.address, autocommit=True) as connection:
        for payload in ("", "a b", "a 1 0 1 {", "a 1 x y z", "a 1 1 3 []"):
            connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, payload))
    processes[0].bus.send({"n": 1})
    wait_until(lambda: processes[1].ear.heard == [{"n": 1}])


def test_it_listens_again_when_the_database_is_back():
    with closing(Postgres()) as server:
        place = DatabasePlace(server.new_database())
        made = [Process(place) for _ in range(2)]
        wait_until(lambda: all(process.ear.join_count for process in made))
        server.stop()
        made[0].bus.send({"n": "lost"})
        server.start()
        wait_until(lambda: all(process.ear.join_count == 2 for process in made))
        made[0].bus.send({"n": 2})
        wait_until(lambda: made[1].ear.heard[-1:] == [{"n": 2}])
        close(*made)


def test_it_tells_that_time_goes_by(processes: list[Process]):
    wait_until(lambda: processes[0].ear.tick_count > 1)


def test_whoever_listens_idles_in_no_transaction(processes: list[Process], place: DatabasePlace):
    processes[0].bus.send({"n": 1})
    wait_until(lambda: processes[1].ear.heard)
    with psycopg.connect(place.address, autocommit=True) as connection:
        states = connection.execute(
            "SELECT state FROM pg_stat_activity WHERE application_name = 'bnaGPT' AND datname = current_database()"
        ).fetchall()
    assert states and {state for (state,) in states} == {"idle"}


def test_a_bus_that_nobody_holds_ends(place: DatabasePlace):
    database, ear = Database(place.settings.database_url), Ear()
    bus = MessageBus(database, ear)
    wait_until(lambda: ear.join_count)
    threads = bus.threads
    del bus
    end(threads, database)
    assert not any(thread.is_alive() for thread in threads)


def test_where_a_file_is_the_database_there_is_none(tmp_path):
    assert open_bus(f"sqlite:///{tmp_path / 'a.db'}", Ear()) is None
