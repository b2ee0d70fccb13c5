"""Schemas: which can be used, and what does not fit them is told at its place."""

import json
import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from utils.json_tools.schema import check, is_strict, schema_problems, tightened
from utils.json_tools.schema_inference import TYPES, fields_of, schema_of_example, schema_of_fields

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "tags": {"type": "array", "items": {"enum": ["a", "b"]}}},
    "required": ["name"],
}


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ([], "begins with {"),
        ({"type": "banana"}, "no JSON Schema at type"),
        ({"$ref": "https://example.com/x"}, "points to “https://example.com/x”"),
        ({"properties": {"a": {"$ref": "file:///etc/passwd"}}}, "file:///etc/passwd"),
        ({"$ref": "#/$defs/missing"}, "which is not in it"),
        ({"$ref": "#/a", "a": 5}, "which is not in it"),
        ({"$ref": "#/a", "a": {"type": 5}}, "no JSON Schema at type"),
        ({"properties": {"a": {"$dynamicRef": "#x"}}}, "“#x”, which is not in it"),
        ({"properties": {"a": {"$id": "http://example.com/", "$ref": "b"}}}, "points to “b”"),
        ({"properties": {"a": {"$schema": "http://json-schema.org/draft-04/schema"}}}, "uses “$schema”"),
        ({"$ref": "#/prefixItems/2", "prefixItems": [{}]}, "which is not in it"),
        ({"$ref": "#/enum/0", "enum": ["a"]}, "which is not in it"),
        ({"properties": {"a": {"pattern": "("}}}, "not a"),
        ({"$ref": "#"}, "in a circle"),
        ({"description": "x" * 60_000}, "longer than"),
    ],
)
def test_what_cannot_be_used_is_refused_with_a_sentence(schema: object, said: str):
    with pytest.raises(ValueError, match=re.escape(said)):
        check(schema)


TEXT, NUMBER = {"type": "string"}, {"type": "number"}


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": {"a": {"anyOf": [TEXT, {"type": "null"}]}, "b": {"$ref": "#/properties/a/anyOf/0"}}},
        {"prefixItems": [TEXT], "properties": {"b": {"$ref": "#/prefixItems/0"}}},
        {"$defs": {"a/b": TEXT, "c~d": TEXT, "é f": TEXT}, "properties": {"b": {"$ref": "#/$defs/a~1b"}}},
        {"$defs": {"c~d": TEXT}, "properties": {"b": {"$ref": "#/$defs/c~0d"}}},
        {"$defs": {"é f": TEXT}, "properties": {"b": {"$ref": "#/$defs/%C3%A9%20f"}}},
        {"properties": {"b": {"$ref": "#/parts/0/x"}}, "parts": [{"x": TEXT}]},
        {"$defs": {"t": {"$anchor": "text", **TEXT}}, "properties": {"b": {"$ref": "#text"}}},
        {"$defs": {"t": {"$dynamicAnchor": "text", **TEXT}}, "properties": {"b": {"$dynamicRef": "#text"}}},
        {"$id": "https://example.com/s", "$defs": {"t": TEXT}, "properties": {"b": {"$ref": "s#/$defs/t"}}},
        {"$id": "https://example.com/s", "$defs": {"t": {"$id": "t", **TEXT}}, "properties": {"b": {"$ref": "t"}}},
        {
            "$defs": {"t": {"$id": "urn:t", "$defs": {"u": TEXT}, "$ref": "#/$defs/u"}},
            "properties": {"b": {"$ref": "urn:t"}},
        },
        {"properties": {"b": TEXT, "c": {"enum": [{"$ref": "http://x.example/y"}]}, "$ref": NUMBER}},
    ],
)
def test_references_to_whatever_is_in_the_schema_are_followed(schema: dict[str, object]):
    check(schema)
    assert [str(found) for found in schema_problems({"b": 5}, schema)] == ["b: has to be text"]
    assert schema_problems({"b": "x"}, schema) == []


def closed(**properties: object) -> dict[str, object]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def nested(levels: int) -> dict[str, object]:
    return closed(a=nested(levels - 1)) if levels else closed(a=TEXT)


