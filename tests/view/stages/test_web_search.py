"""Stage 3 on the page: steps and sources are there, and what a web page says is drawn as text and no more."""

import json
from collections.abc import Iterator

import pytest

from tests.scripted_server import Reply, ScriptedServer
from tests.view.conftest import Screen
from tests.web_server import Page, WebServer, article
from utils.text.markdown import plain

TOWER = "The Eiffel Tower in Paris is 330 metres tall, which is about the height of a house with 81 storeys."
TITLE = "Eiffel *Tower* $5 ![x](http://evil.test/x.png)"
SEARCH = Reply(tool_calls=[("web_search", json.dumps({"query": "Eiffel Tower height"}))])


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[WebServer]:
    with WebServer() as server:
        address = server.put("/tower", Page(article(TITLE, TOWER)))
        server.results("", [("Eiffel Tower", address, "A tower in Paris.")])
        for name, value in (
            ("WEB_SEARCH", "searxng"),
            ("SEARXNG_URL", server.url()),
            ("WEB_ALLOWED_HOSTS", server.place),
        ):
            monkeypatch.setenv(name, value)
        yield server


@pytest.fixture
def page(web: WebServer, open_page) -> Screen:
    opened: Screen = open_page("web_search")
    return opened


def test_step_and_source_are_on_the_page(page: Screen, server: ScriptedServer, web: WebServer):
    server.script(SEARCH, Reply("It is 330 m tall [1]."))
    page.ask("How tall is it?")
    [step] = page.app.status
    assert step.label.startswith("Search the web · Eiffel Tower height · ") and step.state == "complete"
    assert TOWER in "\n".join(code.value for code in page.app.code)
    assert plain(web.url("/tower")) in "\n".join(caption.value for caption in page.app.caption)


def test_a_failure_is_told_in_the_line_of_the_step(page: Screen, server: ScriptedServer, web: WebServer):
    web.put("/search", Page(status=503))
    server.script(SEARCH, Reply("I could not search."))
    page.ask("How tall is it?")
    [step] = page.app.status
    assert "answered with 503 Service Unavailable." in step.label and step.state == "error"
    assert page.messages[-1][1].endswith("I could not search.")
    assert not page.app.exception


def test_no_picture_of_a_page_title_is_drawn(page: Screen, server: ScriptedServer):
    server.script(SEARCH, Reply("It is 330 m tall [1]."))
    page.ask("How tall is it?")
    assert f"**{plain(TITLE)}**" in [element.value for element in page.app.markdown]
    assert not any("![x]" in element.value for element in page.app.markdown)
