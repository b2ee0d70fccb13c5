"""The saved conversations over HTTP: read, listed, searched, renamed, exported, deleted."""

import json
from urllib.parse import quote

import pytest

from model.store.json_store import JsonStore
from tests.api_server import ApiServer
from tests.scripted_server import Reply, ScriptedServer


@pytest.fixture
def rain(api: ApiServer, server: ScriptedServer) -> str:
    """Return the id of a conversation."""
    server.script(Reply("Warm air rises."))
    found: str = api.client.post("/chat", json={"message": "How does rain form?"}).json()["conversation_id"]
    return found


def test_a_conversation_is_its_messages(api: ApiServer, rain: str):
    assert api.client.get(f"/conversations/{rain}").json() == {
        "conversation_id": rain,
        "messages": [
            {"role": "user", "content": "How does rain form?"},
            {"role": "assistant", "content": "Warm air rises."},
        ],
    }


@pytest.mark.parametrize(("method", "end"), [("GET", ""), ("DELETE", ""), ("PATCH", ""), ("GET", "/export")])
def test_an_unknown_one_is_told(api: ApiServer, method: str, end: str):
    body = {"name": "New"} if method == "PATCH" else None
    response = api.client.request(method, f"/conversations/none{end}", json=body)
    assert response.status_code == 404 and response.json()["kind"] == "ConversationNotFound"


def test_a_deleted_one_is_gone(api: ApiServer, rain: str, store: JsonStore):
    assert api.client.delete(f"/conversations/{rain}").json() == {"status": "deleted", "conversation_id": rain}
    assert api.client.get(f"/conversations/{rain}").status_code == 404
    assert store.names() == []


def test_deleting_ends_the_answer_that_is_being_written(api: ApiServer, server: ScriptedServer, store: JsonStore):
    server.script(Reply("so " * 5_000, tokens_per_s=20))
    with api.client.stream("POST", "/chat/stream", json={"message": "Hi", "conversation_id": "long"}):
        server.wait_for_request(1)
        assert api.client.delete("/conversations/long").status_code == 200
    assert store.names() == [] and not server.wait_for_request(1, ended=True).finished


def test_it_is_listed_searched_and_renamed(api: ApiServer, rain: str, store: JsonStore):
    listed = api.client.get("/conversations").json()
    assert [(row["conversation_id"], row["name"]) for row in listed] == [(rain, "How does rain form?")]
    found = api.client.get("/search", params={"q": "warm"}).json()
    assert [row["conversation_id"] for row in found] == [rain] and found[0]["snippet"] == "Warm air rises."
    assert api.client.patch(f"/conversations/{rain}", json={"name": "Weather"}).json()["name"] == "Weather"
    assert store.names() == ["Weather"]


def test_a_name_that_is_taken_is_refused(api: ApiServer, rain: str):
    other = api.client.post("/chat", json={"message": "Hi"}).json()["conversation_id"]
    response = api.client.patch(f"/conversations/{other}", json={"name": "How does rain form?"})
    assert response.status_code == 409 and response.json()["kind"] == "ConversationExists"


def test_it_can_be_taken_along(api: ApiServer, rain: str):
    exported = {
        kind: api.client.get(f"/conversations/{rain}/export", params={"format": kind})
        for kind in ("json", "markdown", "markdown_zip", "html", "pdf")
    }
    assert json.loads(exported["json"].content)["How does rain form?"][0]["id"] == rain
    assert "Warm air rises." in exported["markdown"].text and exported["pdf"].content.startswith(b"%PDF")
    assert exported["pdf"].headers["content-disposition"].endswith(".pdf")
    assert "Warm air rises." in exported["html"].text and exported["markdown_zip"].content.startswith(b"PK")
    assert api.client.get(f"/conversations/{rain}/export", params={"format": "exe"}).status_code == 422


def test_an_answer_under_way_can_be_read(api: ApiServer, server: ScriptedServer):
    server.script(Reply("one two three", stall_after=2))
    with api.client.stream("POST", "/chat/stream", json={"message": "Hi", "conversation_id": "now"}) as response:
        lines = response.iter_lines()
        while next(lines) != "data:  two":
            pass
        assert api.said("now") == [("user", "Hi"), ("assistant", "one two")]


def test_a_published_conversation_is_found_by_the_id_it_carries(
    api: ApiServer, store: JsonStore, server: ScriptedServer
):
    said = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yes"}]
    shape = {"id": "chat-7", "messages": said, "metadata": {"title": "T"}}
    store.path.write_text(json.dumps({"Old": shape}))
    assert api.said("chat-7") == [("user", "Hi"), ("assistant", "Yes")]
    server.script(Reply("Indeed."))
    reply = api.client.post("/chat", json={"message": "Really?", "conversation_id": "chat-7"}).json()
    assert reply["conversation_id"] == "chat-7" and len(api.said("chat-7")) == 4
    saved = json.loads(store.path.read_text())
    assert list(saved) == ["Old"] and saved["Old"] | {"messages": said} == shape
    assert api.client.patch("/conversations/chat-7", json={"name": "New"}).json()["conversation_id"] == "chat-7"
    assert api.client.delete("/conversations/chat-7").status_code == 200 and store.names() == []


ODD_IDS = ["../x y/ü", "a/b/export", "/", "a/", "export", "%2F", "a?b#c", "a\nb", "..\\x", "C:x", "\x00", "a;b", "+ +"]


@pytest.mark.parametrize("odd", ODD_IDS)
def test_an_id_of_whatever_characters_can_be_reached(api: ApiServer, store: JsonStore, odd: str):
    messages = [{"id": odd, "role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yes"}]
    store.path.write_text(json.dumps({"Odd": messages}))
    assert [row["conversation_id"] for row in api.client.get("/conversations").json()] == [odd]
    place = f"/conversations/{quote(odd, safe='')}"
    assert [one["content"] for one in api.client.get(place).json()["messages"]] == ["Hi", "Yes"]
    assert "Odd" in api.client.get(f"{place}/export").json()
    assert api.client.patch(place, json={"name": "New"}).json()["name"] == "New"
    assert api.client.delete(place).json()["conversation_id"] == odd
    assert store.names() == []


def test_an_id_that_is_no_text_is_not_found(api: ApiServer):
    assert api.client.get("/conversations/%FF%ED%A0%80").status_code == 404
