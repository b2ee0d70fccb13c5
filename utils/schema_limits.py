"""Schemas for machines that hold a model to them: which one is strict enough, and one that allows less."""

import re
from collections.abc import Iterator
from typing import Any

MOST_NAMES, MOST_VALUES, MOST_LEVELS = 5_000, 1_000, 10  # of strict mode: keys, values of enums, objects in objects
_SAYING = {"type", "anyOf", "enum", "const", "$ref"}  # what says anything of a value
_KNOWN = _SAYING | set(
    "properties required additionalProperties items $defs definitions $schema title description pattern format"
    " multipleOf minimum maximum exclusiveMinimum exclusiveMaximum minItems maxItems minLength maxLength".split()
)
_FORMATS = {"date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"}
_REFERENCE = re.compile(r"#(?:/(?:\$defs|definitions)/[^/]+)?")
# What a second, tighter try allows at most, so that no answer runs on.
TIGHT_CHARS = 60
TIGHT_ITEMS = 4


def is_strict(schema: Any) -> bool:
    """Whether a schema is within what OpenAI's strict mode takes; what it does not know it refuses.

    Every object names all its keys, wants them all and allows no others. Source:
    https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
    """
    if not isinstance(schema, dict) or schema.get("type") != "object":
        return False
    every = list(_strict_parts(schema))
    names = sum(len(part.get("properties", ())) for part, _ in every if isinstance(part, dict))
    values = sum(len(part.get("enum", ())) for part, _ in every if isinstance(part, dict))
    is_small = names <= MOST_NAMES and values <= MOST_VALUES and max(depth for _, depth in every) <= MOST_LEVELS
    return is_small and all(_is_strict_part(part) for part, _ in every)


def _strict_parts(schema: Any, depth: int = 0) -> Iterator[tuple[Any, int]]:
    """Yield a schema and those in it, as far as strict mode knows where they can be, each with its depth."""
    yield schema, depth
    if not isinstance(schema, dict):
        return
    for key in ("properties", "$defs", "definitions"):
        for inner in schema.get(key, {}).values():
            yield from _strict_parts(inner, depth + (key == "properties"))
    for inner in (*schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else ())):
        yield from _strict_parts(inner, depth)


def _is_strict_part(part: Any) -> bool:
    if not isinstance(part, dict) or not part.keys() & _SAYING or part.keys() - _KNOWN:
        return False
    if "$ref" in part:
        return bool(_REFERENCE.fullmatch(part["$ref"]))
    kinds = part.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if "object" in kinds or "properties" in part:
        names = part.get("properties", {}).keys()
        return part.get("additionalProperties") is False and set(part.get("required", ())) == set(names)
    return ("array" not in kinds or "items" in part) and part.get("format", "date") in _FORMATS


def tightened(schema: Any) -> Any:
    """Return a schema that allows less: short texts, short lists, and whole numbers where numbers have bounds.

    llama.cpp's grammar holds a model to these, but not to the bounds of other numbers. What fits fits the first, too.
    """
    if isinstance(schema, list):
        return [tightened(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    tight = {key: value if key in ("enum", "const", "required") else tightened(value) for key, value in schema.items()}
    if tight.get("type") == "string" and not tight.keys() & {"enum", "const", "pattern", "format"}:
        tight["maxLength"] = max(min(tight.get("maxLength", TIGHT_CHARS), TIGHT_CHARS), tight.get("minLength", 0))
    if tight.get("type") == "array":
        tight["maxItems"] = max(min(tight.get("maxItems", TIGHT_ITEMS), TIGHT_ITEMS), tight.get("minItems", 0))
    if tight.get("type") == "number" and tight.keys() & {"minimum", "maximum"}:
        tight |= {"type": "integer"}
    return tight
