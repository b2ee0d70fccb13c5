"""What providers send, byte for byte over a real socket, and the whole answer that becomes of it."""

import json
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from controller.chat.completion import complete_once
from controller.llm.providers import Providers
from controller.llm.wire import DONE as DONE_CHUNK
from controller.llm.wire import read_chunks
from controller.stages import STAGES
from model.chat.conversation import Conversation
from model.chat.message import COMPLETE, Message
from tests.answered import answered
from tests.recorded_streams import DONE, delta, event, recorded, said, stream
from tests.scripted_server import Reply, ScriptedServer
from view.app import build_resources

HELLO = said("Hello ", "world.")
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Case:
    """What comes in, and the message that it becomes."""

    raw: bytes
    content: str = "Hello world."
    thinking: str | None = None
    finish_reason: str | None = None
    fields: dict[str, Any] = field(default_factory=dict)  # of the reply


def escaped(text: str) -> bytes:
    """Return a stream in which each UTF-16 half of a text has a chunk of its own."""
    units = text.encode("utf-16-be")
    halves = [units[at : at + 2].hex() for at in range(0, len(units), 2)]
    chunks = [b'data: {"choices":[{"index":0,"delta":{"content":"\\u%s"}}]}\n\n' % half.encode() for half in halves]
    return b"".join(chunks) + event(delta("stop")) + DONE


def in_bytes(text: str) -> bytes:
    """Return a stream in which each byte of a text has a chunk of its own."""
    chunks = [b'data: {"choices":[{"index":0,"delta":{"content":"%b"}}]}\n\n' % bytes([byte]) for byte in text.encode()]
    return b"".join(chunks) + event(delta("stop")) + DONE


def usage(value: Any) -> bytes:
    return said("Hello ", "world.", done=event({"choices": [], "usage": value}) + DONE)


def pieces(*choices: dict[str, Any]) -> bytes:
    """Return a stream of choices that are not all deltas."""
    return b"".join(event({"object": "chat.completion.chunk", "choices": [one]}) for one in choices) + HELLO_ENDS


def message(content: str) -> dict[str, Any]:
    return {"message": {"role": "assistant", "content": content}}


