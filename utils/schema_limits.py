"""Schemas for machines that hold a model to them: which one is strict enough, and one that allows less.

Read next: `utils/schema_making.py`.
"""

from typing import Any

from utils.json_schema import parts

# What a second, tighter try allows at most, so that no answer runs on.
TIGHT_CHARS = 60
TIGHT_ITEMS = 4


def is_closed(schema: Any) -> bool:
    """Tell whether every object in a schema names all its keys and wants them all, as OpenAI's strict mode asks.

    Source: https://platform.openai.com/docs/guides/structured-outputs
    """
    objects = [part for part, _ in parts(schema) if isinstance(part, dict) and isinstance(part.get("properties"), dict)]
    return (
        bool(objects)
        and schema.get("type") == "object"
        and all(
            part.get("additionalProperties") is False and set(part.get("required", [])) == set(part["properties"])
            for part in objects
        )
    )


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
