"""An encoder that needs no weights: texts are alike as far as they have the same words."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from utils.retrieval.bm25 import terms_of
from utils.text.words import words_of


class WordsEncoder:
    """Counts words, and calls `when_asked` before each batch."""

    size = 512

    def __init__(self, name: str = "words") -> None:
        self.name = name
        self.encoded: list[str] = []
        self.when_asked: Callable[[], object] = lambda: None

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(words_of(text)) for text in texts]

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.when_asked()
        self.encoded += texts
        vectors = np.zeros((len(texts), self.size), np.float32)
        for row, text in enumerate(texts):
            for term in terms_of(text):
                vectors[row, term % self.size] += 1
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
        return vectors
