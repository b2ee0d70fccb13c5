"""A JSON Schema from a small table of fields, or from an example; and the table back from such a schema.

The schemas are closed: no key but those that are named.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

TYPES: dict[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "number": {"type": "number"},
    "whole number": {"type": "integer"},
    "yes or no": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "list of texts": {"type": "array", "items": {"type": "string"}},
    "list of numbers": {"type": "array", "items": {"type": "number"}},
}
MOST_FIELDS = 100


def schema_of_fields(fields: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the schema of an object with these fields: `field`, `type`, `required` and `description` of each.

    Raises: ValueError with a sentence.
    """
    named = [(str(row.get("field") or "").strip(), row) for row in fields]
    named = [(name, row) for name, row in named if name]
    names = [name for name, _ in named]
    if not names:
        raise ValueError("Name at least one field.")
    if len(names) > MOST_FIELDS:
        raise ValueError(f"These are more than {MOST_FIELDS} fields.")
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ValueError(f"Two fields have the name “{twice}”.")
    properties = {name: _field(row) for name, row in named}
    return _object(properties, [name for name, row in named if row.get("required") is not False])


def _field(row: Mapping[str, Any]) -> dict[str, Any]:
    description = str(row.get("description") or "").strip()
    return {**TYPES.get(str(row.get("type")), TYPES["text"]), **({"description": description} if description else {})}


def fields_of(schema: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """Return the table that makes a schema; None for a schema that no table makes."""
    properties, required = schema.get("properties"), schema.get("required", [])
    if not isinstance(properties, dict) or not all(isinstance(each, dict) for each in properties.values()):
        return None
    rows = []
    for name, each in properties.items():
        bare = {key: value for key, value in each.items() if key != "description"}
        kind = next((kind for kind, made in TYPES.items() if made == bare), None)
        rows.append({"field": name, "type": kind, "required": name in required, "description": each.get("description")})
    is_whole = bool(rows) and all(row["type"] for row in rows) and schema == schema_of_fields(rows)
    return rows if is_whole else None


def schema_of_example(value: Any) -> dict[str, Any]:
    """Return the schema of values that look like an example; a list is as its items together are."""
    if isinstance(value, dict):
        return _object({name: schema_of_example(each) for name, each in value.items()}, list(value))
    if isinstance(value, list):
        return (
            {"type": "array", "items": _merged([schema_of_example(each) for each in value])}
            if value
            else {"type": "array"}
        )
    kinds = {bool: "boolean", int: "integer", float: "number", str: "string"}
    return {"type": kinds[type(value)]} if type(value) in kinds else {}


def _object(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _merged(schemas: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return one schema for all: of objects, a key is required where all have it."""
    distinct = [schema for index, schema in enumerate(schemas) if schema not in schemas[:index]]
    if len(distinct) == 1:
        return distinct[0]
    if all(schema.get("type") == "object" for schema in distinct):
        names = dict.fromkeys(name for schema in distinct for name in schema["properties"])
        merged = {
            name: _merged([schema["properties"][name] for schema in distinct if name in schema["properties"]])
            for name in names
        }
        return _object(merged, [name for name in names if all(name in schema["required"] for schema in distinct)])
    if {schema.get("type") for schema in distinct} == {"integer", "number"}:
        return {"type": "number"}
    return {"anyOf": distinct}
