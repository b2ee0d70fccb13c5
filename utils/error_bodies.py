"""What a server wrote about an error, in whichever shape: each kind of server has its own.

`{"error": {"message"}}`, `{"error": "text"}`, `{"object": "error", "message"}`, `{"detail": [{"loc", "msg"}]}`,
`[{"error": {...}}]`, OpenRouter's `metadata.raw` with what the provider behind it wrote, or plain text.
"""

import json
from collections.abc import Mapping
from typing import Any

_MESSAGES = (
    *("message", "detail", "msg", "error_message", "error_msg", "status_msg"),
    *("error", "errors", "base_resp", "title", "reason"),
)
_CODES = ("code", "status_code", "status", "http_code")
_DEEPEST = 6


def error_in(answer: Mapping[str, Any]) -> Any:
    """Return the error that an answer with status 200 tells, None where it tells none."""
    choices = answer.get("choices")
    if (told := answer.get("base_resp")) and told.get("status_code"):  # MiniMax
        return answer
    if error := answer.get("error") or answer.get("errors"):
        return answer if isinstance(error, dict | list | str) else None
    if choices:
        return choices[0].get("error") or None
    if answer.get("object") == "error" or answer.get("type") == "error":
        return answer
    is_other = choices is not None or "usage" in answer or "id" in answer
    return None if is_other or not message_of(answer) else answer


def message_of(body: object, depth: int = 0) -> str:
    """Return the sentence that a body holds; empty where there is none."""
    if depth > _DEEPEST:
        return ""
    if isinstance(body, str):
        return _inner(body, depth) or body.strip()
    if isinstance(body, list):
        return next(filter(None, (message_of(part, depth + 1) for part in body)), "")
    if not isinstance(body, dict):
        return ""
    said = next(filter(None, (message_of(body.get(key), depth + 1) for key in _MESSAGES)), "")
    if isinstance(place := body.get("loc"), list):
        said = f"{'.'.join(map(str, place))}: {said}"
    raw = body["metadata"].get("raw") if isinstance(body.get("metadata"), dict) else None
    behind = message_of(raw, depth + 1) if raw else ""
    return f"{said}: {behind}" if behind and behind not in said else said


def code_of(body: object, depth: int = 0) -> int | None:
    """Return the HTTP status that a body names, None where it names none."""
    if isinstance(body, list) and body and depth < _DEEPEST:
        return code_of(body[0], depth + 1)
    if not isinstance(body, dict):
        return None
    codes = [body.get(key) for key in _CODES]
    numbers = [int(code) for code in codes if isinstance(code, int | str) and str(code).isdecimal()]
    found = next((number for number in numbers if 400 <= number < 600), None)
    return found or (code_of(body.get("error"), depth + 1) if depth < _DEEPEST else None)


def _inner(text: str, depth: int) -> str:
    """Return the message of JSON that was put into a text."""
    if not text.lstrip().startswith(("{", "[")):
        return ""
    try:
        return message_of(json.loads(text), depth + 1)
    except (ValueError, RecursionError):
        return ""
