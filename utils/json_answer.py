"""The JSON in what a model wrote: the whole text, or what stands in a code block or among other words.

It leaves out whether the value fits a schema: that is `utils/json_schema.py`.
"""

import json
import re
from typing import Any, NoReturn

from utils.json_schema import parts
from utils.think_tags import without_thoughts

MAX_DEPTH = 50
TOO_DEEP = "It is nested too deep."
_FENCE = re.compile(r"```[^\n`]*\n(.*?)\n?[ \t]*```", re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")


def value_in(text: str) -> Any:
    """Return the value that a text holds.

    Raises: ValueError with a sentence when there is none, or it breaks off.
    """
    stripped = text.strip().lstrip("\ufeff")
    if not stripped:
        raise ValueError("It is empty.")
    whole, stripped = stripped, without_thoughts(stripped).strip()
    begins = [match.start() for match in re.finditer(r"[{\[]", stripped)][:1]
    blocks = _FENCE.findall(stripped)
    candidates = [(whole, False), (stripped, False), *((block, False) for block in blocks)]
    candidates += [(stripped[at:], True) for at in begins]
    for candidate, has_rest in candidates:
        try:
            return _parsed(candidate, has_rest)
        except ValueError as error:
            if str(error) == TOO_DEEP:
                raise
    raise ValueError(_why_not(stripped))


def _parsed(text: str, has_rest: bool) -> Any:
    decoder = json.JSONDecoder(parse_constant=_refused)
    try:
        value, end = decoder.raw_decode(text.strip())
    except RecursionError as error:
        raise ValueError(TOO_DEEP) from error
    if not has_rest and text.strip()[end:].strip():
        raise ValueError("something follows")
    if any(depth > MAX_DEPTH for _, depth in parts(value)):
        raise ValueError(TOO_DEEP)
    # A number beyond all floats, such as 1e999, is refused here too.
    if _SURROGATE.search(json.dumps(value, ensure_ascii=False, allow_nan=False)):
        raise ValueError("half a character")
    return value


def _refused(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


def _why_not(text: str) -> str:
    """Return why a text is no JSON: it breaks off, or is damaged at a place."""
    begin = next((match.start() for match in re.finditer(r"[{\[]", text)), None)
    if begin is None:
        return "It is not JSON."
    try:
        json.loads(text[begin:])
    except json.JSONDecodeError as error:
        if error.msg.startswith("Unterminated string") or error.pos >= len(text[begin:].rstrip()):
            return "It breaks off before its end."
        return f"It is not JSON: {error.msg.lower()} in line {error.lineno}."
    except (ValueError, RecursionError):
        pass
    return "It is not JSON."
