"""What the small file of one running turn says, line by line.

The first line names the conversation, the next ones hold the question and the answer as they began, and then comes a
line for each piece of text, of what the model thinks, each tool step as it begins and as it ends, and each source. An
answer that stands there again is what it had become by then: when it was begun anew, and when it has ended.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from model.conversation import Conversation
from model.finished_turn import FinishedTurn
from model.message import INTERRUPTED, STREAMING, Message
from utils import json_text


class Line(msgspec.Struct, omit_defaults=True):
    """One line; it holds only what is new."""

    conversation_id: str = ""
    name: str | None = None
    before: list[dict[str, Any]] = []
    question: dict[str, Any] | None = None
    answer: dict[str, Any] | None = None
    text: str = ""
    thinking: str = ""
    step: dict[str, Any] | None = None
    place: int = 0  # of the step among those of the answer
    citation: dict[str, Any] | None = None
    replaces: str = ""


def first_lines(
    conversation: Conversation, before: list[Message], question: Message, answer: Message, replaces: str = ""
) -> bytes:
    """Return how a file begins; `before` are the older messages, where they are nowhere else on disk.

    `replaces` is as in `FinishedTurn`.
    """
    head = Line(
        conversation_id=conversation.id or question.id,
        name=conversation.name,
        before=[message.to_dict() for message in before],
        replaces=replaces,
    )
    return line(head) + line(Line(question=question.to_dict(), answer=answer.to_dict()))


def line(content: Line) -> bytes:
    """Return one line of the file."""
    return json_text.one_line(content) + b"\n"


def read_turn(data: bytes) -> FinishedTurn:
    """Return a turn whose program has ended; an answer that was still coming is marked interrupted.

    Raises: ValueError when the file does not even hold a question and an answer.
    """
    lines = list(_whole_lines(data))
    questions = [entry.question for entry in lines if entry.question]
    answers = [entry.answer for entry in lines if entry.answer]
    if not questions or not answers or not lines[0].conversation_id:
        raise ValueError("a turn needs a conversation, a question and an answer")
    question, told = Message.from_dict(questions[-1]), answers[-1]
    if told.get("status") == STREAMING:
        newest = max(index for index, entry in enumerate(lines) if entry.answer)
        told = _grown(told, lines[newest:]) | {"status": INTERRUPTED}
    answer = Message.from_dict(told)
    conversation = Conversation([Message.from_dict(message) for message in lines[0].before], lines[0].name)
    conversation.upsert([question, answer])
    return FinishedTurn(lines[0].conversation_id, conversation, question, answer, lines[0].replaces)


def _grown(answer: dict[str, Any], lines: list[Line]) -> dict[str, Any]:
    """Return what an answer has become by these lines."""
    steps, citations = list(answer.get("tool_steps", [])), list(answer.get("citations", []))
    for entry in lines:
        if entry.step is not None:
            steps[entry.place : entry.place + 1] = [entry.step]
        if entry.citation is not None:
            citations.append(entry.citation)
    content = answer["content"] + "".join(entry.text for entry in lines)
    thinking = (answer.get("thinking") or "") + "".join(entry.thinking for entry in lines)
    grown = {"content": content, "thinking": thinking, "tool_steps": steps, "citations": citations}
    return answer | {key: value for key, value in grown.items() if value or key in answer}


def _whole_lines(data: bytes) -> Iterator[Line]:
    """Yield all lines up to the first that is torn."""
    for part in data.splitlines():
        try:
            yield msgspec.json.decode(part, type=Line)
        except (ValueError, RecursionError):
            return
