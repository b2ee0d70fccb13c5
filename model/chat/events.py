"""Events: what `reply()` yields, one after the other.

They are small frozen facts. Streamlit draws them, HTTP sends each as one server-sent event, the terminal prints them;
a new ability is added here once and shows in all three.
"""

from dataclasses import dataclass, field
from typing import Any

from model.chat.message import Message
from model.chat.message_parts import Attachment, Citation
from utils.threads.trace import Span


@dataclass(frozen=True)
class Started:
    """Question and answer stand in the conversation; nothing has been sent yet, so this is the moment to save."""

    question: Message
    answer: Message


@dataclass(frozen=True)
class Sent:
    """The messages of one of the turn's requests, as they leave; only `controller/chat/apply_events.py` takes them."""

    messages: list[dict[str, Any]]


@dataclass(frozen=True)
class LoadingModel:
    """A model on this machine is being loaded; where it `waits_for` another, the answers of that one end first."""

    name: str
    waits_for: str = ""


@dataclass(frozen=True)
class Summarising:
    """What no longer fits the window is being summarised; the answer waits for it."""


@dataclass(frozen=True)
class Summarised:
    """A summary has been made; it stands in the conversation now, and is to be saved with the turn."""

    summary: Message


@dataclass(frozen=True)
class ReadingWords:
    """The words are being read off a picture, or out of a document; the answer waits for them."""

    name: str


@dataclass(frozen=True)
class WordsRead:
    """The words of an attached file are read; they stand on the messages that it belongs to, and are to be saved."""

    sha256: str
    words: str


@dataclass(frozen=True, slots=True)  # without a dict: many are alive at once
class TextDelta:
    """The next piece of the answer's text."""

    text: str


@dataclass(frozen=True, slots=True)
class ThinkingDelta:
    """The next piece of what the model thinks before it answers (its reasoning).

    `recasts`: so many characters at the end of the answer's text were thoughts, too, and stand in this piece; views
    never see that, for `controller/chat/apply_events.py` has the answer written anew then.
    """

    text: str
    recasts: int = 0


@dataclass(frozen=True, slots=True)
class FinishReason:
    """The provider has ended the answer before it was whole: "length" or "content_filter"."""

    reason: str


@dataclass(frozen=True)
class AnswerReset:
    """The answer is written anew, for this reason: the text that had come is dropped."""

    reason: str


@dataclass(frozen=True)
class ToolCall:
    """A tool is asked for: by the model in the request with this number, or in none (0) by the stage itself."""

    id: str
    name: str
    arguments: str
    round: int = 0
    label: str = ""


@dataclass(frozen=True)
class ToolProgress:
    """What a running tool does right now, in a few words."""

    id: str
    text: str


@dataclass(frozen=True)
class ToolResult:
    """A tool has ended: what the model reads, what only the person sees, and the arguments that a person changed."""

    id: str
    name: str
    content: str
    is_error: bool = False
    duration_s: float = 0.0
    token_count: int = 0
    details: dict[str, Any] = field(default_factory=dict)
    ran_with: str | None = None


@dataclass(frozen=True)
class Usage:
    """What the answer took, as the provider counts; what the model thought is part of the completion."""

    prompt_token_count: int
    completion_token_count: int
    thinking_token_count: int = 0


@dataclass(frozen=True)
class Finished:
    """The answer is whole: nothing comes after this."""

    answer: Message


Event = (
    Started
    | Sent
    | LoadingModel
    | Summarising
    | Summarised
    | ReadingWords
    | WordsRead
    | TextDelta
    | ThinkingDelta
    | AnswerReset
    | ToolCall
    | ToolProgress
    | ToolResult
    | Citation
    | Attachment
    | FinishReason
    | Usage
    | Finished
    | Span  # told only to who looks inside
)
