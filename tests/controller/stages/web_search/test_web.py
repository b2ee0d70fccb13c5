"""The web as tools see it: what can't be cut is left behind, and what goes wrong is one sentence."""

import socket
import time
from collections.abc import Callable
from typing import Any

import pytest

from controller.llm.discovery import build_providers
from controller.stages.web_search.client import Web
from controller.stages.web_search.controller import WebSearchController
from model.chat.conversation import Conversation
from model.errors import ToolFailed
from settings import Settings
from tests.scripted_server import Reply, ScriptedServer
from tests.waiting import FOR_EVER_S
from tests.web_server import Page, WebServer, article
from utils.threads.stop import CancellationToken
from view.app import build_resources

WEB = Settings(web_values={"WEB_ALLOWED_HOSTS": " Rain.test:80, 127.0.0.1:1234 "})


def endless(stop: CancellationToken) -> Callable[..., None]:
    """Return what never returns, and is stopped once it has begun."""

    def go_on(*_: object, **__: object) -> None:
        stop.set()
        time.sleep(FOR_EVER_S)

    return go_on


def test_a_name_that_is_looked_up_for_ever_is_left_behind_at_stop(monkeypatch: pytest.MonkeyPatch):
    stop = CancellationToken()
    monkeypatch.setattr(socket, "getaddrinfo", endless(stop))
    with pytest.raises(ToolFailed, match="Stopped"):
        Web(WEB).read("http://slow.test/", stop)


def test_a_search_engine_that_never_answers_is_left_behind_at_stop(monkeypatch: pytest.MonkeyPatch):
    stop = CancellationToken()
    monkeypatch.setattr("ddgs.ddgs.DDGS.text", endless(stop))
    with pytest.raises(ToolFailed, match="Stopped"):
        Web(WEB).search("rain", stop)


def test_every_failure_of_a_page_is_a_tool_failure(monkeypatch: pytest.MonkeyPatch):
    def unknown(*_: Any, **__: Any) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    for address, says in (
        ("http://nowhere.test/", "nowhere.test was not found"),
        ("http://10.0.0.1:99/", "Port 99 "),
        ("no address", "not a web address"),
    ):
        with pytest.raises(ToolFailed, match=says):
            Web(WEB).read(address, CancellationToken())


@pytest.mark.parametrize(
    ("name", "title"), [("ddgs", "DuckDuckGo and others"), ("searxng", "SearXNG"), ("wikipedia", "Wikipedia")]
)
def test_the_settings_choose_the_engine(name: str, title: str):
    assert Web(Settings(web_search=name)).engine.title == title


def test_pages_come_as_they_are_read_and_a_parser_that_gives_up_is_told(monkeypatch: pytest.MonkeyPatch):
    def give_up(*_: Any, **__: Any) -> None:
        raise RecursionError

    with WebServer() as server:
        good = server.put("/good", Page("Rain.\x07", "text/plain"))
        bad = server.put("/bad", Page(article("Bad", "Some text that is long enough to be one."), delay_s=0.2))
        monkeypatch.setattr("trafilatura.extract", give_up)
        web = Web(Settings(web_values={"WEB_ALLOWED_HOSTS": server.place}))
        pages = dict(web.read_all([bad, good], CancellationToken()))
    assert list(pages) == [1, 0]
    assert getattr(pages[1], "text", "") == "Rain."
    assert pages[0] == "This page is built in a way that can't be read here."


def test_offline_says_so_at_once(environ: dict[str, str], server: ScriptedServer, monkeypatch: pytest.MonkeyPatch):
    from ddgs.exceptions import DDGSException

    def text(*_: object, **__: object) -> None:
        raise DDGSException("DNSError: error resolving DNS")

    monkeypatch.setattr("ddgs.ddgs.DDGS.text", text)
    controller = WebSearchController(
        build_resources(build_providers(Settings.from_env(environ | {"WEB_SEARCH": "ddgs"})))
    )
    server.script(Reply(tool_calls=[("web_search", '{"query": "x"}')]), Reply("I am offline."))
    conversation = Conversation()
    list(controller.reply(conversation, "What is new?"))
    answer = conversation.messages[-1]
    [step] = answer.tool_steps
    assert step.result == "The search engines can't be found: this machine seems to be offline." and step.is_error
    assert answer.content == "I am offline."
