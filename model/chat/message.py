"""Message: one turn's half, as plain data.

What it holds is what `conversations.json` holds: `role` and `content` always, the rest only where it says something.
Keys that this version does not know are kept in `extra` and written back unchanged.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from model.chat.message_parts import Attachment, Citation, ToolStep, role_of
from model.chat.serialization import NOT_IN_FILE, from_row, is_count_of, to_row

COMPLETE = "complete"  # the whole answer came
STREAMING = "streaming"  # it is still coming
STOPPED = "stopped"  # the person ended it
INTERRUPTED = "interrupted"  # the program ended before the answer did
FAILED = "failed"  # the provider did not answer, or broke off

# Why an answer ended before it was whole.
LENGTH = "length"  # the longest answer, or the model's window, is reached
CONTENT_FILTER = "content_filter"
LOOP = "loop"  # no provider says this: the model said the same again and again, and we ended it


def new_id() -> str:
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
    `kind` tells, of a system message that a stage has written, what it is, in words for people.
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
    kind: str | None = None
    stage: str | None = None
    request_count: int | None = None
    saw_pictures: bool | None = None
    tool_steps: list[ToolStep] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    extra: dict[str, Any] = field(default_factory=dict)
    written_role: str | None = field(default=None, metadata=NOT_IN_FILE)

    def __post_init__(self) -> None:
        """Take another program's word for a role as the one that is meant."""
        if (role := role_of(self.role)) != self.role:
            self.role, self.written_role = role, self.role

    def to_dict(self) -> dict[str, Any]:
        """Return the message as it stands in the file: keys that say nothing are left out."""
        return to_row(self) | ({} if self.written_role is None else {"role": self.written_role})

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Message":
        """Return the message that a file's entry tells. Raises: ValueError when role or content is not text."""
        message = from_row(cls, data)
        message.id = message.id or new_id()
        if message.token_count is not None and not is_count_of(message.token_count, message.content):
            message.extra["token_count"], message.token_count = message.token_count, None
        return message


def is_sendable(message: Message) -> bool:
    """Return whether a model may see this message: not what failed, nor what is still coming, nor an empty answer."""
    if message.status in (FAILED, STREAMING):
        return False
    return bool(message.content) or message.role != "assistant" or "tool_calls" in message.extra
