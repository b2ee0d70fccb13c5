"""Each engine's answer becomes the same list, and each failure one sentence."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.waiting import PATIENCE_S
from tests.web_server import Page, WebServer
from utils.net.safe_fetch import FetchRules
from utils.net.search_engines import WebHit, ddgs_engine, searxng_engine, wikipedia_engine
from utils.threads.stop import CancellationToken

RULES = FetchRules(timeout_s=PATIENCE_S)


@pytest.fixture
def web() -> Iterator[WebServer]:
    with WebServer() as server:
        yield server


def test_searxng_finds_pages(web: WebServer):
    web.results("rain", [("Rain", "https://rain.test/a", "About <b>rain</b> &amp; sun")])
    assert searxng_engine(web.url(), RULES).search("What is rain?", 5, CancellationToken()) == [
        WebHit("Rain", "https://rain.test/a", "About rain & sun")
    ]
    assert web.asked == ["/search?q=What+is+rain%3F&format=json"]


def test_wikipedia_finds_articles(web: WebServer):
    web.results("rain", [("Rain in Größe?", "", 'It <span class="searchmatch">rains</span>')])
    rules = FetchRules(allowed=frozenset({web.place}))
    assert wikipedia_engine(web.url("/"), rules).search("rain", 5, CancellationToken()) == [
        WebHit("Rain in Größe?", web.url("/wiki/Rain_in_Gr%C3%B6%C3%9Fe%3F"), "It rains")
    ]


def test_only_pages_of_the_public_web_are_taken_each_once_and_no_more_than_asked_for(web: WebServer):
    addresses = [
        "javascript:alert(1)",
        "http://a.test:22/",
        "ftp://a.test/",
        "",
        "http://u:p@a.test/",
        "data:text/html,x",
    ]
    good = ["https://a.test/", "https://b.test/", "https://a.test/", "https://c.test/"]
    web.results("", [("t" * 1000, address, "s" * 1000) for address in addresses + good])
    hits = searxng_engine(web.url(), RULES).search("x", 2, CancellationToken())
    assert [hit.address for hit in hits] == ["https://a.test/", "https://b.test/"]
    assert len(hits[0].title) == 200 and len(hits[0].snippet) == 500


@pytest.mark.parametrize("answer", ["[]", "{}", '{"results": 3}', '{"results": [3, {"url": null}, {"url": {}}]}'])
def test_an_answer_of_another_shape_finds_nothing(web: WebServer, answer: str):
    web.put("/search", Page(answer, "application/json"))
    assert searxng_engine(web.url(), RULES).search("x", 5, CancellationToken()) == []


@pytest.mark.parametrize(
    ("page", "error", "says"),
    [
        (Page("<p>Hello"), ValueError, "a list of results"),
        (Page("[" * 100_000, "application/json"), ValueError, "a list of results"),
        (Page(status=403), OSError, "403 Forbidden"),
        (Page(delay_s=30), TimeoutError, "in time"),
        (Page(status=302, headers={"Location": "http://10.0.0.1/"}), PermissionError, "public internet"),
    ],
)
def test_a_failing_service_is_told_in_one_sentence(web: WebServer, page: Page, error: type[Exception], says: str):
    web.put("/search", page)
    rules = FetchRules(timeout_s=0.2 if page.delay_s else PATIENCE_S)
    with pytest.raises(error, match=says):
        searxng_engine(web.url(), rules).search("x", 5, CancellationToken())


@pytest.mark.parametrize("base_url", ["", "localhost", "ftp://a.test", "http://[::1", "file:///etc"])
def test_a_service_without_an_address_is_told(base_url: str):
    with pytest.raises(ValueError, match="web address"):
        searxng_engine(base_url, RULES).search("x", 5, CancellationToken())


def test_ddgs_finds_pages(monkeypatch: pytest.MonkeyPatch):
    rows = [{"title": "Rain", "href": "https://rain.test/", "body": "It falls."}, {"title": "No", "href": "file:///x"}]
    monkeypatch.setattr("ddgs.ddgs.DDGS.text", lambda *_, **__: rows)
    assert ddgs_engine(RULES).search("rain", 5, CancellationToken()) == [
        WebHit("Rain", "https://rain.test/", "It falls.")
    ]


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ("DNSError: error resolving DNS > no records found", "this machine seems to be offline"),
        ("ConnectError: Network is unreachable", "this machine seems to be offline"),
        ("RatelimitException: 202", "too many questions from here"),
    ],
)
def test_ddgs_without_an_answer_is_told_in_one_sentence(monkeypatch: pytest.MonkeyPatch, fault: str, says: str):
    from ddgs.exceptions import DDGSException

    def text(*_: Any, **__: Any) -> None:
        raise DDGSException(fault)

    monkeypatch.setattr("ddgs.ddgs.DDGS.text", text)
    with pytest.raises(ConnectionError, match=says):
        ddgs_engine(RULES).search("rain", 5, CancellationToken())


def test_ddgs_finding_nothing_is_no_failure(monkeypatch: pytest.MonkeyPatch):
    from ddgs.exceptions import DDGSException

    def text(*_: Any, **__: Any) -> None:
        raise DDGSException("No results found.")

    monkeypatch.setattr("ddgs.ddgs.DDGS.text", text)
    assert ddgs_engine(RULES).search("rain", 5, CancellationToken()) == []


def test_ddgs_too_slow_is_told(monkeypatch: pytest.MonkeyPatch):
    from ddgs.exceptions import TimeoutException

    def text(*_: Any, **__: Any) -> None:
        raise TimeoutException("timed out")

    monkeypatch.setattr("ddgs.ddgs.DDGS.text", text)
    with pytest.raises(TimeoutError, match="in time"):
        ddgs_engine(RULES).search("rain", 5, CancellationToken())
