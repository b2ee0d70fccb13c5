"""The passages of some texts that fit a question best, by the words they share with it.

It leaves out meaning: "car" does not find "automobile".
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from utils.reading.block import Block
from utils.retrieval.bm25 import postings_of, scores, terms_of
from utils.retrieval.chunking import chunk

PASSAGE_CHARS = 700  # a paragraph or two: short enough to check with one look


@dataclass(frozen=True)
class Snippet:
    """A piece of the text with this number, and its place in it: 0 is the first piece."""

    text: str
    source: int
    place: int


def passages_of(text: str, source: int = 0, limit_chars: int = PASSAGE_CHARS) -> list[Snippet]:
    """Cut a text into passages at the ends of lines, of sentences where a line is too long, and inside else."""
    lines = (Block(" ".join(line.split())) for line in text.splitlines())
    # One more for each line, and in all: that is what stands between them.
    passages = chunk(lines, lambda texts: [len(text) + 1 for text in texts], limit_chars + 1)
    return [Snippet(passage.text, source, place) for place, passage in enumerate(passages)]


def best_passages(
    passages: Sequence[Snippet], question: str, room: int, length: Callable[[str], int], each: int = 3
) -> list[Snippet]:
    """Return the passages that fit a question best, best first: at most `each` of one text, and `room` long in all.

    Where no passage shares a word with the question, these are the beginnings of the texts.
    """
    fits = scores([postings_of([passage.text for passage in passages])], terms_of(question)).tolist()
    order = sorted(range(len(passages)), key=lambda i: (-fits[i], passages[i].place, passages[i].source))
    chosen: list[Snippet] = []
    taken: Counter[int] = Counter()
    for passage in (passages[i] for i in order):
        size = length(passage.text) if taken[passage.source] < each else room + 1
        if size <= room:
            chosen.append(passage)
            taken[passage.source] += 1
            room -= size
    return chosen
