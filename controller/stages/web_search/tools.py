"""Two tools for the web: search it, and read one page.

A page is opened only when the person or a source has named its address: a page that tells the model to carry the
conversation away, as part of an address that it makes up, gets nowhere. It leaves out how pages come, which is in
`controller/stages/web_search/client.py`.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

from controller.stages.web_search.client import Web, WebPage
from controller.stages.web_search.permission import (
    listed_words,
    named_words,
    normal,
    normals,
    why_ask_to_open,
)
from controller.tokens import tokens_of
from controller.tools.leaving import why_ask_to_search
from controller.tools.passages import pages_as_text, passages_for, room_for
from controller.tools.tool import Tool, ToolContext
from model.errors import ToolFailed
from utils.net.search_engines import WebHit
from utils.retrieval.snippets import best_passages
from utils.text.untrusted import harmless

SEARCH_TOKENS, PAGE_TOKENS = 3000, 6000  # what a result takes at most
EACH, EACH_OF_ONE = 2, 20  # passages of one page
TEXT = {"type": "string", "minLength": 1, "maxLength": 500}


def web_tools(web: Web) -> list[Tool]:
    return [
        Tool(
            "web_search",
            "Search the web",
            "Search the web and read the best pages. Returns numbered passages. Search again in other words if needed.",
            {"properties": {"query": TEXT}, "required": ["query"]},
            partial(_search, web),
            timeout_s=30.0,
            why_ask=why_ask_to_search,
        ),
        Tool(
            "read_page",
            "Read a page",
            "Read one page whose address the person or a search has named. Returns numbered passages.",
            {"properties": {"address": {**TEXT, "maxLength": 2048}}, "required": ["address"]},
            partial(_read_page, web),
            timeout_s=20.0,
            why_ask=why_ask_to_open,
        ),
    ]


def _search(web: Web, context: ToolContext, arguments: dict[str, Any]) -> str:
    """Search, read the best pages side by side, and return the passages that fit."""
    words = arguments["query"]
    context.progress(f"asking {web.engine.title}…")
    hits = web.search(words, context.stop)
    if not hits:
        return "The search found nothing. Other words may find more."
    pages = _read_hits(web, context, hits)
    passages = [passage for source, page in enumerate(pages) for passage in passages_for(context, page, source)]
    chosen = best_passages(passages, words, room_for(context, SEARCH_TOKENS), tokens_of, EACH)
    return pages_as_text(context, pages, chosen)


def _read_hits(web: Web, context: ToolContext, hits: Sequence[WebHit]) -> list[WebPage]:
    """Return the pages that were found; of one that can't be read, what the search engine says of it."""
    pages = [WebPage(hit.address, harmless(hit.title), harmless(hit.snippet), is_whole=False) for hit in hits]
    how = ["only the search engine's words"] * len(hits)
    context.progress(f"reading {len(hits)} page{'s' * (len(hits) > 1)}…")
    for place, page in web.read_all([hit.address for hit in hits], context.stop):
        if isinstance(page, WebPage):
            pages[place] = page
        how[place] = "read" if isinstance(page, WebPage) else page
        context.progress(f"read {how.count('read')} of {len(hits)}…")
    rows = [[hit.title, state, hit.address] for hit, state in zip(hits, how, strict=True)]
    context.show(pages={"columns": ["Page", "How", "Address"], "rows": rows})
    return pages


def _read_page(web: Web, context: ToolContext, arguments: dict[str, Any]) -> str:
    """Read one page, and return it whole where there is room, else the passages that fit the question."""
    address = arguments["address"]
    turn = context.turn
    if normal(address) not in normals([*named_words(turn), *listed_words(turn)]):
        raise ToolFailed(
            "This address was named neither by the person nor by a tool, so it is not opened.",
            "The person can paste it into the chat.",
        )
    host = address.partition("://")[2].partition("/")[0]
    context.progress(f"reading {host}…")
    page = web.read(address, context.stop)
    passages, room = passages_for(context, page), room_for(context, PAGE_TOKENS)
    chosen = best_passages(passages, turn.question.content, room, tokens_of, EACH_OF_ONE)
    cut = "" if page.is_whole else " Only the page's beginning was read: it is very long."
    context.show(note=f"Used {len(chosen)} of {len(passages)} passages.{cut}")
    return pages_as_text(context, [page], chosen)
