"""Short messages between all processes that use one PostgreSQL, by LISTEN and NOTIFY.

What is sent within a moment goes out together, in pieces that a notification can hold. A message that nobody could
be told, since the database was gone, is lost; whoever listens is told when the connection is there again.

https://www.postgresql.org/docs/current/sql-notify.html
"""

import json
import logging
import time
import weakref
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import Any, Protocol

import psycopg
from sqlalchemy import text

from model.chat.message import new_id
from model.errors import StoreError
from model.store.sql.database import Database
from model.store.sql.store import database_of

CHANNEL = "bnagpt"
LARGEST_PIECE = 7_000  # a notification holds less than 8,000 bytes
GATHERED_S = 0.025
TICK_S = 1.0
SEND = text("SELECT pg_notify(:channel, piece) FROM unnest(CAST(:pieces AS text[])) AS piece")
Message = dict[str, Any]


class Listener(Protocol):
    """Whoever is told what other processes say."""

    def take(self, origin: str, message: Message) -> None:
        """Take a message of the process with this name."""

    def join(self) -> None:
        """Take note that from now on all messages come; before, some may have been lost."""

    def tick(self) -> None:
        """Take note that about a second has gone by."""


class MessageBus:
    """One process among all that use a database; threads share it."""

    def __init__(self, database: Database, listener: Listener) -> None:
        self.name = new_id()
        self._outgoing: SimpleQueue[Message | None] = SimpleQueue()
        self._is_over = Event()
        listening = _Listening(database, self.name, weakref.ref(listener), self._is_over)
        sending = _Sending(database, self.name, self._outgoing)
        self.threads = [Thread(target=work, daemon=True) for work in (listening.run, sending.run)]
        for thread in self.threads:
            thread.start()
        weakref.finalize(self, _end, self._is_over, self._outgoing)

    def send(self, message: Message) -> None:
        """Send a message to all other processes, after those before it; this returns at once."""
        self._outgoing.put(message)

    def close(self) -> None:
        """Send and hear no more, after a second at most."""
        _end(self._is_over, self._outgoing)


def _end(is_over: Event, outgoing: "SimpleQueue[Message | None]") -> None:
    is_over.set()
    outgoing.put(None)


class _Sending:
    """What is sent, in the order given."""

    def __init__(self, database: Database, name: str, outgoing: "SimpleQueue[Message | None]") -> None:
        self._database, self._name, self._outgoing = database, name, outgoing
        self._number = 0

    def run(self) -> None:
        """Send until there is nothing more to come."""
        is_last = False
        while not is_last and (first := self._outgoing.get()) is not None:
            time.sleep(GATHERED_S)
            messages, is_last = self._waiting()
            with suppress(StoreError):  # they are lost; `Listener.join` is for that
                self._notify([first, *messages])

    def _waiting(self) -> tuple[list[Message], bool]:
        """Return what waits to be sent, and whether that was all for ever."""
        messages: list[Message] = []
        with suppress(Empty):
            while (one := self._outgoing.get_nowait()) is not None:
                messages.append(one)
            return messages, True
        return messages, False

    def _notify(self, messages: list[Message]) -> None:
        """Send messages in one go, cut into pieces, each with a head that says where it belongs."""
        whole = json.dumps(messages)  # ASCII alone, so that each character is a byte
        pieces = [whole[at : at + LARGEST_PIECE] for at in range(0, len(whole), LARGEST_PIECE)]
        self._number += 1
        heads = [f"{self._name} {self._number} {index} {len(pieces)} " for index in range(len(pieces))]
        with self._database.reading() as connection:
            connection.execute(
                SEND,
                {"channel": CHANNEL, "pieces": [head + piece for head, piece in zip(heads, pieces, strict=True)]},
            )


class _Listening:
    """What comes, on a connection of its own."""

    def __init__(self, database: Database, name: str, listener: "weakref.ref[Listener]", is_over: Event) -> None:
        self._database, self._name, self._listener, self._is_over = database, name, listener, is_over
        self._pieces: dict[str, list[str]] = {}

    def run(self) -> None:
        """Listen until it is over; where the connection is lost, make another."""
        while not self._is_over.is_set():
            with suppress(StoreError, psycopg.Error):
                self._listen()
            self._is_over.wait(TICK_S)

    def _listen(self) -> None:
        """Listen as long as the connection lasts. Raises: StoreError or psycopg.Error."""
        with self._database.reading() as connection:
            driver: Any = connection.connection.driver_connection
            try:
                driver.execute(f"LISTEN {CHANNEL}")
                self._pieces.clear()
                self._tell(lambda listener: listener.join())
                while not self._is_over.is_set():
                    for notification in driver.notifies(timeout=TICK_S):
                        with suppress(ValueError):  # none of ours, or its beginning came before we listened
                            self._take(notification.payload)
                    self._tell(lambda listener: listener.tick())
            finally:
                connection.invalidate()  # who gets it next has not asked for messages

    def _take(self, payload: str) -> None:
        """Take a piece, and what it completes."""
        origin, number, index, count, piece = payload.split(" ", 4)
        if origin == self._name:
            return
        if index == "0":
            self._pieces[origin] = []
        pieces = self._pieces.setdefault(origin, [])
        pieces.append(piece)
        if int(index) == int(count) - 1:
            for message in json.loads("".join(self._pieces.pop(origin))):
                self._tell(partial(_give, origin, message))

    def _tell(self, tell: Callable[[Listener], None]) -> None:
        """Tell the listener, if there still is one; a bug of its own does not end the listening."""
        if listener := self._listener():
            try:
                tell(listener)
            except Exception:
                logging.getLogger(__name__).exception("A message of another process could not be taken")


def _give(origin: str, message: Message, listener: Listener) -> None:
    listener.take(origin, message)


def open_bus(address: str, listener: Listener) -> MessageBus | None:
    """Return what connects the processes that use a database; None where it is one of this machine alone."""
    database = database_of(address)
    return None if database.is_sqlite else MessageBus(database, listener)
