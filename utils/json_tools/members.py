"""The members of a large or damaged JSON file, one by one.

It leaves out what the JSON means.
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import msgspec

from utils.json_tools.text import decode

_DECODER = json.JSONDecoder(strict=False)
_SPACE = re.compile(r"[ \t\r\n]*")


def string_of(data: bytes | bytearray) -> str:
    """Return the text of a JSON file in any encoding that JSON ever had; what can't be read becomes a question mark."""
    return data.decode(json.detect_encoding(data), "replace")


def members(
    data: bytes | bytearray, tell: Callable[[float], None] = lambda _share: None
) -> Iterator[tuple[str | None, Any]]:
    """Yield each key and value of the outermost object, or None and each element of the outermost list.

    Only one is in memory as objects; `tell` hears the share that is done.
    Raises: ValueError at the first place that is damaged or nested too deep; what comes before has been yielded.
    """
    try:
        pieces = msgspec.json.decode(data, type=dict[str, msgspec.Raw] | list[msgspec.Raw])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):  # damaged, or in another encoding
        yield from members_of_text(string_of(data))
        return
    rows = pieces.items() if isinstance(pieces, dict) else ((None, piece) for piece in pieces)
    for number, (key, piece) in enumerate(rows, 1):
        tell(number / len(pieces))
        try:
            value = decode(piece)
        except (ValueError, RecursionError):
            value, _ = _value(string_of(bytes(piece)), 0)
        yield key, value


class Damaged(ValueError):
    """Where a text stops to be JSON, and the key of what stands there."""

    def __init__(self, why: str, at: int, key: str | None = None) -> None:
        super().__init__(why)
        self.at, self.key = at, key


def members_of_text(text: str, at: int = 0) -> Iterator[tuple[str | None, Any]]:
    """Yield what `members` does, repeated keys too. Raises: Damaged."""
    at = _behind_space(text, at)
    closing = {"[": "]", "{": "}"}.get(text[at : at + 1])
    if closing is None:
        raise Damaged("neither a list nor an object", at)
    mark, at = ",", _behind_space(text, at + 1)
    if text[at : at + 1] == closing:
        return
    while mark == ",":
        key = None
        if closing == "}":
            key, colon = _value(text, at)
            if not isinstance(key, str) or text[colon : colon + 1] != ":":
                raise Damaged("a key is missing", at)
            at = _behind_space(text, colon + 1)
        value, end = _value(text, at, key)
        yield key, value
        mark, at = text[end : end + 1], _behind_space(text, end + 1)
    if mark != closing:
        raise Damaged("it breaks off, or a comma is missing", at)


def _value(text: str, at: int, key: str | None = None) -> tuple[Any, int]:
    """Return the value at a place, and where the next sign behind it stands. Raises: Damaged."""
    try:
        value, end = _DECODER.raw_decode(text, at)
    except RecursionError as error:
        raise Damaged("nested too deep", at, key) from error
    except ValueError as error:
        raise Damaged("it is damaged there, or breaks off", at, key) from error
    return value, _behind_space(text, end)


def _behind_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def outer_pairs(text: str) -> Iterator[tuple[str, Any]]:
    """Yield the keys and values of the outermost object, repeated ones too, up to the first place that is damaged.

    Of a list in which the damage lies, the items before it are yielded, if there are any.
    """
    try:
        yield from ((key, value) for key, value in members_of_text(text) if key is not None)
    except Damaged as damage:
        items: list[Any] = []
        with suppress(Damaged):
            items.extend(value for key, value in members_of_text(text, damage.at) if damage.key and key is None)
        if damage.key is not None and items:
            yield damage.key, items
