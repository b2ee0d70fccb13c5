"""Sentences: where one ends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from utils.text.words import sentence_ends, sentences

PROSE = st.text(alphabet='aB .!?…,"”)1。', max_size=200)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("It rains. It pours!", ["It rains.", "It pours!"]),
        ("Dr. Smith met J. K. Rowling. They ate.", ["Dr. Smith met J. K. Rowling.", "They ate."]),
        ("Pi is 3.14 and so on. Yes.", ["Pi is 3.14 and so on.", "Yes."]),
        ("He said “Stop!” Then he left.", ["He said “Stop!”", "Then he left."]),
        ("Wait... what? Well", ["Wait... what?", "Well"]),
        ("今日は。元気？はい", ["今日は。", "元気？", "はい"]),
        ("It was I. You knew.", ["It was I.", "You knew."]),
        ("", []),
    ],
)
def test_sentences_end_where_a_reader_pauses(text: str, parts: list[str]):
    assert sentences(text) == parts


def test_the_last_sentence_is_not_whole_before_the_next_one_begins():
    assert sentence_ends("It rains.") == sentence_ends("It rains. ") == []
    assert sentence_ends("It rains. I") == [len("It rains. ")]


@given(PROSE)
def test_nothing_is_lost(text: str):
    assert "".join("".join(sentences(text)).split()) == "".join(text.split())


@given(PROSE, PROSE)
def test_what_is_whole_stays_whole_whatever_follows(text: str, more: str):
    ends = sentence_ends(text)
    assert sentence_ends(text + more)[: len(ends)] == ends
    end = max(ends, default=0)
    assert sentences((text + more)[:end]) == sentences(text[:end])
