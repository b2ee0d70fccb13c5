"""An answer of the Messages API: its events as chunks in the form of OpenAI's.

Source: https://docs.claude.com/en/docs/build-with-claude/streaming
"""

import time
from collections.abc import Iterable, Iterator
from typing import Any

Chunk = dict[str, Any]
Event = dict[str, Any]

REASONS = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "pause_turn": "length",
    "tool_use": "tool_calls",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "content_filter",
}
# The kinds of its errors, which in a stream come without a status. Source: https://docs.claude.com/en/api/errors
STATUS = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}


class AnswerEvents:
    """Reads one answer; `has_ended` once the server has said so."""

    def __init__(self) -> None:
        self.has_ended = False
        self._about: Chunk = {"object": "chat.completion.chunk", "created": int(time.time())}
        self._usage: dict[str, int] = {}
        self._calls: dict[int, int] = {}  # the place of a call among all, by its place among the parts

    def chunks(self, events: Iterable[Event]) -> Iterator[Chunk | None]:
        """Yield a chunk for each event, None for one that tells nothing new. An error stays one: {"error": ...}."""
        for event in events:
            kind = event.get("type")
            if kind == "error":
                yield {"error": event.get("error") or event}
            elif kind == "message_stop":
                self.has_ended = True
                return
            elif kind == "message_start":
                self._begin(event.get("message") or {})
                yield None
            elif kind == "content_block_start":
                yield self._delta(self._opened(event["index"], event.get("content_block") or {}))
            elif kind == "content_block_delta":
                yield self._delta(self._grown(event["index"], event.get("delta") or {}))
            elif kind == "message_delta":
                yield self._ending(event)
            else:  # a ping, the end of a part, or what nobody knows yet
                yield None

    def _begin(self, message: Event) -> None:
        self._about |= {"id": message.get("id", ""), "model": message.get("model", "")}
        self._count(message.get("usage"))

    def _opened(self, index: int, part: Event) -> Chunk:
        """Return what a part brings with which it begins."""
        kind = part.get("type")
        if kind == "tool_use":
            self._calls[index] = len(self._calls)
            function = {"name": part.get("name", ""), "arguments": ""}
            call = {"index": self._calls[index], "id": part.get("id", ""), "type": "function", "function": function}
            return {"tool_calls": [call]}
        if kind == "redacted_thinking":
            return {"thinking_blocks": [{"type": kind, "data": part.get("data", ""), "index": index}]}
        if kind == "thinking":
            return _thought(index, thinking=part.get("thinking") or "")
        return {"content": part.get("text") or ""} if kind == "text" else {}

    def _grown(self, index: int, delta: Event) -> Chunk:
        """Return what a part has grown by."""
        kind = delta.get("type")
        if kind == "text_delta":
            return {"content": delta.get("text") or ""}
        if kind == "thinking_delta":
            return _thought(index, thinking=delta.get("thinking") or "")
        if kind == "signature_delta":
            return _thought(index, signature=delta.get("signature") or "")
        if kind == "input_json_delta" and index in self._calls:
            piece = {"arguments": delta.get("partial_json") or ""}
            return {"tool_calls": [{"index": self._calls[index], "function": piece}]}
        return {}

    def _delta(self, delta: Chunk) -> Chunk | None:
        return {**self._about, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]} if delta else None

    def _ending(self, event: Event) -> Chunk:
        """Return why the answer ends, and what it took."""
        self._count(event.get("usage"))
        told = (event.get("delta") or {}).get("stop_reason")
        choice: Chunk = {"index": 0, "delta": {}, "finish_reason": REASONS.get(str(told), told)}
        return {**self._about, "choices": [choice], "usage": self._in_all()}

    def _count(self, usage: Any) -> None:
        """Take over counts; each event tells them as they are by then."""
        if isinstance(usage, dict):
            self._usage |= {name: count for name, count in usage.items() if type(count) is int}

    def _in_all(self) -> Chunk:
        """Return what it took; what the server had kept is no part of its `input_tokens`."""
        names = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens", "output_tokens")
        fresh, written, read, answered = (self._usage.get(name, 0) for name in names)
        prompt = fresh + written + read
        details = {"cached_tokens": read}
        counts = {"prompt_tokens": prompt, "completion_tokens": answered, "total_tokens": prompt + answered}
        return {**counts, "prompt_tokens_details": details}


def _thought(index: int, **told: str) -> Chunk:
    """Return a piece of a thought: to be shown, and, in the server's own form, to be sent back."""
    block = {"type": "thinking", "index": index, **told}
    text = told.get("thinking", "")
    return {"thinking_blocks": [block]} | ({"reasoning_content": text} if text else {})
