"""How long bnaGPT takes to search, read five pages and choose passages, beside reading them one after the other.

The web is on this machine: its pages come 0.2 s after they are asked for, as from a near server.
"""

import time
from collections.abc import Iterator, Sequence

import httpx

from benchmarks.samples import vocabulary
from benchmarks.table import Figures, Row
from controller.stages.web_search.client import Web
from controller.tokens import tokens_of
from settings import Settings
from tests.web_server import Page, WebServer, article
from utils.retrieval.snippets import best_passages, passages_of
from utils.threads.stop import CancellationToken

PAGE_CHARS, PAGE_DELAY_S = 200_000, 0.2


def web_searches(rounds: int = 7) -> Iterator[Row]:
    """Measure a search with five pages."""
    with WebServer() as server:
        addresses = [server.put(f"/{number}", _page(number)) for number in range(5)]
        server.results("", [(address, address, "A page.") for address in addresses])
        hosts = {"SEARXNG_URL": server.url(), "WEB_ALLOWED_HOSTS": server.place}
        web = Web(Settings(web_search="searxng", web_values=hosts))
        figures = Figures([], raw=[])
        for _ in range(rounds):
            figures.ours.append(_seconds_ours(web))
            figures.raw.append(_seconds_raw(addresses))
    yield Row("Web search that reads five pages of 200 kB, 0.2 s away", "s", 1.5, figures)


def _page(number: int) -> Page:
    words = vocabulary()
    sentences = [f"{' '.join(words[at : at + 12])}." for at in range(number, len(words) - 12, 3)]
    paragraphs = [" ".join(sentences[at : at + 5]) for at in range(0, len(sentences), 5)]
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)[:PAGE_CHARS]
    return Page(article(f"Page {number}", text), delay_s=PAGE_DELAY_S)


def _seconds_ours(web: Web) -> float:
    began_at_s = time.perf_counter()
    hits = web.search("five words", CancellationToken())
    pages = [
        page
        for _, page in web.read_all([hit.address for hit in hits], CancellationToken())
        if not isinstance(page, str)
    ]
    passages = [passage for number, page in enumerate(pages) for passage in passages_of(page.text, number)]
    best_passages(passages, vocabulary()[7], 3000, tokens_of)
    return time.perf_counter() - began_at_s


def _seconds_raw(addresses: Sequence[str]) -> float:
    """Read the same pages one after the other, with the bare libraries."""
    import trafilatura

    began_at_s = time.perf_counter()
    for address in addresses:
        trafilatura.extract(httpx.get(address).text)
    return time.perf_counter() - began_at_s
