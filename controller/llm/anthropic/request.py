"""A request as the Messages API takes it: made from one in the form of OpenAI's, which all of bnaGPT speaks.

Instructions stand apart, roles take turns, and calls and results of tools are parts of messages. Where the next request
will begin as this one does, a mark lets the server keep what it has read so far (prompt caching).
Source: https://docs.claude.com/en/docs/build-with-claude/prompt-caching
"""

import json
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

Block = dict[str, Any]
Row = dict[str, Any]

MAX_TOKENS = 8192  # of an answer, where nobody has set a limit: this protocol wants one
MAX_TOKENS_BEFORE = 4096
_BEFORE = re.compile(r"claude-(2|instant|3-(opus|sonnet|haiku))")  # models that give no longer answers
THOUGHTS = "thinking_blocks"  # of a message: its signed thoughts, which go back as they came
_THOUGHT_FIELDS = ("type", "thinking", "signature", "data")
_PASSED = ("temperature", "top_p", "thinking", "output_config", "stream")
_DATA = re.compile(r"data:(image/[\w.+-]+);base64,(.*)", re.DOTALL)
KEEP = {"type": "ephemeral"}
NOTHING_SAID = "(nothing)"  # in place of a message that would be empty, which is refused


def messages_request(request: dict[str, Any]) -> dict[str, Any]:
    """Return a request for the Messages API."""
    rows = request.get("messages") or []
    tools = [_tool(one) for one in request.get("tools") or ()]
    made: dict[str, Any] = {
        "model": request["model"],
        "max_tokens": request.get("max_tokens") or request.get("max_completion_tokens") or _most(request["model"]),
        "messages": _kept_so_far(_turns(rows, has_tools=bool(tools))),
    }
    made |= {name: request[name] for name in _PASSED if request.get(name) is not None}
    if (made.get("thinking") or {}).get("type") in ("enabled", "adaptive"):
        made.pop("temperature", None)  # refused beside thoughts
        made.pop("top_p", None)
    if system := [text for row in rows if row["role"] in ("system", "developer") for text in _blocks(row["content"])]:
        made["system"] = [*system[:-1], {**system[-1], "cache_control": KEEP}]
    if tools:
        made["tools"] = tools
        made |= _choice(request)
    if stop := request.get("stop"):
        made["stop_sequences"] = [stop] if isinstance(stop, str) else stop
    return made


def _most(model_name: str) -> int:
    return MAX_TOKENS_BEFORE if _BEFORE.search(model_name) else MAX_TOKENS


def _tool(told: Block) -> Block:
    function = told.get("function", told)
    schema = function.get("parameters") or {"type": "object", "properties": {}}
    return {"name": function["name"], "description": function.get("description") or "", "input_schema": schema}


def _choice(request: dict[str, Any]) -> dict[str, Any]:
    """Return which tools may, or must, be called."""
    told, alone = request.get("tool_choice"), request.get("parallel_tool_calls") is False
    if isinstance(told, dict):
        chosen: Block = {"type": "tool", "name": told.get("function", {}).get("name", "")}
    else:
        chosen = {"type": {"required": "any", "none": "none"}.get(told or "", "auto")}
    if alone and chosen["type"] != "none":
        chosen["disable_parallel_tool_use"] = True
    return {"tool_choice": chosen} if told or alone else {}


def _turns(rows: Sequence[Row], has_tools: bool) -> list[Row]:
    """Return what was said, as messages whose roles take turns; the first is the person's."""
    turns: list[Row] = []
    for row in rows:
        if row["role"] in ("system", "developer"):
            continue
        role = "assistant" if row["role"] == "assistant" else "user"
        blocks = list(_parts(row, has_tools))
        if turns and turns[-1]["role"] == role:
            turns[-1]["content"] += blocks
        elif blocks:
            turns.append({"role": role, "content": blocks})
    if not turns or turns[0]["role"] != "user":
        turns.insert(0, {"role": "user", "content": [{"type": "text", "text": NOTHING_SAID}]})
    for turn in turns:  # results first: anything else before them is refused
        turn["content"].sort(key=lambda block: block["type"] != "tool_result")
    _strip_end(turns[-1])
    return turns


def _strip_end(turn: Row) -> None:
    """Take the spaces from the end of an answer that is to be gone on with, which are refused there."""
    last = turn["content"][-1]
    if turn["role"] == "assistant" and last["type"] == "text":
        last["text"] = last["text"].rstrip() or NOTHING_SAID


def _parts(row: Row, has_tools: bool) -> Iterable[Block]:
    """Yield the parts of a message: thoughts, texts and pictures, and calls and results of tools."""
    if row["role"] == "tool":
        yield from _result(row, has_tools)
        return
    for thought in row.get(THOUGHTS) or ():
        if thought.get("signature") or thought.get("data"):
            yield {name: thought[name] for name in _THOUGHT_FIELDS if name in thought}
    yield from _blocks(row.get("content"))
    for call in row.get("tool_calls") or ():
        function = call["function"]
        if has_tools:
            arguments = _arguments(function["arguments"])
            yield {"type": "tool_use", "id": _id(call["id"]), "name": function["name"], "input": arguments}
        else:  # without tools a call is refused
            yield {"type": "text", "text": f"(called {function['name']}: {function['arguments']})"}


def _result(row: Row, has_tools: bool) -> Iterable[Block]:
    blocks = _blocks(row.get("content")) or [{"type": "text", "text": NOTHING_SAID}]
    if has_tools:
        yield {"type": "tool_result", "tool_use_id": _id(row.get("tool_call_id", "")), "content": blocks}
    else:
        yield from blocks


def _blocks(content: Any) -> list[Block]:
    """Return the texts and pictures of a content, without empty ones, which are refused."""
    parts = [{"type": "text", "text": content}] if isinstance(content, str) else content or []
    found = [_block(part) for part in parts if isinstance(part, dict)]
    return [block for block in found if block and (block["type"] != "text" or block["text"].strip())]


def _block(part: Block) -> Block | None:
    if part.get("type") == "text":
        return {"type": "text", "text": part.get("text") or ""}
    if part.get("type") == "image_url":
        url = part["image_url"]["url"]
        data = _DATA.fullmatch(url)
        if data:
            return {"type": "image", "source": {"type": "base64", "media_type": data[1], "data": data[2]}}
        return {"type": "image", "source": {"type": "url", "url": url}}
    return part if part.get("type") in ("image", "document") else None


def _arguments(text: Any) -> dict[str, Any]:
    """Return a call's arguments as an object, whatever the model wrote."""
    with suppress(ValueError, TypeError, RecursionError):
        found = json.loads(text)
        if isinstance(found, dict):
            return found
    return {"invalid": text}


def _id(told: str) -> str:
    """Return a call's id in the letters that are allowed."""
    return re.sub(r"[^a-zA-Z0-9_-]", "_", told) or "call"


def _kept_so_far(turns: list[Row]) -> list[Row]:
    """Mark the ends of the person's last two messages: the server has read as far as the first, and keeps the second.

    At most four marks may stand in a request; one stands behind the instructions.
    """
    for turn in [turn for turn in turns if turn["role"] == "user"][-2:]:
        turn["content"][-1] = {**turn["content"][-1], "cache_control": KEEP}
    return turns
