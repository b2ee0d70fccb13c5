"""Clients of the OpenAI protocol: the real SDK, and Mistral's, against the stages as models."""

import json
import socket
from typing import Any

import openai
import pytest
from mistralai.client import Mistral

from controller.llm.discovery import build_providers
from controller.llm.passthrough import relay
from controller.turn import ModelSelection
from model.errors import InputError
from model.store.json_store import JsonStore
from settings import Settings
from tests.api_server import ApiServer
from tests.scripted_server import Reply, ScriptedServer
from tests.waiting import FOR_EVER_S, PATIENCE_S
from utils.threads.stop import CancellationToken

MODEL = "bnagpt-chatbot-with-memory"
HI: list[Any] = [{"role": "user", "content": "Hi"}]
TOOLS: list[Any] = [
    {"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {}}}}
]
SCHEMA: Any = {
    "type": "json_schema",
    "json_schema": {"name": "sky", "schema": {"type": "object", "properties": {"rain": {"type": "boolean"}}}},
}


@pytest.fixture
def client(api: ApiServer) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"http://{api.host}/v1", api_key="none", max_retries=0, timeout=PATIENCE_S)


def sent(server: ScriptedServer) -> list[tuple[str, str]]:
    return [(row["role"], row["content"]) for row in server.requests[-1].body["messages"]]


def test_each_stage_is_a_model(client: openai.OpenAI):
    names = [model.id for model in client.models.list()]
    assert {"bnagpt-simple-chatbot", MODEL, "bnagpt-web-search"} <= set(names)


def test_a_whole_answer_with_what_it_took(client: openai.OpenAI, server: ScriptedServer, store: JsonStore):
    server.script(Reply("Hello there"))
    answer = client.chat.completions.create(model=MODEL, messages=HI)
    assert answer.choices[0].message.content == "Hello there" and answer.choices[0].finish_reason == "stop"
    assert answer.usage and answer.usage.completion_tokens == 2 and answer.usage.prompt_tokens > 0
    assert store.names() == []


def test_a_stream_with_what_it_took(client: openai.OpenAI, server: ScriptedServer):
    server.script(Reply("one two\n three"))
    came: list[str] = []
    stream = client.chat.completions.create(
        model=MODEL, messages=HI, stream=True, stream_options={"include_usage": True}
    )
    for chunk in stream:
        came += [choice.delta.content for choice in chunk.choices if choice.delta.content]
    assert "".join(came) == "one two\n three"
    assert chunk.usage and chunk.usage.completion_tokens == 3 and chunk.choices == []


def test_a_stream_comes_piece_by_piece(client: openai.OpenAI, server: ScriptedServer):
    server.script(Reply("one two three", stall_after=2))
    with client.chat.completions.create(model=MODEL, messages=HI, stream=True) as stream:
        texts = (choice.delta.content for chunk in stream for choice in chunk.choices if choice.delta.content)
        assert [next(texts), next(texts)] == ["one", " two"]  # the third would never come


def test_the_client_holds_the_conversation(client: openai.OpenAI, server: ScriptedServer):
    said: list[Any] = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "I am "}, {"type": "text", "text": "Ann"}]},
        {"role": "assistant", "content": "Hello"},
        {"role": "user", "content": "Who am I?"},
    ]
    client.chat.completions.create(model=MODEL, messages=said, temperature=0.5, max_tokens=7)
    assert sent(server) == [
        ("system", "Be brief."),
        ("user", "I am Ann"),
        ("assistant", "Hello"),
        ("user", "Who am I?"),
    ]
    assert server.requests[-1].body["temperature"] == 0.5
    assert server.requests[-1].body["max_completion_tokens"] == 7


def test_a_stages_own_tools_run_inside(client: openai.OpenAI, server: ScriptedServer):
    server.script(Reply(tool_calls=[("run_code", json.dumps({"code": "print(6 * 7)"}))]), Reply("It is 42."))
    answer = client.chat.completions.create(model="bnagpt-run-code", messages=[{"role": "user", "content": "6 * 7?"}])
    assert answer.choices[0].message.content == "It is 42." and not answer.choices[0].message.tool_calls
    assert "42" in server.requests[-1].body["messages"][-1]["content"]


def test_a_clients_own_tools_are_passed_through(client: openai.OpenAI, server: ScriptedServer):
    server.script(Reply(tool_calls=[("weather", '{"city": "Rome"}')]), Reply("Sunny"))
    first = client.chat.completions.create(model=MODEL, messages=HI, tools=TOOLS)
    calls = first.choices[0].message.tool_calls
    assert calls and calls[0].function.arguments == '{"city": "Rome"}'  # type: ignore[union-attr]
    assert server.requests[-1].body["tools"] == TOOLS and server.requests[-1].body["model"] == "scripted"
    result = {"role": "tool", "tool_call_id": calls[0].id, "content": "25 degrees"}
    said: list[Any] = [*HI, first.choices[0].message.model_dump(exclude_none=True), result]
    assert client.chat.completions.create(model=MODEL, messages=said).choices[0].message.content == "Sunny"
    assert server.requests[-1].body["messages"][-1] == result


def test_a_schema_reaches_the_endpoint_as_it_is(client: openai.OpenAI, server: ScriptedServer):
    server.script(Reply('{"rain": true}'))
    answer = client.chat.completions.create(model=MODEL, messages=HI, response_format=SCHEMA)
    assert answer.choices[0].message.content == '{"rain": true}'
    assert server.requests[-1].body["response_format"] == SCHEMA


