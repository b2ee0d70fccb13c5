"""The desk: files are read and indexed here, apart from pages and turns, and handed out when they are.

A page that sees a file asks for it, and so does a turn; whoever asks first starts the work, and all others follow it.
What is done is on disk; what was begun when the program ended is begun again when somebody asks for it.
Read next: `controller/documents.py`.
"""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import BoundedSemaphore, Condition, Lock, Thread
from typing import Any

from controller.encoders import Encoding
from model.attachment import Attachment
from model.attachments import AttachmentStore
from model.document import Document
from model.document_library import DocumentLibrary
from model.errors import BnaError, UnsupportedFile
from model.passage_search import Shelf
from utils.passages import cut
from utils.reading.apart import read_apart
from utils.reading.block import Block, Notice, Unreadable
from utils.stop import Stop

AT_ONCE = 64  # passages between two looks at the clock
LOOK_UP_S = 0.2
READ_AT_ONCE = 2  # files


@dataclass
class Job:
    """One file on its way into the library; `share` of it is done."""

    attachment: Attachment
    line: str = "waiting…"
    share: float = 0.0
    has_ended: bool = False
    problem: BnaError | None = None
    stop: Stop = field(default_factory=Stop)


class DocumentDesk:
    """All files that are being read in this process."""

    def __init__(self, attachments: AttachmentStore, library: DocumentLibrary, encoder: Encoding) -> None:
        self.library, self.encoder = library, encoder
        self._attachments = attachments
        self._jobs: dict[str, Job] = {}
        self._lock, self._changed = Lock(), Condition()
        self._slots = BoundedSemaphore(READ_AT_ONCE)

    def job(self, attachment: Attachment) -> Job | None:
        """Return the work on a file, begun now if nobody has; None when it is in the library."""
        with self._lock:
            job = self._jobs.get(attachment.sha256)
            if job is None and self.library.has(attachment.sha256):
                return None
            if job is None:
                job = self._jobs[attachment.sha256] = Job(attachment)
                Thread(target=self._work, args=(job,), daemon=True).start()
            return job

    def shelf(self, attachments: Sequence[Attachment], stop: Stop, tell: Callable[[str], None]) -> Shelf:
        """Return documents side by side, once all of them are read; `tell` hears how far that is, a stop ends it.

        Raises: UnsupportedFile, or what else went wrong with one of them.
        """
        for attachment in attachments:
            self._wait(attachment, stop, tell)
        try:
            return self.library.shelf([attachment.sha256 for attachment in attachments])
        except LookupError as error:  # deleted meanwhile, or damaged: the next time it is read anew
            raise UnsupportedFile("What was read of the documents is damaged.", "Press Retry.") from error

    def forget(self, sha256: str) -> None:
        """Remove a document for good, also one that is just being read."""
        with self._lock:
            job = self._jobs.pop(sha256, None)
        if job:
            job.stop.set()
        self.library.delete(sha256)

    def _wait(self, attachment: Attachment, stop: Stop, tell: Callable[[str], None]) -> None:
        """Wait until a file is read.

        Raises: BnaError.
        """
        told = ""
        while (job := self.job(attachment)) and not stop.is_set:
            if job.problem:
                raise job.problem
            if job.line != told:
                tell(told := job.line)
            with self._changed:
                self._changed.wait(LOOK_UP_S)
        if stop.is_set:
            raise UnsupportedFile("Stopped before everything was read.", "Press Retry; what was read is kept.")

    def _work(self, job: Job) -> None:
        """Read a file; what goes wrong is kept on the job, for whoever asks."""
        try:
            with self._slots:
                self._read(job)
            with self._lock:
                self._jobs.pop(job.attachment.sha256, None)
        except Unreadable as error:
            job.problem = UnsupportedFile(f"“{job.attachment.name}” {error.reason}.", error.way_out)
        except BnaError as error:
            job.problem = error
        except Exception:
            logging.getLogger(__name__).exception("Reading %s failed", job.attachment.name)
            job.problem = UnsupportedFile(f"“{job.attachment.name}” could not be read.", "The terminal tells more.")
        finally:
            job.has_ended = True
            with self._changed:
                self._changed.notify_all()

    def _read(self, job: Job) -> None:
        """Read a file into passages, make their vectors, and keep all that.

        Raises: Unreadable, BnaError.
        """
        notices: list[str] = []
        blocks = self._blocks(job, notices)
        passages = list(cut(blocks, self.encoder.count_tokens))
        if not passages and not job.stop.is_set:
            raise Unreadable("holds no words that could be read", "Attach a file that has text in it.")
        texts = [passage.with_heading for passage in passages]
        vectors = self._vectors(job, texts)
        token_count = sum(self.encoder.count_tokens(texts))
        if not job.stop.is_set:
            document = Document.of(passages, vectors, token_count, notices)
            is_temporary = self._path(job).parent != self._attachments.folder
            self.library.save(job.attachment.sha256, document, is_temporary)

    def _blocks(self, job: Job, notices: list[str]) -> Iterator[Block]:
        """Yield the blocks of a file; notices go to the list, and progress to the job."""
        for read in read_apart(self._path(job), job.attachment.name, job.stop):
            if isinstance(read, Block):
                yield read
            elif isinstance(read, Notice):
                notices.append(read.sentence)
            else:
                of_total = f" of {read.total:,}" if read.total else ""
                self._tell(job, f"read {read.done:,}{of_total} {read.what}", 0.0)

    def _path(self, job: Job) -> Path:
        return self._attachments.path(job.attachment.sha256)

    def _vectors(self, job: Job, texts: list[str]) -> Any:
        """Return a vector for each text, made some at a time, so that progress can be told and a stop is heard."""
        import numpy as np

        made = [np.zeros((0, self.encoder.size), np.float32)]
        began_at = time.monotonic()
        for begin in range(0, len(texts), AT_ONCE):
            if job.stop.is_set:
                break
            made.append(self.encoder.encode(texts[begin : begin + AT_ONCE]))
            done = min(begin + AT_ONCE, len(texts))
            left_s = (time.monotonic() - began_at) / done * (len(texts) - done)
            self._tell(job, f"indexed {done:,} of {len(texts):,} passages{_left(left_s)}", done / len(texts))
        return np.concatenate(made)

    def _tell(self, job: Job, line: str, share: float) -> None:
        job.line, job.share = line, share
        with self._changed:
            self._changed.notify_all()


def _left(seconds: float) -> str:
    """Return how long it will take still, where that is worth telling."""
    if seconds < 10:
        return ""
    return f", about {seconds / 60:.0f} min left" if seconds >= 90 else f", about {seconds:.0f} s left"
