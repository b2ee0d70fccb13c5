"""Markdown as a voice reads it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.proportion import is_in_proportion
from utils.text.spoken import CODE, FORMULA, MOST_CHARACTERS, MOST_LINE_CHARACTERS, TABLE, SpokenText, say

PIECES = [
    "# Rain\n",
    "It *rains*. ",
    "\n",
    "\n\n",
    "- one\n",
    "```py\nx = 1. Y\n```\n",
    "| a | b |\n|---|---|\n| 1 | 2 |\n",
]
MARKDOWN = st.lists(st.sampled_from([*PIECES, "[a link](https://a.b) ", "`x. Y` ", "$$\nx\n$$\n", "Dr. ", "So. ", "a"]))


def spoken(text: str, step: int = 1_000_000) -> list[str]:
    """Return what is said of a text that comes in pieces."""
    voice = SpokenText()
    said = [each for at in range(0, len(text), step) for each in voice.feed(text[at : at + step])]
    return said + voice.end()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("**Bold**, _thin_, ~~gone~~ and `code`", "Bold, thin, gone and code"),
        ('See [the guide](https://a.b/c "title").', "See the guide."),
        ("See https://www.example.com/a?b=c. Then", "See a link to example.com. Then"),
        ("![a cat](https://evil.example/x.png)", "picture: a cat"),
        ("Costs $5 and $10, where $x^2 = 4$", "Costs $5 and $10, where a formula"),
        ("Fruit, e.g. apples vs. pears, etc.", "Fruit, for example apples versus pears, et cetera"),
        ("Fine 🎉 <b>now</b> &amp; later [1]", "Fine now and later"),
        ("a -> b", "a to b"),
        ("snake_case stays", "snake_case stays"),
    ],
)
def test_a_line_is_said_without_its_marks(line: str, words: str):
    assert say(line) == words


def test_code_tables_and_formulas_are_told_of_once():
    text = "Look:\n\n```python\nprint('a. B')\n```\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n\n$$\nx = 1\n$$\nDone."
    assert spoken(text) == ["Look:", CODE, TABLE, FORMULA, "Done."]


def test_code_that_is_never_closed_is_not_read():
    assert spoken("So:\n```\nx = 1\n\ny = 2") == ["So:", CODE]


def test_items_and_headings_are_sentences():
    assert spoken("# Plan\n1. First\n2. Second\n   - [x] third\n\n> quoted") == [
        "Plan.", "First.", "Second.", "third.", "quoted.",
    ]  # fmt: skip


def test_a_sentence_over_two_lines_is_one():
    assert spoken("It rains\nall day. Bring\na coat.") == ["It rains all day.", "Bring a coat."]


def test_a_sentence_is_said_before_its_line_ends():
    voice = SpokenText()
    assert voice.feed("It rains. B") == ["It rains."]
    assert voice.feed("ring a coat.") == []
    assert voice.end() == ["Bring a coat."]


@pytest.mark.parametrize("text", ["`a. B` is", "[a. B](https://c.d) is", "$$a. B$$ is"])
def test_code_and_links_are_not_cut_at_a_full_stop_inside(text: str):
    assert len(spoken(text, step=1)) <= 2
    assert "`" not in "".join(spoken(text, step=1))


@pytest.mark.parametrize("text", ["", " \n\n", "---", "***", "🎉", "```\n```"[:3]])
def test_there_is_nothing_to_say_where_there_are_no_words(text: str):
    assert [each for each in spoken(text) if each != CODE] == []


@settings(max_examples=200)
@given(MARKDOWN, st.integers(1, 9))
def test_the_same_words_are_said_however_the_text_comes(parts: list[str], step: int):
    text = "".join(parts)
    assert " ".join(spoken(text, step)).split() == " ".join(spoken(text)).split()


@given(st.text(alphabet="`$|[]()*_~<>&\\\n .-#1aB!", max_size=300), st.integers(1, 50))
def test_no_text_breaks_it(text: str, step: int):
    assert all(any(sign.isalnum() for sign in sentence) for sentence in spoken(text, step))


@pytest.mark.parametrize("unit", ["a", "[", "`", "$", "<a", "![", "a. ", "| ", "\\("])
def test_a_long_text_takes_time_in_proportion(unit: str):
    assert is_in_proportion(lambda size: spoken(unit * size, step=50), 5_000)


def test_a_line_without_end_is_said_in_parts():
    voice = SpokenText()
    assert voice.feed("word " * MOST_LINE_CHARACTERS)


def test_a_sentence_without_end_is_cut_where_a_breath_fits():
    parts = spoken("one, two three " * 100)
    assert max(map(len, parts)) <= MOST_CHARACTERS
    assert parts[0].endswith(",.")
    assert max(map(len, spoken("a" * 1000))) <= MOST_CHARACTERS + len(".")
