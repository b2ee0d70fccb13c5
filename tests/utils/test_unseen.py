"""A mark has no look, and tells texts apart."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from utils.unseen import unseen_mark


@given(st.text())
def test_any_text_makes_a_mark_without_a_look(text: str):
    mark = unseen_mark(text)
    assert len(mark) == 8 and {unicodedata.category(char) for char in mark} == {"Cf"}


def test_other_texts_have_other_marks():
    assert len({unseen_mark(f"message {number}") for number in range(1000)}) == 1000
