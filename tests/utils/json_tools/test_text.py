"""JSON with odd characters, and damaged JSON."""

import json

import pytest

from utils.json_tools import text as json_text
from utils.json_tools.members import outer_pairs, string_of


def test_a_value_stands_on_one_readable_line():
    assert json_text.json_line({"a": ["é\n", 1, None]}) == '{"a": ["é\\n", 1, null]}'.encode()


@pytest.mark.parametrize("value", ["\ud83d", {"key \ud83d": float("inf")}])
def test_half_an_emoji_becomes_a_question_mark(value):
    assert "?" in json_text.json_line(value).decode("utf-8", "strict")


def test_a_number_beyond_all_floats_is_read_as_infinity():
    assert json_text.decode(b'{"a": 1e999}') == {"a": float("inf")}


def test_a_huge_whole_number_survives():
    assert json_text.decode(json_text.json_line(10**40)) == 10**40


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "utf-16-be"])
def test_text_is_read_in_any_encoding_of_json(encoding):
    text = json.dumps({"ä": "é"}, ensure_ascii=False)
    assert string_of(text.encode(encoding)) == text


def test_pairs_are_read_up_to_the_damage():
    assert list(outer_pairs('{"a": 1, "a": {"b": 2}, "c": {"d": 1')) == [("a", 1), ("a", {"b": 2})]


@pytest.mark.parametrize(
    ("rest", "items"), [("[1, [2], [3", [1, [2]]), ("[1,", [1]), ("[1, ?, 2]", [1]), ("[?]", None)]
)
def test_of_a_damaged_list_the_items_before_the_damage_are_read(rest, items):
    assert list(outer_pairs('{"a": ' + rest)) == ([] if items is None else [("a", items)])


@pytest.mark.parametrize(
    "text", ["", "[]", "{", "{}", '{"a"', '{"a":', "{1: 2}", "null", '{"a" 1}', '{"a": ' + "[" * 9999]
)
def test_nothing_is_read_where_there_is_nothing(text):
    assert list(outer_pairs(text)) == []
