"""JSON Schema: whether one can be used, and where a value does not fit it, each place in a sentence.

Nothing is ever fetched: a schema that points elsewhere is refused.
Source: https://json-schema.org/draft/2020-12. Read next: `utils/schema_limits.py`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

MAX_CHARS = 50_000
MAX_DEPTH = 30
MOST_PROBLEMS = 20
EACH_KIND: tuple[Any, ...] = ({}, [], "", 0, None)
# Each changes what a reference means, or where it is looked for.
REFUSED_KEYS = {"$id", "$schema", "$dynamicRef", "$recursiveRef"}
_KINDS = {
    "object": "an object",
    "array": "a list",
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "null": "null",
}


@dataclass(frozen=True)
class Problem:
    """One place where a value does not fit: `path` is empty for the whole of it."""

    path: str
    text: str

    def __str__(self) -> str:
        """Return both in one line."""
        return f"{self.path}: {self.text}" if self.path else self.text


def check(schema: Any) -> None:
    """Refuse what can't be used as a schema.

    Raises: ValueError with a sentence.
    """
    # Imported here: it takes 40 ms.
    from jsonschema import Draft202012Validator, SchemaError

    if not isinstance(schema, dict):
        raise ValueError("A JSON Schema is an object: it begins with { and ends with }.")
    try:
        for part in (schema, *_targets(schema)):
            Draft202012Validator.check_schema(part)
        # References that go round in a circle show only in use.
        for value in EACH_KIND:
            problems(value, schema)
    except SchemaError as error:
        place = _path(error.absolute_path)
        raise ValueError(f"This is no JSON Schema{f' at {place}' if place else ''}: {error.message[:200]}.") from error
    except RecursionError as error:
        raise ValueError("The schema points to itself in a circle.") from error


def _targets(schema: dict[str, Any]) -> Iterator[Any]:
    """Yield what the references in a schema lead to.

    Raises: ValueError when it is too large, nested too deep, or points to another file or to nothing.
    """
    for part, depth in parts(schema):
        if depth > MAX_DEPTH:
            raise ValueError(f"The schema is nested deeper than {MAX_DEPTH} levels.")
        if isinstance(part, dict):
            yield from _followed(schema, part)
    if len(str(schema)) > MAX_CHARS:
        raise ValueError(f"The schema is longer than {MAX_CHARS:,} characters.")


def _followed(schema: dict[str, Any], part: dict[str, Any]) -> Iterator[Any]:
    """Yield what the reference of one part leads to, if it has one."""
    for key in REFUSED_KEYS & part.keys():
        is_whole = part is schema and key in ("$id", "$schema")
        if isinstance(part[key], str) and not is_whole:
            raise ValueError(f"The schema uses “{key}” in a part of it. Point to parts by $ref and #/… instead.")
    target = part.get("$ref")
    if isinstance(target, str):
        yield _found(schema, target)


def _found(schema: dict[str, Any], target: str) -> Any:
    """Return the part that a reference leads to (RFC 6901)."""
    if target != "#" and not target.startswith("#/"):
        raise ValueError(f"The schema points to “{target[:80]}”. Only references within it (#/…) are followed.")
    found: Any = schema
    for step in target.split("/")[1:]:
        name = unquote(step).replace("~1", "/").replace("~0", "~")
        found = found.get(name) if isinstance(found, dict) else None
    if not isinstance(found, dict | bool):
        raise ValueError(f"The schema points to “{target[:80]}”, which is not in it.")
    return found


def parts(value: Any) -> Iterator[tuple[Any, int]]:
    """Yield a value and all that is in it, each with its depth."""
    waiting = [(value, 0)]
    while waiting:
        part, depth = waiting.pop()
        yield part, depth
        inner = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
        waiting += [(each, depth + 1) for each in inner]


def problems(value: Any, schema: dict[str, Any]) -> list[Problem]:
    """Return where a value does not fit a schema, in the order of its places."""
    from jsonschema import Draft202012Validator
    from referencing import Registry

    # A registry of its own: the default one fetches what a reference names.
    empty: Any = Registry()
    errors = Draft202012Validator(schema, registry=empty).iter_errors(value)
    found = [Problem(_path(error.absolute_path), _told(error)) for error in errors]
    return sorted(found, key=lambda problem: problem.path)[:MOST_PROBLEMS]


def _told(error: Any) -> str:
    """Return what is wrong at one place."""
    if error.validator == "required":
        missing = [name for name in error.validator_value if name not in error.instance]
        return f"“{'”, “'.join(missing)}” {'is' if len(missing) == 1 else 'are'} missing"
    if error.validator == "type":
        kinds = [error.validator_value] if isinstance(error.validator_value, str) else error.validator_value
        return f"has to be {' or '.join(_KINDS.get(kind, kind) for kind in kinds)}"
    if error.validator == "enum":
        return f"has to be one of {', '.join(map(str, error.validator_value))}"[:200]
    return str(error.message)[:200]


def _path(places: Any) -> str:
    """Return a place as people write it: items[2].price."""
    steps = [f"[{place}]" if isinstance(place, int) else f".{place}" for place in places]
    return "".join(steps).removeprefix(".")
