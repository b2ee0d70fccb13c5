"""How conversations stand in their file: one JSON object, name -> list of messages.

The other published shape, name -> {"id", "messages", "metadata"}, is read too and stays as it is. Only the conversation
that is touched is taken apart; all others are carried along as the bytes that they are. Of every message only so much
is read with the file as checks it, names it and lists its conversation. It leaves out files and locks.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import msgspec

from model.chat.message import Message
from utils.json_tools import text as json_text
from utils.json_tools.members import outer_pairs, string_of


class MessageHeader(msgspec.Struct, gc=False):
    """What every message must have; msgspec checks it while decoding. What may be anything is left undecoded."""

    role: str
    content: str
    id: Any = None
    created_at: msgspec.Raw = msgspec.Raw()
    conversation: msgspec.Raw = msgspec.Raw()


class Published(msgspec.Struct):
    """A conversation as an object: other keys may stand beside its messages."""

    messages: list[MessageHeader]
    id: msgspec.Raw = msgspec.Raw()


class _Choices(msgspec.Struct):
    """What is read of the options for a list of conversations; all of them are in `model/chat/options.py`."""

    id: msgspec.Raw = msgspec.Raw()
    is_pinned: msgspec.Raw = msgspec.Raw()

    @property
    def pins(self) -> bool:
        """Return whether they pin the conversation."""
        return bytes(self.is_pinned) == b"true"


def heads(raw: bytes | msgspec.Raw) -> list[MessageHeader]:
    """Return the head of each message.

    Raises: ValueError when it is not a list of messages, each with a role and a content.
    """
    return _heads_and_id(raw)[0]


def _heads_and_id(raw: bytes | msgspec.Raw) -> tuple[list[MessageHeader], str]:
    """Return the head of each message, and the id that the conversation itself carries; "" where it carries none."""
    body = msgspec.json.decode(raw, type=list[MessageHeader] | Published)
    return (body.messages, _id_in(body.id)) if isinstance(body, Published) else (body, "")


def _id_in(raw: msgspec.Raw) -> str:
    """Return an id that is written down; "" where none is, or what is no text."""
    try:
        found = msgspec.json.decode(raw, type=str)
    except ValueError:
        return ""
    return found if found.strip() else ""


def updated_at(some_heads: Iterable[MessageHeader]) -> str:
    """Return the newest time that a message tells; "" when none does."""
    times = (bytes(head.created_at) for head in some_heads)
    return str(max((time for time in times if time.startswith(b'"')), default=b""), "utf-8").strip('"')


def _choices(some_heads: Sequence[MessageHeader]) -> _Choices:
    """Return what the first message says of its whole conversation."""
    try:
        return msgspec.json.decode(some_heads[0].conversation, type=_Choices)
    except (IndexError, ValueError):  # no messages, or options that are no object
        return _Choices()


def ids_of(name: str, some_heads: Iterable[MessageHeader], taken: Collection[str] = ()) -> list[str]:
    """Return an id for each message: its own, else one that follows from what it says, so that two loads agree."""
    ids: dict[str, None] = {}
    for index, head in enumerate(some_heads):
        message_id = head.id if isinstance(head.id, str) and head.id.strip() else ""
        while not message_id or message_id in ids or message_id in taken:
            origin = json_text.json_line([name, index, head.role, head.content, message_id])
            message_id = hashlib.sha256(origin).hexdigest()[:32]
        ids[message_id] = None
    return list(ids)


@dataclass(frozen=True)
class StoredConversation:
    """One conversation as it stands in the file, and what a list of conversations shows of it.

    The id is the one that a published object carries, else the one in its options, else that of its first message;
    both are None when there are no messages.
    `updated_at` is when its newest message was written, "" if none says so.
    """

    raw: msgspec.Raw
    id: str | None
    first_id: str | None
    updated_at: str
    is_pinned: bool

    def digest(self, name: str) -> bytes:
        """Return what changes whenever the conversation or its name does."""
        return hashlib.blake2b(self.raw, digest_size=16, key=hashlib.sha256(name.encode()).digest()).digest()


class Stored(Protocol):
    """A conversation wherever it is kept; a database reads `raw` and `first_id` when they are asked for."""

    @property
    def raw(self) -> msgspec.Raw: ...
    @property
    def id(self) -> str | None: ...
    @property
    def first_id(self) -> str | None: ...
    @property
    def updated_at(self) -> str: ...
    @property
    def is_pinned(self) -> bool: ...
    def digest(self, name: str) -> bytes:
        """Return what changes whenever the conversation or its name does."""


Entries = dict[str, Stored]
Lines = dict[str, bytes | msgspec.Raw]


def parse(data: bytes, known: Mapping[str, Stored]) -> Entries:
    """Return the conversations of a file in its order; one that `known` holds unchanged is not checked again.

    Raises: ValueError when the file is damaged anywhere.
    """
    entries: Entries = {}
    ids: set[str] = set()
    try:
        for name, raw in msgspec.json.decode(data, type=dict[str, msgspec.Raw]).items():
            entry = known.get(name)
            if isinstance(entry, StoredConversation) and entry.raw == raw and entry.id not in ids:
                entry = replace(entry, raw=raw)
            else:
                entry = entry_of(name, raw, ids)
            entries[name] = entry
            ids |= {entry.id} if entry.id else set()
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    if layout(entries) != data and _repeats_a_name(data):
        raise ValueError("a name stands twice")
    return entries


def layout(entries: Mapping[str, Stored]) -> bytes:
    """Return the whole file: a line for each name, and for each message."""
    pieces: list[bytes | msgspec.Raw] = []
    for name, entry in entries.items():
        pieces += [b",\n" if pieces else b"{\n", json_text.json_line(name), b": ", entry.raw]
    return b"".join([*pieces, b"\n}\n"]) if pieces else b"{}\n"


def entry_of(name: str, raw: msgspec.Raw, taken: Collection[str] = ()) -> StoredConversation:
    """Return a checked conversation; it gets another id when its own is `taken` by one before it.

    Raises: ValueError when it is not a list of messages, each with a role and a content.
    """
    str(raw, "utf-8")  # msgspec does not look into strings that it skips
    all_heads, carried = _heads_and_id(raw)
    entry = _entry(raw, all_heads, carried, next(iter(ids_of(name, all_heads[:1])), None))
    if entry.id not in taken:
        return entry
    around, lines = taken_apart(name, raw, taken)
    if _id_in(_choices(all_heads).id) and entry.first_id:
        lines[next(iter(lines))] = json_text.json_line(_without_own_id(json_text.decode(next(iter(lines.values())))))
    return assembled({key: value for key, value in around.items() if key != "id"}, lines)


def messages_of(name: str, entry: Stored) -> list[Message]:
    """Return the messages of a conversation, all with ids."""
    around, lines = taken_apart(name, entry.raw)
    messages = [Message.from_dict(json_text.decode(line)) for line in lines.values()]
    if messages and _id_in(around.get("id", msgspec.Raw())):
        messages[0].conversation = (messages[0].conversation or {}) | {"id": entry.id}
    return messages


def contents_of(name: str, entry: Stored) -> dict[str, str]:
    """Return what each message says, by its id; much faster than all of the messages."""
    all_heads = heads(entry.raw)
    return {key: head.content for key, head in zip(ids_of(name, all_heads), all_heads, strict=True)}


def merge(
    name: str, entry: Stored | None, messages: Iterable[Message], without: Collection[str] = ()
) -> StoredConversation:
    """Return a conversation with messages put in: in the place of the one with the same id, else at the end."""
    around, lines = taken_apart(name, entry.raw) if entry else ({}, {})
    lines |= {message.id: json_text.json_line(message.to_dict()) for message in messages}
    return assembled(around, {key: line for key, line in lines.items() if key not in without})


def taken_apart(name: str, raw: msgspec.Raw, taken: Collection[str] = ()) -> tuple[dict[str, msgspec.Raw], Lines]:
    """Return what stands around the messages, nothing for a plain list, and each message's line by its id."""
    body = msgspec.json.decode(raw, type=list[msgspec.Raw] | dict[str, msgspec.Raw])
    around = body if isinstance(body, dict) else {}
    raws = body if isinstance(body, list) else msgspec.json.decode(body["messages"], type=list[msgspec.Raw])
    message_heads = heads(raw)
    # Elsewhere a message may have been written over several lines; in our own layout none is.
    is_ours = bytes(raw).count(b"\n") == len(raws) + 1
    lines: Lines = {}
    for message_id, head, line in zip(ids_of(name, message_heads, taken), message_heads, raws, strict=True):
        if head.id != message_id:
            lines[message_id] = json_text.json_line(json_text.decode(line) | {"id": message_id})
        else:
            lines[message_id] = line if is_ours else msgspec.json.format(line, indent=0)
    return around, lines


