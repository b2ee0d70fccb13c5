"""Answers that their provider cut short: said where a person reads them, and gone on with where that makes sense."""

import json
import os
import subprocess
import sys

import openai
import pytest

from settings import ROOT
from tests.api_server import ApiServer
from tests.recorded_streams import recorded, said, stream
from tests.scripted_server import Reply, ScriptedServer
from tests.waiting import PATIENCE_S

CUT = Reply(raw=recorded("cut_by_length.sse"))
FILTERED = Reply(raw=recorded("content_filter.sse"))
MODEL = "bnagpt-chatbot-with-memory"


def test_a_cut_answer_says_so_on_the_page_and_is_gone_on_with(open_page, server: ScriptedServer):
    screen = open_page("chatbot_with_memory")
    server.script(CUT, Reply(raw=said("wer.")))
    screen.ask("Hi")
    assert any("longest answer" in caption for caption in screen.captions)
    assert "Continue" in screen.buttons and "Retry" not in screen.buttons
    screen.click("Continue")
    assert screen.messages[-1][1].startswith("Half an ans") and screen.messages[-1][1].endswith("wer.")
    assert not any("longest answer" in caption for caption in screen.captions)
    assert "Continue" not in screen.buttons


def test_a_filtered_answer_says_so_on_the_page(open_page, server: ScriptedServer):
    screen = open_page("simple_chatbot")
    server.script(FILTERED)
    screen.ask("Hi")
    assert any("content filter" in caption for caption in screen.captions)
    assert "Continue" not in screen.buttons


def test_a_refusal_is_the_answer_on_the_page(open_page, server: ScriptedServer):
    screen = open_page("chatbot_with_memory")
    server.script(Reply(raw=recorded("refusal.sse")))
    screen.ask("Hi")
    assert screen.messages[-1] == ("assistant", "I can't help with that.") and screen.errors == []


@pytest.mark.parametrize("name", ["error_with_status_200.json", "error_object_vllm.sse", "error_without_data.sse"])
def test_what_the_server_wrote_is_on_the_page(name: str, open_page, server: ScriptedServer):
    screen = open_page("chatbot_with_memory")
    server.script(Reply(raw=recorded(name)), Reply("Here I am"))
    screen.ask("Hi")
    [error] = screen.errors
    assert "No credits left" in error or "more than scripted can read" in error
    screen.click("Retry")
    assert screen.messages[-1] == ("assistant", "Here I am")


@pytest.mark.parametrize(("reply", "reason"), [(CUT, "length"), (FILTERED, "content_filter")])
def test_http_tells_why(reply: Reply, reason: str, api: ApiServer, server: ScriptedServer):
    server.script(reply, reply, Reply("whole"))
    first = api.client.post("/chat", json={"message": "Hi"}).json()
    assert first["finish_reason"] == reason
    told = api.client.get(f"/conversations/{first['conversation_id']}").json()["messages"]
    assert told[-1]["finish_reason"] == reason
    assert ("finish_reason", json.dumps({"reason": reason})) in api.stream(message="Hi")
    assert "finish_reason" not in api.client.post("/chat", json={"message": "Hi"}).json()


@pytest.mark.parametrize(("reply", "reason"), [(CUT, "length"), (FILTERED, "content_filter"), (Reply("Hi"), "stop")])
def test_the_openai_protocol_tells_why(reply: Reply, reason: str, api: ApiServer, server: ScriptedServer):
    client = openai.OpenAI(base_url=f"http://{api.host}/v1", api_key="none", max_retries=0, timeout=PATIENCE_S)
    server.script(reply, reply)
    whole = client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": "Hi"}])
    assert whole.choices[0].finish_reason == reason
    chunks = client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": "Hi"}], stream=True)
    assert [choice.finish_reason for chunk in chunks for choice in chunk.choices][-1] == reason


def test_the_relay_takes_what_providers_send(api: ApiServer, server: ScriptedServer):
    client = openai.OpenAI(base_url=f"http://{api.host}/v1", api_key="none", max_retries=0, timeout=PATIENCE_S)
    tools = [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {}}}}]
    asked = {"model": MODEL, "messages": [{"role": "user", "content": "Hi"}], "tools": tools}
    for raw in ("bom.sse", "empty_ping.sse", "whole_answer_no_stream.json"):
        server.script(Reply(raw=recorded(raw)))
        chunks = client.chat.completions.create(stream=True, **asked)  # type: ignore[call-overload]
        assert "Hello" in "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices)
    for end in ("reset", "rubbish", "cut", "open"):
        server.script(Reply(raw=said("Hello."), raw_end=end))
        chunks = client.chat.completions.create(stream=True, **asked)  # type: ignore[call-overload]
        assert [choice.finish_reason for chunk in chunks for choice in chunk.choices][-1] == "stop"
    server.script(Reply(raw=recorded("error_with_status_200.json")))
    with pytest.raises(openai.APIError, match="No credits left"):
        client.chat.completions.create(stream=True, **asked)  # type: ignore[call-overload]
    server.refuses = lambda body: (
        "Unsupported parameter: 'max_completion_tokens'" if "max_completion_tokens" in body else ""
    )
    client.chat.completions.create(max_tokens=9, **asked)  # type: ignore[call-overload]
    assert server.requests[-1].body["max_tokens"] == 9


def test_the_terminal_tells_why(environ: dict[str, str], server: ScriptedServer):
    server.script(CUT, Reply(raw=stream({"reasoning_content": "Hm."}, {"content": "Half"}, finish_reason="length")))
    command = [sys.executable, "-m", "view.terminal", "--json"]
    run = subprocess.run(
        command,
        input="Hi\nAnd?\n",
        cwd=ROOT,
        env={**os.environ, **environ},
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE_S,
    )
    rows = [json.loads(line) for line in run.stdout.splitlines()]
    assert [(row["response"], row["finish_reason"]) for row in rows] == [("Half an ans", "length"), ("Half", "length")]


def test_the_relay_takes_a_stream_for_the_whole_and_tells_of_a_cut(api: ApiServer, server: ScriptedServer):
    client = openai.OpenAI(base_url=f"http://{api.host}/v1", api_key="none", max_retries=0, timeout=PATIENCE_S)
    tools = [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {}}}}]
    asked = {"model": MODEL, "messages": [{"role": "user", "content": "Hi"}], "tools": tools}
    server.script(Reply(raw=said("Hello ", "world.")), Reply(raw=recorded("parallel_calls_same_index.sse")))
    whole = client.chat.completions.create(**asked)  # type: ignore[call-overload]
    assert (whole.choices[0].message.content, whole.choices[0].finish_reason) == ("Hello world.", "stop")
    called = client.chat.completions.create(**asked).choices[0]  # type: ignore[call-overload]
    assert called.finish_reason == "tool_calls" and len(called.message.tool_calls) == 2
    cut = Reply(raw=said("Hello ", finish_reason=None, done=b""))
    server.script(cut, cut)
    with pytest.raises(openai.APIError, match="before the answer was complete"):
        client.chat.completions.create(**asked)  # type: ignore[call-overload]
    with pytest.raises(openai.APIError, match="before the answer was complete"):
        list(client.chat.completions.create(stream=True, **asked))  # type: ignore[call-overload]
