"""A conversation as it stands in a database, and the way from the JSON of the file format to rows and back."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import msgspec

from model.store.entries import not_saved
from model.store.file_format import Stored, assembled, taken_apart
from utils.json_tools import text as json_text


class MessageRow(NamedTuple):
    """A message in a row: what everybody looks for in columns of its own, the rest as JSON in its own order."""

    id: str
    role: str
    content: str
    rest: str


class Source(Protocol):
    """Where the messages of a conversation are read."""

    def messages_of(self, number: int) -> list[MessageRow]:
        """Return the messages of the conversation with this number; none where it is gone."""


@dataclass(eq=False, slots=True)  # not frozen: a hundred thousand are made twice as quickly; nobody changes one
class SavedConversation:
    """One conversation as the list of all shows it; its messages are read when they are asked for, each time anew."""

    source: Source = field(repr=False)
    number: int
    place: int
    name: str
    id: str | None
    updated_at: str
    is_pinned: bool
    around: str | None
    written_digest: bytes

    @property
    def raw(self) -> msgspec.Raw:
        """Return it as it would stand in a file.

        Raises: ConversationNotFound when it was deleted meanwhile.
        """
        return self.raw_of(self.source.messages_of(self.number))

    def raw_of(self, rows: Iterable[MessageRow]) -> msgspec.Raw:
        """Return it as it would stand in a file, with these messages."""
        lines = {row.id: line_of(row) for row in rows}
        if bool(lines) != bool(self.id):
            raise not_saved()
        around = msgspec.json.decode(self.around, type=dict[str, msgspec.Raw]) if self.around else {}
        return assembled(around, lines).raw

    @property
    def first_id(self) -> str | None:
        """Return the id of the message that stands first."""
        return next((row.id for row in self.source.messages_of(self.number)), None)

    def digest(self, name: str) -> bytes:  # noqa: ARG002
        """Return what changes whenever the conversation or its name does."""
        return self.written_digest


def rows_of(name: str, entry: Stored) -> tuple[str | None, list[MessageRow]]:
    """Return what stands around the messages of a conversation, and its messages as rows."""
    around, lines = taken_apart(name, entry.raw)
    told = json_text.json_line(around | {"messages": []}).decode() if around else None
    return told, [_row_of(message_id, bytes(line)) for message_id, line in lines.items()]


def line_of(row: MessageRow) -> bytes:
    """Return a message as a line of the file."""
    head = b'{"role": %b, "content": %b' % (json_text.json_line(row.role), json_text.json_line(row.content))
    return head + (b", " + row.rest[1:].encode() if row.rest != "{}" else b"}")


def _row_of(message_id: str, line: bytes) -> MessageRow:
    keys = msgspec.json.decode(line, type=dict[str, msgspec.Raw])
    role, content = (str(json_text.decode(keys.pop(key))) for key in ("role", "content"))
    rest = b", ".join(b"%b: %b" % (json_text.json_line(key), bytes(value)) for key, value in keys.items())
    return MessageRow(message_id, role, content, f"{{{rest.decode()}}}")
