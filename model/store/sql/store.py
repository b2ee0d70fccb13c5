"""The store of one person in a database: what one may do with conversations is in `model/store/entry_store.py`.

Here is only what a database answers better than by reading whole conversations.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from weakref import WeakValueDictionary

from sqlalchemy import delete, func, or_, select, tuple_, update

from model.chat.message import Message
from model.errors import AllDeleted, ConversationNotFound
from model.store.entry_store import EntryStore, readable_messages
from model.store.file_format import Entries, entry_of
from model.store.protocol import ConversationSummary, message_digest
from model.store.sql.database import Database
from model.store.sql.rows import SavedConversation
from model.store.sql.shared_tables import SharedTables
from model.store.sql.tables import file_references, messages, users

READ_AHEAD = 50  # conversations that are read in one go; whoever else asks for this person's waits so long


class SqlStore(EntryStore):
    """One person's conversations; threads may share the store, and processes the database."""

    def __init__(self, database: Database, person: str = "") -> None:
        """Name a person by the address that they sign in with, "" where nobody does."""
        self.database = database
        self._tables = SharedTables(database, person)
        super().__init__(self._tables)

    def prepare(self) -> str:
        """Make the tables, or bring them up to date, and tell what was done; "" where there was nothing to do."""
        return self.database.prepare()

    def messages_of_all(self, conversation_ids: Iterable[str]) -> Iterator[tuple[str, list[Message]]]:
        """Yield conversations with their messages, those of some at a time in one question."""
        waiting = iter(conversation_ids)
        while some := list(islice(waiting, READ_AHEAD)):
            with self._tables.at_once():
                entries, names = self._by_id()
                known = {key: entries[names[key]] for key in some if key in names}
                saved = [entry.number for entry in known.values() if isinstance(entry, SavedConversation)]
                self._tables.read_ahead(saved)
                read: list[tuple[str, list[Message]]] = []
                for key, entry in known.items():
                    with suppress(ConversationNotFound):  # it was deleted just now
                        read.append((key, readable_messages(names[key], entry)))
            yield from read

    def contents(self, conversation_id: str | None) -> dict[str, str]:
        """Return what each message says, by its id and in their order; much faster than all of the messages."""
        with self._tables.at_once() as connection:
            _, entry = self._entry(conversation_id)
            if not isinstance(entry, SavedConversation):  # it waits
                return super().contents(conversation_id)
            own = messages.c.person_id == self._tables.person_id, messages.c.conversation == entry.number
            found = connection.execute(select(messages.c.id, messages.c.content).where(*own).order_by(messages.c.place))
            return {row.id: row.content for row in found}

    def texts(self, places: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
        """Return what messages say, in one question for all."""
        with self._tables.at_once() as connection:
            entries, names = self._by_id()
            numbers: dict[int, str] = {}
            saved, waiting = [], []
            for conversation_id, message_id in places:
                entry = entries.get(names.get(conversation_id, ""))
                if isinstance(entry, SavedConversation):
                    numbers[entry.number] = conversation_id
                    saved.append((entry.number, message_id))
                else:
                    waiting.append((conversation_id, message_id))
            place = tuple_(messages.c.conversation, messages.c.id).in_(saved)
            # The numbers alone as well: the key of the table begins with them.
            own = messages.c.person_id == self._tables.person_id, messages.c.conversation.in_(numbers)
            asked = select(messages.c.conversation, messages.c.id, messages.c.content).where(*own, place)
            found = {(numbers[row.conversation], row.id): row.content for row in connection.execute(asked)}
            return found | super().texts(waiting)

    def digest_of(self, conversation_id: str | None, message_id: str) -> str:
        """Return a digest of what a message of a saved conversation says; "" where there is no such message."""
        with self._tables.at_once() as connection:
            _, entry = self._entry(conversation_id)
            if not isinstance(entry, SavedConversation):
                return super().digest_of(conversation_id, message_id)
            own = messages.c.person_id == self._tables.person_id, messages.c.conversation == entry.number
            content = connection.scalar(select(messages.c.content).where(*own, messages.c.id == message_id))
            return "" if content is None else message_digest(content)

    def mentioning(self, *texts: str) -> Iterator[tuple[ConversationSummary, list[Message]]]:
        """Yield each conversation in whose JSON one of these texts stands, newest words first, with its messages."""
        entries = self.snapshot()
        numbers = self._mentioning(texts)

        def is_meant(row: ConversationSummary) -> bool:
            entry = entries.get(row.name)
            if isinstance(entry, SavedConversation):
                return entry.number in numbers
            return entry is not None and any(text.encode() in bytes(entry.raw) for text in texts)

        newest = sorted(self.entries(), key=lambda row: row.updated_at, reverse=True)
        meant = {row.id: row for row in newest if is_meant(row)}
        for conversation_id, found in self.messages_of_all(meant):
            yield meant[conversation_id], found

    def _mentioning(self, texts: Iterable[str]) -> set[int]:
        """Return the numbers of conversations in one of whose messages one of these texts stands."""
        place_of = func.instr if self.database.is_sqlite else func.strpos
        stands = [place_of(column, text) > 0 for text in texts for column in (messages.c.rest, messages.c.content)]
        own = messages.c.person_id == self._tables.person_id
        with self._tables.at_once() as connection:
            found = connection.scalars(select(messages.c.conversation).where(own, or_(*stands)).distinct())
            return set(found)

    def references(self) -> set[str]:
        """Return all that looks like the SHA-256 of a file in what is saved, wherever it stands."""
        own = file_references.c.person_id == self._tables.person_id
        with self._tables.at_once() as connection:
            return set(connection.scalars(select(file_references.c.sha256).where(own).distinct()))

    def whole(self) -> Entries:
        """Return all conversations as they would stand in a file, in memory."""
        entries = self.snapshot()
        rows = (row for row in entries.values() if isinstance(row, SavedConversation))
        read = {row.name: entry_of(row.name, raw) for row, raw in self._tables.raws(rows)}
        waiting = {name for name, entry in entries.items() if not isinstance(entry, SavedConversation)}
        return {name: read.get(name, entry) for name, entry in entries.items() if name in read or name in waiting}

    def profile(self) -> str:
        own = users.c.id == self._tables.person_id
        with self._tables.at_once() as connection:
            return connection.scalar(select(users.c.profile).where(own)) or ""

    def write_profile(self, text: str) -> None:
        own = users.c.id == self._tables.person_id
        with self.database.writing() as connection:
            is_known = connection.execute(update(users).where(own).values(profile=text)).rowcount
            connection.commit()
        if not is_known:
            self._tables.forget_person()
            raise AllDeleted()

    def people(self) -> set[str]:
        with self._tables.at_once() as connection:
            return {address for address in connection.scalars(select(users.c.address)) if address}

    def size_bytes(self) -> int:
        own = messages.c.person_id == self._tables.person_id
        length = func.length(messages.c.content) + func.length(messages.c.rest)
        with self._tables.at_once() as connection:
            return int(connection.scalar(select(func.sum(length)).where(own)) or 0)

    def delete_all(self) -> None:
        own = users.c.id == self._tables.person_id
        with self.database.writing() as connection:
            connection.execute(delete(users).where(own))  # and with it all that is theirs, in every table
            connection.commit()
        self._tables.forget_person()
        self.database.forget_deleted()

    def _when_deleted(self, messages: Iterable[Message]) -> None:  # noqa: ARG002
        self.database.forget_deleted()


def open_sql_store(address: str, person: str) -> SqlStore:
    """Return the conversations of a person, by their address, in a database; nothing is opened yet."""
    return SqlStore(database_of(address), person)


def database_of(address: str) -> Database:
    """Return the database at an address; nothing is opened yet."""
    return _databases.setdefault(address, Database(address))


# All people of one process share the connections to a database.
_databases: WeakValueDictionary[str, Database] = WeakValueDictionary()
