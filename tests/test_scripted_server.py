"""The scripted server as the real SDKs see it."""

from collections.abc import Iterator
from typing import Any

import groq
import httpx
import openai
import pytest

from tests.scripted_server import Reply, ScriptedServer
from tests.waiting import PATIENCE_S

ASKED: Any = {"model": "scripted-small", "messages": [{"role": "user", "content": "Hi"}]}
FAULTS = {"cut": httpx.RemoteProtocolError, "stall": httpx.ReadTimeout, "malformed": ValueError}


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as running:
        yield running


@pytest.fixture(params=[(openai.OpenAI, "/openai/v1"), (groq.Groq, "")])
def client(request: pytest.FixtureRequest, server: ScriptedServer) -> Iterator[Any]:
    sdk, path = request.param
    with sdk(base_url=server.root_url + path, api_key="secret", max_retries=0) as connected:
        yield connected


def streamed(client: Any, **more: Any) -> list[Any]:
    return list(client.chat.completions.create(**ASKED, **more, stream=True))


def text_of(chunks: list[Any]) -> str:
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)


@pytest.mark.parametrize(("text", "reason"), [("", "stop"), ("Hello  there,\n world ", "length"), ("é 日本", None)])
def test_streams_exactly_and_records(client: Any, server: ScriptedServer, text: str, reason: str | None) -> None:
    server.script(Reply(text, finish_reason=reason))
    chunks = streamed(client)
    request = server.wait_for_request(ended=True)
    assert text_of(chunks) == text and chunks[-1].choices[0].finish_reason == reason
    assert (request.body["messages"], request.headers["authorization"]) == (ASKED["messages"], "Bearer secret")
    assert request.finished and request.closed_at is None and server.requests == [request]
    assert pytest.raises(TimeoutError, server.wait_for_request, 2, timeout_s=0.01)


def test_thinks_before_it_answers(client: Any, server: ScriptedServer) -> None:
    server.script(*2 * [Reply("Sunny.", thinking="The user asks\nof weather.")])
    deltas = [chunk.choices[0].delta.model_dump() for chunk in streamed(client)]
    assert "".join(delta.get("reasoning_content") or "" for delta in deltas) == "The user asks\nof weather."
    kinds = [kind for delta in deltas for kind in ("reasoning_content", "content") if delta.get(kind)]
    assert kinds == ["reasoning_content"] * 5 + ["content"]
    whole = client.chat.completions.create(**ASKED).choices[0].message
    assert (whole.model_dump()["reasoning_content"], whole.content) == ("The user asks\nof weather.", "Sunny.")


def test_answers_whole_lists_models_and_has_a_default(client: Any, server: ScriptedServer) -> None:
    answer = client.chat.completions.create(**ASKED)
    assert (answer.choices[0].message.content, answer.usage.completion_tokens) == (server.default_reply.text, 5)
    assert [model.id for model in client.models.list().data] == server.models
    server.models_status = 503
    assert pytest.raises((openai.InternalServerError, groq.InternalServerError), client.models.list)


def test_streams_tool_calls_and_usage(client: Any, server: ScriptedServer) -> None:
    server.script(*2 * [Reply(tool_calls=[("add", '{"a": 1, "b": 2}'), ("now", "{}")])])
    *chunks, last = streamed(client, extra_body={"stream_options": {"include_usage": True}})
    deltas = [call for chunk in chunks for call in chunk.choices[0].delta.tool_calls or []]
    assert [call.function.name for call in deltas if call.id] == ["add", "now"]
    assert "".join(call.function.arguments for call in deltas if call.index == 0) == '{"a": 1, "b": 2}'
    assert chunks[-1].choices[0].finish_reason == "tool_calls" and last.usage.completion_tokens == len(deltas)
    whole = client.chat.completions.create(**ASKED).choices[0]
    assert (whole.finish_reason, whole.message.tool_calls[1].function.arguments) == ("tool_calls", "{}")


def test_keeps_pace(client: Any, server: ScriptedServer) -> None:
    server.script(Reply("a " * 100, tokens_per_s=500, delay_s=0.05))
    streamed(client)
    asked: Any = server.wait_for_request(ended=True)
    # Each is sent at its time after the first was due; on a busy machine the first is late, and the others make up.
    assert asked.last_token_at - asked.arrived_at > 0.249 and asked.tokens_sent == 101
    assert 0.05 <= asked.first_token_at - asked.arrived_at and asked.first_token_at_epoch_s > asked.arrived_at_epoch_s


@pytest.mark.parametrize("status", [400, 401, 403, 404, 408, 429, 500, 503])
def test_fails_with_a_status(client: Any, server: ScriptedServer, status: int) -> None:
    server.script(Reply(status=status, error_message="No luck", error_code="odd", retry_after_s=1.5))
    with pytest.raises((openai.APIStatusError, groq.APIStatusError), match="No luck") as caught:
        streamed(client)
    answer: Any = vars(caught.value)["response"]
    assert (answer.status_code, answer.headers["retry-after"], answer.json()["error"]["code"]) == (status, "1.5", "odd")


@pytest.mark.parametrize(("fault", "error"), FAULTS.items())
def test_breaks_in_the_middle(client: Any, server: ScriptedServer, fault: str, error: type[Exception]) -> None:
    server.script(Reply("one two three", **dict[str, Any]({f"{fault}_after": 1})))
    patient = client.with_options(timeout=1.0 if fault == "stall" else PATIENCE_S)
    chunks: list[Any] = []
    with patient.chat.completions.create(**ASKED, stream=True) as stream, pytest.raises(error):
        chunks.extend(stream)
    assert text_of(chunks) == "one"


@pytest.mark.parametrize("reply", [Reply("one two", stall_after=1), Reply("one two", tokens_per_s=0.001)])
def test_sees_the_client_leave(client: Any, server: ScriptedServer, reply: Reply) -> None:
    server.script(reply)
    with client.chat.completions.create(**ASKED, stream=True) as stream:
        next(iter(stream))
    request = server.wait_for_request(ended=True)
    assert request.closed_at and not request.finished


def test_closes_at_once_with_stalled_clients(client: Any, server: ScriptedServer) -> None:
    server.script(Reply("one two", stall_after=1))
    with client.chat.completions.create(**ASKED, stream=True) as stream:
        next(iter(stream))
        server.close()
    assert server.wait_for_request(ended=True).closed_at is None
    assert pytest.raises((openai.APIConnectionError, groq.APIConnectionError), client.models.list)


def test_obeys_from_another_process(client: Any, server: ScriptedServer) -> None:
    httpx.post(f"{server.root_url}/script", json=[{"text": "far away", "tool_calls": [["add", "{}"]]}])
    assert text_of(streamed(client)) == "far away"
    assert httpx.get(f"{server.root_url}/record").json()[0]["first_token_at_epoch_s"] > 0
    assert httpx.post(f"{server.root_url}/reset").json() == [] == server.requests
