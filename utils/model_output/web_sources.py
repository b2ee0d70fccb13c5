"""The pages that a model which searches the web by itself names beside its answer.

Source: https://docs.perplexity.ai/api-reference/chat-completions-post
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from utils.net.typed_address import is_web_address
from utils.text.untrusted import harmless

MOST_SOURCES, PASSAGE_CHARS = 20, 500
LISTS = ("search_results", "citations")  # the second, of addresses alone, is the older one


@dataclass(frozen=True)
class WebSource:
    """A page that an answer rests on."""

    title: str
    address: str
    passage: str
    date: str


def sources_in(answer: Mapping[str, Any]) -> Iterator[WebSource]:
    """Yield the pages that an answer names, in the order of its numbers; what is no web address keeps its place."""
    results, citations = (answer.get(name) for name in LISTS)
    rows = results if isinstance(results, list) and results else citations if isinstance(citations, list) else []
    for row in rows[:MOST_SOURCES]:
        row = row if isinstance(row, dict) else {"url": row}
        address = str(row.get("url") or "")
        address = address if is_web_address(address) and len(address) <= 2048 else ""
        title = _line(row.get("title"))[:200] or address or "a page without an address"
        yield WebSource(title, address, _line(row.get("snippet"))[:PASSAGE_CHARS], _line(row.get("date"))[:40])


def _line(text: Any) -> str:
    return " ".join(harmless(text).split()) if isinstance(text, str) else ""
