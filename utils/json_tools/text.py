"""JSON on one readable line, and back, with odd characters in it."""

import json
from typing import Any

import msgspec


def json_line(value: Any) -> bytes:
    """Return a value as one line of JSON with spaces, as a person would write it."""
    try:
        encoded = msgspec.json.encode(value)
    except UnicodeEncodeError:
        # Half of a surrogate pair, as a cut emoji leaves it, has no place in UTF-8: it becomes a question mark.
        encodable = json.dumps(msgspec.to_builtins(value), ensure_ascii=False).encode("utf-8", "replace")
        encoded = msgspec.json.encode(json.loads(encodable))
    return msgspec.json.format(encoded, indent=0)


def decode(data: bytes | msgspec.Raw) -> Any:
    """Return what a piece of JSON says. Raises: ValueError when it is not JSON."""
    try:
        return msgspec.json.decode(data)
    except msgspec.ValidationError:
        # A number beyond all floats, such as 1e999: the standard library reads it as infinity.
        return json.loads(bytes(data))
