"""Anthropic's Messages API as the scripted server speaks it: what it refuses, its events, and its prompt cache.

Source: https://docs.claude.com/en/api/messages, .../build-with-claude/streaming, .../prompt-caching
"""

import hashlib
import json
import re
from collections.abc import Iterator

from tests.scripted_replies import Json, Reply, split_tokens

KNOWN = (
    "model max_tokens messages system tools tool_choice temperature top_p thinking output_config stream stop_sequences"
).split()
LOOKS_BACK = 20  # blocks, for what is kept of a request before
ENDINGS = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use", "content_filter": "refusal"}


def refusal_of(body: Json, headers: dict[str, str]) -> str:
    """Return what the API refuses a request for; "" for one that it takes."""
    if not headers.get("x-api-key") or not headers.get("anthropic-version"):
        return "x-api-key: header is required"
    if unknown := [name for name in body if name not in KNOWN]:
        return f"{unknown[0]}: Extra inputs are not permitted"
    if type(body.get("max_tokens")) is not int:
        return "max_tokens: Field required"
    thinking = (body.get("thinking") or {}).get("type")
    if thinking == "enabled" and body["thinking"]["budget_tokens"] >= body["max_tokens"]:
        return "`max_tokens` must be greater than `thinking.budget_tokens`"
    if thinking and "temperature" in body:
        return "`temperature` may only be set to 1 when thinking is enabled"
    if sum("cache_control" in block for block in _blocks(body)) > 4:
        return "A maximum of 4 blocks with cache_control may be provided."
    return _refused_messages(body)


def _refused_messages(body: Json) -> str:
    turns = body["messages"]
    if not turns or turns[0]["role"] != "user":
        return 'messages: first message must use the "user" role'
    waiting: set[str] = set()
    for place, turn in enumerate(turns):
        if turn["role"] not in ("user", "assistant") or (place and turn["role"] == turns[place - 1]["role"]):
            return f'messages.{place}: roles must alternate between "user" and "assistant"'
        refusal = _refused_content(turn["content"]) or _refused_tools(turn["content"], waiting, bool(body.get("tools")))
        if refusal:
            return f"messages.{place}: {refusal}"
        waiting = {block["id"] for block in turn["content"] if block["type"] == "tool_use"}
    if turns[-1]["role"] == "assistant" and str(turns[-1]["content"][-1].get("text", "")).endswith((" ", "\n")):
        return "messages: final assistant content cannot end with trailing whitespace"
    return ""


def _refused_content(blocks: list[Json]) -> str:
    if not blocks:
        return "content must not be empty"
    if any(block["type"] == "text" and not block["text"].strip() for block in blocks):
        return "text content blocks must be non-empty"
    for block in blocks:
        if block["type"] == "thinking":
            if set(block) != {"type", "thinking", "signature"} or block["signature"] != signature(block["thinking"]):
                return "Invalid `signature` in `thinking` block"
    return ""


def _refused_tools(blocks: list[Json], waiting: set[str], has_tools: bool) -> str:
    """Return why calls and results do not fit; `waiting` are the calls of the message before."""
    kinds = [block["type"] for block in blocks]
    if not has_tools and {"tool_use", "tool_result"} & set(kinds):
        return "Requests which include `tool_use` or `tool_result` blocks must define tools"
    given = {block["tool_use_id"] for block in blocks if block["type"] == "tool_result"}
    if given != waiting or kinds != sorted(kinds, key=lambda kind: kind != "tool_result"):
        return "`tool_use` ids were found without `tool_result` blocks immediately after"
    if any(not re.fullmatch(r"[a-zA-Z0-9_-]+", block["id"]) for block in blocks if block["type"] == "tool_use"):
        return "tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'"
    return ""


def signature(thinking: str) -> str:
    return hashlib.sha256(thinking.encode()).hexdigest()


def _blocks(body: Json) -> Iterator[Json]:
    """Yield all that a cache counts, in its order."""
    yield from body.get("tools") or ()
    yield from body.get("system") or ()
    for turn in body["messages"]:
        for block in turn["content"]:
            yield block | {"role": turn["role"]}


class PromptCache:
    """What the server has kept of requests, by the hash of all up to a mark."""

    def __init__(self) -> None:
        self._known: set[str] = set()

    def usage(self, body: Json) -> dict[str, int]:
        """Return the counts of a request's input, and keep what is marked in it."""
        running, hashes, ends, count = hashlib.sha256(), [], [], 0
        marks = []
        for place, block in enumerate(_blocks(body)):
            if "cache_control" in block:
                marks.append(place)
            text = json.dumps({name: value for name, value in block.items() if name != "cache_control"})
            running.update(text.encode())
            count += len(split_tokens(text))
            hashes.append(running.hexdigest())
            ends.append(count)
        hits = [
            place
            for mark in marks
            for place in range(max(0, mark - LOOKS_BACK), mark + 1)
            if hashes[place] in self._known
        ]
        read = ends[max(hits)] if hits else 0
        last = ends[marks[-1]] if marks else read
        self._known.update(hashes[mark] for mark in marks)
        return {
            "input_tokens": count - max(last, read),
            "cache_creation_input_tokens": max(0, last - read),
            "cache_read_input_tokens": read,
        }


def begin(usage: dict[str, int], model: str) -> Json:
    head = {"id": "msg_script", "type": "message", "role": "assistant", "content": [], "model": model}
    ends = {"stop_reason": None, "stop_sequence": None}
    return {"type": "message_start", "message": {**head, **ends, "usage": {**usage, "output_tokens": 1}}}


def pieces(reply: Reply) -> Iterator[tuple[bool, Json]]:
    """Yield the events of an answer's parts, and whether each is a token that is counted."""
    index = 0
    if reply.thinking:
        part = {"type": "thinking", "thinking": "", "signature": ""}
        yield False, {"type": "content_block_start", "index": index, "content_block": part}
        for token in split_tokens(reply.thinking):
            yield True, _grown(index, {"type": "thinking_delta", "thinking": token})
        yield False, _grown(index, {"type": "signature_delta", "signature": signature(reply.thinking)})
        yield False, {"type": "content_block_stop", "index": index}
        index += 1
    if reply.text:
        yield False, {"type": "content_block_start", "index": index, "content_block": {"type": "text", "text": ""}}
        yield False, {"type": "ping"}
        for token in split_tokens(reply.text):
            yield True, _grown(index, {"type": "text_delta", "text": token})
        yield False, {"type": "content_block_stop", "index": index}
        index += 1
    for call in reply.calls():
        call_part: Json = {
            "type": "tool_use",
            "id": f"toolu_{call['id']}",
            "name": call["function"]["name"],
            "input": {},
        }
        yield False, {"type": "content_block_start", "index": index, "content_block": call_part}
        for token in split_tokens(call["function"]["arguments"]):
            yield True, _grown(index, {"type": "input_json_delta", "partial_json": token})
        yield False, {"type": "content_block_stop", "index": index}
        index += 1


def _grown(index: int, delta: Json) -> Json:
    return {"type": "content_block_delta", "index": index, "delta": delta}


def ending(finish_reason: str, output_tokens: int) -> Json:
    delta = {"stop_reason": ENDINGS.get(finish_reason, finish_reason), "stop_sequence": None}
    return {"type": "message_delta", "delta": delta, "usage": {"output_tokens": output_tokens}}
