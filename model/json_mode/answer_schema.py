"""The schema that a conversation's answers fit, from what a person gives: text, an example, or a table of fields.

It is kept in the conversation's options, so that a reload keeps it. What can't be used is refused with one sentence.
"""

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from model.errors import InputError
from utils.json_tools import schema as json_schema
from utils.json_tools import schema_inference as schema_making
from utils.json_tools.answers import value_in
from utils.json_tools.schema import Violation

ANY: dict[str, Any] = {}  # the schema that every JSON fits
MEND = "Mend it, or choose another way to say what the answer looks like."


def from_text(text: str) -> dict[str, Any]:
    """Return the schema that a text holds; an empty text stands for any JSON. Raises: InputError."""
    if not text.strip():
        return ANY
    return _usable(_read(text, "schema"))


def from_example(text: str) -> dict[str, Any]:
    """Return the schema of answers that look like an example. Raises: InputError."""
    example = _read(text, "example")
    try:
        return _usable(schema_making.schema_of_example(example))
    except RecursionError as error:
        raise InputError("The example is nested too deep.", MEND) from error


def from_fields(fields: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the schema of an object with these fields. Raises: InputError."""
    try:
        return _usable(schema_making.schema_of_fields(fields))
    except ValueError as error:
        raise InputError(str(error), "Look at the table.") from error


def problems(answer: str, schema: dict[str, Any]) -> list[Violation]:
    """Return where an answer is no JSON, or does not fit a schema; none where all is well."""
    try:
        value = value_in(answer)
    except ValueError as error:
        return [Violation("", str(error))]
    try:
        return json_schema.schema_problems(value, schema) if is_usable(schema) else []
    except RecursionError:
        return [Violation("", "It is nested too deep.")]


def is_usable(schema: dict[str, Any]) -> bool:
    """Return whether a schema can be used; one in a file may have been changed by hand."""
    try:
        return _is_usable(json.dumps(schema))
    except RecursionError:
        return False


@lru_cache(maxsize=64)
def _is_usable(text: str) -> bool:
    """Tell it once: a page asks for each answer that it draws."""
    try:
        json_schema.check(json.loads(text))
    except ValueError:
        return False
    return True


def pretty(schema: dict[str, Any]) -> str:
    """Return a schema as people read it."""
    return json.dumps(schema, indent=2, ensure_ascii=False)


def _read(text: str, what: str) -> Any:
    if len(text) > json_schema.MAX_CHARS:
        raise InputError(f"The {what} is longer than {json_schema.MAX_CHARS:,} characters.", "Make it shorter.")
    try:
        return value_in(text)
    except ValueError as error:
        raise InputError(f"The {what} is not JSON. {error}", MEND) from error


def _usable(schema: Any) -> dict[str, Any]:
    try:
        json_schema.check(schema)
    except ValueError as error:
        raise InputError(str(error), MEND) from error
    checked: dict[str, Any] = schema
    return checked
