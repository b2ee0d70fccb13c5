"""Words that were read off a picture stand in the lines in which a person reads them."""

from hypothesis import given
from hypothesis import strategies as st

from utils.reading.ocr import Piece, lines_of

PIECES = st.lists(st.builds(Piece, *[st.floats(0, 1000)] * 3, st.text("abc", min_size=1)))


def test_what_stands_side_by_side_is_one_line():
    bill = [
        Piece(10, 30, 300, "3 euro"),
        Piece(12, 31, 10, "Tea"),
        Piece(50, 70, 10, "Total"),
        Piece(49, 69, 300, "8 euro"),
    ]
    assert lines_of(bill) == ["Tea  3 euro", "Total  8 euro"]


def test_lines_come_from_the_top_to_the_bottom():
    assert lines_of([Piece(90, 99, 0, "last"), Piece(0, 9, 50, "first")]) == ["first", "last"]


@given(PIECES)
def test_no_word_is_lost_and_none_is_told_twice(pieces: list[Piece]):
    assert sorted(word for line in lines_of(pieces) for word in line.split("  ")) == sorted(p.text for p in pieces)
