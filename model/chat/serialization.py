"""Plain data inside a message: dataclasses to the dicts of the conversation file, and back.

A key that this version does not know is kept in `extra`; what has not the right types is not taken at all, so that
whoever reads a list of them can keep it as it was.

Numbers in a file that can be what they say they are: a file may come from anywhere, and be edited by hand.

One wrong count of tokens would let a request run over the window, or leave nothing in it.
"""

from dataclasses import MISSING, Field, fields
from typing import Any, TypeVar, cast

import msgspec

T = TypeVar("T")


def to_row(part: Any) -> dict[str, Any]:
    """Return a dataclass as it stands in the file: values that are the default are left out."""
    known = {f.name: getattr(part, f.name) for f in fields(part) if f.name != "extra"}
    defaults = {f.name: _default(f) for f in fields(part)}
    told = {key: value for key, value in known.items() if key not in defaults or value != defaults[key]}
    return told | {key: value for key, value in part.extra.items() if key not in known}


def from_rows(kind: type[T], rows: Any) -> list[T]:
    """Return the parts that a file's list tells.

    Raises: ValueError when it is no list of such parts.
    """
    if not isinstance(rows, list):
        raise ValueError("not a list")
    return [_from_row(kind, row) for row in rows]


def _from_row(kind: type[T], row: Any) -> T:
    if not isinstance(row, dict):
        raise ValueError("not an object")
    names = {field.name for field in fields(cast(Any, kind))} - {"extra"}
    known = {key: value for key, value in row.items() if key in names}
    extra = {key: value for key, value in row.items() if key not in names}
    return msgspec.convert({**known, "extra": extra}, kind)


def _default(field: "Field[Any]") -> Any:
    """Return a field's default; what never equals anything where there is none."""
    return field.default_factory() if field.default_factory is not MISSING else field.default


# What a message costs beyond its text: its role and the marks around it.
MESSAGE_OVERHEAD_TOKENS = 4
MOST = 10**12  # tokens, or seconds
LONGEST_TOKEN = 16  # characters; of real texts few tokens are longer


def is_possible(value: object) -> bool:
    """Whether a number can be a count or a duration; what is no number can't be wrong in this way."""
    return isinstance(value, bool) or not isinstance(value, int | float) or 0 <= value < MOST


def is_count_of(token_count: int | None, text: str) -> bool:
    """Whether a text may make so many tokens, with its overhead; no token is shorter than a byte."""
    if token_count is None:
        return False
    most = len(text) if text.isascii() else len(text.encode("utf-8", "replace"))
    return len(text) // LONGEST_TOKEN <= token_count <= most + 2 * MESSAGE_OVERHEAD_TOKENS
