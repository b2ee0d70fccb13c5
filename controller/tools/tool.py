"""Tools: what a model may call while it answers.

A stage's controller returns them from `tools()`; `controller/tools/runner.py`, read that next, runs them. A tool knows
nothing of how it was called: it gets checked arguments and a context, and returns the text that the model reads.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from controller.turn import SENDS, Turn
from model.chat.events import Event, ToolProgress
from model.chat.message_parts import Citation
from model.errors import ToolFailed
from utils.threads.stop import CancellationToken

TIMEOUT_S = 120.0


@dataclass
class ToolContext:
    """What one run of a tool may know and tell; it has to end within a second of `stop`."""

    turn: Turn
    call_id: str
    room_tokens: int  # how many tokens its result may take; a longer one is cut
    emit: Callable[[Event], None]
    citations: list[Citation]  # of the whole turn
    stop: CancellationToken = field(default_factory=CancellationToken)
    details: dict[str, Any] = field(default_factory=dict)

    def progress(self, text: str) -> None:
        """Tell the person what the tool does right now."""
        self.emit(ToolProgress(self.call_id, text))

    def cite(self, title: str, address: str, passage: str, place: str = "") -> int:
        """Note a source, and return the number by which the model names it; one passage has one number."""
        for citation in self.citations:
            if (citation.address, citation.passage) == (address, passage):
                return citation.number
        # Passages of documents have their numbers already.
        taken = [step.details.get("last_number", 0) for step in self.turn.answer.tool_steps]
        numbers = [citation.number for citation in self.citations]
        number = max([*numbers, *(number for number in taken if type(number) is int)], default=0) + 1
        citation = Citation(number, title, address, passage, place)
        self.citations.append(citation)
        self.emit(citation)
        return number

    def show(self, **details: Any) -> None:
        """Note what only the person sees of this run; all of it has to fit into JSON."""
        self.details |= details


@dataclass(frozen=True)
class Tool:
    """One tool: what a model is told of it, and what it does.

    `parameters` is a JSON schema. Where strangers may have written what it gives, `strangers` says so to the model, and
    the result is fenced. `why_ask` tells why just this call needs the person's word, whatever the settings say, and is
    empty where it does not; `option` names the conversation's option that keeps their “always”, and `allow_for_good`
    keeps it for all conversations. `run` returns what the model reads, and raises ToolError with a clear sentence.
    `front` goes in front of the name where another tool has the same.
    Source: https://platform.openai.com/docs/guides/function-calling
    """

    name: str
    label: str  # for the person
    description: str
    parameters: dict[str, Any]
    run: Callable[[ToolContext, dict[str, Any]], str]
    timeout_s: float = TIMEOUT_S
    strangers: str = ""
    why_ask: Callable[[Turn, dict[str, Any]], str] = lambda _turn, _arguments: ""
    option: str = SENDS
    allow_for_good: Callable[[], None] = lambda: None
    front: str = ""


@contextmanager
def as_tool_failures() -> Iterator[None]:
    """Turn what the utilities raise into a ToolFailed with the same sentence. Raises: ToolFailed."""
    try:
        yield
    except (OSError, ValueError) as error:
        raise ToolFailed(str(error)) from error


class WrongCall(ToolFailed):
    """A model called a tool in a way in which it can't be called; what it is told says nothing to a person."""


def checked(tool: Tool, arguments: str) -> dict[str, Any]:
    """Return a call's arguments. Raises: WrongCall when they are no JSON, or not what the tool takes."""
    # Imported here: it takes 40 ms.
    from jsonschema import ValidationError, validate

    try:
        parsed = json.loads(arguments or "{}")
        validate(parsed, {"type": "object", **tool.parameters})
    except (ValueError, RecursionError) as error:
        raise WrongCall("The arguments are not valid JSON.", "Call the tool again with a JSON object.") from error
    except ValidationError as error:
        where = f"“{'.'.join(map(str, error.path))}”: " if error.path else ""
        raise WrongCall(f"The arguments do not fit: {where}{error.message[:300]}.", "Call it again.") from error
    return dict(parsed)