def assembled(around: Mapping[str, msgspec.Raw], lines: Lines) -> StoredConversation:
    """Return a conversation with one message per line, in the shape that it had."""
    body = b"[\n" + b",\n".join(lines.values()) + b"\n]" if lines else b"[]"
    if around:
        pairs = [
            b"%b: %b" % (json_text.json_line(key), body if key == "messages" else bytes(value))
            for key, value in around.items()
        ]
        body = b"{" + b", ".join(pairs) + b"}"
    return _entry(msgspec.Raw(body), *_heads_and_id(body), next(iter(lines), None))


def _entry(
    raw: msgspec.Raw, all_heads: Sequence[MessageHeader], carried: str, first_id: str | None
) -> StoredConversation:
    said = _choices(all_heads)
    own_id = first_id and (carried or _id_in(said.id) or first_id)
    return StoredConversation(raw, own_id, first_id, updated_at(all_heads), said.pins)


def _without_own_id(message: dict[str, Any]) -> dict[str, Any]:
    """Return a first message without the id of a conversation; another one has it."""
    return message | {"conversation": {key: value for key, value in message["conversation"].items() if key != "id"}}


def _repeats_a_name(data: bytes) -> bool:
    """Return whether a conversation's name stands twice: msgspec would keep the last one without a word."""
    names = [name for name, _ in outer_pairs(string_of(data))]
    return len(names) > len(set(names))
