"""What may go out to the web unasked.

A model that has read what strangers wrote, knows something private and can send words out may be talked into sending it
to them (the "lethal trifecta"). A file that is in a conversation is private, and may be written by a stranger; so once
there is one, a search asks the person first and shows its words. So it does once a tool has brought in what is the
person's own, such as what was said in other conversations. What the person has just said goes out unasked, since
no stranger had a part in it. What was said before counts as private only where files are: else each second search would
ask.

Of pages, those open unasked that the person or a search has named. One that only a page lists asks: a row of them could
spell out a secret, letter by letter. One that nobody has named is not opened at all
(`controller/stages/web_search/tools.py`). Source: https://simonwillison.net/2025/Jun/16/the-lethal-trifecta/
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import httpx

from controller.turn import Turn
from model.chat.message import Message
from model.chat.message_parts import PRIVATE, Citation

SHORT_WORDS = 6  # a shorter question often leans on the one before it
QUERY_CHARS = 300
SEARCH_LEAVES = "There are files in this conversation, and these words would leave this machine."
PRIVATE_LEAVES = "Something of your own was looked up in this conversation, and these words would leave this machine."
PAGE_LEAVES = "Only a page has named this address. Opening it tells that page's owner so, and all that stands in it."
_ADDRESS = re.compile(r"https?://[^\s<>\"'`\])}]+", re.I)


def why_ask_to_search(turn: Turn, arguments: dict[str, Any]) -> str:
    """Return why the person has to be asked before a search; "" where there is no need."""
    is_own = arguments.get("query") == query_of(turn)
    if is_own:
        return ""
    return SEARCH_LEAVES if has_private_files(turn) else PRIVATE_LEAVES if has_private_words(turn) else ""


def why_ask_to_open(turn: Turn, arguments: dict[str, Any]) -> str:
    """Return why the person has to be asked before a page is opened; "" where there is no need."""
    address = normal(str(arguments.get("address")))
    return PAGE_LEAVES if address in normals(listed_words(turn)) - normals(named_words(turn)) else ""


def has_private_files(turn: Turn) -> bool:
    """Return whether files are in the conversation, or an answer rests on one that was."""
    return bool(turn.attachments) or any(not citation.address for citation in _citations(turn))


def has_private_words(turn: Turn) -> bool:
    """Return whether a tool, or a stage, has brought into the conversation what is the person's own."""
    if any(message.kind for message in turn.said):
        return True
    steps = (step for message in [*turn.said, turn.answer] for step in message.tool_steps)
    return any(step.details.get(PRIVATE) for step in steps)


def named_words(turn: Turn) -> Iterator[str]:
    """Yield the addresses that the person or a search has named.

    What the model wrote does not count, nor what may repeat it, such as a complaint about its arguments.
    """
    for message in turn.said or [turn.question]:
        if message.role == "user":
            yield from addresses_in(message.content)
    yield from (citation.address for citation in _citations(turn))


def listed_words(turn: Turn) -> Iterator[str]:
    """Yield the addresses that stand in passages of pages, and in documents in front of a question."""
    for citation in _citations(turn):
        yield from addresses_in(citation.passage)
    for message in [*turn.history, turn.question]:
        if message.role == "user":
            yield from addresses_in(message.content)


def addresses_in(text: str) -> list[str]:
    return [found.rstrip(".,;:!?") for found in _ADDRESS.findall(text)]


def normal(address: str) -> str:
    """Return an address as it is compared; as it is where it is none."""
    try:
        return str(httpx.URL(address).copy_with(fragment=None))
    except (httpx.InvalidURL, ValueError):
        return address


def normals(addresses: Iterable[str]) -> set[str]:
    return set(map(normal, addresses))


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


def _citations(turn: Turn) -> Iterator[Citation]:
    for message in [*turn.said, turn.answer]:
        yield from message.citations