def test_a_schema_that_a_provider_would_ignore_is_refused(environ: dict[str, str]):
    providers = build_providers(Settings.from_env({**environ, "ANTHROPIC_API_KEY": "key"}))
    wish = {"messages": HI, "response_format": SCHEMA}
    with pytest.raises(InputError, match="Anthropic does not hold"):
        next(relay(providers, ModelSelection(providers.named("anthropic")), wish, CancellationToken()))


def test_tools_stream_too(client: openai.OpenAI, server: ScriptedServer):
    server.script(Reply(tool_calls=[("weather", '{"city": "Rome"}')]))
    stream = client.chat.completions.create(model=MODEL, messages=HI, tools=TOOLS, stream=True)
    calls = [call for chunk in stream for choice in chunk.choices for call in choice.delta.tool_calls or []]
    assert "".join(call.function.arguments or "" for call in calls if call.function) == '{"city": "Rome"}'


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(status=429, retry_after_s=3), openai.RateLimitError),
        (Reply(status=500), openai.InternalServerError),
        (Reply("one", cut_after=0), openai.APIError),
    ],
)
@pytest.mark.parametrize("extra", [{}, {"stream": True}, {"tools": TOOLS}, {"tools": TOOLS, "stream": True}])
def test_a_fault_is_the_error_that_clients_know(client, server: ScriptedServer, reply: Reply, error, extra):
    server.script(reply)
    with pytest.raises(error) as raised:
        for _ in client.chat.completions.create(model=MODEL, messages=HI, **extra):
            pass
    assert raised.value.body["message"]


def test_a_stream_that_breaks_off_raises(client: openai.OpenAI, server: ScriptedServer):
    server.script(Reply("one two three", cut_after=2))
    came = []
    with pytest.raises(openai.APIError):
        for chunk in client.chat.completions.create(model=MODEL, messages=HI, stream=True):
            came += [choice.delta.content for choice in chunk.choices if choice.delta.content]
    assert came == ["one", " two"]


@pytest.mark.parametrize(
    ("wish", "error"),
    [
        ({"model": "gpt-none"}, openai.NotFoundError),
        ({"messages": [{"role": "assistant", "content": "Hi"}]}, openai.UnprocessableEntityError),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, openai.UnprocessableEntityError),
        ({"messages": []}, openai.UnprocessableEntityError),
        ({"n": 2}, openai.UnprocessableEntityError),
    ],
)
def test_what_can_not_be_done_is_told(client: openai.OpenAI, server: ScriptedServer, wish: dict[str, Any], error):
    with pytest.raises(error):
        client.chat.completions.create(**({"model": MODEL, "messages": HI} | wish))
    assert server.requests == []


@pytest.mark.parametrize("tools", [{}, {"tools": TOOLS}])
def test_closing_the_stream_ends_it_at_the_endpoint(client, server: ScriptedServer, tools: dict[str, Any]):
    server.script(Reply("so " * 5_000, tokens_per_s=20))
    stream = client.chat.completions.create(model=MODEL, messages=HI, stream=True, **tools)
    next(iter(stream))
    server.wait_for_request(1)
    stream.close()
    assert not server.wait_for_request(1, ended=True).finished


def test_mistrals_client_is_answered_too(api: ApiServer, server: ScriptedServer):
    server.script(Reply("Hello there"), Reply("one two three"))
    with Mistral(api_key="none", server_url=f"http://{api.host}") as client:
        whole = client.chat.complete(model=MODEL, messages=HI)
        assert whole.choices[0].message and whole.choices[0].message.content == "Hello there"
        with client.chat.stream(model=MODEL, messages=HI) as stream:
            texts = [event.data.choices[0].delta.content for event in stream if event.data.choices]
        assert "".join(str(text) for text in texts if text) == "one two three"


@pytest.mark.parametrize(
    "replies",
    [
        [Reply('{"a": '), Reply('{"a": 1}')],
        [Reply('Here it is:\n```json\n{"a": 1}\n```')],
        [Reply('maybe {"a": 0}\n</think>\n\n{"a": 1}')],
        [Reply('As [3] says: {"a": 1}')],
    ],
    ids=["mended", "in a block", "behind thoughts", "among words"],
)
def test_a_stream_of_json_holds_only_the_last_answer(
    replies: list[Reply], client: openai.OpenAI, server: ScriptedServer
):
    server.script(*replies, *replies)
    stream = client.chat.completions.create(model="bnagpt-json-mode", messages=HI, stream=True)
    text = "".join(choice.delta.content or "" for chunk in stream for choice in chunk.choices)
    assert json.loads(text) == {"a": 1}
    whole = client.chat.completions.create(model="bnagpt-json-mode", messages=HI)
    assert whole.choices[0].message.content == text


@pytest.mark.parametrize("extra", [{}, {"stream": True}])
def test_a_client_that_leaves_before_the_first_piece_ends_its_own_tools_request_too(
    api: ApiServer, server: ScriptedServer, extra: dict[str, Any]
):
    server.script(Reply("late", delay_s=FOR_EVER_S))
    body = json.dumps({"model": MODEL, "messages": HI, "tools": TOOLS, **extra})
    head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: {api.host}\r\nContent-Type: application/json"
    with socket.create_connection(api.address) as line:
        line.sendall(f"{head}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
        server.wait_for_request(1)
    assert not server.wait_for_request(1, ended=True).finished
