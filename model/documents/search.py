"""Finding passages in several documents at once: by what they mean, and a little by their words.

A passage's score is how alike its vector is to the question's, plus a tenth of how well its words fit, as measured in
`benchmarks/documents.py`: meaning finds what is said in other words, words find names, codes and dates.
It leaves out how vectors are made.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.documents.document import Document, Texts
from utils.retrieval.bm25 import Postings, merged, occurrences, scores, terms_of
from utils.retrieval.chunking import Passage
from utils.threads.once import once

LEXICAL_SHARE = 0.1
# Where the best passage is less like the question than this, and has not most of its words either, the documents do
# not hold the answer: measured, too.
LEAST_LIKENESS, LEAST_WORDS = 0.25, 0.7


class FoundPassage(NamedTuple):
    """A passage that was found: the number of its document in the index, and its own in that document."""

    document: int
    number: int
    passage: Passage
    likeness: float  # of meaning alone
    score: float


@dataclass(frozen=True)
class PassageIndex:
    """Documents side by side; a passage's row counts through all of them."""

    documents: tuple[Texts, ...]
    vectors: NDArray[np.float32]
    postings: Postings
    token_count: int
    notices: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, documents: Sequence[Document]) -> "PassageIndex":
        """Return documents as one table; only their texts are kept besides, so that nothing is held twice."""
        one = documents[0] if len(documents) == 1 else None
        vectors = one.vectors if one else np.concatenate([document.vectors for document in documents])
        return cls(
            tuple(document.texts for document in documents),
            vectors,
            merged([document.postings for document in documents]),
            sum(document.token_count for document in documents),
            tuple(document.notices for document in documents),
        )

    def __len__(self) -> int:
        return len(self.vectors)

    @once
    def begins(self) -> NDArray[np.int64]:
        """Return the row of each document's first passage, and behind the last one how many there are."""
        return np.cumsum([0, *map(len, self.documents)])

    def search(
        self, text: str, vector: NDArray[np.float32], count: int, share: float = LEXICAL_SHARE
    ) -> list[FoundPassage]:
        """Return the passages that fit best, best first."""
        if not len(self):
            return []
        likenesses = self.vectors @ vector
        joint = likenesses + share * scores([self.postings], terms_of(text))
        count = min(count, len(joint))
        best = np.argpartition(-joint, count - 1)[:count]
        best = best[np.argsort(-joint[best], kind="stable")]
        return [self.found(int(row), float(likenesses[row]), float(joint[row])) for row in best]

    def has_answer(self, text: str, vector: NDArray[np.float32]) -> bool:
        """Return whether any passage is about the question at all."""
        if not len(self):
            return False
        by_words = scores([self.postings], terms_of(text))
        return float((self.vectors @ vector).max()) >= LEAST_LIKENESS or float(by_words.max()) >= LEAST_WORDS

    def with_words(self, words: str) -> list[tuple[FoundPassage, int]]:
        """Return every passage in which all of the words stand, in reading order, and how often they do."""
        counts = occurrences(self.postings, terms_of(words))
        return [(self.found(int(row)), int(counts[row])) for row in np.flatnonzero(counts)]

    def spread(self, count: int) -> list[FoundPassage]:
        """Return passages from the whole index, evenly spread, in reading order; the first is always among them."""
        rows = np.linspace(0, len(self) - 1, min(count, len(self))).round()
        return [self.found(int(row)) for row in np.unique(rows)]

    def row(self, found: FoundPassage) -> int:
        return int(self.begins[found.document]) + found.number

    def found(self, row: int, likeness: float = 0.0, score: float = 0.0) -> FoundPassage:
        document = int(np.searchsorted(self.begins, row, side="right")) - 1
        number = row - int(self.begins[document])
        return FoundPassage(document, number, self.documents[document][number], likeness, score)
