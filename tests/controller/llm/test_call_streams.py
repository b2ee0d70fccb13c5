"""Tool calls as providers cut them up, over a real socket; and what they want back of the thoughts before them."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from controller.chat.request import digest
from controller.llm.providers import Providers
from model.chat.conversation import Conversation
from model.chat.message import COMPLETE
from model.errors import ProviderError
from tests.recorded_streams import called, event, recorded, said, stream
from tests.scripted_server import Reply, ScriptedServer
from tests.tool_stage import LookUpController, ask, assert_paired
from view.app import build_resources

SEA, SKY = '{"topic": "sea"}', '{"topic": "sky"}'


def piece(
    index: int | None = None, id: str | None = None, name: str | None = None, arguments: Any = None
) -> dict[str, Any]:
    """Return a piece of a call; what is None is left out."""
    function = {key: value for key, value in (("name", name), ("arguments", arguments)) if value is not None}
    row = {"index": index, "id": id, "type": "function", "function": function}
    return {key: value for key, value in row.items() if value is not None}


def recorded_calls(name: str) -> bytes:
    """Return a recorded answer, with our tool in place of the one that it calls."""
    raw = recorded(name).replace(b"run_code", b"look_up")
    for number, topic in enumerate((b"sea", b"sky"), 1):
        raw = raw.replace(b'{\\"code\\": \\"print(%d)\\"}' % number, b'{\\"topic\\": \\"%b\\"}' % topic)
    return raw.replace(b'{"code": "print(1)"}', b'{"topic": "sea"}')


CALLS: dict[str, tuple[bytes, list[str]]] = {
    "Gemini: one number, own ids": (recorded_calls("parallel_calls_same_index.sse"), ["sea", "sky"]),
    "one number, no ids": (called(piece(0, None, "look_up", SEA), piece(0, None, "look_up", SKY)), ["sea", "sky"]),
    "no numbers, own ids": (called(piece(None, "a", "look_up", SEA), piece(None, "b", "look_up", SKY)), ["sea", "sky"]),
    "neither": (called(piece(None, None, "look_up", SEA), piece(None, None, "look_up", SKY)), ["sea", "sky"]),
    "one id, two numbers": (called(piece(0, "a", "look_up", SEA), piece(1, "a", "look_up", SKY)), ["sea", "sky"]),
    "one number, own ids, in pieces": (
        called(
            piece(0, "a", "look_up", ""), piece(0, None, None, SEA[:5]), piece(0, None, None, SEA[5:]),
            piece(0, "b", "look_up", ""), piece(0, None, None, SKY[:9]), piece(0, None, None, SKY[9:]),
        ),
        ["sea", "sky"],
    ),
    "a fresh id with each piece": (
        called(piece(0, "a", "look_up", SEA[:5]), piece(0, "b", None, SEA[5:9]), piece(0, "c", None, SEA[9:])), ["sea"]
    ),
    "nothing in a list of calls": (
        stream({"tool_calls": [None]}, {"tool_calls": [piece(0, "a", "look_up", SEA)]}, finish_reason="tool_calls"),
        ["sea"],
    ),
    "a number for an id": (called(piece(0, "a", "look_up", SEA) | {"id": 7}), ["sea"]),
    "arguments as a text within JSON": (called(piece(0, "a", "look_up", json.dumps(SEA))), ["sea"]),
    "arguments in a block of code": (called(piece(0, "a", "look_up", f"```json\n{SEA}\n```")), ["sea"]),
    "a mark behind the arguments": (called(piece(0, "a", "look_up", f"{SEA}<|tool_call_end|>")), ["sea"]),
    "arguments in a list": (called(piece(0, "a", "look_up", f"[{SEA}]")), ["sea"]),
    "arguments as Python": (called(piece(0, "a", "look_up", "{'topic': 'sea'}")), ["sea"]),
    "a line break in a text": (called(piece(0, "a", "look_up", '{"topic": "a\nb"}')), ["a\nb"]),
    "parameters for arguments": (
        called({"id": "a", "function": {"name": "look_up", "parameters": {"topic": "sea"}}}), ["sea"]
    ),
    "gpt-oss's own name": (called(piece(0, "a", "functions.look_up", SEA)), ["sea"]),
    "messages in place of deltas": (
        event({"object": "chat.completion.chunk", "choices": [{"message": {"content": ""}}]})
        + event({"choices": [{"message": {"tool_calls": [piece(0, "a", "look_up", SEA)]}, "finish_reason": "stop"}]}),
        ["sea"],
    ),
    "id and name with each piece": (
        called(piece(0, "a", "look_up", SEA[:5]), piece(0, "a", "look_up", SEA[5:])), ["sea"]
    ),
    "repeated whole at the end": (
        called(
            piece(0, "a", "look_up", ""), piece(0, None, None, SEA), piece(1, "b", "look_up", SKY),
            piece(0, "a", "look_up", SEA), piece(1, "b", "look_up", SKY),
        ),
        ["sea", "sky"],
    ),
    "repeated whole, without ids": (
        called(piece(0, None, "look_up", SEA), piece(0, None, "look_up", SKY), piece(0, None, "look_up", SEA)),
        ["sea", "sky"],
    ),
    "repeated whole, without anything": (
        called(piece(None, None, "look_up", SEA), piece(None, None, "look_up", SEA)), ["sea"]
    ),
    "repeated as a whole message": (
        stream({"tool_calls": [piece(0, "a", "look_up", SEA)]}, finish_reason=None, done=b"")
        + b"data: "
        + json.dumps(
            {"choices": [{"message": {"tool_calls": [piece(None, "a", "look_up", SEA)]}, "finish_reason": "stop"}]}
        ).encode()
        + b"\n\n",
        ["sea"],
    ),
    "arguments as an object": (recorded_calls("arguments_as_object.sse"), ["sea"]),
    "arguments as an object, no id": (called(piece(None, None, "look_up", {"topic": "sea"})), ["sea"]),
    "calls as an object": (stream({"tool_calls": piece(0, "a", "look_up", SEA)}, finish_reason="tool_calls"), ["sea"]),
    "name in a later piece": (called(piece(0, "a"), piece(0, None, "look_up"), piece(0, None, None, SEA)), ["sea"]),
    "name later, no numbers": (
        called(piece(None, "a"), piece(None, None, "look_up"), piece(None, None, None, SEA)), ["sea"]
    ),
    "name in two pieces": (
        called(piece(0, "a", "look_"), piece(0, None, "up"), piece(0, None, None, SEA)), ["sea"]
    ),
    "name that grows": (called(piece(0, "a", "look_"), piece(0, "a", "look_up", SEA)), ["sea"]),
    "null everywhere": (
        b'data: {"choices":[{"delta":{"content":null,"tool_calls":[{"index":0,"id":"a","function":'
        b'{"name":"look_up","arguments":null}}]},"finish_reason":null}]}\n\n'
        + called({"index": 0, "id": None, "function": {"name": None, "arguments": SEA}}),
        ["sea"],
    ),
    "finish_reason stop": (called(piece(0, "a", "look_up", SEA), finish_reason="stop"), ["sea"]),
    "the old form": (
        stream({"function_call": {"name": "look_up", "arguments": ""}}, {"function_call": {"arguments": SEA}}), ["sea"]
    ),
    "an emoji in halves": (
        called(piece(0, "a", "look_up", '{"topic": "\ud83d'), piece(0, None, None, '\ude00"}')), ["😀"]
    ),
    "without a stream": (
        json.dumps({"choices": [{"message": {"tool_calls": [piece(None, "a", "look_up", SEA)]}}]}).encode(), ["sea"]
    ),
}  # fmt: skip


@pytest.mark.parametrize(("raw", "topics"), CALLS.values(), ids=CALLS.keys())
def test_calls_are_told_apart(raw: bytes, topics: list[str], providers: Providers, server: ScriptedServer):
    server.script(Reply(raw=raw), Reply(raw=said("Done.")))
    conversation = Conversation()
    ask(LookUpController(build_resources(providers)), conversation)
    answer = conversation.messages[-1]
    assert (answer.content, answer.status) == ("Done.", COMPLETE)
    steps = [(step.name, json.loads(step.arguments), step.is_error) for step in answer.tool_steps]
    assert steps == [("look_up", {"topic": topic}, False) for topic in topics]
    assert_paired(server.requests[1].body["messages"])


CALL = {"tool_calls": [piece(0, "a", "look_up", SEA)]}
SIGNATURE = {"google": {"thought_signature": "KEEP-ME"}}


def last_call(body: dict[str, Any]) -> dict[str, Any] | None:
    """Return the newest message with calls, if this is a request with results."""
    rows = [row for row in body["messages"] if row.get("tool_calls")]
    return rows[-1] if rows and body["messages"][-1]["role"] == "tool" else None


def demands(**wanted: Any) -> Callable[[dict[str, Any]], str]:
    """Return a server's refusal of rounds in which a message with calls lacks a field."""

    def refuse(body: dict[str, Any]) -> str:
        row = last_call(body)
        missing = [key for key, value in wanted.items() if row is not None and row.get(key) != value]
        return f"The `{missing[0]}` in the thinking mode must be passed back to the API." if missing else ""

    return refuse


