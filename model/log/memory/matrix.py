"""All passages in memory, as one question is compared with them: a matrix of vectors, and the postings of their words.

It follows the file: what is new is appended as a part of its own, and what is gone is passed over, until so much has
changed that all is read anew.
"""

import sqlite3
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from model.log.memory.tables import TERMS, VECTOR, Vectors
from utils.retrieval.bm25 import Postings, postings_of_terms, scores

MOST_PARTS = 24  # each costs some microseconds a question, and to join them costs a second at 50,000 passages
MOST_GONE = 0.2  # of all
LEXICAL_SHARE = 0.1  # as in documents: words find names and numbers, and outweigh no meaning
OWN_SHARE = 0.2  # what the person has said is more often what they ask of their own life than what was answered


class MatrixPart(NamedTuple):
    """Some passages: each one's id, when it was said and whether by the person, its vector, and its words."""

    ids: NDArray[np.int64]
    said_at_s: NDArray[np.float64]
    is_own: NDArray[np.bool_]
    vectors: Vectors
    postings: Postings


class Likenesses(NamedTuple):
    """How well passages fit a question, by their rows: by meaning alone, by words alone, and together."""

    meaning: NDArray[np.float32]
    words: NDArray[np.float32]
    joint: NDArray[np.float32]


class PassageMatrix:
    """The passages of one file."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._parts: list[MatrixPart] = []
        self.ids = np.zeros(0, np.int64)
        self.said_at_s = np.zeros(0, np.float64)
        self._is_there = np.zeros(0, np.bool_)

    def __len__(self) -> int:
        return int(self._is_there.sum())

    def refresh(self, database: sqlite3.Connection) -> None:
        """Take in what the file has now."""
        if len(self._parts) >= MOST_PARTS or len(self) < (1 - MOST_GONE) * len(self.ids):
            self._parts, self.ids, self._is_there = [], np.zeros(0, np.int64), np.zeros(0, np.bool_)
        new = self._read(database, int(self.ids[-1]) if len(self.ids) else 0)
        if len(new.ids):
            self._parts.append(new)
        self._is_there = np.concatenate([self._is_there, np.ones(len(new.ids), np.bool_)])
        self.ids = np.concatenate([np.zeros(0, np.int64), *(part.ids for part in self._parts)])
        self.said_at_s = np.concatenate([np.zeros(0), *(part.said_at_s for part in self._parts)])
        # To read all ids takes ten times as long as to count them.
        if database.execute("SELECT count(*) FROM passage").fetchone() != (len(self),):
            there = np.array(database.execute("SELECT id FROM passage ORDER BY id").fetchall(), np.int64).reshape(-1)
            self._is_there = np.isin(self.ids, there, assume_unique=True)

    def compare(
        self, vector: NDArray[np.float32], terms: list[int], is_wanted: NDArray[np.bool_], of_oneself: bool = False
    ) -> Likenesses:
        """Return how well each passage fits; those that are gone, or not wanted, fit less than any other.

        `of_oneself`: the question is about the life of whoever asks.
        """
        meaning = np.concatenate([np.zeros(0, np.float32), *(part.vectors @ vector for part in self._parts)])
        words = scores([part.postings for part in self._parts], terms)
        joint = meaning + LEXICAL_SHARE * words
        if of_oneself:
            joint += OWN_SHARE * np.concatenate([np.zeros(0, np.bool_), *(part.is_own for part in self._parts)])
        joint = np.where(self._is_there & is_wanted, joint, np.float32(-2))
        return Likenesses(meaning, words, joint)

    def answer(self, row: int) -> NDArray[np.float32] | None:
        """Return the vector of a passage that a model has said; None for the person's own words."""
        for part in self._parts:
            if row < len(part.ids):
                return None if part.is_own[row] else cast(NDArray[np.float32], part.vectors[row])
            row -= len(part.ids)
        raise IndexError(row)

    def _read(self, database: sqlite3.Connection, after: int) -> MatrixPart:
        """Return the passages whose ids are above this one."""
        query = "SELECT id, said_at_s, NOT is_answer, terms, vector FROM passage WHERE id > ? ORDER BY id"
        rows = database.execute(query, [after]).fetchall()
        vectors = np.frombuffer(b"".join(row[4] for row in rows), VECTOR).astype(np.float32)
        return MatrixPart(
            np.array([row[0] for row in rows], np.int64),
            np.array([row[1] for row in rows], np.float64),
            np.array([row[2] for row in rows], np.bool_),
            vectors.reshape(-1, self._size),
            postings_of_terms([np.frombuffer(row[3], TERMS) for row in rows]),
        )
