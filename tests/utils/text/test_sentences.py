"""Sentences: where one ends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from utils.text.words import MOST_CHARACTERS, sentence_end, sentences

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
    assert sentence_end("It rains.") == sentence_end("It rains. ") == 0
    assert sentence_end("It rains. I") == len("It rains. ")


def test_a_sentence_without_end_is_cut_where_a_breath_fits():
    parts = sentences("one, two three " * 100)
    assert max(map(len, parts)) <= MOST_CHARACTERS
    assert parts[0].endswith(",")
    assert max(map(len, sentences("a" * 1000))) <= MOST_CHARACTERS


@given(PROSE)
def test_nothing_is_lost(text: str):
    assert "".join("".join(sentences(text)).split()) == "".join(text.split())


@given(PROSE, PROSE)
def test_what_is_whole_stays_whole_whatever_follows(text: str, more: str):
    end = sentence_end(text)
    assert sentence_end(text + more) >= end
    assert sentences((text + more)[:end]) == sentences(text[:end])