def without_thoughts(row: dict[str, Any]) -> dict[str, Any]:
    """Return a message without what goes back to the provider alone."""
    row = {key: value for key, value in row.items() if "reasoning" not in key and key != "thinking_blocks"}
    if isinstance(row["content"], list):
        row["content"] = row["content"][-1]["text"]
    if calls := row.get("tool_calls"):
        row["tool_calls"] = [{key: value for key, value in call.items() if key != "extra_content"} for call in calls]
    return row


def demands_signature(body: dict[str, Any]) -> str:
    row = last_call(body)
    is_missing = row is not None and row["tool_calls"][0].get("extra_content") != SIGNATURE
    return "Function call is missing a thought_signature in functionCall parts." if is_missing else ""


DETAILS = [
    {"type": "reasoning.text", "text": "Hm, well.", "index": 0, "signature": "s"},
    {"type": "reasoning.encrypted", "data": "zz", "index": 1},
]
BLOCK = {"type": "thinking", "thinking": "Hm, well.", "signature": "s"}
SIGNED = {"type": "thinking", "thinking": "", "signature": "s"}
ROUNDS: dict[str, tuple[bytes, Callable[[dict[str, Any]], str]]] = {
    "DeepSeek, as recorded": (
        recorded_calls("reasoning_content_before_call.sse"),
        demands(reasoning_content="KEEP-ME"),
    ),
    "DeepSeek": (
        stream({"reasoning_content": "Hm, "}, {"reasoning_content": "well."}, {"content": "Look:"}, CALL),
        demands(reasoning_content="Hm, well.", content="Look:"),
    ),
    "OpenRouter": (
        stream(
            {"reasoning": "Hm, ", "reasoning_details": [{"type": "reasoning.text", "text": "Hm, ", "index": 0}]},
            {"reasoning": "well.", "reasoning_details": [{"type": "reasoning.text", "text": "well.", "index": 0}]},
            {"reasoning_details": [{"type": "reasoning.text", "signature": "s", "index": 0}]},
            {"reasoning_details": [DETAILS[1]]},
            CALL,
        ),
        demands(reasoning_details=DETAILS),
    ),
    "LiteLLM": (
        stream({"thinking_blocks": [BLOCK | {"signature": ""}]}, {"thinking_blocks": [SIGNED]}, CALL),
        demands(thinking_blocks=[BLOCK]),
    ),
    "Anthropic": (
        stream(
            {"content": [{"type": "thinking", "thinking": "Hm, "}]},
            {"content": [{"type": "thinking", "thinking": "well.", "signature": "s"}]},
            {"content": [{"type": "text", "text": "Look:"}]},
            CALL,
        ),
        demands(content=[BLOCK, {"type": "text", "text": "Look:"}]),
    ),
    "Gemini, as recorded": (recorded_calls("thought_signature.sse"), demands_signature),
    "Gemini, signed later": (
        stream(CALL, {"tool_calls": [{"index": 0, "extra_content": SIGNATURE}]}),
        demands_signature,
    ),
}


