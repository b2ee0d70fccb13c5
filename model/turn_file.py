"""What the small file of one running turn says, line by line.

The first line names the conversation, the next ones hold the question and the answer as they began, and then comes a
line for each piece of text, or of what the model thinks. An answer that stands there again is what it had become by
then: after a tool's step, and when it has ended.
Read next: `model/journal.py`, which writes these files and folds them into the store.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from model.conversation import Conversation
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


@dataclass
class Turn:
    """A turn as its file tells it; of a saved conversation it knows nothing else."""

    conversation_id: str
    conversation: Conversation
    question: Message
    answer: Message


def first_lines(conversation: Conversation, before: list[Message], question: Message, answer: Message) -> bytes:
    """Return how a file begins; `before` are the older messages, where they are nowhere else on disk."""
    head = Line(
        conversation_id=conversation.id or question.id,
        name=conversation.name,
        before=[message.to_dict() for message in before],
    )
    return line(head) + line(Line(question=question.to_dict(), answer=answer.to_dict()))


def line(content: Line) -> bytes:
    """Return one line of the file."""
    return json_text.one_line(content) + b"\n"


def read_turn(data: bytes) -> Turn:
    """Return a turn whose program has ended; an answer that was still coming is marked interrupted.

    Raises: ValueError when the file does not even hold a question and an answer.
    """
    lines = list(_whole_lines(data))
    questions = [entry.question for entry in lines if entry.question]
    answers = [entry.answer for entry in lines if entry.answer]
    if not questions or not answers or not lines[0].conversation_id:
        raise ValueError("a turn needs a conversation, a question and an answer")
    question, answer = Message.from_dict(questions[-1]), Message.from_dict(answers[-1])
    if answer.status == STREAMING:
        answer.status = INTERRUPTED
        newest = max(index for index, entry in enumerate(lines) if entry.answer)
        answer.content += "".join(entry.text for entry in lines[newest:])
        answer.thinking = (answer.thinking or "") + "".join(entry.thinking for entry in lines[newest:]) or None
    conversation = Conversation([Message.from_dict(message) for message in lines[0].before], lines[0].name)
    conversation.upsert([question, answer])
    return Turn(lines[0].conversation_id, conversation, question, answer)


def _whole_lines(data: bytes) -> Iterator[Line]:
    """Yield all lines up to the first that is torn."""
    for part in data.splitlines():
        try:
            yield msgspec.json.decode(part, type=Line)
        except (ValueError, RecursionError):
            return
