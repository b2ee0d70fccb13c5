"""What is read of every message when the file is: enough to check it, to name it and to list its conversation.

It leaves out the rest of a message, which stays the bytes that it is until its conversation is opened.
"""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import msgspec

from utils import json_text


class Head(msgspec.Struct, gc=False):
    """What every message must have; msgspec checks it while decoding. What may be anything is left undecoded."""

    role: str
    content: str
    id: Any = None
    created_at: msgspec.Raw = msgspec.Raw()
    conversation: msgspec.Raw = msgspec.Raw()


class Published(msgspec.Struct):
    """A conversation as an object: other keys may stand beside its messages."""

    messages: list[Head]


class Choices(msgspec.Struct):
    """What is read of the options for a list of conversations; all of them are in `model/options.py`."""

    id: msgspec.Raw = msgspec.Raw()
    is_pinned: msgspec.Raw = msgspec.Raw()

    @property
    def own_id(self) -> str:
        """Return the id that is written down; "" where none is."""
        try:
            found = msgspec.json.decode(self.id, type=str)
        except ValueError:  # none, or no text
            return ""
        return found if found.strip() else ""

    @property
    def pins(self) -> bool:
        """Tell whether they pin the conversation."""
        return bytes(self.is_pinned) == b"true"


def heads(raw: bytes | msgspec.Raw) -> list[Head]:
    """Return the head of each message.

    Raises: ValueError when it is not a list of messages, each with a role and a content.
    """
    body = msgspec.json.decode(raw, type=list[Head] | Published)
    return body.messages if isinstance(body, Published) else body


def updated_at(some_heads: Iterable[Head]) -> str:
    """Return the newest time that a message tells; "" when none does."""
    times = (bytes(head.created_at) for head in some_heads)
    return str(max((time for time in times if time.startswith(b'"')), default=b""), "utf-8").strip('"')


def choices(some_heads: Sequence[Head]) -> Choices:
    """Return what the first message says of its whole conversation."""
    try:
        return msgspec.json.decode(some_heads[0].conversation, type=Choices)
    except (IndexError, ValueError):  # no messages, or options that are no object
        return Choices()


def ids_of(name: str, some_heads: Iterable[Head], taken: Collection[str] = ()) -> list[str]:
    """Return an id for each message: its own, else one that follows from what it says, so that two loads agree."""
    ids: dict[str, None] = {}
    for index, head in enumerate(some_heads):
        message_id = head.id if isinstance(head.id, str) and head.id.strip() else ""
        while not message_id or message_id in ids or message_id in taken:
            origin = json_text.one_line([name, index, head.role, head.content, message_id])
            message_id = hashlib.sha256(origin).hexdigest()[:32]
        ids[message_id] = None
    return list(ids)
