"""Tool calls as they come in a stream, piece by piece.

LlamaIndex reads one call per chunk only, but servers send several at once, give all of them the same number, leave out
ids and numbers, send arguments as an object, in a block of code or as Python, or repeat a whole call at the end; so the
pieces are put together here.
Source: https://platform.openai.com/docs/guides/function-calling#streaming
"""

import ast
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import uuid4

from openai.types.chat import ChatCompletionMessageToolCall as Call

from utils.text.characters import mended

_NAMESPACE = "functions."  # what gpt-oss writes before a tool's name where its server leaves it there


@dataclass
class _Growing:
    """A call that is still being written; `server_id` is what the server calls it, which need not be its own."""

    id: str
    server_id: str
    name: str = ""
    parts: list[str] = field(default_factory=list)
    extra: Any = None

    @property
    def arguments(self) -> str:
        """Return the arguments as far as they have come."""
        if len(self.parts) > 1:
            self.parts = ["".join(self.parts)]
        return self.parts[0] if self.parts else ""

    @property
    def is_whole(self) -> bool:
        """Whether nothing more can belong to the arguments."""
        text = self.arguments.strip()
        return text.endswith("}") and _is_object(text)


class CallReader:
    """Puts the tool calls of one stream together."""

    def __init__(self) -> None:
        self._calls: list[_Growing] = []
        self._at: dict[int, _Growing] = {}
        self._by_id: dict[str, _Growing] = {}

    def __bool__(self) -> bool:
        return bool(self._calls)

    @property
    def calls(self) -> list[Call]:
        """Return the calls as the agent takes them."""
        return [
            Call.model_validate(
                {
                    "id": call.id,
                    "type": "function",
                    "function": {
                        "name": call.name.removeprefix(_NAMESPACE),
                        "arguments": mended(_object_in(call.arguments)),
                    },
                }
            )
            for call in self._calls
        ]

    @property
    def extras(self) -> dict[str, Any]:
        """Return what a server wants back with a call, by the call's id, such as Gemini's thought signature."""
        return {call.id: call.extra for call in self._calls if call.extra}

    def read(self, pieces: Sequence[dict[str, Any]] | dict[str, Any] | None) -> None:
        """Take a chunk's pieces: an id, a name or a number begins a call, arguments go on with the one before."""
        before = list(self._calls) if pieces else []
        for piece in [pieces] if isinstance(pieces, dict) else filter(None, pieces or ()):
            self._read(piece, before)

    def _read(self, piece: dict[str, Any], before: list[_Growing]) -> None:
        function = piece.get("function") or {}
        name, arguments = function.get("name") or "", _text_of(function.get("arguments", function.get("parameters")))
        index = piece.get("index") if type(piece.get("index")) is int else None
        call = self._call_of(str(piece.get("id") or ""), index, name, arguments, before)
        if name and name != call.name:
            call.name = name if name.startswith(call.name) else call.name + name
        if arguments:
            # Nothing can follow a whole object: it is the same call once more.
            is_again = arguments.lstrip().startswith("{") and call.is_whole
            call.parts = [arguments] if is_again else [*call.parts, arguments]
        call.extra = piece.get("extra_content") or call.extra

    def _call_of(
        self, server_id: str, index: int | None, name: str, arguments: str, before: list[_Growing]
    ) -> _Growing:
        """Return the call that a piece belongs to, a new one where it begins one."""
        if index is None:
            known = self._unnumbered(server_id, name, arguments, before)
        else:
            known = self._at.get(index)
            if known and _begins_another(known, server_id, name, arguments):
                known = self._by_id.get(server_id) if server_id else _same(before, name, arguments)
        if known is not None:
            return known
        is_free = bool(server_id) and server_id not in self._by_id
        call = _Growing(server_id if is_free else f"call_{uuid4().hex}", server_id)
        self._calls.append(call)
        if server_id:
            self._by_id.setdefault(server_id, call)
        if index is not None:
            self._at[index] = call
        return call

    def _unnumbered(self, server_id: str, name: str, arguments: str, before: list[_Growing]) -> _Growing | None:
        """Return the call that a piece without a number goes on with; None where it begins one."""
        if server_id:
            return self._by_id.get(server_id)
        last = self._calls[-1] if self._calls else None
        if last is None or not name or not last.name:
            return last
        return _same(before, name, arguments)


def _same(before: list[_Growing], name: str, arguments: str) -> _Growing | None:
    """Return the call of an earlier chunk that a piece repeats whole, as some servers do at the end."""
    return next((call for call in before if (call.name, call.arguments) == (name, arguments)), None)


def _begins_another(call: _Growing, server_id: str, name: str, arguments: str) -> bool:
    """Whether a piece belongs to another call than the one that has its number."""
    is_other_id = bool(server_id) and server_id != call.server_id
    if is_other_id:
        if call.arguments and not call.is_whole:
            return bool(name) and name != call.name
        return bool(name) or call.is_whole
    if server_id or not name or not call.is_whole:
        return False
    return (name, arguments) != (call.name, call.arguments)


def _text_of(arguments: object) -> str:
    """Return arguments as the text that they are by the protocol."""
    if arguments is None or isinstance(arguments, str):
        return arguments or ""
    return json.dumps(arguments, ensure_ascii=False)


def _object_in(arguments: str) -> str:
    """Return arguments as the object that they hold: within a text, a block of code, a list, or written as Python."""
    if _is_object(arguments):
        return arguments
    text = arguments.strip()
    with suppress(ValueError, RecursionError):
        text = inner if text.startswith('"') and isinstance(inner := json.loads(text), str) else text
    text = text[text.find("{") : text.rfind("}") + 1]
    for read in (partial(json.loads, strict=False), ast.literal_eval):
        with suppress(ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
            if isinstance(found := read(text), dict):
                return json.dumps(found, ensure_ascii=False)
    return arguments


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False
