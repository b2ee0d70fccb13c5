"""What may leave this machine unasked, as words for somebody else's server.

A model that has read what strangers wrote, knows something private and can send words out may be talked into sending
it to them (the "lethal trifecta"). A file that is in a conversation is private, and may be written by a stranger; so is
what a tool has brought in that is the person's own (PRIVATE), and what the Log tells of other days. Once there is one,
a search asks the person first and shows its words. What the person has just said goes out unasked, since no stranger
had a part in it. What was said before counts as private only where such things are: else each second search would ask.
Source: https://simonwillison.net/2025/Jun/16/the-lethal-trifecta/
"""

from collections.abc import Iterator
from typing import Any

from controller.turn import Turn
from model.chat.message import Message
from model.chat.message_parts import PRIVATE, Citation

SHORT_WORDS = 6  # a shorter question often leans on the one before it
QUERY_CHARS = 300
SEARCH_LEAVES = "There are files in this conversation, and these words would leave this machine."
WORDS_LEAVE = "What is yours alone was read in this conversation, and these words would leave this machine."


def why_ask_to_search(turn: Turn, arguments: dict[str, Any]) -> str:
    """Return why the person has to be asked before a search; "" where there is no need."""
    if str(arguments.get("query")) in query_of(turn):  # their own words, as they stand
        return ""
    return SEARCH_LEAVES if has_private_files(turn) else WORDS_LEAVE if has_private_words(turn) else ""


def has_private_files(turn: Turn) -> bool:
    """Return whether files are in the conversation, or an answer rests on one that was."""
    return bool(turn.attachments) or any(not citation.address for citation in citations_of(turn))


def has_private_words(turn: Turn) -> bool:
    """Return whether a tool, or a stage, has brought into the conversation what is the person's own."""
    if any(message.kind for message in turn.said):
        return True
    steps = (step for message in [*turn.said, turn.answer] for step in message.tool_steps)
    return any(step.details.get(PRIVATE) for step in steps)


def citations_of(turn: Turn) -> Iterator[Citation]:
    """Yield all sources of the conversation, as far as it is shown."""
    for message in [*turn.said, turn.answer]:
        yield from message.citations


def query_of(turn: Turn) -> str:
    """Return what the person would search for: the question, behind the one before it where it is short."""
    question = said_by_person(next((one for one in turn.said if one.id == turn.question.id), turn.question), turn)
    if len(question.split()) < SHORT_WORDS:
        before = next((message for message in reversed(turn.history) if message.role == "user"), None)
        question = f"{said_by_person(before, turn) if before else ''} {question}"
    return " ".join(question.split())[-QUERY_CHARS:].strip()


def said_by_person(message: Message, turn: Turn) -> str:
    """Return what a person said, without the time that may stand in front of it."""
    is_stamped = turn.options.tells_time and message.content.startswith("[")
    return message.content.partition("] ")[2] if is_stamped else message.content
