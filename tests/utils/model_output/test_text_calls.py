"""A call that a model writes into its text is taken as one when it stands alone and fits; nothing else is."""

import json

import pytest

from utils.model_output.text_calls import MOST_CHARS, TextCalls

CALL = '{"name": "add", "arguments": {"a": 1, "b": 2}}'
ARGUMENTS = '{"a": 1, "b": 2}'


def fits(name: str, arguments: str) -> bool:
    """Offer the tool `add`, which takes two whole numbers, and `look`, which takes a text."""
    given = json.loads(arguments)
    if name == "add":
        return set(given) == {"a", "b"} and all(type(value) is int for value in given.values())
    return name == "look" and set(given) == {"words"} and isinstance(given["words"], str)


def read(text: str, step: int) -> tuple[str, list[tuple[str, str]]]:
    calls = TextCalls(fits)
    said = [calls.feed(text[at : at + step]) for at in range(0, len(text), step)]
    said.append(calls.feed("", is_end=True))
    assert "".join(said) == calls.said
    return calls.said, calls.calls


@pytest.mark.parametrize("step", [1, 4, 7, 1000])
@pytest.mark.parametrize(
    ("text", "said"),
    [
        (CALL, ""),
        (f"\n {CALL}\n", "\n"),
        (f"```json\n{CALL}\n```", ""),
        (f"```\n{CALL}\n```\n", ""),
        (f"```xml\n<tool_call>\n{CALL}\n</tool_call>\n```", ""),
        (f"```json\n{CALL}", ""),  # the block is never closed
        (f"<tool_call>\n{CALL}\n</tool_call>", ""),
        (f"<tool_call>{CALL}</tool_call>", ""),
        (f"<tool_call>\n{CALL}", ""),
        (f"<function_call>{CALL}</function_call>", ""),
        (f"<tools>\n{CALL}\n</tools>", ""),
        (f"I will add them.\n\n{CALL}", "I will add them.\n\n"),
        (f"I will add them.\n```json\n{CALL}\n```\nThen I tell.", "I will add them.\nThen I tell."),
        (f"```python\nadd(1, 2)\n```\n{CALL}", "```python\nadd(1, 2)\n```\n"),
        (f"{CALL}\n{CALL}", ""),  # twice the same is one
        (f"<tool_call>{CALL}</tool_call>\n<tool_call>{CALL}</tool_call>", ""),
        ('{"arguments": {"b": 2, "a": 1}, "name": "add"}', ""),
        ('{"name": "add", "parameters": {"a": 1, "b": 2}}', ""),
        ('{"tool": "add", "args": {"a": 1, "b": 2}}', ""),
        ('{"function": "add", "arguments": {"a": 1, "b": 2}}', ""),
        ('{"type": "function", "function": {"name": "add", "arguments": {"a": 1, "b": 2}}}', ""),
        ('{"name": "add", "arguments": "{\\"a\\": 1, \\"b\\": 2}"}', ""),  # as the protocol has them
        ('{\n  "name": "add",\n  "arguments": {\n    "a": 1,\n    "b": 2\n  }\n}', ""),
    ],
)
def test_a_call_is_taken_and_the_rest_stays(text: str, said: str, step: int):
    found = read(text, step)
    assert found[0] == said
    assert [(name, json.loads(arguments)) for name, arguments in found[1]] == [("add", {"a": 1, "b": 2})]


@pytest.mark.parametrize("step", [1, 4, 7, 1000])
@pytest.mark.parametrize(
    "text",
    [
        "",
        "Hello.",
        "Hello.\n\n```python\nprint({'name': 'add'})\n```\n",
        '{"name": "multiply", "arguments": {"a": 1, "b": 2}}',  # not offered
        '{"name": "add", "arguments": {"a": 1}}',  # too few
        '{"name": "add", "arguments": {"a": 1, "b": "two"}}',  # of another kind
        '{"name": "add", "arguments": [1, 2]}',
        '{"name": "add"}',
        '{"name": "add", "tool": "add", "arguments": {"a": 1, "b": 2}}',
        '{"name": "add", "arguments": {"a": 1, "b": 2}, "note": "an example"}',
        '{"name": "add", "arguments": {"a": 1, "b": 2}',  # never closed
        '{"name": "add", "arguments": {"a": 1, "b": 2, }}',
        "{'name': 'add', 'arguments': {'a': 1, 'b': 2}}",
        f"You could write {CALL} for that.",
        f"{CALL} would be the call.",
        f"An example: `{CALL}`",
        f"[{CALL}]",
        f'{{"calls": [{CALL}]}}',
        f"```python\n{CALL}\n```",
        f"```json\n{CALL}\n{CALL}\n```",  # a block that holds more
        f"```json\n[\n{CALL}\n]\n```",
        f"> {CALL}",
        f"- {CALL}",
        '```json\n{"name": "Bob", "age": 7}\n```',  # JSON that a person asked for
        '{"name": "Ada Lovelace", "arguments": "She was right."}',
        '{"type": "object", "properties": {"name": {"type": "string"}}}',
        "A set is written {1, 2}.\n{ }\n{",
        "<tool_call>\nnothing\n</tool_call>",
    ],
)
def test_all_else_stays_text_to_the_letter(text: str, step: int):
    assert read(text, step) == (text, [])


def test_two_different_calls_are_two():
    look = '{"name": "look", "arguments": {"words": "a \\"}\\" b"}}'
    assert read(f"{CALL}\n{look}", 5)[1] == [("add", ARGUMENTS), ("look", '{"words": "a \\"}\\" b"}')]


def test_text_is_not_held_longer_than_it_may_become_a_call():
    calls = TextCalls(fits)
    assert calls.feed("Look: ") == "Look:" or calls.said == "Look: "
    assert calls.feed("{1} and {2}\n").startswith(" {1}") or calls.said.startswith("Look: {1} and {2}")
    assert calls.feed('{"name": "Bob", "age": ') == "" and '{"name"' not in calls.said
    assert calls.feed("7} is Bob.").endswith("is Bob.")


def test_what_never_ends_is_text_at_last():
    calls = TextCalls(fits)
    calls.feed('{"name": "look", "arguments": {"words": "')
    assert len(calls.feed("x" * (MOST_CHARS + 1))) > MOST_CHARS
