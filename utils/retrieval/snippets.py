"""The passages of some texts that fit a question best, by the words they share with it.

It leaves out meaning: "car" does not find "automobile".
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from utils.retrieval.bm25 import postings_of, scores, terms_of

PASSAGE_CHARS = 700  # a paragraph or two: short enough to check with one look
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？])")


@dataclass(frozen=True)
class Passage:
    """A piece of the text with this number, and its place in it: 0 is the first piece."""

    text: str
    source: int
    place: int


def passages_of(text: str, source: int = 0, limit_chars: int = PASSAGE_CHARS) -> list[Passage]:
    """Cut a text into passages at the ends of lines, of sentences where a line is too long, and inside else."""
    pieces: list[str] = []
    for line in text.splitlines():
        for part in _parts(" ".join(line.split()), limit_chars):
            if pieces and len(pieces[-1]) + 1 + len(part) <= limit_chars:
                pieces[-1] += "\n" + part
            else:
                pieces.append(part)
    return [Passage(piece, source, place) for place, piece in enumerate(pieces)]


def best_passages(
    passages: Sequence[Passage], question: str, room: int, length: Callable[[str], int], each: int = 3
) -> list[Passage]:
    """Return the passages that fit a question best, best first: at most `each` of one text, and `room` long in all.

    Where no passage shares a word with the question, these are the beginnings of the texts.
    """
    fits = scores(postings_of([passage.text for passage in passages]), terms_of(question)).tolist()
    order = sorted(range(len(passages)), key=lambda i: (-fits[i], passages[i].place, passages[i].source))
    chosen: list[Passage] = []
    taken: Counter[int] = Counter()
    for passage in (passages[i] for i in order):
        size = length(passage.text) if taken[passage.source] < each else room + 1
        if size <= room:
            chosen.append(passage)
            taken[passage.source] += 1
            room -= size
    return chosen


def _parts(line: str, limit_chars: int) -> Iterator[str]:
    part = ""
    for sentence in _SENTENCE_END.split(line) if len(line) > limit_chars else [line]:
        if part and len(part) + 1 + len(sentence) > limit_chars:
            yield part
            part = ""
        part = f"{part} {sentence}".strip()
        while len(part) > limit_chars:
            cut = part.rfind(" ", 1, limit_chars + 1)
            cut = cut if cut > 0 else limit_chars
            yield part[:cut].rstrip()
            part = part[cut:].lstrip()
    if part:
        yield part
