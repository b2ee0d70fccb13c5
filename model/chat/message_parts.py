"""The parts of a message: attachments, citations, tool steps and roles.

The OpenAI protocol knows four roles: user, assistant, system and tool. Files from elsewhere, or made by hand, say
"human", "bot", "USER" or nothing at all.
"""

from dataclasses import dataclass, field
from typing import Any

from model.chat.serialization import is_count_of


@dataclass(frozen=True)
class Attachment:
    """A file that belongs to a message, referred to by the SHA-256 of its bytes.

    A picture that was made ready for models tells its size in pixels. `words` were read off it, or out of a document,
    for models that can't do that; None where nobody has looked, "" where there are none.
    """

    sha256: str
    name: str
    media_type: str = "application/octet-stream"
    size_bytes: int = 0
    width_px: int = 0
    height_px: int = 0
    words: str | None = None
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def is_picture(self) -> bool:
        """Return whether this is a picture that models may be shown."""
        return self.width_px > 0 and self.height_px > 0


@dataclass(frozen=True)
class Citation:
    """A source, by the number that stands in the text as [1]: where it is, and the very passage that was used."""

    number: int
    title: str
    address: str = ""
    passage: str = ""
    place: str = ""  # a page, a sheet, a heading
    extra: dict[str, Any] = field(default_factory=dict)


WHY_FAILED = "why"  # in a step's details: what a person is told of a failure, where the model is told something else
PRIVATE = "private"  # in a step's details: what the tool gave is the person's own, and goes nowhere unasked


@dataclass
class ToolStep:
    """One call of a tool, and its result.

    `arguments` is what the model wrote, JSON if all is well; `ran_with` what ran instead, where a person changed it.
    `at` is the place in the answer's text at which the tool was called, in characters. `round` is the number of the
    request whose answer asked for it; 0 when the stage called the tool before the model was asked.
    `result` is what the model gets to read; None while the tool runs, and for ever when it was interrupted.
    `details` is what only the person sees.
    """

    id: str
    name: str
    label: str = ""  # for the person
    arguments: str = "{}"
    at: int = 0
    round: int = 0
    ran_with: str | None = None
    result: str | None = None
    is_error: bool = False
    duration_s: float | None = None
    token_count: int | None = None
    details: dict[str, Any] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Take no number that can't be one: a file may come from anywhere."""
        self.at, self.round = max(0, self.at), max(0, self.round)
        if self.token_count is not None and not is_count_of(self.token_count, self.arguments + (self.result or "")):
            self.token_count = None


def step_of(call: Any, at: int) -> ToolStep:
    """Return the step that a `ToolCall` event begins."""
    return ToolStep(call.id, call.name, call.label, call.arguments, at, call.round)


def take_result(steps: list[ToolStep], result: Any) -> None:
    """Put what a `ToolResult` event tells on the step that it belongs to."""
    for step in steps:
        if step.id == result.id:
            step.result, step.is_error, step.duration_s = result.content, result.is_error, result.duration_s
            step.token_count, step.details, step.ran_with = result.token_count, result.details, result.ran_with


def parts_of(text: str, steps: list[ToolStep]) -> list[str | list[ToolStep]]:
    """Return an answer's text and steps in the order in which they came."""
    parts: list[str | list[ToolStep]] = []
    begin = 0
    for step in sorted(steps, key=lambda step: step.at):
        if before := text[begin : step.at]:
            parts.append(before)
            begin = step.at
        if parts and isinstance(parts[-1], list):
            parts[-1].append(step)
        else:
            parts.append([step])
    return [*parts, text[begin:]] if text[begin:] else parts


USER, ASSISTANT, SYSTEM, TOOL = "user", "assistant", "system", "tool"

_OTHER_WORDS = {
    ASSISTANT: ("ai", "agent", "answer", "bot", "chatbot", "chatgpt", "claude", "gemini", "gpt", "llm", "model"),
    SYSTEM: ("context", "developer", "instruction", "instructions", "root"),
    TOOL: ("function", "function_call_output", "ipython", "tool_response", "tool_result"),
}
_MEANT = {word: role for role, words in _OTHER_WORDS.items() for word in (role, *words)}


def role_of(word: str) -> str:
    """Return the role that a word stands for; a person's for all that is not known."""
    return _MEANT.get(word, "") or _MEANT.get(word.strip().lower().replace("-", "_").replace(" ", "_"), USER)
