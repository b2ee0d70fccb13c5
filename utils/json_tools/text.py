"""JSON as people meet it: on one readable line, with odd characters in it, or damaged.

It leaves out what the JSON means.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import msgspec


def one_line(value: Any) -> bytes:
    """Return a value as one line of JSON with spaces, as a person would write it."""
    try:
        encoded = msgspec.json.encode(value)
    except UnicodeEncodeError:
        # Half of a surrogate pair, as a cut emoji leaves it, has no place in UTF-8: it becomes a question mark.
        encodable = json.dumps(msgspec.to_builtins(value), ensure_ascii=False).encode("utf-8", "replace")
        encoded = msgspec.json.encode(json.loads(encodable))
    return msgspec.json.format(encoded, indent=0)


def decode(data: bytes | msgspec.Raw) -> Any:
    """Return what a piece of JSON says.

    Raises: ValueError when it is not JSON.
    """
    try:
        return msgspec.json.decode(data)
    except msgspec.ValidationError:
        # A number beyond all floats, such as 1e999: the standard library reads it as infinity.
        return json.loads(bytes(data))


def text_of(data: bytes) -> str:
    """Return the text of a JSON file in any encoding that JSON ever had; what can't be read becomes a question mark."""
    return data.decode(json.detect_encoding(data), "replace")


def outer_pairs(text: str) -> Iterator[tuple[str, Any]]:
    """Yield the keys and values of the outermost object, repeated ones too, up to the first place that is damaged.

    Of a list in which the damage lies, the items before it are yielded, if there are any.
    """
    decoder = json.JSONDecoder(strict=False)
    before_key, before_value = re.compile(r"\s*[{,]\s*"), re.compile(r"\s*:\s*")
    position = 0
    while start := before_key.match(text, position):
        try:
            key, position = decoder.raw_decode(text, start.end())
            colon = before_value.match(text, position)
            if colon is None or not isinstance(key, str):
                return
        except (ValueError, RecursionError):
            return
        try:
            value, position = decoder.raw_decode(text, colon.end())
        except (ValueError, RecursionError):
            if whole := list(_items(decoder, text, colon.end())):
                yield key, whole
            return
        yield key, value


def _items(decoder: json.JSONDecoder, text: str, position: int) -> Iterator[Any]:
    before_item = re.compile(r"\s*[\[,]\s*")
    while start := before_item.match(text, position):
        try:
            item, position = decoder.raw_decode(text, start.end())
        except (ValueError, RecursionError):
            return
        yield item
