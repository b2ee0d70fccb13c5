"""Thoughts as providers send them beside the text, and what some of them want back.

A provider whose model thinks before it calls a tool may refuse to go on unless its thoughts stand in the next request
of the same turn: DeepSeek wants `reasoning_content`, OpenRouter `reasoning_details`, LiteLLM `thinking_blocks`,
Anthropic its signed thinking parts, Gemini the `extra_content` of a call. They go back as they came, and nowhere else.
Sources: https://api-docs.deepseek.com/guides/thinking_mode,
https://openrouter.ai/docs/use-cases/reasoning-tokens, https://ai.google.dev/gemini-api/docs/thought-signatures
"""

from typing import Any

# Under these names what goes back rides along with the agent's messages: all of it, and what belongs to single calls.
SENT_BACK, CALLS = "sent_back", "calls"
# Where thoughts stand in a delta; a server that fills two of them says the same twice.
_FIELDS = ("reasoning_content", "reasoning", "thinking", "reasoning_text")
_DETAILS = ("reasoning_details", "thinking_blocks")
_TEXTS = ("text", "value", "thinking", "content", "summary")  # where the text of an object stands
_GROWING = ("text", "summary", "data", "thinking", "signature")  # what of a detail comes in pieces


class Thoughts:
    """Reads the thoughts of one answer, and keeps what has to be sent back."""

    def __init__(self) -> None:
        self.has_come = False
        self._content: list[str] = []
        self._details: dict[str, list[dict[str, Any]]] = {}
        self._parts: list[dict[str, Any]] = []
        self._extra: Any = None

    def read(self, delta: dict[str, Any]) -> str:
        found = ""
        for field in _FIELDS:
            if (value := delta.get(field)) and not found:
                found = text_in(value)
                if field == "reasoning_content":
                    self._content.append(found)
        for field in _DETAILS:
            if details := delta.get(field):
                said = "".join(self._read_detail(field, detail) for detail in details if isinstance(detail, dict))
                found = found or said
        if extra := delta.get("extra_content"):
            self._extra = extra
        return found

    def read_part(self, part: dict[str, Any]) -> str:
        """Return the thoughts in a typed part of the content; empty where it is none."""
        if part.get("type") not in ("thinking", "reasoning", "redacted_thinking"):
            return ""
        _add(self._parts, part)
        return text_in(part.get("thinking") or part.get("reasoning") or part.get("text") or part.get("summary") or "")

    def sent_back(self, text: str) -> dict[str, Any]:
        """Return what the next request of the turn has to say of this answer, beside its text and calls."""
        back: dict[str, Any] = {}
        if self._content:
            back["reasoning_content"] = "".join(self._content)
        back |= self._details
        if self._extra:
            back["extra_content"] = self._extra
        if signed := [part for part in self._parts if part.get("signature") or part.get("data")]:
            back["content"] = [*signed, *([{"type": "text", "text": text}] if text else [])]
        return back

    def _read_detail(self, field: str, detail: dict[str, Any]) -> str:
        _add(self._details.setdefault(field, []), detail)
        return text_in(detail.get("text") or detail.get("summary") or detail.get("thinking") or "")


def with_thoughts(row: dict[str, Any], back: dict[str, Any]) -> dict[str, Any]:
    """Return a message as the provider wants it back."""
    extras = back.get(CALLS, {})
    calls = [
        call | ({"extra_content": extras[call["id"]]} if call["id"] in extras else {})
        for call in row.get("tool_calls", ())
    ]
    return row | {key: value for key, value in back.items() if key != CALLS} | ({"tool_calls": calls} if calls else {})


def text_in(value: Any) -> str:
    """Return the text of thoughts that are a text, an object, or a list of parts."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "".join(text_in(part) for part in value)
    if isinstance(value, dict):
        return next(
            (text_in(value[key]) for key in ("text", "value", "thinking", "content", "summary") if value.get(key)), ""
        )
    return ""


def _add(details: list[dict[str, Any]], piece: dict[str, Any]) -> None:
    """Put a piece to the detail that it goes on with: the last of its kind with its number, until that is signed."""
    last = details[-1] if details else {}
    if not last or any(last.get(key) != piece.get(key, last.get(key)) for key in ("type", "index", "id")):
        details.append(dict(piece))
        return
    if last.get("signature") and piece.get("signature") is None and "index" not in piece:
        details.append(dict(piece))
        return
    for key, value in piece.items():
        if key in _GROWING and isinstance(value, str) and isinstance(last.get(key), str):
            last[key] += value
        elif isinstance(value, list) and isinstance(last.get(key), list):
            last[key] = [*last[key], *value]
        elif value is not None:
            last[key] = value
