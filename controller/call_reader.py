"""Tool calls as they come in a stream, piece by piece.

LlamaIndex reads one call per chunk only, but some servers send several at once, or leave out ids and numbers; so the
pieces are put together here. Source: https://platform.openai.com/docs/guides/function-calling#streaming
"""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from openai.types.chat import ChatCompletionMessageToolCall as Call


class CallReader:
    """Puts the tool calls of one stream together."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self._at: dict[int, Call] = {}

    def read(self, pieces: Sequence[Any] | None) -> None:
        """Take a chunk's pieces: a name or a new number begins a call, arguments go on with the one before."""
        for piece in pieces or ():
            call = self._call_of(piece)
            if piece.function is not None:
                call.function.arguments += piece.function.arguments or ""

    def _call_of(self, piece: Any) -> Call:
        name = (piece.function.name if piece.function else None) or ""
        if piece.index is not None and piece.index in self._at:
            return self._at[piece.index]
        if piece.index is None and self.calls and not name:
            return self.calls[-1]
        call = Call.model_validate(
            {"id": self._free_id(piece.id), "type": "function", "function": {"name": name, "arguments": ""}}
        )
        self.calls.append(call)
        if piece.index is not None:
            self._at[piece.index] = call
        return call

    def _free_id(self, wish: str | None) -> str:
        """Return the server's id for a call, else one of our own: no two calls may share one."""
        return wish if wish and wish not in [call.id for call in self.calls] else f"call_{uuid4().hex}"