HELLO_ENDS = event(delta("stop")) + DONE
WHOLE = {"object": "chat.completion", "choices": [{"message": {"content": "Hello world."}, "finish_reason": "stop"}]}
CASES = {
    "BOM": Case(recorded("bom.sse")),
    "BOM cut": Case(BOM + HELLO, fields={"raw_pieces": len(HELLO)}),
    "CR": Case(HELLO.replace(b"\n", b"\r")),
    "CR LF": Case(HELLO.replace(b"\n", b"\r\n")),
    "CR LF, cut everywhere": Case(HELLO.replace(b"\n", b"\r\n"), fields={"raw_pieces": 10_000}),
    "no space behind the colon": Case(HELLO.replace(b"data: ", b"data:")),
    "one line break between events": Case(HELLO.replace(b"\n\n", b"\n")),
    "no last line break": Case(HELLO.rstrip()),
    "ping without data": Case(recorded("empty_ping.sse"), "Hello."),
    "empty data": Case(b"data:\n\n" + b"data: \n\n" + HELLO),
    "comments, names, ids": Case(b": x\n\nid: 7\nretry: 5\nevent: message\n" + HELLO),
    "null": Case(b"data: null\n\n" + HELLO),
    "an event over two lines": Case(HELLO.replace(b'{"choices": ', b'{"choices":\ndata: ')),
    "emoji in two chunks": Case(recorded("emoji_in_two_chunks.sse"), "😀"),
    "UTF-16 halves": Case(escaped("a😀é漢👩‍👩‍👧b"), "a😀é漢👩‍👩‍👧b"),
    "UTF-8 bytes": Case(in_bytes("a😀é漢b"), "a😀é漢b"),
    "half an emoji": Case(said("a\ud83d", "b"), "a\ufffdb"),
    "half an emoji at the end": Case(said("a\ud83d"), "a\ufffd"),
    "a byte that is no UTF-8": Case(HELLO.replace(b"world", b"w\xe9rld"), "Hello w\ufffdrld."),
    "content as a list": Case(recorded("content_as_list.sse"), "Hello.", "Hm."),
    "content as one part": Case(stream({"content": {"type": "text", "text": "Hello world."}})),
    "content as a list of texts": Case(stream({"content": ["Hello ", "world."]})),
    "refusal": Case(recorded("refusal.sse"), "I can't help with that."),
    "refusal in pieces": Case(stream({"refusal": "I "}, {"refusal": "can't."}), "I can't."),
    "refusal as a part": Case(stream({"content": [{"type": "refusal", "refusal": "No."}]}), "No."),
    "length": Case(recorded("cut_by_length.sse"), "Half an ans", None, "length"),
    "max_tokens": Case(said("Half", finish_reason="max_tokens"), "Half", None, "length"),
    "MAX_TOKENS": Case(said("Half", finish_reason="MAX_TOKENS"), "Half", None, "length"),
    "the window is full": Case(said("Half", finish_reason="model_context_window_exceeded"), "Half", None, "length"),
    "going in circles": Case(said("Half", finish_reason="repetition"), "Half", None, "length"),
    "a picture that is held back": Case(said("Half", finish_reason="IMAGE_SAFETY"), "Half", None, "content_filter"),
    "content filter": Case(recorded("content_filter.sse"), "Here is h", None, "content_filter"),
    "SAFETY": Case(said("Here", finish_reason="SAFETY"), "Here", None, "content_filter"),
    "eos": Case(said("Hello world.", finish_reason="eos")),
    "a word for no finish_reason": Case(HELLO.replace(b'"finish_reason": null', b'"finish_reason": "null"')),
    "no finish_reason": Case(recorded("no_finish_reason_but_done.sse"), "Hello."),
    "no [DONE]": Case(said("Hello ", "world.", done=b"")),
    "whole JSON": Case(recorded("whole_answer_no_stream.json"), "Hello."),
    "whole JSON, printed": Case(json.dumps(WHOLE, indent=2).encode(), fields={"content_type": "application/json"}),
    "whole JSON, cut": Case(json.dumps(WHOLE).encode(), fields={"raw_pieces": 50}),
    "whole JSON as an event": Case(event(WHOLE) + DONE),
    "whole JSON behind a BOM": Case(BOM + json.dumps(WHOLE).encode()),
    "whole message repeated": Case(
        said("Hello ", "world.", done=event({"choices": [{"delta": {}, "message": {"content": "Hello world."}}]}))
    ),
    "texts in place of deltas": Case(pieces({"text": "Hello "}, {"text": "world."})),
    "messages in place of deltas": Case(pieces(message("Hello "), message("world."), message(""))),
    "messages that grow": Case(pieces(message("Hello "), message("Hello world."))),
    "a message beside each delta": Case(
        pieces({"delta": {"content": "Hello "}} | message("Hello "), {"delta": {"content": "world."}} | message("H"))
    ),
    "an empty error beside the answer": Case(event({"error": {"message": "", "code": None}, **WHOLE}) + DONE),
    "an empty error in each chunk": Case(
        HELLO.replace(b'{"choices"', b'{"error": {"message": "", "code": 0}, "choices"')
    ),
    "one choice, not in a list": Case(HELLO.replace(b"[{", b"{").replace(b"}]", b"}")),
    "no choice in the list": Case(event({"choices": [None]}) + HELLO),
    "an empty part": Case(stream({"content": [None, {"type": "text", "text": "Hello world."}]})),
    "a text as an object": Case(stream({"content": [{"type": "text", "text": {"value": "Hello world."}}]})),
    "words between the events": Case(b"event: ping\ndata: 12:00:01\n\ndata: keep-alive\n\n" + HELLO),
    "events in events": Case(HELLO.replace(b"data: ", b"data: data: ")),
    "[done]": Case(said("Hello ", "world.", finish_reason=None, done=b"data: [done]\n\n")),
    '"[DONE]"': Case(said("Hello ", "world.", finish_reason=None, done=b'data: "[DONE]"\n\n')),
    "one chunk a line": Case(HELLO.replace(b"data: ", b"").replace(b"[DONE]", b"").replace(b"\n\n", b"\n")),
    "reset": Case(HELLO, fields={"raw_end": "reset"}),
    "no last chunk": Case(HELLO, fields={"raw_end": "cut"}),
    "rubbish": Case(HELLO, fields={"raw_end": "rubbish"}),
    "open": Case(HELLO, fields={"raw_end": "open"}),
    "alive": Case(HELLO, fields={"raw_end": "alive"}),
    "reset before [DONE]": Case(said("Hello ", "world.", done=b""), fields={"raw_end": "reset"}),
    "rubbish before [DONE]": Case(said("Hello ", "world.", done=b"data: {no\n\n")),
    "error behind the end": Case(said("Hello ", "world.", done=event({"error": {"message": "late"}}))),
    "usage without completion_tokens": Case(recorded("usage_without_completion_tokens.sse"), "Hello."),
    **{
        f"usage {value}": Case(usage(value))
        for value in (
            {"prompt_tokens": None, "completion_tokens": None},
            {"prompt_tokens": "5", "completion_tokens": {}},
            {"prompt_tokens": -1, "completion_tokens": 3},
            {"prompt_tokens": 10**30, "completion_tokens": 3},
            {"prompt_tokens": True, "completion_tokens": 1.5},
            {"total_tokens": 3},
            5,
            "many",
            [1],
        )
    },
    "usage 1e999": Case(HELLO.replace(DONE, b'data: {"choices":[],"usage":{"prompt_tokens":1e999}}\n\n')),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_an_answer_is_whole(case: Case, providers: Providers, server: ScriptedServer):
    answer = answered(providers, server, Reply(raw=case.raw, **case.fields))
    assert (answer.status, answer.content) == (COMPLETE, case.content)
    assert (answer.thinking, answer.finish_reason) == (case.thinking, case.finish_reason)
    assert answer.completion_token_count is None and (answer.token_count or 0) > 0


@pytest.mark.parametrize("name", ["BOM", "emoji in two chunks", "length", "whole JSON", "reset"])
def test_stage_1_reads_the_same(name: str, providers: Providers, server: ScriptedServer):
    case, conversation = CASES[name], Conversation()
    server.script(Reply(raw=case.raw, **case.fields))
    list(STAGES[0].build_controller(build_resources(providers)).reply(conversation, "Hi"))
    answer = conversation.messages[-1]
    assert (answer.status, answer.content, answer.finish_reason) == (COMPLETE, case.content, case.finish_reason)


def test_a_connection_is_used_again_only_when_its_answer_ended_well(server: ScriptedServer):
    ports = []
    with httpx.Client() as client:
        for end in ("whole", "whole", "open", "whole"):
            server.script(Reply(raw=HELLO, raw_end=end))
            request = client.build_request("POST", f"{server.base_url}/chat/completions", json={"messages": []})
            response = client.send(request, stream=True)
            ports.append(response.extensions["network_stream"].get_extra_info("client_addr")[1])
            assert list(read_chunks(response))[-1] is DONE_CHUNK
    assert ports[0] == ports[1] == ports[2] != ports[3]


def test_counts_that_are_told_in_every_chunk_count_once(providers: Providers, server: ScriptedServer):
    counts = [{"prompt_tokens": 9, "completion_tokens": n} for n in (1, 2)]
    raw = b"".join(event(delta(content=text) | {"usage": count}) for text, count in zip("ab", counts, strict=True))
    last = {"prompt_tokens": 9, "completion_tokens": 40, "completion_tokens_details": {"reasoning_tokens": 30}}
    answer = answered(providers, server, Reply(raw=raw + event(delta("stop") | {"usage": last}) + DONE))
    assert (answer.prompt_token_count, answer.completion_token_count, answer.thinking_token_count) == (9, 40, 30)


@pytest.mark.parametrize("place", ["choice", "x_groq"])
def test_counts_are_found_wherever_they_stand(place: str, providers: Providers, server: ScriptedServer):
    usage, last = {"prompt_tokens": 7, "completion_tokens": 8}, delta("stop")
    (last["choices"][0] if place == "choice" else last.setdefault("x_groq", {}))["usage"] = usage
    answer = answered(providers, server, Reply(raw=said("Hi", finish_reason=None, done=event(last) + DONE)))
    assert (answer.prompt_token_count, answer.completion_token_count) == (7, 8)


@pytest.mark.parametrize("begin", [b"", b": x\n\n", BOM], ids=["data", "a comment", "BOM"])
def test_a_request_beside_the_turns_takes_a_stream_too(begin: bytes, providers: Providers, server: ScriptedServer):
    server.script(Reply(raw=begin + HELLO))
    assert complete_once(providers, providers.endpoint(), [Message("user", "A title?")], 9).text == "Hello world."


def searched(text: str, **sources: Any) -> bytes:
    """Return a stream of a model that searches the web by itself: each chunk tells all sources."""
    return b"".join(event({**one, **sources}) for one in (delta(content=text), delta("stop"))) + DONE


PAGES = [
    {"title": "Oaks <b>", "url": "https://oaks.example/a", "snippet": "Oaks live long.", "date": "2026-10-01"},
    {"title": "Pines", "url": "https://pines.example"},
    {"title": "A trap", "url": "javascript:alert(1)"},
]


def test_pages_that_a_model_has_found_by_itself_become_sources(providers: Providers, server: ScriptedServer):
    server.script(Reply(raw=searched("Oaks live long [1], pines do not [2].", search_results=PAGES)))
    answer = answered(providers, server)
    assert [(one.number, one.address, one.place) for one in answer.citations] == [
        (1, "https://oaks.example/a", "2026-10-01"),
        (2, "https://pines.example", ""),
    ]
    assert answer.citations[0].passage == "Oaks live long."


def test_addresses_alone_are_sources_too_and_a_trap_is_no_link(providers: Providers, server: ScriptedServer):
    server.script(Reply(raw=searched("Oaks live long.", citations=[one["url"] for one in PAGES] + [5, None])))
    found = answered(providers, server).citations
    assert [one.address for one in found] == ["https://oaks.example/a", "https://pines.example"]


@pytest.mark.parametrize("rubbish", [None, "text", 5, {"a": 1}, [], [[]], [{}]])
def test_sources_that_are_none_leave_the_answer_whole(providers: Providers, server: ScriptedServer, rubbish: Any):
    server.script(Reply(raw=searched("Oaks live long.", search_results=rubbish, citations=rubbish)))
    answer = answered(providers, server)
    assert answer.content == "Oaks live long." and not answer.citations