@pytest.mark.parametrize(
    ("schema", "is_taken"),
    [
        (closed(a=TEXT, b=closed()), True),
        (closed(a={"anyOf": [TEXT, {"type": "null"}]}, b={"type": ["string", "null"]}), True),
        (closed(a={"type": "array", "items": closed(b={"enum": ["x"]})}), True),
        (closed(a={"$ref": "#/$defs/t"}) | {"$defs": {"t": closed(a=TEXT)}}, True),
        (closed(a={"anyOf": [{"$ref": "#"}, {"type": "null"}]}), True),
        (nested(9), True),
        (nested(12), False),
        (closed(a=TEXT) | {"required": []}, False),
        (closed(m={"type": "object", "additionalProperties": TEXT}), False),
        (closed(m={"type": "object"}), False),
        (closed(m={"type": ["object", "null"]}), False),
        (closed(m={}), False),
        (closed(m=True), False),
        (closed(m={"oneOf": [TEXT, NUMBER]}), False),
        (closed(m={"allOf": [TEXT]}), False),
        (closed(m={"type": "string", "not": {"enum": ["x"]}}), False),
        (closed(m={"type": "array"}), False),
        (closed(m={"type": "array", "items": TEXT, "uniqueItems": True}), False),
        (closed(m={"type": "array", "prefixItems": [TEXT]}), False),
        (closed(m=closed() | {"patternProperties": {"x": TEXT}}), False),
        (closed(m={"$ref": "#/properties/a"}, a=TEXT), False),
        (closed(m={"$ref": "#/$defs/t"}) | {"$defs": {"t": {"type": "object"}}}, False),
        (closed(m={"type": "string", "format": "uri"}), False),
        (closed(m={"enum": list(range(1001))}), False),
        ({"anyOf": [closed()]}, False),
        ({"type": "array", "items": TEXT}, False),
    ],
)
def test_strict_is_asked_for_where_the_schema_is_within_its_limits(schema: dict[str, object], is_taken: bool):
    check(schema)
    assert is_strict(schema) == is_taken


def test_a_schema_nested_too_deep_is_refused():
    schema: dict[str, object] = {}
    for _ in range(5000):
        schema = {"properties": {"a": schema}}
    with pytest.raises(ValueError, match="deep|longer"):
        check(schema)


def test_a_tree_that_refers_to_itself_can_be_used():
    tree = {"$defs": {"t": {"type": "object", "properties": {"next": {"$ref": "#/$defs/t"}}}}, "$ref": "#/$defs/t"}
    check(tree)
    assert [str(found) for found in schema_problems({"next": {"next": 3}}, tree)] == ["next.next: has to be an object"]


def test_problems_name_their_place():
    assert [str(each) for each in schema_problems({"name": 3, "tags": ["a", "c"]}, PERSON)] == [
        "name: has to be text",
        "tags[1]: has to be one of a, b",
    ]
    assert [str(each) for each in schema_problems({}, PERSON)] == ["“name” is missing"]
    assert schema_problems({"name": "Ann"}, PERSON) == []


def test_a_table_of_fields_makes_a_closed_schema_and_comes_back():
    rows = [{"field": f"f{n}", "type": kind, "required": True, "description": None} for n, kind in enumerate(TYPES)]
    schema = schema_of_fields(rows)
    check(schema)
    assert is_strict(schema)
    assert fields_of(schema) == rows
    assert not is_strict(schema_of_fields([{"field": "a"}, {"field": "b", "required": False}]))


@pytest.mark.parametrize("rows", [[], [{"field": " "}], [{"field": "a"}, {"field": "a"}]])
def test_a_table_without_names_or_with_one_twice_is_refused(rows: list[dict[str, str]]):
    with pytest.raises(ValueError, match="field"):
        schema_of_fields(rows)


def test_no_table_is_shown_for_a_schema_that_it_could_not_hold():
    assert fields_of(PERSON) is None
    assert fields_of({"type": "object"}) is None


@given(VALUES)
def test_an_example_fits_its_own_schema(value: object):
    schema = schema_of_example(value)
    assert schema_problems(value, schema) == []


def test_items_of_several_forms_are_merged():
    schema = schema_of_example([{"a": 1, "b": "x"}, {"a": 2.5}])
    assert schema_problems([{"a": 3}], schema) == []
    assert schema_problems([{"b": "x"}], schema) != []


@given(st.text(max_size=80), st.lists(st.integers(), max_size=6), st.integers(-5, 15))
def test_what_fits_the_tighter_schema_fits_the_first(text: str, items: list[int], number: int):
    schema = {
        "type": "object",
        "properties": {
            "text": {"type": "string", "minLength": 3},
            "items": {"type": "array", "items": {"type": "integer"}, "minItems": 1},
            "number": {"type": "number", "minimum": 0, "maximum": 10},
        },
        "required": ["text", "items", "number"],
    }
    value = {"text": text, "items": items, "number": number}
    tight = tightened(schema)
    assert json.loads(json.dumps(tight)) == tight
    assert schema_problems(value, tight) != [] or schema_problems(value, schema) == []


KEYS = [
    "$ref",
    "$id",
    "$defs",
    "$dynamicRef",
    "type",
    "properties",
    "items",
    "pattern",
    "enum",
    "minimum",
    "required",
    "patternProperties",
    "anyOf",
    "if",
    "then",
    "dependentSchemas",
    "unevaluatedProperties",
    "maxLength",
    "a",
]
WORDS = st.sampled_from(["#", "#/$defs/a", "#a", "http://x.example/y", "string", "object", "(", "[a-z]+", "\\p{L}", ""])
HOSTILE = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=10,
)


@given(HOSTILE, VALUES)
def test_any_schema_is_refused_with_a_sentence_or_can_be_used(schema: object, value: object):
    try:
        check(schema)
    except ValueError as error:
        assert str(error).endswith(".")
    else:
        assert isinstance(schema, dict)
        with suppress(RecursionError):  # told by `model/json_mode/answer_schema.py`
            schema_problems(value, schema)
