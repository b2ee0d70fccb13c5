"""The JSON in what a model wrote: the whole text, or what stands in a code block or among other words.

It leaves out whether the value fits a schema: that is `utils/json_tools/schema.py`.
"""

import json
import re
from contextlib import suppress
from typing import Any, NoReturn

from utils.json_tools.schema import parts
from utils.model_output.think_tags import without_thoughts

MAX_DEPTH = 50
TOO_DEEP = "It is nested too deep."
NO_JSON = "It is not JSON."
_FENCE = re.compile(r"```[^\n`]*\n(.*?)\n?[ \t]*```", re.DOTALL)
_BEGIN = re.compile(r"[{\[]\s*")
_BRACKET = re.compile(r"[{}\[\]]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def value_in(text: str) -> Any:
    """Return the value that a text holds. Raises: ValueError with a sentence when there is none, or it breaks off."""
    stripped = text.strip().lstrip("\ufeff")
    if not stripped:
        raise ValueError("It is empty.")
    whole, stripped = stripped, without_thoughts(stripped).strip()
    for candidate in (whole, stripped, *_FENCE.findall(stripped)):
        with suppress(json.JSONDecodeError, _NotAlone):
            return _parsed(candidate)
    return _checked(_among_words(stripped))


class _NotAlone(ValueError):
    """Something follows a value."""


def _parsed(text: str) -> Any:
    value, end = _decoded(text := text.strip(), 0)
    if text[end:].strip():
        raise _NotAlone
    return _checked(value)


def _decoded(text: str, begin: int) -> tuple[Any, int]:
    try:
        return _decoder.raw_decode(text, begin)
    except RecursionError as error:
        raise ValueError(TOO_DEEP) from error


def _checked(value: Any) -> Any:
    if any(depth > MAX_DEPTH for _, depth in parts(value)):
        raise ValueError(TOO_DEEP)
    try:  # a number beyond all floats, such as 1e999, is refused here too
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    except ValueError as error:
        raise ValueError(NO_JSON) from error
    if _SURROGATE.search(text):
        raise ValueError(NO_JSON)
    return value


def _among_words(text: str) -> Any:
    """Return the longest value among words: a short one, such as [3] or {}, is part of what they say.

    Raises: ValueError with a sentence when there is none, or an object breaks off.
    """
    values: list[tuple[int, Any]] = []
    at = 0
    while begin := _BEGIN.search(text, at):
        try:
            value, at = _decoded(text, begin.start())
            values.append((at - begin.start(), value))
        except json.JSONDecodeError as error:
            is_word = error.pos <= begin.end()
            behind = _closed(text, begin.start()) if is_word else None
            if behind is None:
                if not values or (begin[0][0] == "{" and not is_word):
                    raise ValueError(_why_not(text[begin.start() :])) from error
                break
            at = behind
    if not values:
        raise ValueError(_why_not(text))
    return max(values, key=lambda one: one[0])[1]


def _closed(text: str, begin: int) -> int | None:
    """Return where the bracket that opens at a place is closed; None where it never is."""
    depth = 0
    for bracket in _BRACKET.finditer(text, begin):
        depth += 1 if bracket[0] in "{[" else -1
        if depth == 0:
            return bracket.end()
    return None


def _refused(_constant: str) -> NoReturn:
    raise ValueError(NO_JSON)


_decoder = json.JSONDecoder(parse_constant=_refused)


def _why_not(text: str) -> str:
    """Return why a text is no JSON: it breaks off, or is damaged at a place."""
    begin = next((match.start() for match in re.finditer(r"[{\[]", text)), None)
    if begin is None:
        return NO_JSON
    try:
        json.loads(text[begin:])
    except json.JSONDecodeError as error:
        if error.msg.startswith("Unterminated string") or error.pos >= len(text[begin:].rstrip()):
            return "It breaks off before its end."
        return f"It is not JSON: {error.msg.lower()} in line {error.lineno}."
    except (ValueError, RecursionError):
        pass
    return NO_JSON
