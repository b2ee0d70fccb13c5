"""A text that goes in circles is told from one that does not, always in the same way."""

import pytest

from utils.model_output.repetition import loop_begins

PROSE = (
    "Rain forms when water vapour in the air cools and turns into tiny drops. These drops join others and grow. When"
    " they are heavy enough they fall. Mountains make air rise, so that much rain falls on their windward side. Warm"
    " seas give more vapour to the air than cold ones do, which is why the tropics are so wet in most months of the"
    " year. Where air sinks there are deserts: the Sahara lies under such a belt, and so does much of Australia. Snow"
    " forms in nearly the same way, but the drops freeze on their way down, or grow as crystals from the very start."
)
CODE = "```python\n" + "".join(f"def add_{n}(a, b):\n    return a + b + {n}\n\n" for n in range(20)) + "```"
LINES = [
    "The novel was written by Jane Austen in London. ",
    "The novel was written by Jane Austen in Bath. ",
    "The novel was first written by Jane Austen in Hampshire. ",
    "The novel was written by Jane Austen in England. ",
]


@pytest.mark.parametrize(
    "round",
    ["fluffy, ", "He is a big, fluffy dog. ", "I am not sure. I can help you with that. ", "- Rain\n- Snow\n", "ha"],
)
def test_a_piece_that_comes_again_and_again_is_a_loop_and_one_round_stays(round: str):
    text = PROSE + "\n\nSo:\n" + round * 60
    end = loop_begins(text)
    assert end is not None and len(PROSE) <= end <= len(PROSE) + 6 + 2 * len(round)


def test_sentences_that_only_vary_a_few_words_are_a_loop():
    text = "Pride and Prejudice is a novel. " + "".join(LINES * 6)
    end = loop_begins(text)
    assert end is not None and len(text[:end].split(". ")) < 8


def test_days_that_go_on_without_end_are_a_loop():
    days = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
    text = "The days are:\n" + "".join(f"{n + 1}. {days[n % 7]}\n" for n in range(100))
    end = loop_begins(text)
    assert end is not None and text[:end].count("Monday") <= 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Hello!",
        PROSE,
        CODE,
        CODE[:-3],  # code that is still being written
        "| a | b |\n| --- | --- |\n" + "".join(f"| {n} | {n * n} |\n" for n in range(40)),
        "=" * 200,
        "- " + "\n- ".join(f"{fruit} pie" for fruit in "apple pear plum cherry lemon peach berry fig".split()),
        "Row, row, row your boat, gently down the stream. Merrily, merrily, merrily, merrily, life is but a dream.",
        "1, 1, 2, 3, 5, 8, " * 10,
    ],
)
def test_what_people_write_is_no_loop(text: str):
    assert loop_begins(text) is None


def test_prose_is_no_loop_at_any_moment_while_it_grows():
    assert [end for end in range(len(PROSE)) if loop_begins(PROSE[:end]) is not None] == []


def test_what_stays_is_no_loop_any_more():
    text = PROSE + "I can help you with that. " * 30
    end = loop_begins(text)
    assert end is not None and loop_begins(text[:end]) is None
