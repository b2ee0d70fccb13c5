"""Cutting into passages: nothing is lost, nothing stands twice, the order is kept, and no passage is too long."""

from hypothesis import given, settings
from hypothesis import strategies as st

from utils.reading.block import Block
from utils.retrieval.chunking import Passage, chunk

WORDS = st.text(alphabet="ab .!?\n中é\t", max_size=400)
BLOCKS = st.builds(
    Block,
    text=WORDS | st.text(max_size=80) | st.just("word " * 900) | st.just("x" * 5000),
    section=st.sampled_from(["", "page 1", "page 2"]),
    unit=st.sampled_from(["line", "row", ""]),
    number=st.integers(1, 9),
    heading=st.sampled_from(["", "Costs", "A long heading " * 20]),
)


def count(texts: list[str]) -> list[int]:
    """Count as a tokenizer might: words, and each Chinese sign."""
    return [len(text.split()) + text.count("中") for text in texts]


def letters(texts: list[str]) -> str:
    """Return texts without any spaces."""
    return "".join("".join(text.split()) for text in texts)


@given(st.lists(BLOCKS, max_size=12))
@settings(deadline=None)
def test_nothing_is_lost_or_told_twice_and_the_order_is_kept(blocks: list[Block]):
    assert letters([passage.text for passage in chunk(blocks, count)]) == letters([block.text for block in blocks])


@given(st.lists(BLOCKS, max_size=12))
@settings(deadline=None)
def test_no_passage_is_longer_than_the_encoder_reads_or_empty(blocks: list[Block]):
    for passage in chunk(blocks, count):
        assert passage.text.strip()
        assert count([passage.text])[0] <= 254 and len(passage.text) <= 254 * 10


@given(st.lists(BLOCKS, max_size=12))
@settings(deadline=None)
def test_no_passage_goes_over_the_border_of_a_page_or_heading(blocks: list[Block]):
    for passage in chunk(blocks, count):
        homes = [b for b in blocks if b.section in passage.place and b.heading[:200] == passage.heading]
        assert homes


def test_a_passage_ends_where_a_paragraph_ends():
    lines = ["one " * 60, "two " * 60, "", "three " * 60, "four " * 60, "", "five " * 60]
    blocks = [Block(line.strip(), unit="line", number=number) for number, line in enumerate(lines, 1)]
    passages = list(chunk(blocks, count))
    assert [passage.place for passage in passages] == ["lines 1–5", "line 7"]
    assert passages[0].text.count("\n\n") == 1


def test_a_paragraph_that_is_too_long_is_cut_behind_a_sentence():
    [first, *_] = chunk([Block("This is a sentence of seven words. " * 80)], count)
    assert first.text.endswith(".")


def test_a_place_names_section_and_range():
    blocks = [Block(f"Tea {n}", "sheet Budget", "row", n, "Item | Cost") for n in (2, 3)]
    assert list(chunk(blocks, count)) == [Passage("Tea 2\nTea 3", "sheet Budget, rows 2–3", "Item | Cost")]
