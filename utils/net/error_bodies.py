"""What a server tells of an error, in whichever shape: each kind of server has its own."""

import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from html import unescape
from typing import Any

# In whichever case they are written, with underscores or without.
_MESSAGES = (
    *("message", "detail", "msg", "errormessage", "errormsg", "statusmsg", "errordescription", "faultstring"),
    *("error", "errors", "baseresp", "fault", "title", "reason", "description"),
)
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
_CODES = ("code", "status_code", "status", "http_code")
_DEEPEST = 6


def error_in(answer: Mapping[str, Any]) -> Any:
    """Return the error that an answer with status 200 tells, None where it tells none."""
    choices = answer.get("choices")
    if (told := answer.get("base_resp")) and told.get("status_code"):  # MiniMax
        return answer
    if error := answer.get("error") or answer.get("errors"):
        return answer if isinstance(error, dict | list | str) and _says_something(error) else None
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
        return _inner(body, depth) or _title(body) or body.strip()
    if isinstance(body, list):
        return next(filter(None, (message_of(part, depth + 1) for part in body)), "")
    if not isinstance(body, dict):
        return ""
    plain = {str(key).replace("_", "").lower(): value for key, value in body.items()}
    said = next(filter(None, (message_of(plain.get(key), depth + 1) for key in _MESSAGES)), "")
    if isinstance(place := body.get("loc"), list):
        said = f"{'.'.join(map(str, place))}: {said}"
    raw = body["metadata"].get("raw") if isinstance(body.get("metadata"), dict) else None
    behind = message_of(raw, depth + 1) if raw else ""
    return f"{said}: {behind}" if behind and behind not in said else said


def error_code(body: object, depth: int = 0) -> int | None:
    """Return the HTTP status that a body names, None where it names none."""
    if isinstance(body, list) and body and depth < _DEEPEST:
        return error_code(body[0], depth + 1)
    if not isinstance(body, dict):
        return None
    codes = [body.get(key) for key in _CODES]
    numbers = [int(code) for code in codes if isinstance(code, int | str) and str(code).isdecimal()]
    found = next((number for number in numbers if 400 <= number < 600), None)
    return found or (error_code(body.get("error"), depth + 1) if depth < _DEEPEST else None)


def _says_something(error: Any) -> bool:
    """Whether anything stands in an error: gateways put an empty one beside each answer."""
    if isinstance(error, dict | list):
        return any(map(_says_something, error.values() if isinstance(error, dict) else error))
    return bool(error)


def _title(text: str) -> str:
    """Return the title of a page of HTML; empty where it is none."""
    found = _TITLE.search(text) if text.lstrip()[:1] == "<" else None
    return unescape(" ".join(found[1].split())) if found else ""


def _inner(text: str, depth: int) -> str:
    """Return the message of JSON that was put into a text."""
    if not text.lstrip().startswith(("{", "[")):
        return ""
    try:
        return message_of(json.loads(text), depth + 1)
    except (ValueError, RecursionError):
        return ""


def retry_after_s(header: str | None) -> float | None:
    """Return the seconds that a Retry-After header tells, as a number or as a date (RFC 9110, section 10.2.3)."""
    try:
        wait_s = float(header or "")
    except ValueError:
        try:
            date = parsedate_to_datetime(header or "")
            wait_s = round((date.replace(tzinfo=date.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
        except (ValueError, TypeError, OverflowError):
            return None
    return max(0.0, wait_s) if wait_s < math.inf else None  # a number that is none is left out, too
