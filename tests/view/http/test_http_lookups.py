"""Wikipedia and Perplexity over HTTP, in the Log, which has both: the same sources as on its page."""

import json
from collections.abc import Iterator

import pytest

from tests.api_server import ApiServer
from tests.scripted_server import Reply, ScriptedServer
from tests.web_server import WebServer


@pytest.fixture
def web() -> Iterator[WebServer]:
    with WebServer() as server:
        server.results("ada", [("Ada Lovelace", "", "")])
        server.articles["Ada Lovelace"] = "Ada Lovelace was born in 1815.\n\n== Work ==\nShe wrote a program."
        yield server


@pytest.fixture
def lookups(web: WebServer, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[ApiServer]:
    names = {"WIKIPEDIA_URL": web.url(), "PERPLEXITY_API_KEY": "x", "PERPLEXITY_BASE_URL": server.base_url}
    for name, value in names.items():
        monkeypatch.setenv(name, value)
    api = ApiServer()
    yield api
    api.close()


def test_an_article_is_cited_with_its_section(lookups: ApiServer, server: ScriptedServer):
    server.script(Reply(tool_calls=[("wikipedia", '{"query": "Ada"}')]), Reply("She was born in 1815 [1]."))
    wish = {"message": "Who was Ada Lovelace?", "stage": "log", "conversation_id": "one"}
    answer = lookups.client.post("/chat", json=wish).json()
    assert answer["response"] == "She was born in 1815 [1]."
    saved = lookups.client.get("/conversations/one/export", params={"format": "json"}).json()
    [citation] = [one for message in saved["Who was Ada Lovelace?"] for one in message.get("citations", [])][:1]
    assert citation["title"] == "Ada Lovelace (Wikipedia)" and citation["place"].startswith("beginning · revision 4212")
    offered = [tool["function"]["name"] for tool in server.requests[0].body["tools"]]
    assert {"wikipedia", "ask_the_web"} <= set(offered)


def test_perplexity_is_asked(lookups: ApiServer, server: ScriptedServer):
    told = {
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "Cool [1]."}, "finish_reason": "stop"}]
    }
    body = json.dumps(told | {"citations": ["https://example.org/rain"]}).encode()
    server.script(
        Reply(tool_calls=[("ask_the_web", '{"query": "Is it cool?"}')]),
        Reply(raw=body, content_type="application/json"),
        Reply("It is cool [1]."),
    )
    answer = lookups.client.post("/chat", json={"message": "Is it cool?", "stage": "log"}).json()
    assert answer["response"] == "It is cool [1]." and server.requests[1].body["model"] == "sonar"
    assert "https://example.org/rain" in str(server.requests[2].body["messages"])
