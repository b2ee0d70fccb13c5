"""Which pages are opened unasked; what words may leave so is in `controller/tools/leaving.py`.

Those open unasked that the person or a search has named. One that only a page lists asks: a row of them could spell out
a secret, letter by letter. One that nobody has named is not opened at all (`controller/stages/web_search/tools.py`).
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import httpx

from controller.tools.leaving import citations_of
from controller.turn import Turn

PAGE_LEAVES = "Only a page has named this address. Opening it tells that page's owner so, and all that stands in it."
_ADDRESS = re.compile(r"https?://[^\s<>\"'`\])}]+", re.I)


def why_ask_to_open(turn: Turn, arguments: dict[str, Any]) -> str:
    """Return why the person has to be asked before a page is opened; "" where there is no need."""
    address = normal(str(arguments.get("address")))
    return PAGE_LEAVES if address in normals(listed_words(turn)) - normals(named_words(turn)) else ""


def named_words(turn: Turn) -> Iterator[str]:
    """Yield the addresses that the person or a search has named.

    What the model wrote does not count, nor what may repeat it, such as a complaint about its arguments.
    """
    for message in turn.said or [turn.question]:
        if message.role == "user":
            yield from addresses_in(message.content)
    yield from (citation.address for citation in citations_of(turn))


def listed_words(turn: Turn) -> Iterator[str]:
    """Yield the addresses that stand in passages of pages, and in documents in front of a question."""
    for citation in citations_of(turn):
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
