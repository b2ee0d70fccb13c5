"""A wiki of Wikipedia's kind: articles that hold some words, as plain text in sections, each with its revision.

Sources: https://www.mediawiki.org/wiki/API:Search, https://www.mediawiki.org/wiki/Extension:TextExtracts.
"""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from utils.net.safe_fetch import FetchRules
from utils.net.search_engines import ask_service, rows_under
from utils.threads.stop import CancellationToken

API = "/w/api.php"
NO_LICENCE = "licence not told"
_HEADING = re.compile(r"^(={2,6}) *([^\n]+?) *\1 *$", re.M)
_NO_TEXT = frozenset(
    "references|notes|external links|see also|further reading|bibliography|citations|sources".split("|")
)


@dataclass(frozen=True)
class ArticleSection:
    """A section of an article; the one without a heading stands on top. `text` is a stranger's."""

    heading: str
    text: str
    address: str  # of this very revision


@dataclass(frozen=True)
class Article:
    """An article as it was at one revision, and the licence under which its text may be used."""

    title: str
    revision: int
    licence: str
    sections: tuple[ArticleSection, ...]


def find_titles(base_url: str, words: str, limit: int, rules: FetchRules, stop: CancellationToken) -> list[str]:
    """Return the titles of the articles that fit some words best. Raises: what `ask_service` raises."""
    asked = {"action": "query", "list": "search", "srsearch": words, "srlimit": str(limit), "srprop": ""}
    answer = ask_service(base_url, API, asked | {"format": "json"}, rules, stop)
    titles = [row.get("title") for row in rows_under(answer.get("query"), "search")]
    return [title for title in titles if isinstance(title, str) and title][:limit]


def read_article(base_url: str, title: str, rules: FetchRules, stop: CancellationToken) -> Article:
    """Return an article.

    Raises: what `ask_service` raises; ValueError when there is none with a text.
    """
    asked = {
        "action": "query",
        "titles": title,
        "redirects": "1",
        "prop": "extracts|revisions",
        "explaintext": "1",
        "exsectionformat": "wiki",
        "rvprop": "ids",
        "meta": "siteinfo",
        "siprop": "rightsinfo",
        "format": "json",
        "formatversion": "2",
    }
    answer = ask_service(base_url, API, asked, rules, stop).get("query")
    page = next(iter(rows_under(answer, "pages")), {})
    text, name = page.get("extract"), page.get("title")
    if not isinstance(text, str) or not isinstance(name, str) or not text.strip():
        raise ValueError(f"Wikipedia has no article “{title[:100]}” with a text.")
    revision = next((row["revid"] for row in rows_under(page, "revisions") if isinstance(row.get("revid"), int)), 0)
    asked = {"title": name.replace(" ", "_"), **({"oldid": str(revision)} if revision else {})}
    address = f"{base_url.rstrip('/')}/w/index.php?{urlencode(asked)}"
    return Article(name, revision, _licence(answer), tuple(_sections(text, address)))


def _licence(answer: Any) -> str:
    rights = answer.get("rightsinfo") if isinstance(answer, dict) else None
    text = rights.get("text") if isinstance(rights, dict) else None
    return " ".join(text.split())[:100] if isinstance(text, str) and text.strip() else NO_LICENCE


def _sections(text: str, address: str) -> list[ArticleSection]:
    """Return the sections that have a text, without lists of sources."""
    parts = _HEADING.split(text)
    found = [("", parts[0])] + list(zip(parts[2::3], parts[3::3], strict=True))
    return [
        ArticleSection(heading, body.strip(), f"{address}#{quote(heading.replace(' ', '_'))}" if heading else address)
        for heading, body in found
        if body.strip() and heading.lower() not in _NO_TEXT
    ]
