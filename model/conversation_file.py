"""How conversations stand in their file: one JSON object, name -> list of messages.

The other published shape, name -> {"id", "messages", "metadata"}, is read too and stays as it is. Only the conversation
that is touched is taken apart; all others are carried along as the bytes that they are. It leaves out files and locks.
Read next: `model/store.py`.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from model.message import Message
from utils import json_text


class Head(msgspec.Struct, gc=False):
    """What every message must have; msgspec checks it while decoding."""

    role: str
    content: str
    id: Any = None


class Published(msgspec.Struct):
    """A conversation as an object: other keys may stand beside its messages."""

    messages: list[Head]


@dataclass(frozen=True)
class Entry:
    """One conversation as it stands in the file, and its id; the id is None when there are no messages."""

    raw: msgspec.Raw
    id: str | None


Entries = dict[str, Entry]
Lines = dict[str, bytes | msgspec.Raw]


def parse(data: bytes, known: Mapping[str, Entry]) -> Entries:
    """Return the conversations of a file in its order; one that `known` holds unchanged is not checked again.

    Raises: ValueError when the file is damaged anywhere.
    """
    entries: Entries = {}
    ids: set[str] = set()
    try:
        for name, raw in msgspec.json.decode(data, type=dict[str, msgspec.Raw]).items():
            entry = known.get(name)
            is_known = entry is not None and entry.raw == raw and entry.id not in ids
            entry = Entry(raw, entry.id) if entry and is_known else entry_of(name, raw, ids)
            entries[name] = entry
            ids |= {entry.id} if entry.id else set()
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    if layout(entries) != data and _repeats_a_name(data):
        raise ValueError("a name stands twice")
    return entries


def layout(entries: Mapping[str, Entry]) -> bytes:
    """Return the whole file: a line for each name, and for each message."""
    pieces: list[bytes | msgspec.Raw] = []
    for name, entry in entries.items():
        pieces += [b",\n" if pieces else b"{\n", json_text.one_line(name), b": ", entry.raw]
    return b"".join([*pieces, b"\n}\n"]) if pieces else b"{}\n"


def entry_of(name: str, raw: msgspec.Raw, taken: Collection[str] = ()) -> Entry:
    """Return a checked conversation; it gets another id when its own is `taken` by one before it.

    Raises: ValueError when it is not a list of messages, each with a role and a content.
    """
    str(raw, "utf-8")  # msgspec does not look into strings that it skips
    first = heads(raw)[:1]
    if first and isinstance(first[0].id, str) and first[0].id in taken:
        return _assembled(*_taken_apart(name, raw, taken))
    return Entry(raw, next(iter(_ids(name, first)), None))


def heads(raw: msgspec.Raw) -> list[Head]:
    """Return role, content and id of each message."""
    body = msgspec.json.decode(raw, type=list[Head] | Published)
    return body.messages if isinstance(body, Published) else body


def messages_of(name: str, entry: Entry) -> list[Message]:
    """Return the messages of a conversation, all with ids."""
    lines = _taken_apart(name, entry.raw)[1]
    return [Message.from_dict(json_text.decode(line)) for line in lines.values()]


def merge(name: str, entry: Entry | None, messages: Iterable[Message], without: Collection[str] = ()) -> Entry:
    """Return a conversation with messages put in: in the place of the one with the same id, else at the end."""
    around, lines = _taken_apart(name, entry.raw) if entry else ({}, {})
    lines |= {message.id: json_text.one_line(message.to_dict()) for message in messages}
    return _assembled(around, {key: line for key, line in lines.items() if key not in without})


def _taken_apart(name: str, raw: msgspec.Raw, taken: Collection[str] = ()) -> tuple[dict[str, msgspec.Raw], Lines]:
    """Return what stands around the messages, nothing for a plain list, and each message's line by its id."""
    body = msgspec.json.decode(raw, type=list[msgspec.Raw] | dict[str, msgspec.Raw])
    around = body if isinstance(body, dict) else {}
    raws = body if isinstance(body, list) else msgspec.json.decode(body["messages"], type=list[msgspec.Raw])
    message_heads = heads(raw)
    # Elsewhere a message may have been written over several lines; in our own layout none is.
    is_ours = bytes(raw).count(b"\n") == len(raws) + 1
    lines: Lines = {}
    for message_id, head, line in zip(_ids(name, message_heads, taken), message_heads, raws, strict=True):
        if head.id != message_id:
            lines[message_id] = json_text.one_line(json_text.decode(line) | {"id": message_id})
        else:
            lines[message_id] = line if is_ours else msgspec.json.format(line, indent=0)
    return around, lines


def _assembled(around: Mapping[str, msgspec.Raw], lines: Lines) -> Entry:
    """Return a conversation with one message per line, in the shape that it had."""
    body = b"[\n" + b",\n".join(lines.values()) + b"\n]" if lines else b"[]"
    if around:
        pairs = [
            b"%b: %b" % (json_text.one_line(key), body if key == "messages" else bytes(value))
            for key, value in around.items()
        ]
        body = b"{" + b", ".join(pairs) + b"}"
    return Entry(msgspec.Raw(body), next(iter(lines), None))


def _ids(name: str, some_heads: Iterable[Head], taken: Collection[str] = ()) -> list[str]:
    """Return an id for each message: its own, else one that follows from what it says, so that two loads agree."""
    ids: dict[str, None] = {}
    for index, head in enumerate(some_heads):
        message_id = head.id if isinstance(head.id, str) and head.id.strip() else ""
        while not message_id or message_id in ids or message_id in taken:
            origin = json_text.one_line([name, index, head.role, head.content, message_id])
            message_id = hashlib.sha256(origin).hexdigest()[:32]
        ids[message_id] = None
    return list(ids)


def _repeats_a_name(data: bytes) -> bool:
    """Tell whether a conversation's name stands twice: msgspec would keep the last one without a word."""
    names = [name for name, _ in json_text.outer_pairs(json_text.text_of(data))]
    return len(names) > len(set(names))
