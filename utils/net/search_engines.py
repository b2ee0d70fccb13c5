"""Search engines: a few words in, a list of pages out: a SearXNG server of one's own, Wikipedia, or the package ddgs.

ddgs has HTTP of its own, which can't be cut: whoever calls it runs it apart (`utils/threads/jobs.py`).
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from html import unescape
from typing import Any
from urllib.parse import quote, urlencode

import httpx

from utils.net.addresses import host_and_port, parse_address
from utils.net.proxies import host_of
from utils.net.safe_fetch import FetchRules, fetch
from utils.threads.stop import CancellationToken

TITLE_CHARS, SNIPPET_CHARS = 200, 500


@dataclass(frozen=True)
class WebHit:
    """One page that an engine found; the snippet is what it says of it."""

    title: str
    address: str
    snippet: str


@dataclass(frozen=True)
class Engine:
    """A way to search; `search` raises what `fetch` raises."""

    title: str
    search: Callable[[str, int, CancellationToken], list[WebHit]]


def searxng_engine(base_url: str, rules: FetchRules) -> Engine:
    """Return the engine that asks a SearXNG server; source: https://docs.searxng.org/dev/search_api.html."""

    def search(words: str, limit: int, stop: CancellationToken) -> list[WebHit]:
        answer = ask_service(base_url, "/search", {"q": words, "format": "json"}, rules, stop)
        rows = rows_under(answer, "results")
        return hits_of(((row.get("title"), row.get("url"), row.get("content")) for row in rows), limit, rules)

    return Engine("SearXNG", search)


def wikipedia_engine(base_url: str, rules: FetchRules) -> Engine:
    """Return the engine that asks a wiki of Wikipedia's kind; source: https://www.mediawiki.org/wiki/API:Search."""

    def search(words: str, limit: int, stop: CancellationToken) -> list[WebHit]:
        asked = {"action": "query", "list": "search", "srsearch": words, "srlimit": str(limit), "format": "json"}
        answer = ask_service(base_url, "/w/api.php", asked, rules, stop)
        rows = rows_under(answer.get("query"), "search")
        return hits_of(((row.get("title"), _article(base_url, row), row.get("snippet")) for row in rows), limit, rules)

    return Engine("Wikipedia", search)


def ask_service(
    base_url: str, path: str, asked: Mapping[str, str], rules: FetchRules, stop: CancellationToken
) -> dict[str, Any]:
    """Return what a service of our own choice says; its own host may be on this machine.

    Raises: what `fetch` raises; ValueError when the answer is not JSON.
    """
    url = f"{base_url.rstrip('/')}{path}?{urlencode(asked)}"
    page = fetch(url, _trusting(rules, base_url), stop)
    try:
        answer = json.loads(page.data)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{host_of(base_url)} did not answer with a list of results.") from error
    return answer if isinstance(answer, dict) else {}


def _trusting(rules: FetchRules, base_url: str) -> FetchRules:
    """Return rules that let this one service be anywhere, since the person has chosen it."""
    try:
        return replace(rules, allowed=rules.allowed | {host_and_port(httpx.URL(base_url))})
    except (httpx.InvalidURL, KeyError) as error:
        raise ValueError("The address of the search service is not a web address.") from error


def rows_under(answer: Any, key: str) -> list[dict[str, Any]]:
    """Return the rows that an answer holds under a key; none where it has another shape."""
    rows = answer.get(key) if isinstance(answer, dict) else None
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _article(base_url: str, row: dict[str, Any]) -> str:
    return f"{base_url.rstrip('/')}/wiki/{quote(str(row.get('title', '')).replace(' ', '_'))}"


def hits_of(rows: Iterable[tuple[Any, Any, Any]], limit: int, rules: FetchRules) -> list[WebHit]:
    """Return the first rows that lead to the web, each page once."""
    hits: dict[str, WebHit] = {}
    for title, address, snippet in rows:
        address = str(address or "")
        if _leads_to_the_web(address, rules) and len(hits) < limit:
            hits.setdefault(
                address, WebHit(_text(title, TITLE_CHARS) or address, address, _text(snippet, SNIPPET_CHARS))
            )
    return list(hits.values())


def _leads_to_the_web(address: str, rules: FetchRules) -> bool:
    try:
        parse_address(address, rules.allowed)
    except (ValueError, PermissionError):
        return False
    return True


def _text(source: Any, limit_chars: int) -> str:
    """Return what an engine says, without its marks, on one line."""
    return " ".join(unescape(re.sub(r"<[^<>]{0,200}>", "", str(source or ""))).split())[:limit_chars]


TIMEOUT_S = 5


def ddgs_engine(rules: FetchRules) -> Engine:

    def search(words: str, limit: int, stop: CancellationToken) -> list[WebHit]:
        del stop
        rows = _asked(words, limit)
        return hits_of(((row.get("title"), row.get("href"), row.get("body")) for row in rows), limit, rules)

    return Engine("DuckDuckGo and others", search)


def _asked(words: str, limit: int) -> list[dict[str, str]]:
    """Return what the engines found.

    Raises: ConnectionError when none of them answered, TimeoutError when it took too long.
    """
    # Imported here: only those who search need it.
    from ddgs import DDGS
    from ddgs.exceptions import DDGSException, TimeoutException

    try:
        return DDGS(timeout=TIMEOUT_S).text(words, max_results=limit)
    except TimeoutException as error:
        raise TimeoutError("The search engines did not answer in time.") from error
    except DDGSException as error:
        if "No results" in str(error):
            return []
        raise ConnectionError(_why(str(error))) from error


def _why(error: str) -> str:
    if re.search(r"DNS|resolv|unreachable", error):
        return "The search engines can't be found: this machine seems to be offline."
    return "The search engines did not answer; they may have had too many questions from here."
