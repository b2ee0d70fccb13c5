"""The tool `wikipedia`: passages of articles, each with its section, its revision and its licence.

It asks the wiki that WIKIPEDIA_URL names, and no other host.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from controller.resources import Resources, built_per_person
from controller.tokens import tokens_of
from controller.tools.leaving import why_ask_to_search
from controller.tools.passages import pages_as_text, passages_for, room_for
from controller.tools.tool import Tool, ToolContext, as_tool_failures
from model.errors import ToolFailed
from settings import Settings
from utils.net.safe_fetch import FetchRules
from utils.net.wikipedia import Article, find_titles, read_article
from utils.retrieval.snippets import best_passages
from utils.text.untrusted import harmless
from utils.threads.jobs import run_with_timeout, side_by_side
from utils.threads.stop import CancellationToken

NAME = "wikipedia"
TIMEOUT_S = 8.0
MOST_ARTICLES = 3
MOST_TOKENS = 2500  # what a result takes at most
EACH = 2  # passages of one section
MOST_SECTION_CHARS = 40_000
USER_AGENT = "bnaGPT (a personal chat program; asks when a person does)"
_QUERY = {"type": "string", "minLength": 1, "maxLength": 300, "description": "a title, or words of the article"}


@dataclass(frozen=True)
class SectionPage:
    """A section as the model and a citation name it."""

    address: str
    title: str
    text: str
    place: str


class Wiki:
    """The wiki that the settings name."""

    def __init__(self, settings: Settings) -> None:
        allowed = settings.web_values.get("WEB_ALLOWED_HOSTS", "").lower().replace(",", " ").split()
        self._rules = FetchRules(frozenset(allowed), TIMEOUT_S, user_agent=USER_AGENT)
        self._base_url = settings.web_values.get("WIKIPEDIA_URL", "")

    def articles(self, words: str, stop: CancellationToken) -> list[Article]:
        """Return the articles that fit best, the best first. Raises: ToolFailed."""
        with as_tool_failures():
            find = partial(find_titles, self._base_url, words, MOST_ARTICLES, self._rules)
            titles = run_with_timeout(find, stop, TIMEOUT_S + 2)
            calls = [partial(read_article, self._base_url, title, self._rules) for title in titles]
            read = dict(side_by_side(calls, stop, TIMEOUT_S))
        found = [one for _, one in sorted(read.items()) if isinstance(one, Article)]
        if titles and not found:
            raise ToolFailed(next((str(one) for one in read.values()), "Wikipedia did not answer in time."))
        return found


@built_per_person
def wiki_of(resources: Resources) -> Wiki:
    return Wiki(resources.settings)


def wikipedia_tool(wiki: Wiki) -> Tool:
    return Tool(
        NAME,
        "Look it up in Wikipedia",
        "Look something up in Wikipedia: people, places, things, events, ideas. Returns numbered passages of the best"
        " articles. Not for news of today, and not for anything about the person.",
        {"properties": {"query": _QUERY}, "required": ["query"]},
        partial(_look_up, wiki),
        timeout_s=30.0,
        why_ask=why_ask_to_search,
    )


def _look_up(wiki: Wiki, context: ToolContext, arguments: dict[str, Any]) -> str:
    """Return how the best article begins, and the passages of all that fit the question best."""
    words = arguments["query"]
    context.progress("asking Wikipedia…")
    articles = wiki.articles(words, context.stop)
    if not articles:
        return "Wikipedia has no article with these words. Other words may find one."
    rows = [[article.title, str(article.revision), article.licence] for article in articles]
    context.show(articles={"columns": ["Article", "Revision", "Licence"], "rows": rows})
    pages = _pages(articles)
    passages = [passage for source, page in enumerate(pages) for passage in passages_for(context, page, source)]
    room, beginning = room_for(context, MOST_TOKENS), passages[:1]
    room -= sum(tokens_of(passage.text) for passage in beginning)
    question = f"{words} {context.turn.asked}"
    chosen = [*beginning, *best_passages(passages[1:], question, room, tokens_of, EACH)]
    return pages_as_text(context, pages, chosen, "from Wikipedia")


def _pages(articles: Sequence[Article]) -> list[SectionPage]:
    pages = []
    for article in articles:
        for section in article.sections:
            part = f"section “{section.heading}”" if section.heading else "beginning"
            place = " · ".join((part, f"revision {article.revision}", article.licence))
            title = " ".join(harmless(f"{article.title} (Wikipedia)").split())[:200]
            text = harmless(section.text[:MOST_SECTION_CHARS])
            pages.append(SectionPage(section.address, title, text, " ".join(harmless(place).split())))
    return pages
