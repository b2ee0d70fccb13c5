"""A tool's input as a model and our own check get it: of a server's schema only what is plain.

References are put in their place, and left out is what can be made to cost any time or room: patterns, conditions,
references in a circle. The server checks the whole of it anyway.
"""

from collections.abc import Mapping
from typing import Any

from utils.text.untrusted import harmless

MOST_PARTS, MOST_DEPTH = 500, 12
MOST_CHARS = 500  # of a text in it
_TEXTS = ("title", "description", "type", "format")
_NUMBERS = ("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems")
_LISTS = ("anyOf", "oneOf")
_KINDS = ("object", "array", "string", "number", "integer", "boolean", "null")


def plain_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schema's plain part. Raises: ValueError with a sentence for one that is too large."""
    found = _Plain(schema).of(schema, 0, ())
    return {**found, "type": "object", "properties": found.get("properties", {})}


class _Plain:
    def __init__(self, root: Mapping[str, Any]) -> None:
        self.root = root
        self.count = 0

    def of(self, part: Any, depth: int, met: tuple[str, ...]) -> dict[str, Any]:
        """Return the plain part of a schema within the whole; `met` are the references that lead to it."""
        self.count += 1
        if self.count > MOST_PARTS or depth > MOST_DEPTH:
            raise ValueError("it describes its arguments at too great a length")
        if not isinstance(part, Mapping):
            return {}
        target = part.get("$ref")
        if isinstance(target, str) and target not in met:
            part, met = {**self._found(target), **part}, (*met, target)
        made = self._leaves(part)
        if isinstance(properties := part.get("properties"), Mapping):
            made["properties"] = {
                _text(name, 64): self.of(one, depth + 1, met)
                for name, one in properties.items()
                if isinstance(name, str)
            }
            required = part.get("required")
            names = [name for name in required if name in made["properties"]] if isinstance(required, list) else []
            made |= {"required": names} if names else {}
        if isinstance(part.get("items"), Mapping):
            made["items"] = self.of(part["items"], depth + 1, met)
        for name in _LISTS:
            if isinstance(choices := part.get(name), list) and choices:
                made[name] = [self.of(one, depth + 1, met) for one in choices]
        if part.get("additionalProperties") is False:
            made["additionalProperties"] = False
        return made

    def _leaves(self, part: Mapping[str, Any]) -> dict[str, Any]:
        made: dict[str, Any] = {name: _text(part[name]) for name in _TEXTS if isinstance(part.get(name), str)}
        kinds = part.get("type")
        if isinstance(kinds, list):
            made["type"] = [kind for kind in kinds if kind in _KINDS] or list(_KINDS)
        elif made.get("type") not in _KINDS:
            made.pop("type", None)
        made |= {name: part[name] for name in _NUMBERS if type(part.get(name)) in (int, float)}
        if isinstance(enum := part.get("enum"), list) and enum:
            self.count += len(enum)
            made["enum"] = [_text(one) if isinstance(one, str) else one for one in enum if _is_plain(one)]
        for name in ("const", "default"):
            if name in part and _is_plain(part[name]):
                made[name] = _text(part[name]) if isinstance(part[name], str) else part[name]
        return made

    def _found(self, target: str) -> Mapping[str, Any]:
        """Return what a reference within the schema leads to; nothing for any other."""
        found: Any = self.root
        for step in target.removeprefix("#/").split("/") if target.startswith("#/") else ("",):
            step = step.replace("~1", "/").replace("~0", "~")
            found = found.get(step) if isinstance(found, Mapping) else None
        return found if isinstance(found, Mapping) else {}


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float | bool)


def _text(text: str, most: int = MOST_CHARS) -> str:
    return harmless(text[:most])
