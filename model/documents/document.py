"""Document: a file that was read, as plain data, and the one file in which that is kept.

What is kept is what finding needs: the passages, a vector for each, and which word stands where. It leaves out the file
itself, which is an attachment.
"""

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from utils.files.archives import DAMAGE
from utils.retrieval.bm25 import Postings, postings_of
from utils.retrieval.chunking import Passage

# Of the file, of words, and of what the reader finds: one more whenever that changes, and all is read anew from the
# attachments.
FORM = 3


class Texts:
    """Passages as one run of bytes: a hundred thousand of them as objects would take three times the memory."""

    def __init__(self, data: bytes, ends: NDArray[np.int64]) -> None:
        self.data, self.ends = data, ends

    @classmethod
    def of(cls, passages: Sequence[Passage]) -> "Texts":
        packed = [json.dumps(passage, ensure_ascii=False).encode("utf-8", "replace") for passage in passages]
        return cls(b"".join(packed), np.cumsum([0, *map(len, packed)]).astype(np.int64))

    def __len__(self) -> int:
        return len(self.ends) - 1

    def __getitem__(self, index: int) -> Passage:
        if not 0 <= index < len(self):
            raise IndexError(index)
        return Passage(*json.loads(self.data[self.ends[index] : self.ends[index + 1]]))


@dataclass(frozen=True)
class Document:
    """A file that was read; `notices` are sentences about it that a person should know."""

    texts: Texts
    token_count: int
    vectors: NDArray[np.float32]
    postings: Postings
    notices: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, passages: Sequence[Passage], vectors: NDArray[np.float32], token_count: int, notices: Sequence[str] = ()
    ) -> "Document":
        postings = postings_of([passage.with_heading for passage in passages])
        return cls(Texts.of(passages), token_count, vectors, postings, tuple(notices))

    def to_bytes(self) -> bytes:
        """Return the document as its file holds it; vectors at half the precision, which changes no order worth it."""
        head = json.dumps({"form": FORM, "token_count": self.token_count, "notices": self.notices})
        file = io.BytesIO()
        arrays: dict[str, Any] = {f"postings_{name}": column for name, column in self.postings._asdict().items()}
        np.savez(
            file,
            head=_as_array(head.encode()),
            texts=_as_array(self.texts.data),
            ends=self.texts.ends,
            vectors=self.vectors.astype(np.float16),
            **arrays,
        )
        return file.getvalue()

    @classmethod
    def from_file(cls, file: Any) -> "Document":
        """Return the document that an open file holds. Raises: ValueError when it is damaged or of another form."""
        try:
            with np.load(file, allow_pickle=False) as arrays:
                head = json.loads(arrays["head"].tobytes())
                if head["form"] != FORM:
                    raise ValueError("another form")
                texts = Texts(arrays["texts"].tobytes(), arrays["ends"])
                postings = Postings(*(arrays[f"postings_{name}"] for name in Postings._fields))
                vectors = arrays["vectors"].astype(np.float32)
        except (*DAMAGE, KeyError, TypeError) as error:
            raise ValueError("damaged") from error
        if not len(texts) == len(vectors) == len(postings.lengths):
            raise ValueError("damaged")
        return cls(texts, head["token_count"], vectors, postings, tuple(head["notices"]))


def _as_array(data: bytes) -> NDArray[np.uint8]:
    return np.frombuffer(data, np.uint8)
