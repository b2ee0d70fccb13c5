"""What has to be written when a person's conversations have changed: only what differs.

Conversations are numbered, placed and dated by the person's clock. One that was renamed keeps its number and its place;
one that was taken out and put back stands last from then on.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import count, islice
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, insert, update

from model.store.file_format import Entries, Stored
from model.store.sql.rows import MessageRow, SavedConversation, Source, rows_of
from model.store.sql.tables import conversations, file_references, messages, users

AT_ONCE = 5000  # rows that are inserted in one go
_HASH = re.compile(rb"[0-9a-f]{64}")


@dataclass(frozen=True)
class Scope:
    """Whose conversations these are, where they are read and written, and what the person's clock shows."""

    connection: Connection
    person_id: int
    source: Source
    clock: int


def write_changes(scope: Scope, before: Entries, after: Entries) -> tuple[Entries, int]:
    """Write what differs, and return all conversations as they are kept now, with what the clock shows then."""
    changed = {name: entry for name, entry in after.items() if before.get(name) is not entry}
    lost = [row for name, row in before.items() if after.get(name) is not row and isinstance(row, SavedConversation)]
    if not changed and not lost:
        return before, scope.clock
    old = _linked(changed, lost)
    ticks = count(scope.clock + 1)
    is_at_end = len(changed) <= len(after) and all(name in changed for name in islice(reversed(after), len(changed)))
    # All others stand in their order as it is; with thousands of them it takes time to look at each.
    places = {name: next(ticks) for name in changed} if is_at_end else dict(_new_places(after, old, ticks))
    numbers = {name: old[name].number if name in old else next(ticks) for name in changed}
    now = next(ticks)
    writer = _Writer(scope, now)
    writer.delete([row.number for row in lost if row.number not in set(numbers.values())])
    for name, saved in old.items():
        if name != saved.name and saved.name in changed:
            writer.free_name(saved)
    entries = dict(after)
    for name in places.keys() - changed.keys():
        if isinstance(row := after[name], SavedConversation):
            entries[name] = writer.placed(row, places[name])
    for name, entry in changed.items():
        place = places[name] if name in places else old[name].place
        entries[name] = writer.put((name, entry), numbers[name], place, old.get(name))
    writer.end()
    return entries, now


def _linked(changed: Entries, lost: list[SavedConversation]) -> dict[str, SavedConversation]:
    """Return how conversations stood before, by the name that they have now; nothing for those that are new."""
    by_id = {row.id: row for row in lost if row.id}
    empty = {row.name: row for row in lost if not row.id}
    links: dict[str, SavedConversation] = {}
    for name, entry in changed.items():
        if entry.id in by_id:
            links[name] = by_id.pop(entry.id)
        elif name in empty:
            links[name] = empty.pop(name)
        elif not entry.id and empty:  # one without messages is like another
            links[name] = empty.pop(next(iter(empty)))
    return links


def _new_places(after: Entries, old: dict[str, SavedConversation], ticks: Iterator[int]) -> Iterator[tuple[str, int]]:
    """Yield a new place for whatever does not stand where it stood, so that places grow along the list."""
    last = -1
    for name, entry in after.items():
        row = entry if isinstance(entry, SavedConversation) else old.get(name)
        if row is None or row.place <= last:
            last = next(ticks)
            yield name, last
        else:
            last = row.place


@dataclass
class _Writer:
    """Writes rows of one person; what is inserted waits until much of it is together."""

    scope: Scope
    now: int
    has_deleted: bool = False
    waiting: dict[Table, list[dict[str, Any]]] = field(
        default_factory=lambda: {conversations: [], messages: [], file_references: []}
    )

    def delete(self, numbers: list[int]) -> None:
        """Delete conversations, with all that belongs to them."""
        self.has_deleted = bool(numbers)
        for begin in range(0, len(numbers), AT_ONCE):
            some = conversations.c.number.in_(numbers[begin : begin + AT_ONCE])
            self._run(delete(conversations).where(self._own(conversations), some))

    def free_name(self, row: SavedConversation) -> None:
        """Let another conversation be written under a name before the one that has it is written under its new one."""
        self._update(row.number, {"name_key": str(row.number)})

    def placed(self, row: SavedConversation, place: int) -> SavedConversation:
        """Give a conversation another place in the list."""
        self._update(row.number, {"place": place})
        return replace(row, place=place)

    def put(
        self, named: tuple[str, Stored], number: int, place: int, old: SavedConversation | None
    ) -> SavedConversation:
        """Write a conversation; of one that was there before, only the messages that differ."""
        name, entry = named
        around, rows = rows_of(name, entry)
        said = entry.id, entry.updated_at, entry.is_pinned, around, entry.digest(name)
        made = SavedConversation(self.scope.source, number, place, name, *said)
        values = {
            "place": place,
            "name": name,
            "name_key": hashlib.sha256(name.encode()).hexdigest(),
            "id": made.id,
            "updated_at": made.updated_at,
            "is_pinned": made.is_pinned,
            "around": around,
            "digest": made.written_digest,
        }
        before = self.scope.source.messages_of(number) if old else []
        if old:
            self._update(number, values)
        else:
            self._insert(conversations, {"number": number, "written_at": self.now, **values})
        self._put_messages(number, before, rows)
        self._put_references(number, _hashes(old.name, old.raw_of(before)) if old else set(), _hashes(name, entry.raw))
        return made

    def end(self) -> None:
        """Write what waits, and let the clock tell of it."""
        self._flush()
        values = {"clock": self.now} | ({"emptied_at": self.now} if self.has_deleted else {})
        self._run(update(users).where(users.c.id == self.scope.person_id).values(values))

    def _put_messages(self, number: int, before: list[MessageRow], after: list[MessageRow]) -> None:
        same = 0
        while same < min(len(before), len(after)) and before[same].id == after[same].id:
            if before[same] != after[same]:
                own = and_(self._own(messages), messages.c.conversation == number, messages.c.place == same)
                self._run(update(messages).where(own).values(after[same]._asdict()))
            same += 1
        if same < len(before):
            rest = and_(self._own(messages), messages.c.conversation == number, messages.c.place >= same)
            self._run(delete(messages).where(rest))
        for place, row in enumerate(after[same:], same):
            self._insert(messages, {"conversation": number, "place": place, **row._asdict()})

    def _put_references(self, number: int, before: set[str], after: set[str]) -> None:
        if gone := before - after:
            own = and_(self._own(file_references), file_references.c.conversation == number)
            self._run(delete(file_references).where(own, file_references.c.sha256.in_(gone)))
        for sha256 in after - before:
            self._insert(file_references, {"conversation": number, "sha256": sha256})

    def _update(self, number: int, values: dict[str, Any]) -> None:
        own = and_(self._own(conversations), conversations.c.number == number)
        self._run(update(conversations).where(own).values(values | {"written_at": self.now}))

    def _insert(self, table: Table, values: dict[str, Any]) -> None:
        self.waiting[table].append({"person_id": self.scope.person_id, **values})
        if len(self.waiting[table]) >= AT_ONCE:
            self._flush()

    def _flush(self) -> None:
        for table, rows in self.waiting.items():  # conversations first, for the others refer to them
            if rows:
                self.scope.connection.execute(insert(table), rows)
                rows.clear()

    def _own(self, table: Table) -> ColumnElement[bool]:
        return table.c.person_id == self.scope.person_id

    def _run(self, statement: Any) -> None:
        self.scope.connection.execute(statement)


def _hashes(name: str, raw: bytes) -> set[str]:
    return {found.decode() for text in (name.encode(), bytes(raw)) for found in _HASH.findall(text)}
