"""JSON Schema (https://json-schema.org/draft/2020-12): whether one can be used, where a value does not fit.

Nothing is ever fetched: a schema that points elsewhere is refused.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

MAX_CHARS = 50_000
MAX_DEPTH = 30
MOST_PROBLEMS = 20
EACH_KIND: tuple[Any, ...] = ({}, [], "", 0, None)
# Each means that a part is of another dialect than the whole.
REFUSED_KEYS = {"$schema", "$recursiveRef"}
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
class Violation:
    """One place where a value does not fit: `path` is empty for the whole of it."""

    path: str
    text: str

    def __str__(self) -> str:
        return f"{self.path}: {self.text}" if self.path else self.text


def check(schema: Any) -> None:
    """Refuse what can't be used as a schema. Raises: ValueError with a sentence."""
    # Imported here: it takes 40 ms.
    from jsonschema import Draft202012Validator, SchemaError

    if not isinstance(schema, dict):
        raise ValueError("A JSON Schema is an object: it begins with { and ends with }.")
    try:
        _check_size(schema)
        Draft202012Validator.check_schema(schema)
        for part in _targets(schema):
            Draft202012Validator.check_schema(part)
        # References that go round in a circle show only in use.
        for value in EACH_KIND:
            schema_problems(value, schema)
    except SchemaError as error:
        place = _path(error.absolute_path)
        raise ValueError(f"This is no JSON Schema{f' at {place}' if place else ''}: {error.message[:200]}.") from error
    except RecursionError as error:
        raise ValueError("The schema points to itself in a circle.") from error


def _check_size(schema: dict[str, Any]) -> None:
    """Refuse what is too large, nested too deep, or partly of another dialect. Raises: ValueError."""
    for part, depth in parts(schema):
        if depth > MAX_DEPTH:
            raise ValueError(f"The schema is nested deeper than {MAX_DEPTH} levels.")
        for key in REFUSED_KEYS & part.keys() if isinstance(part, dict) and part is not schema else ():
            if isinstance(part[key], str):
                raise ValueError(f"The schema uses “{key}” in a part of it. Point to parts by $ref and #/… instead.")
    if len(str(schema)) > MAX_CHARS:
        raise ValueError(f"The schema is longer than {MAX_CHARS:,} characters.")


def _targets(schema: dict[str, Any]) -> Iterator[Any]:
    """Yield what the references in a schema lead to: by JSON Pointer (RFC 6901), by an anchor, or by an id in it.

    Raises: ValueError when one leads to another file, or to nothing.
    """
    from referencing import Registry
    from referencing.jsonschema import DRAFT202012

    root = DRAFT202012.create_resource(schema)
    registry: Any = Registry()  # one that fetches nothing
    waiting = [(schema, registry.resolver_with_root(root))]
    seen: set[int] = set()
    while waiting:
        part, resolver = waiting.pop()
        if id(part) in seen or not isinstance(part, dict):
            continue
        seen.add(id(part))
        for target in (part[key] for key in ("$ref", "$dynamicRef") if isinstance(part.get(key), str)):
            found = _found(resolver, target)
            yield found.contents
            waiting.append((found.contents, found.resolver))
        for inner in DRAFT202012.create_resource(part).subresources():
            waiting.append((inner.contents, resolver.in_subresource(inner)))


def _found(resolver: Any, target: str) -> Any:
    from referencing.exceptions import Unresolvable, Unretrievable

    nowhere = f"The schema points to “{target[:80]}”, which is not in it."
    try:
        found = resolver.lookup(target)
    except (Unresolvable, ValueError, TypeError, LookupError) as error:
        if isinstance(error, Unretrievable) or not target.startswith("#"):
            nowhere = f"The schema points to “{target[:80]}”. Only references within it (#/…) are followed."
        raise ValueError(nowhere) from error
    if not isinstance(found.contents, dict | bool):
        raise ValueError(nowhere)
    return found


def parts(value: Any) -> Iterator[tuple[Any, int]]:
    waiting = [(value, 0)]
    while waiting:
        part, depth = waiting.pop()
        yield part, depth
        inner = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
        waiting += [(each, depth + 1) for each in inner]


def schema_problems(value: Any, schema: dict[str, Any]) -> list[Violation]:
    from jsonschema import Draft202012Validator
    from referencing import Registry

    # A registry of its own: the default one fetches what a reference names.
    empty: Any = Registry()
    errors = Draft202012Validator(schema, registry=empty).iter_errors(value)
    found = [Violation(_path(error.absolute_path), _told(error)) for error in errors]
    return sorted(found, key=lambda problem: problem.path)[:MOST_PROBLEMS]


def _told(error: Any) -> str:
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
