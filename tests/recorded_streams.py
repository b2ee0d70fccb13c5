"""Answers of providers as they come over the wire: recorded ones in `tests/streams`, and more made of chunks."""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "streams"
DONE = b"data: [DONE]\n\n"


def recorded(name: str) -> bytes:
    """Return a recorded answer, byte for byte."""
    return (FOLDER / name).read_bytes()


def event(chunk: Any) -> bytes:
    """Return one server-sent event."""
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


def delta(finish_reason: str | None = None, **fields: Any) -> dict[str, Any]:
    """Return a chunk with these fields in its delta."""
    return {"choices": [{"index": 0, "delta": fields, "finish_reason": finish_reason}]}


def stream(*deltas: dict[str, Any], finish_reason: str | None = "stop", done: bytes = DONE) -> bytes:
    """Return a whole stream of deltas, given as their fields."""
    chunks = [delta(**fields) for fields in deltas]
    ending = [delta(finish_reason)] if finish_reason else []
    return b"".join(map(event, [*chunks, *ending])) + done


def said(*pieces: str, **ending: Any) -> bytes:
    """Return a stream of text."""
    return stream(*({"content": piece} for piece in pieces), **ending)


def called(*pieces: dict[str, Any], finish_reason: str = "tool_calls") -> bytes:
    """Return a stream of tool call pieces, one a chunk."""
    return stream(*({"tool_calls": [piece]} for piece in pieces), finish_reason=finish_reason)