@pytest.mark.parametrize(("raw", "refuse"), ROUNDS.values(), ids=ROUNDS.keys())
def test_thoughts_go_back_within_the_turn(
    raw: bytes, refuse: Callable[[dict[str, Any]], str], providers: Providers, server: ScriptedServer
):
    server.refuses = refuse
    controller, conversation = LookUpController(build_resources(providers)), Conversation()
    server.script(Reply(raw=raw), Reply(raw=raw), Reply(raw=said("Done.")), Reply(raw=said("Bye.")))
    ask(controller, conversation)
    answer = conversation.messages[-1]
    assert answer.content.endswith("Done.") and len(answer.tool_steps) == 2
    # “Show request” leaves them out, so that it can be made once more from the conversation.
    assert answer.request_digest == digest([without_thoughts(row) for row in server.requests[2].body["messages"]])
    ask(controller, conversation)
    later = json.dumps(server.requests[-1].body)
    assert "KEEP-ME" not in later and "Hm, " not in later and "reasoning" not in later


def test_a_server_that_gets_none_back_says_so(providers: Providers, server: ScriptedServer):
    server.refuses = demands(reasoning_content="other")
    server.script(Reply(raw=ROUNDS["DeepSeek"][0]))
    with pytest.raises(ProviderError, match="must be passed back"):
        ask(LookUpController(build_resources(providers)), Conversation())


def test_a_cut_in_a_round_of_tools_is_no_cut_of_the_answer(providers: Providers, server: ScriptedServer):
    server.script(Reply(raw=called(piece(0, "a", "look_up", SEA), finish_reason="length")), Reply(raw=said("Done.")))
    conversation = Conversation()
    ask(LookUpController(build_resources(providers)), conversation)
    assert (conversation.messages[-1].content, conversation.messages[-1].finish_reason) == ("Done.", None)
