"""Markdown as plain text: the words stay, the marks go, and no text takes long."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from utils.text.characters import plain_text, without_code
from utils.text.words import words_of


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("## How **rain** forms", "How rain forms"),
        ("- [x] done *it* now\n* and ~~not~~ this", "done it now\nand not this"),
        ("> quote __bold__ and _it_", "quote bold and it"),
        ("snake_case 2*3 2 * 3 \\*kept\\*", "snake_case 2*3 2 * 3 *kept*"),
        ('See [the docs](https://x.y/(a)) and ![a map](a.png "t").', "See the docs and a map."),
        ("a<br>b", "a b"),
        ("```python\nfor *a in __x__: pass\n```\nafter `code`", "for *a in __x__: pass\n\nafter code"),
        ("---\n***\nx", "\n\nx"),
        ("1. first", "1. first"),
    ],
)
def test_marks_go_and_words_stay(markdown: str, text: str):
    assert plain_text(markdown) == text


def test_a_table_is_its_cells():
    assert plain_text("| a | b |\n|---|---|\n| 1 | 2 |").split() == ["a", "b", "1", "2"]


def test_code_is_left_out_where_there_is_more():
    assert without_code("Why?\n```python\nx = 1\n```\n").strip() == "Why?"
    assert without_code("```python\nx = 1") == "```python\nx = 1"


@given(
    st.lists(
        st.sampled_from(["one", "two2", "dréi", "**", "_", "`", "# ", "> ", "- ", "\n", " ", "|", "```\n", "[", "]"])
    )
)
def test_no_word_is_lost(parts: list[str]):
    text = " ".join(parts)
    assert [word for word in words_of(plain_text(text)) if word in ("one", "two2", "drei")] == [
        word for word in words_of(text) if word in ("one", "two2", "drei")
    ]
