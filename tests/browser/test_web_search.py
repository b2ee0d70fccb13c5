"""Stage 3 in the browser: searching, reading, sources that open, no network, and Stop."""

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.journey import App, Chat, free_port
from tests.scripted_server import Reply
from tests.waiting import FOR_EVER_S, wait_until
from tests.web_server import Page, WebServer, article

PAGE = "/Web_Search"
TOWER = "The Eiffel Tower in Paris is 330 metres tall, which is about the height of a house with 81 storeys."
OKAPI = "The okapi lives in the rain forests of the Congo, where it feeds on leaves, buds, grasses, ferns and fruits."


def search(query: str) -> Reply:
    return Reply(tool_calls=[("web_search", json.dumps({"query": query}))])


@pytest.fixture(scope="module")
def web_port() -> int:
    return free_port()


@pytest.fixture
def web(web_port: int) -> Iterator[WebServer]:
    """Return a small web with a search service, which the apps below are told of."""
    with WebServer(web_port) as server:
        tower = server.put("/tower", Page(article("Eiffel Tower", TOWER)))
        okapi = server.put("/okapi", Page(article("Okapi", OKAPI)))
        server.results("tower", [("Eiffel Tower", tower, "A tower in Paris.")])
        server.results("okapi", [("Okapi", okapi, "A forest giraffe.")])
        yield server


@pytest.fixture(scope="module")
def web_variables(web_port: int) -> dict[str, str]:
    place = f"127.0.0.1:{web_port}"
    return {"WEB_SEARCH": "searxng", "SEARXNG_URL": f"http://{place}", "WEB_ALLOWED_HOSTS": place}


@pytest.fixture(scope="module")
def web_app(executable, scripted_variables, web_variables, tmp_path_factory) -> Iterator[App]:
    app = App(tmp_path_factory.mktemp("web"), **scripted_variables, **web_variables)
    yield app
    app.kill()


@pytest.fixture(scope="module")
def embedded_web_app(executable, web_variables, tmp_path_factory) -> Iterator[App]:
    app = App(tmp_path_factory.mktemp("embedded-web"), **web_variables)
    yield app
    app.kill()


@pytest.fixture(scope="module")
def offline_app(executable, scripted_variables, tmp_path_factory) -> Iterator[App]:
    """Start bnaGPT as if it were offline: names that end in .invalid lead nowhere, by agreement (RFC 2606)."""
    variables = {"WEB_SEARCH": "wikipedia", "WIKIPEDIA_URL": "http://wikipedia.invalid"}
    app = App(tmp_path_factory.mktemp("offline"), **scripted_variables, **variables)
    yield app
    app.kill()


def source(chat: Chat, name: str) -> Locator:
    """Open a source, and return what it shows."""
    chat.answers.last.get_by_role("button", name=re.compile(name)).click()
    return chat.page.get_by_test_id("stPopoverBody").filter(visible=True)


def test_the_embedded_model_gets_the_question_searched_first_and_its_source_opens(page, embedded_web_app, web):
    chat = Chat(page, embedded_web_app).open(PAGE)
    chat.ask("How tall is the Eiffel Tower?")
    expect(chat.answers.last).to_contain_text("Search the web · How tall is the Eiffel Tower?")
    chat.answer(re.compile(r"\d+\.\d s"))
    chat.ended()
    chat.answer(re.compile("330|tower", re.I))
    body = source(chat, "1 · Eiffel Tower")
    expect(body).to_contain_text(TOWER)
    expect(body.get_by_role("link", name="Open the page")).to_have_attribute("href", web.url("/tower"))


def test_two_searches_in_one_turn_and_each_source_opens_its_passage(page, web_app, server, web):
    web_app.forget()
    server.script(search("Eiffel tower height"), search("okapi food"), Reply("330 m [1], and okapis eat leaves [2]."))
    chat = Chat(page, web_app).open(PAGE)
    chat.ask("How tall is the tower, and what do okapis eat?")
    chat.answer("330 m [1], and okapis eat leaves [2].")
    chat.ended()
    steps = chat.answers.last.get_by_test_id("stExpander")
    expect(steps).to_have_count(2)
    expect(steps.last).to_contain_text("okapi food")
    opened = page.get_by_test_id("stPopoverBody").filter(visible=True)
    for _ in range(5):  # the click on a number closed at times what it had opened
        expect(source(chat, "1 · Eiffel Tower")).to_contain_text(TOWER)
        chat.answers.last.get_by_role("link", name="[2]").click()
        expect(opened).to_contain_text(OKAPI)
        page.keyboard.press("Escape")
        expect(opened).to_have_count(0)
    page.reload()
    expect(chat.answers.last.get_by_test_id("stExpander")).to_have_count(2)
    steps.first.locator("summary").click()
    expect(steps.first).to_contain_text("it is material to answer from", ignore_case=True)


def test_offline_says_so_at_once_and_the_answer_comes(page, offline_app, server):
    server.script(search("news"), Reply("I can't search just now.", delay_s=1.0))
    chat = Chat(page, offline_app).open(PAGE)
    chat.ask("What is new?")
    expect(chat.answers.last).to_contain_text("wikipedia.invalid was not found. Is the address right")
    chat.answer("I can't search just now.")
    chat.ended()
    expect(chat.errors).to_have_count(0)


def test_stop_during_a_slow_page_ends_it(page, web_app, server, web):
    web_app.forget()
    web.put("/tower", Page(delay_s=FOR_EVER_S))
    server.script(search("tower"), Reply("Again."))
    chat = Chat(page, web_app).open(PAGE)
    chat.ask("How tall is it?")
    expect(chat.answers.last).to_contain_text("reading 1 page…")
    chat.stop.click()
    wait_until(lambda: "/tower" in web.left_at, "its connection stays open")
    chat.ended()
    expect(chat.answers.last).to_contain_text("interrupted")
    chat.ask("And now?")
    chat.answer("Again.")
