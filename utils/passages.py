"""The passages of some texts that fit a question best, by the words they share with it.

Rare words count more than common ones, and a short passage more than a long one with the same words (BM25, Robertson
and Zaragoza 2009). It leaves out meaning: "car" does not find "automobile".
Read next: `utils/words.py`.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from utils.words import words_of

PASSAGE_CHARS = 700  # a paragraph or two: short enough to check with one look
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？])")
# BM25's usual strengths: how soon more of a word counts no more, and how much long passages lose.
_K1, _B = 1.2, 0.75


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
    scores = _scores([Counter(_stems(passage.text)) for passage in passages], set(_stems(question)))
    order = sorted(range(len(passages)), key=lambda i: (-scores[i], passages[i].place, passages[i].source))
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
    """Yield a line in parts that keep the limit."""
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


def _stems(text: str) -> list[str]:
    """Return the words of a text without their plural s, so that "cat" finds "cats"."""
    return [word.removesuffix("s") if len(word) > 3 else word for word in words_of(text)]


def _scores(counted: Sequence[Counter[str]], sought: set[str]) -> list[float]:
    """Return how well each passage fits the words that are sought."""
    lengths = [sum(counts.values()) for counts in counted]
    usual = max(1.0, sum(lengths) / max(1, len(lengths)))
    weights = {word: _rarity(sum(word in counts for counts in counted), len(counted)) for word in sought}
    return [
        sum(
            weight * counts[word] * (_K1 + 1) / (counts[word] + _K1 * (1 - _B + _B * size / usual))
            for word, weight in weights.items()
            if word in counts
        )
        for counts, size in zip(counted, lengths, strict=True)
    ]


def _rarity(found: int, count: int) -> float:
    return math.log(1 + (count - found + 0.5) / (found + 0.5))
