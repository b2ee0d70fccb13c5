"""Reading one file into the library: its words, its passages, their vectors.

It leaves out who asked for it: that is `controller/document_desk.py`, read that next.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from controller.encoders import Encoding
from model.attachment import Attachment
from model.document import Document
from model.errors import BnaError
from utils.cutting import cut
from utils.embeddings import Vectors
from utils.reading.apart import read_apart
from utils.reading.block import Block, Notice, Unreadable
from utils.stop import Stop

MOST_PASSAGES = 200_000  # of one file: as many as 200 MB of plain text give
AT_ONCE = 64  # passages between two looks at the clock


@dataclass
class Job:
    """One file on its way into the library; `share` of it is done."""

    attachment: Attachment
    line: str = "waiting…"
    share: float = 0.0
    has_ended: bool = False
    problem: BnaError | None = None
    stop: Stop = field(default_factory=Stop)


class DocumentReader:
    """Reads one file; `changed` is called whenever the job has something new to tell."""

    def __init__(self, job: Job, path: Path, encoder: Encoding, changed: Callable[[], None]) -> None:
        self._job, self._path, self._encoder, self._changed = job, path, encoder, changed
        self._notices: list[str] = []

    def read(self) -> Document:
        """Return the file as a document; a stopped job gives one that is not whole.

        Raises: Unreadable, BnaError.
        """
        passages = list(islice(cut(self._blocks(), self._encoder.count_tokens), MOST_PASSAGES + 1))
        if len(passages) > MOST_PASSAGES:
            del passages[MOST_PASSAGES:]
            until = f", up to {passages[-1].place}" if passages[-1].place else ""
            self._notices.append(f"It is very long: only its first part was read{until}. Split it to have all read.")
        if not passages and not self._job.stop.is_set:
            raise Unreadable("holds no words that could be read", "Attach a file that has text in it.")
        texts = [passage.with_heading for passage in passages]
        vectors = self._vectors(texts)
        token_count = sum(self._encoder.count_tokens(texts))
        return Document.of(passages, vectors, token_count, self._notices)

    def _blocks(self) -> Iterator[Block]:
        """Yield the blocks of the file; notices are kept, and progress is told."""
        for read in read_apart(self._path, self._job.attachment.name, self._job.stop):
            if isinstance(read, Block):
                yield read
            elif isinstance(read, Notice):
                self._notices.append(read.sentence)
            else:
                of_total = f" of {read.total:,}" if read.total else ""
                self._tell(f"read {read.done:,}{of_total} {read.what}", 0.0)

    def _vectors(self, texts: list[str]) -> Vectors:
        """Return a vector for each text, made some at a time, so that progress can be told and a stop is heard."""
        import numpy as np

        made = [np.zeros((0, self._encoder.size), np.float32)]
        began_at = time.monotonic()
        for begin in range(0, len(texts), AT_ONCE):
            if self._job.stop.is_set:
                break
            made.append(self._encoder.encode(texts[begin : begin + AT_ONCE]))
            done = min(begin + AT_ONCE, len(texts))
            left_s = (time.monotonic() - began_at) / done * (len(texts) - done)
            self._tell(f"indexed {done:,} of {len(texts):,} passages{_left(left_s)}", done / len(texts))
        return np.concatenate(made)

    def _tell(self, line: str, share: float) -> None:
        self._job.line, self._job.share = line, share
        self._changed()


def _left(seconds: float) -> str:
    """Return how long it will take still, where that is worth telling."""
    if seconds < 10:
        return ""
    return f", about {seconds / 60:.0f} min left" if seconds >= 90 else f", about {seconds:.0f} s left"
