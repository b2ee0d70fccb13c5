"""One person's conversations in a database that many threads and processes read and write.

The list of all is kept in memory and brought up to date by what was written since: the person's `clock` tells whether
anything was. Messages are read when they are asked for. Whoever writes holds the person's row until that is done, so
each change is made on top of what others wrote; written is only what differs.
"""

import secrets
import sqlite3
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import groupby, islice
from threading import local

import msgspec
from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import DBAPIError, IntegrityError

from model.errors import AllDeleted, ConversationNotFound
from model.store.file_format import Entries
from model.store.shared_entries import SharedEntries
from model.store.sql.changes import Scope, write_changes
from model.store.sql.database import Database
from model.store.sql.rows import MessageRow, SavedConversation
from model.store.sql.tables import conversations, messages, users
from utils.threads.once import once

# Numbers of people are drawn by lot: that of somebody who was deleted may still be in another process's memory, and
# must not become anybody else's.
IDS = 1 << 47
AT_ONCE = 500  # conversations whose messages are read in one go
_MESSAGE = [messages.c[name] for name in MessageRow._fields]
_LISTED = [
    conversations.c[name] for name in ("number", "place", "name", "id", "updated_at", "is_pinned", "around", "digest")
]


@dataclass
class _Open:
    """A connection that a thread uses now, and what it has read there."""

    connection: Connection
    read: dict[int, list[MessageRow]] = field(default_factory=dict)


class SharedTables(SharedEntries):
    """The conversations of one person."""

    def __init__(self, database: Database, person: str) -> None:
        super().__init__()
        self.database = database
        self._person = person
        self._clock = -1  # as it was when `_entries` were read
        self._of_thread = local()

    @once
    def person_id(self) -> int:
        """Return the person's number in the database; who comes for the first time gets one.

        Raises: StoreError.
        """
        query = select(users.c.id).where(users.c.address == self._person)
        with self.database.reading() as connection:
            if (known := connection.scalar(query)) is not None:
                return int(known)
        with self.database.writing() as connection:
            with suppress(IntegrityError):  # another process has been quicker
                connection.execute(insert(users).values(address=self._person, id=secrets.randbelow(IDS)))
                connection.commit()
            connection.rollback()
            return int(connection.scalars(query).one())

    def forget_person(self) -> None:
        """Forget the person's number, and what was read: they are no longer in the database."""
        vars(self).pop("person_id", None)
        self._entries, self._clock = {}, -1

    @contextmanager
    def at_once(self) -> Iterator[Connection]:
        """Let all that is read in the block go through one connection, that of a change under way where there is one.

        Raises: StoreUnreadable.
        """
        if found := getattr(self._of_thread, "open", None):
            yield found.connection
            return
        _ = self.person_id  # before a connection is taken
        # The lock before the connection, always: who had them the other way round would wait for each other.
        with self._lock, self.database.reading() as connection, self._opened(connection):
            yield connection

    def stamp(self) -> object:
        """Return something that changes whenever a conversation does; it costs one small question."""
        with self.at_once() as connection:
            return self._clocks(connection)[0]

    def messages_of(self, number: int) -> list[MessageRow]:
        """Return the messages of the conversation with this number; none where it is gone."""
        with self.at_once():
            read: dict[int, list[MessageRow]] = self._of_thread.open.read
            if number not in read:
                self.read_ahead([number])
            return read[number]

    def read_ahead(self, numbers: Collection[int]) -> None:
        """Read the messages of conversations that will be asked for, within a block of `at_once`."""
        with self.at_once() as connection:
            self._of_thread.open.read.update((number, []) for number in numbers)
            for number, rows in self._read_rows(connection, numbers):
                self._of_thread.open.read[number] = rows

    def _read_rows(self, connection: Connection, numbers: Collection[int]) -> Iterator[tuple[int, list[MessageRow]]]:
        """Yield the messages of conversations that have some, all read in one question."""
        own = messages.c.person_id == self.person_id, messages.c.conversation.in_(numbers)
        order = messages.c.conversation, messages.c.place
        found = connection.execute(select(order[0], *_MESSAGE).where(*own).order_by(*order)).all()
        for number, group in groupby(found, lambda row: row[0]):
            yield number, [MessageRow(*row[1:]) for row in group]

    def raws(self, rows: Iterable[SavedConversation]) -> Iterator[tuple[SavedConversation, msgspec.Raw]]:
        """Yield conversations as they would stand in a file, many read in one go; those that are gone are left out."""
        waiting = iter(rows)
        while some := {row.number: row for row in islice(waiting, AT_ONCE)}:
            with self.at_once() as connection:
                read = dict(self._read_rows(connection, some))
            for number, row in some.items():
                try:
                    raw = row.raw_of(read.get(number, []))
                except ConversationNotFound:
                    continue
                yield row, raw

    def _clocks(self, connection: Connection, is_writing: bool = False) -> tuple[int, int]:
        """Return what the person's clock shows, and what it showed when a conversation was deleted last."""
        query = select(users.c.clock, users.c.emptied_at).where(users.c.id == self.person_id)
        found = connection.execute(query.with_for_update() if is_writing else query).first()
        if found is None:  # another process has deleted them; whoever tries again begins anew
            self.forget_person()
            raise AllDeleted()
        return found[0], found[1]

    def _catch_up(self) -> None:
        with self.at_once() as connection:
            self._take_over(connection, *self._clocks(connection))

    def _take_over(self, connection: Connection, clock: int, emptied_at: int) -> None:
        """Read what was written since, or all where something was deleted."""
        if clock == self._clock:
            return
        query = select(*_LISTED).where(conversations.c.person_id == self.person_id)
        if is_part := 0 <= self._clock and emptied_at <= self._clock <= clock:
            query = query.where(conversations.c.written_at > self._clock)
        found = {row[0]: SavedConversation(self, *row) for row in connection.execute(query)}
        known = {row.number: row for row in self._rows()} if is_part else {}
        rows = sorted((known | found).values(), key=lambda row: row.place)
        self._entries, self._clock = {row.name: row for row in rows}, clock

    def _rows(self) -> Iterator[SavedConversation]:
        return (row for row in self._entries.values() if isinstance(row, SavedConversation))

    @contextmanager
    def _held(self) -> Iterator[None]:
        _ = self.person_id
        with self.database.writing() as connection, self._opened(connection):
            self._take_over(connection, *self._clocks(connection, is_writing=True))
            yield

    @contextmanager
    def _opened(self, connection: Connection) -> Iterator[None]:
        self._of_thread.open = _Open(connection)
        try:
            yield
        finally:
            self._of_thread.open = None

    def _write(self, entries: Entries) -> None:
        """Write what differs, and only then remember it."""
        connection: Connection = self._of_thread.open.connection
        try:
            self._write_at(connection, entries)
        except DBAPIError as error:
            is_full = getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
            if not is_full or not self.make_room():
                raise
            connection.rollback()
            if self._clocks(connection, is_writing=True)[0] != self._clock:
                raise
            self._write_at(connection, entries)

    def _write_at(self, connection: Connection, entries: Entries) -> None:
        scope = Scope(connection, self.person_id, self, self._clock)
        written, clock = write_changes(scope, self._entries, entries)
        if written is not self._entries:
            connection.commit()
            self._entries, self._clock = written, clock
