"""What a model thinks, over HTTP: apart from the answer everywhere, and never sent on."""

import json
from typing import Any

import openai
import pytest
from websockets.sync.client import connect

from model.store.json_store import JsonStore
from tests.api_server import ApiServer, last_of, text_of
from tests.scripted_server import Reply, ScriptedServer
from tests.waiting import PATIENCE_S

THOUGHT = "The user asks\n\nof rain. "
REPLY = Reply("Rain falls.", thinking=THOUGHT)
MODEL = "bnagpt-chatbot-with-memory"
HI: list[Any] = [{"role": "user", "content": "Hi"}]


@pytest.fixture
def client(api: ApiServer) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"http://{api.host}/v1", api_key="none", max_retries=0, timeout=PATIENCE_S)


def test_a_stream_has_events_of_its_own_for_thoughts_before_those_of_the_answer(api: ApiServer, server: ScriptedServer):
    server.script(REPLY)
    events = api.stream(message="Why?")
    names = [name for name, _ in events]
    assert "".join(data for name, data in events if name == "thinking") == THOUGHT
    assert names.index("token") > max(place for place, name in enumerate(names) if name == "thinking")
    assert text_of(events) == "Rain falls." and names[-1] == "done"
    history = api.client.get(f"/conversations/{last_of(events)['conversation_id']}").json()["messages"]
    assert set(history[0]) == {"role", "content"}
    assert (history[1]["content"], history[1]["thinking"]) == ("Rain falls.", THOUGHT)
    assert history[1]["thinking_s"] >= 0


def test_a_whole_answer_has_a_field_for_thoughts_and_the_next_request_none(
    api: ApiServer, server: ScriptedServer, store: JsonStore
):
    server.script(REPLY)
    first = api.client.post("/chat", json={"message": "Why?"}).json()
    assert (first["response"], first["thinking"]) == ("Rain falls.", THOUGHT) and first["thinking_s"] >= 0
    second = api.client.post("/chat", json={"message": "And snow?", "conversation_id": first["conversation_id"]})
    assert set(second.json()) == {"response", "conversation_id"}
    assert "The user asks" not in json.dumps(server.requests[-1].body)
    assert store.find(first["conversation_id"]).messages[1].thinking == THOUGHT


def test_the_socket_has_the_same_events(api: ApiServer, server: ScriptedServer):
    server.script(REPLY)
    with connect(f"ws://{api.host}/ws", proxy=None) as socket:
        socket.send(json.dumps({"type": "chat", "message": "Why?"}))
        events = [json.loads(socket.recv(timeout=PATIENCE_S))]
        while events[-1]["event"] != "done":
            events.append(json.loads(socket.recv(timeout=PATIENCE_S)))
    assert "".join(one["data"] for one in events if one["event"] == "thinking") == THOUGHT
    assert "".join(one["data"] for one in events if one["event"] == "token") == "Rain falls."


def test_clients_of_the_openai_protocol_get_reasoning_content(client: openai.OpenAI, server: ScriptedServer):
    server.script(REPLY, REPLY, Reply("Hi"))
    whole = client.chat.completions.create(model=MODEL, messages=HI).choices[0].message
    assert (whole.content, whole.model_dump()["reasoning_content"]) == ("Rain falls.", THOUGHT)
    deltas = [
        chunk.choices[0].delta.model_dump()
        for chunk in client.chat.completions.create(model=MODEL, messages=HI, stream=True)
    ]
    assert "".join(delta.get("reasoning_content") or "" for delta in deltas) == THOUGHT
    assert "".join(delta.get("content") or "" for delta in deltas) == "Rain falls."
    said = [*HI, {"role": "assistant", "content": "Rain falls.", "reasoning_content": THOUGHT}, *HI]
    plain = client.chat.completions.create(model=MODEL, messages=said).choices[0].message
    assert "reasoning_content" not in plain.model_dump(exclude_unset=True)
    assert "The user asks" not in json.dumps(server.requests[-1].body)


def test_a_client_hears_of_thoughts_before_the_answer_has_begun(client: openai.OpenAI, server: ScriptedServer):
    server.script(Reply("Rain.", thinking="One two", stall_after=2))
    for chunk in client.chat.completions.create(model=MODEL, messages=HI, stream=True):
        if chunk.choices[0].delta.model_dump().get("reasoning_content") == "One":
            break
    else:
        pytest.fail("no thought came")


def test_the_effort_is_kept_with_the_conversation(api: ApiServer, store: JsonStore):
    kept = api.client.post("/chat", json={"message": "Why?", "reasoning_effort": "high"}).json()["conversation_id"]
    assert store.find(kept).options.reasoning_effort == "high"
    api.client.post("/chat", json={"message": "And?", "conversation_id": kept})
    assert store.find(kept).options.reasoning_effort == "high"
    api.client.post("/chat", json={"message": "And?", "conversation_id": kept, "reasoning_effort": ""})
    assert store.find(kept).options.reasoning_effort == ""
    assert api.client.post("/chat", json={"message": "Why?", "reasoning_effort": "huge"}).status_code == 422


def test_the_documentation_tells_of_thinking(api: ApiServer):
    document = api.client.get("/openapi.json").text
    assert "How much the model thinks" in document
    assert "`thinking`" in document and '"thinking_s"' in document
