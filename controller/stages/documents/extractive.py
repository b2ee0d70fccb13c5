"""Answers in the documents' own words: the smallest model, given the right sentence, gets half of the answers wrong."""

import re
from collections.abc import Sequence

from controller.stages.documents.encoders import Encoding
from model.documents.search import Found
from utils.retrieval.embeddings import Vectors
from utils.text.untrusted import harmless

MOST_SENTENCES = 3
LEAST_SHARE = 0.8  # of the likeness that the best sentence has
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n{2,}|\n(?=[^\n]*\|)")  # rows of tables stand alone

Quote = tuple[int, str]  # the passage's number, and its sentences


def fitting_sentences(found: Sequence[tuple[int, Found]], vector: Vectors, encoder: Encoding) -> list[Quote]:
    """Return the sentences that fit a question best, best first, with the numbers of their passages."""
    rows = [(number, sentence) for number, one in found for sentence in _sentences(one.passage.text)]
    if not rows:
        return []
    likenesses = encoder.encode([f"{_heading(found, number)}{sentence}" for number, sentence in rows]) @ vector
    order = sorted(range(len(rows)), key=lambda index: -float(likenesses[index]))
    least = LEAST_SHARE * float(likenesses[order[0]])
    return [rows[index] for index in order[:MOST_SENTENCES] if likenesses[index] >= least]


def first_sentences(found: Sequence[tuple[int, Found]]) -> list[Quote]:
    return [(number, some[0]) for number, one in found if (some := _sentences(one.passage.text))]


def _sentences(text: str) -> list[str]:
    return [" ".join(sentence.split()) for sentence in _SENTENCE.split(text) if len(sentence.strip()) > 1]


def as_answer(quotes: Sequence[Quote], counted: str = "") -> str:
    lines = [f"> {harmless(quote).replace('[', '(').replace(']', ')')} [{number}]" for number, quote in quotes]
    head = "The documents say:" if lines else ""
    return "\n\n".join(part for part in (head, *lines, counted) if part)


def _heading(found: Sequence[tuple[int, Found]], number: int) -> str:
    """Return what stands above a sentence, which often says what it is about."""
    heading = next(one.passage.heading for other, one in found if other == number)
    return f"{heading.rpartition(' › ')[2]}: " if heading else ""
