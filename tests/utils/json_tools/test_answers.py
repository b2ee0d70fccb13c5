"""JSON is found in whatever a model writes around it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from utils.json_tools.answers import value_in

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(VALUES, st.booleans())
def test_json_is_read_as_it_is(value: object, is_pretty: bool):
    assert value_in(json.dumps(value, indent=2 if is_pretty else None)) == value


@given(VALUES)
def test_a_code_block_is_looked_into(value: object):
    assert value_in(f"Here it is:\n```json\n{json.dumps(value)}\n```\nEnjoy!") == value


@pytest.mark.parametrize(
    "text",
    [
        'Here are [3] items:\n{"a": 1}',
        '[1] and [2]: {"a": 1}',
        'As {x} says: {"a": 1}',
        'Use {} like so: {"a": 1}',
        '- [ ] to do\n{"a": 1}',
        '{"a": 1} (see [source 2] and {this',
        '{"a": 1} is item [1, 2 of 3]',
    ],
)
def test_brackets_in_the_words_are_not_the_answer(text: str):
    assert value_in(text) == {"a": 1}


@pytest.mark.parametrize("text", ['Here are [3] items:\n{"a": 1, "b', '[1] {"a": {"b": 1}, "c": [1'])
def test_an_object_that_breaks_off_is_not_replaced_by_a_part_of_it(text: str):
    with pytest.raises(ValueError, match="breaks off"):
        value_in(text)


@pytest.mark.parametrize("text", ['Sure! {"a": 1}', '{"a": 1} That is all.', '\ufeff{"a": 1}\n'])
def test_words_around_an_object_do_no_harm(text: str):
    assert value_in(text) == {"a": 1}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("Hello there", "not JSON"),
        ('{"a": "b', "breaks off"),
        ('{"a": [1, 2', "breaks off"),
        ("{'a': 1}", "not JSON"),
        ('{"a": NaN}', "not JSON"),
        ('{"a": 1e999}', "not JSON"),
        ("[" * 100_000, "deep"),
        ("[" * 80 + "]" * 80, "deep"),
    ],
)
def test_what_is_no_json_is_told_in_a_sentence(text: str, said: str):
    with pytest.raises(ValueError, match=said):
        value_in(text)


@given(st.text())
def test_any_text_is_json_or_a_sentence(text: str):
    try:
        json.dumps(value_in(text))
    except ValueError as error:
        assert str(error).endswith(".")


@pytest.mark.parametrize(
    "text",
    [
        '<think>maybe {"a": 0}</think>\n{"a": 1}',
        '<think>use {a}</think>\n{"a": 1}',
        'maybe {"a": 0}\n</think>\n\n```json\n{"a": 1}\n```',
        '<thought>[0]</thought>{"a": 1}',
        '{"a": 1}',
    ],
)
def test_thoughts_before_it_are_left_out(text: str):
    assert value_in(text) == {"a": 1}


def test_a_tag_within_a_value_stays():
    assert value_in('{"a": "x\\n</think>\\n", "b": "<think>"}') == {"a": "x\n</think>\n", "b": "<think>"}


def test_thoughts_alone_are_no_json():
    with pytest.raises(ValueError, match="not JSON"):
        value_in('<think>{"a": 0}')
