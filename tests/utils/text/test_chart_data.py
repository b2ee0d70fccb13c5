"""Numbers with labels, found in what people list."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from utils.text.chart_data import MAX_PAIRS, Labelled, labelled


@pytest.mark.parametrize(
    ("text", "title", "pairs"),
    [
        ("tea 12, coffee 30, juice 7", "", [("tea", 12), ("coffee", 30), ("juice", 7)]),
        ("tea 12, coffee 30 and juice 7.", "", [("tea", 12), ("coffee", 30), ("juice", 7)]),
        ("My rent: food 400, rent 900", "My rent", [("food", 400), ("rent", 900)]),
        ("Ann 3; Ben 4", "", [("Ann", 3), ("Ben", 4)]),
        ("Drinks: tea 12, coffee 1,300 and 7.5% juice", "Drinks", [("tea", 12), ("coffee", 1300), ("juice", 7.5)]),
        ("3 apples and 5 pears", "", [("apples", 3), ("pears", 5)]),
        ("Jan: 10\nFeb: -20\nMar = 3.5", "", [("Jan", 10), ("Feb", -20), ("Mar", 3.5)]),
        ("month,sold\nJan,10\nFeb,20", "", [("Jan", 10), ("Feb", 20)]),
        ("| drink | sold |\n| --- | --- |\n| tea | 12 |\n| **milk** | $30 |", "", [("tea", 12), ("milk", 30)]),
        ("What is 15% of 80?", "", [("What is of", 80)]),
        ("no numbers at all", "", []),
        ("1, 2, 3", "", []),
        ("", "", []),
        ("tea 1, tea 2", "", [("tea", 1)]),
        ("mp3 4, x2y 5", "", [("mp3", 4), ("x2y", 5)]),
    ],
)
def test_labels_and_numbers_are_found(text: str, title: str, pairs: list[tuple[str, float]]):
    assert labelled(text) == Labelled(title, pairs)


@given(st.text(max_size=300))
def test_any_text_gives_a_list(text: str):
    found = labelled(text)
    assert len(found.pairs) <= MAX_PAIRS
    assert all(label and isinstance(value, float) for label, value in found.pairs)


@given(
    st.dictionaries(
        st.from_regex(r"[b-hj-z]{3,9}", fullmatch=True).filter(lambda word: word != "und"),
        st.integers(-999_999, 999_999),
        min_size=2,
        max_size=12,
    ),
    st.sampled_from(["{}: {:,}\n", "{} {:,}, ", "| {} | {:,} |\n", "{}\t{}\n", "{} = {}; "]),
)
def test_what_was_written_down_is_read_back(pairs: dict[str, int], form: str):
    text = "".join(form.format(label, value) for label, value in pairs.items())
    assert dict(labelled(text).pairs) == pairs


def test_a_long_text_takes_no_time():
    assert labelled("a " * 100_000 + "tea 1, milk 2").pairs == []
    assert len(labelled("1," * 100_000).pairs) == 0
    assert labelled(" " * 100_000).pairs == []
