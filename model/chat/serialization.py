"""Plain data and files: dataclasses to the dicts that stand in a file, and back.

A file may come from anywhere, and be edited by hand. A key that this version does not know, and a value of the wrong
type, or a number that can't be one (one wrong count of tokens would let a request run over the window), is kept in
`extra` and written back, so that nothing is lost.
"""

from dataclasses import MISSING, dataclass, fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin

T = TypeVar("T")
NOT_IN_FILE = {"in_file": False}  # metadata of a field that is no key of the file


@dataclass(frozen=True)
class _Key:
    """What a file may hold under a key: values of these types, a list's items of this one, which may be a dataclass."""

    types: tuple[type, ...]
    item: type | None
    default: Any  # only to be compared with; MISSING where the key has to be there

    def taken(self, values: Any) -> Any:
        """Return a list as the dataclass holds it. Raises: ValueError when it is none, or has other items."""
        if type(values) is list and is_dataclass(self.item):
            return self.types[0](from_row(self.item, row) for row in values)
        if type(values) is list and all(type(one) is self.item for one in values):
            return self.types[0](values)
        raise ValueError("not such a list")


def to_row(part: Any) -> dict[str, Any]:
    """Return a dataclass as it stands in the file: values that are the default are left out."""
    row: dict[str, Any] = {}
    for name, key in keys_of(part.__class__).items():
        value = getattr(part, name)
        if value != key.default:
            row[name] = [to_row(one) if is_dataclass(one) else one for one in value] if key.item else value
    return row | {name: value for name, value in part.extra.items() if name not in row}


def from_row(kind: type[T], row: Any) -> T:
    """Return the dataclass that a file's object tells.

    Raises: ValueError when it is no object, or a value is missing that has to be there.
    """
    if not isinstance(row, dict):
        raise ValueError("not an object")
    make: Any = kind
    keys, known, extra = keys_of(make), {}, {}
    for name, value in row.items():
        if (key := keys.get(name)) and key.item is not None:
            try:
                known[name] = key.taken(value)
            except ValueError:
                extra[name] = value
        elif key and (kind_of := type(value)) in key.types and (kind_of is str or is_possible(value)):
            known[name] = value
        else:
            extra[name] = value
    if any(key.default is MISSING and name not in known for name, key in keys.items()):
        raise ValueError("a value is missing, or of another type")
    made: T = make(**known, extra=extra)
    return made


@cache
def keys_of(kind: Any) -> dict[str, _Key]:
    """Return the keys that a dataclass has in a file, read off its fields."""
    keys = {}
    for field in fields(kind):
        if field.name != "extra" and field.metadata.get("in_file", True):
            choices = get_args(field.type) if isinstance(field.type, UnionType) else (field.type,)
            types = [get_origin(one) or one for one in choices if one is not NoneType]
            item = get_args(choices[0])[0] if types[0] in (list, tuple) else None
            default = field.default if field.default_factory is MISSING else field.default_factory()
            keys[field.name] = _Key((*types, int) if float in types else (*types,), get_origin(item) or item, default)
    return keys


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
