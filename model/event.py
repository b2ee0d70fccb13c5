"""Events: what `reply()` yields, one after the other.

They are small frozen facts. Streamlit draws them, HTTP sends each as one server-sent event, the terminal prints them;
a new ability is added here once and shows in all three.
"""

from dataclasses import dataclass, field
from typing import Any

from model.message import Message


@dataclass(frozen=True)
class Started:
    """Question and answer stand in the conversation; nothing has been sent yet, so this is the moment to save."""

    question: Message
    answer: Message


@dataclass(frozen=True)
class Sent:
    """The messages of the turn's first request, as they leave; for `controller/metrics.py`, and no one after it."""

    messages: list[dict[str, Any]]


@dataclass(frozen=True)
class Summarising:
    """What no longer fits the window is being summarised; the answer waits for it."""


@dataclass(frozen=True)
class Summarised:
    """A summary has been made; it stands in the conversation now, and is to be saved with the turn."""

    summary: Message


@dataclass(frozen=True)
class TextDelta:
    """The next piece of the answer's text."""

    text: str


@dataclass(frozen=True)
class ToolCall:
    """The model asks for a tool."""

    id: str
    name: str
    arguments: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ToolResult:
    """A tool has ended."""

    id: str
    name: str
    content: str
    is_error: bool = False
    duration_s: float = 0.0


@dataclass(frozen=True)
class Citation:
    """A source that the answer rests on."""

    number: int
    title: str
    address: str
    passage: str = ""


@dataclass(frozen=True)
class Attachment:
    """A file that belongs to a message, referred to by the SHA-256 of its bytes."""

    sha256: str
    name: str
    media_type: str
    size_bytes: int


@dataclass(frozen=True)
class Usage:
    """What the answer took, as the provider counts."""

    prompt_token_count: int
    completion_token_count: int


@dataclass(frozen=True)
class Finished:
    """The answer is whole: nothing comes after this."""

    answer: Message


Event = (
    Started
    | Sent
    | Summarising
    | Summarised
    | TextDelta
    | ToolCall
    | ToolResult
    | Citation
    | Attachment
    | Usage
    | Finished
)
