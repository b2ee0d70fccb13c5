"""Texts are cut without loss, and what fits a question comes first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from utils.retrieval.snippets import best_passages, passages_of

RAIN = "Rain forms when warm air rises and cools.\nIt falls when drops grow heavy."
CATS = "Cats sleep for sixteen hours a day.\nKittens sleep even longer."


@given(st.text(alphabet="ab. !?。\n\t雨", max_size=400), st.integers(min_value=5, max_value=60))
def test_nothing_is_lost_the_order_stays_and_the_limit_holds(text: str, limit_chars: int):
    passages = passages_of(text, limit_chars=limit_chars)
    assert "".join("".join(passage.text.split()) for passage in passages) == "".join(text.split())
    assert [passage.place for passage in passages] == list(range(len(passages)))
    assert all(0 < len(passage.text) <= limit_chars for passage in passages)


def test_lines_and_sentences_are_kept_whole_where_they_fit():
    text = "One short line.\nFirst sentence here. Second sentence here. Third sentence here."
    assert [passage.text for passage in passages_of(text, limit_chars=45)] == [
        "One short line.\nFirst sentence here.",
        "Second sentence here. Third sentence here.",
    ]


@pytest.mark.parametrize(
    ("question", "begins"),
    [("How long do cats sleep?", "Cats sleep"), ("How does rain form?", "Rain"), ("the KITTEN", "Kittens")],
)
def test_the_passage_that_fits_comes_first(question: str, begins: str):
    passages = [*passages_of(RAIN, 0, 50), *passages_of(CATS, 1, 50)]
    assert best_passages(passages, question, 1000, len)[0].text.startswith(begins)


def test_without_a_common_word_the_beginnings_come_first():
    passages = [*passages_of(RAIN, 0, 50), *passages_of(CATS, 1, 50)]
    chosen = best_passages(passages, "zebra", 1000, len)
    assert [(passage.source, passage.place) for passage in chosen] == [(0, 0), (1, 0), (0, 1), (1, 1)]


@given(st.integers(min_value=0, max_value=300), st.integers(min_value=1, max_value=3))
def test_room_and_number_of_each_text_are_kept(room: int, each: int):
    passages = [*passages_of(RAIN * 5, 0, 50), *passages_of(CATS * 5, 1, 50)]
    chosen = best_passages(passages, "cats and rain", room, len, each)
    assert sum(len(passage.text) for passage in chosen) <= room
    assert all(sum(passage.source == source for passage in chosen) <= each for source in (0, 1))
    assert len(set(chosen)) == len(chosen)


def test_no_text_has_no_passages():
    assert passages_of(" \n\t\n") == []
    assert best_passages([], "anything", 100, len) == []
