"""The plain data of the scripted server: what it is told to answer, and what it writes down."""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

Json = dict[str, Any]


def split_tokens(text: str) -> list[str]:
    """Cut a text into word-like tokens that join to exactly that text."""
    return re.findall(r"\s*\S+|\s+", text)


@dataclass(frozen=True)
class Reply:
    """One scripted answer; a fault `after` n happens once n tokens (thinking, text or tool-call pieces) have left."""

    text: str = ""
    thinking: str = ""  # comes before the text, as `reasoning_content`
    tool_calls: Sequence[tuple[str, str]] = ()  # (name, arguments as a JSON string)
    tokens_per_s: float | None = None  # None: all at once
    delay_s: float = 0.0  # before the headers
    status: int = 200
    error_message: str = ""  # empty: the status' own phrase
    error_code: str | None = None
    retry_after_s: float | None = None
    retry_after: str = ""  # the header as it stands
    finish_reason: str | None = "stop"  # with tool calls "tool_calls"; None: the stream just ends, without [DONE]
    leading_role_chunk: bool = True
    cut_after: int | None = None
    stall_after: int | None = None
    malformed_after: int | None = None
    raw: bytes | None = None  # the whole body, byte for byte, in place of the text
    content_type: str = "text/event-stream"  # of a raw body
    raw_pieces: int = 1  # in how many writes a raw body leaves
    raw_end: str = "whole"  # or "reset", "cut" (no last chunk), "open" (the connection stays), "rubbish", "alive"

    def calls(self) -> list[Json]:
        """List the whole tool calls."""
        named = [{"name": name, "arguments": arguments} for name, arguments in self.tool_calls]
        first_id = time.time_ns()
        return [{"id": f"call_{n}", "type": "function", "function": call} for n, call in enumerate(named, first_id)]

    def deltas(self) -> list[Json]:
        """List what is streamed, one token each."""
        deltas: list[Json] = [{"reasoning_content": token} for token in split_tokens(self.thinking)]
        deltas += [{"content": token} for token in split_tokens(self.text)]
        for index, call in enumerate(self.calls()):
            pieces = [{"function": {"arguments": piece}} for piece in split_tokens(call["function"]["arguments"])]
            call["function"]["arguments"] = ""
            deltas += [{"tool_calls": [{"index": index, **part}]} for part in (call, *pieces)]
        return deltas

    def error(self) -> Json:
        """Build the error body that belongs to the status."""
        kind = "server_error" if self.status >= 500 else "invalid_request_error"
        message = self.error_message or HTTPStatus(self.status).phrase
        return {"error": {"message": message, "type": kind, "param": None, "code": self.error_code}}


@dataclass
class Request:
    """What was asked and when; `_at` is time.monotonic(), `_at_epoch_s` is time.time()."""

    path: str
    headers: dict[str, str]  # names in lower case
    body: Any
    arrived_at: float = field(default_factory=time.monotonic)
    arrived_at_epoch_s: float = field(default_factory=time.time)
    first_token_at: float | None = None  # just before it left
    first_token_at_epoch_s: float | None = None
    last_token_at: float | None = None
    last_token_at_epoch_s: float | None = None
    closed_at: float | None = None  # the client left before the answer's end
    closed_at_epoch_s: float | None = None
    tokens_sent: int = 0
    finished: bool = False  # everything scripted was sent, to a proper end
    usage: dict[str, int] = field(default_factory=dict)  # of a request over Anthropic's protocol: what its cache did
    ended: bool = False  # finished, cut, or left by the client: nothing more will change

    def stamp(self, event: str) -> None:
        """Write down that something happens now, on both clocks."""
        setattr(self, f"{event}_at", time.monotonic())
        setattr(self, f"{event}_at_epoch_s", time.time())

    def stamp_token(self) -> None:
        """Write down that a token leaves now."""
        self.stamp("last_token")
        self.tokens_sent += 1
        if self.tokens_sent == 1:
            self.first_token_at, self.first_token_at_epoch_s = self.last_token_at, self.last_token_at_epoch_s
