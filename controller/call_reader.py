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

    def read(self, pieces: Sequence[dict[str, Any]] | None) -> None:
        """Take a chunk's pieces: a name or a new number begins a call, arguments go on with the one before."""
        for piece in pieces or ():
            self._call_of(piece).function.arguments += (piece.get("function") or {}).get("arguments") or ""

    def _call_of(self, piece: dict[str, Any]) -> Call:
        name, index = (piece.get("function") or {}).get("name") or "", piece.get("index")
        if index is not None and index in self._at:
            return self._at[index]
        if index is None and self.calls and not name:
            return self.calls[-1]
        call = Call.model_validate(
            {"id": self._free_id(piece.get("id")), "type": "function", "function": {"name": name, "arguments": ""}}
        )
        self.calls.append(call)
        if index is not None:
            self._at[index] = call
        return call

    def _free_id(self, wish: str | None) -> str:
        """Return the server's id for a call, else one of our own: no two calls may share one."""
        return wish if wish and wish not in [call.id for call in self.calls] else f"call_{uuid4().hex}"
