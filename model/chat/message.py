"""Message: one turn's half, as plain data.

What it holds is what `conversations.json` holds: `role` and `content` always, the rest only where it says something.
Keys that this version does not know are kept in `extra` and written back unchanged.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from model.chat.message_parts import Attachment, Citation, ToolStep, role_of
from model.chat.serialization import from_rows, is_count_of, is_possible, to_row

COMPLETE = "complete"  # the whole answer came
STREAMING = "streaming"  # it is still coming
STOPPED = "stopped"  # the person ended it
INTERRUPTED = "interrupted"  # the program ended before the answer did
FAILED = "failed"  # the provider did not answer, or broke off

# Why an answer ended before it was whole.
LENGTH = "length"  # the longest answer, or the model's window, is reached
CONTENT_FILTER = "content_filter"
LOOP = "loop"  # no provider says this: the model said the same again and again, and we ended it

_OPTIONAL_TEXT = (
    *("parent", "created_at", "shown_at", "model_name", "provider", "stage", "error", "hint", "rating"),
    *("thinking", "finish_reason"),
)
_OPTIONAL_IDS = ("view_begins_at", "request_digest", "summary_of")
_TOKEN_COUNTS = (
    *("token_count", "window_token_count", "prompt_token_count", "completion_token_count", "thinking_token_count"),
)
_OPTIONAL_NUMBERS = (*_TOKEN_COUNTS, "context_window", "request_count")
_OPTIONAL_SECONDS = ("first_token_s", "duration_s", "thinking_s")
_OPTIONAL_OBJECTS = ("conversation", "assistant")
_OPTIONAL_FLAGS = ("saw_pictures",)
_OPTIONAL = (
    *(*_OPTIONAL_TEXT, *_OPTIONAL_IDS, *_OPTIONAL_NUMBERS),
    *(*_OPTIONAL_SECONDS, *_OPTIONAL_OBJECTS, *_OPTIONAL_FLAGS),
)
_LISTS: dict[str, type] = {"tool_steps": ToolStep, "citations": Citation, "attachments": Attachment}
# What each key may hold.
_KINDS: tuple[tuple[tuple[str, ...], tuple[type, ...]], ...] = (
    (("id", "status", *_OPTIONAL_TEXT, *_OPTIONAL_IDS), (str,)),
    (_OPTIONAL_NUMBERS, (int,)),
    (_OPTIONAL_SECONDS, (int, float)),
    (_OPTIONAL_OBJECTS, (dict,)),
    (_OPTIONAL_FLAGS, (bool,)),
)


def new_id() -> str:
    """Return a fresh id for a message."""
    return uuid4().hex


def now() -> str:
    """Return the current time in UTC as ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def own_id(first: "Message") -> str:
    """Return the id of its conversation that a first message keeps; "" where that is the message's own."""
    kept = (first.conversation or {}).get("id")
    return kept if isinstance(kept, str) and kept.strip() else ""


@dataclass
class Message:
    """One message of a conversation.

    `role` is one of "user", "assistant", "system" and "tool"; where another word stood for it, `written_role` keeps it.

    `parent` is the id of the message before it: "" for none, None for the one that stands before it in the file.
    Messages with one parent are versions of each other; shown is the one with the newest `shown_at`, else `created_at`.

    `error` and `hint` tell why an answer failed. An answer also keeps what the model saw and what that took:
    `view_begins_at`, the id of the oldest message that was sent, `window_token_count`, how many tokens that was as we
    count, `context_window`, of how many; `prompt_token_count` and `completion_token_count` as the provider counts;
    `first_token_s` and `duration_s` from the request on; `request_digest`, a hash of the messages that were sent.

    `thinking` is what a reasoning model thought before it answered, `thinking_s` how long that took, and
    `thinking_token_count` how many of the answer's tokens that were.

    `finish_reason` is why the provider ended the answer before it was whole: "length" or "content_filter".

    `stage` is the slug of the stage that answered, `tool_steps` its calls of tools, made in `request_count` requests.
    `saw_pictures` tells whether it was shown the conversation's pictures, or only the words on them; None without any.

    `summary_of` is set on a summary: the id of the oldest message it stands for; the newest is its parent.
    `rating` is "up" or "down". `conversation`, on a conversation's first message, holds what belongs to all of it.
    `assistant`, on instructions that came from one, tells its `id`, `name` and `emoji`.
    """

    role: str
    content: str
    id: str = field(default_factory=new_id)
    status: str = COMPLETE
    parent: str | None = None
    created_at: str | None = None
    shown_at: str | None = None
    model_name: str | None = None
    provider: str | None = None
    error: str | None = None
    hint: str | None = None
    token_count: int | None = None
    view_begins_at: str | None = None
    window_token_count: int | None = None
    context_window: int | None = None
    prompt_token_count: int | None = None
    completion_token_count: int | None = None
    first_token_s: float | None = None
    duration_s: float | None = None
    thinking: str | None = None
    thinking_s: float | None = None
    thinking_token_count: int | None = None
    finish_reason: str | None = None
    request_digest: str | None = None
    summary_of: str | None = None
    rating: str | None = None
    conversation: dict[str, Any] | None = None
    assistant: dict[str, Any] | None = None
    stage: str | None = None
    request_count: int | None = None
    saw_pictures: bool | None = None
    tool_steps: list[ToolStep] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    extra: dict[str, Any] = field(default_factory=dict)
    written_role: str | None = None

    def __post_init__(self) -> None:
        """Take another program's word for a role as the one that is meant."""
        if (role := role_of(self.role)) != self.role:
            self.role, self.written_role = role, self.role

    def to_dict(self) -> dict[str, Any]:
        """Return the message as it stands in the file: keys that say nothing are left out."""
        role = self.role if self.written_role is None else self.written_role
        known: dict[str, Any] = {"role": role, "content": self.content, "id": self.id}
        if self.status != COMPLETE:
            known["status"] = self.status
        for key in _OPTIONAL:
            value = getattr(self, key)
            if value is not None:
                known[key] = value
        for key in _LISTS:
            if parts := getattr(self, key):
                known[key] = [to_row(part) for part in parts]
        return known | {key: value for key, value in self.extra.items() if key not in known}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], fallback_id: str | None = None) -> "Message":
        """Return the message that a file's entry tells; `fallback_id` is used where the entry has none.

        Raises: ValueError when role or content is not text. A known key with a value of the wrong type, or a number
        that can't be one, is kept as an unknown one, so that nothing is lost.
        """
        role, content = data.get("role"), data.get("content")
        if not isinstance(role, str) or not isinstance(content, str):
            raise ValueError("a message needs a role and a content, both text")
        known: dict[str, Any] = {}
        for keys, kinds in _KINDS:
            known |= {key: data[key] for key in keys if type(data.get(key)) in kinds and is_possible(data[key])}
        for key in _LISTS.keys() & data.keys():
            with suppress(ValueError):
                known[key] = from_rows(_LISTS[key], data[key])
        if not is_count_of(known.get("token_count"), content):
            known.pop("token_count", None)
        if not known.get("id"):
            known["id"] = fallback_id or new_id()
        extra = {key: value for key, value in data.items() if key not in known and key not in ("role", "content")}
        return cls(role=role, content=content, extra=extra, **known)


def is_sendable(message: Message) -> bool:
    """Return whether a model may see this message: not what failed, nor what is still coming, nor an empty answer."""
    if message.status in (FAILED, STREAMING):
        return False
    return bool(message.content) or message.role != "assistant" or "tool_calls" in message.extra
