"""Answers in the documents' own words: the smallest model, given the right sentence, gets half of the answers wrong."""

import re
from collections.abc import Sequence

from controller.small_models.encoders import Encoding
from model.documents.search import FoundPassage
from utils.retrieval.embeddings import Vectors
from utils.text.untrusted import harmless
from utils.text.words import sentences

MOST_SENTENCES = 3
LEAST_SHARE = 0.8  # of the likeness that the best sentence has
_PARAGRAPH = re.compile(r"\n{2,}|\n(?=[^\n]*\|)")  # rows of tables stand alone

Quote = tuple[int, str]  # the passage's number, and its sentences


def fitting_sentences(found: Sequence[tuple[int, FoundPassage]], vector: Vectors, encoder: Encoding) -> list[Quote]:
    """Return the sentences that fit a question best, best first, with the numbers of their passages."""
    rows = [(number, sentence) for number, one in found for sentence in _sentences(one.passage.text)]
    if not rows:
        return []
    likenesses = encoder.encode([f"{_heading(found, number)}{sentence}" for number, sentence in rows]) @ vector
    order = sorted(range(len(rows)), key=lambda index: -float(likenesses[index]))
    least = LEAST_SHARE * float(likenesses[order[0]])
    return [rows[index] for index in order[:MOST_SENTENCES] if likenesses[index] >= least]


def first_sentences(found: Sequence[tuple[int, FoundPassage]]) -> list[Quote]:
    return [(number, some[0]) for number, one in found if (some := _sentences(one.passage.text))]


def _sentences(text: str) -> list[str]:
    paragraphs = [" ".join(paragraph.split()) for paragraph in _PARAGRAPH.split(text)]
    return [sentence for paragraph in paragraphs for sentence in sentences(paragraph) if len(sentence) > 1]


def as_answer(quotes: Sequence[Quote], counted: str = "") -> str:
    lines = [f"> {harmless(quote).replace('[', '(').replace(']', ')')} [{number}]" for number, quote in quotes]
    head = "The documents say:" if lines else ""
    return "\n\n".join(part for part in (head, *lines, counted) if part)


def _heading(found: Sequence[tuple[int, FoundPassage]], number: int) -> str:
    """Return what stands above a sentence, which often says what it is about."""
    heading = next(one.passage.heading for other, one in found if other == number)
    return f"{heading.rpartition(' › ')[2]}: " if heading else ""
