"""Files are read and indexed apart from pages and turns: whoever asks first starts the work, all others follow it."""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from threading import BoundedSemaphore, Lock

from controller.resources import Resources, built_per_person
from controller.small_models.encoders import Encoding, shared_encoder
from model.chat.message_parts import Attachment
from model.documents.document import Document
from model.documents.library import DocumentLibrary
from model.documents.search import PassageIndex
from model.errors import BnaError, UnsupportedFile
from model.store.protocol import AttachedFiles
from utils.files.unreadable import Unreadable
from utils.reading.block import Block, Notice
from utils.reading.isolated import read_isolated
from utils.retrieval.chunking import chunk
from utils.retrieval.embeddings import Vectors
from utils.threads.jobs import Job
from utils.threads.stop import CancellationToken

MOST_PASSAGES = 200_000  # of one file: as many as 200 MB of plain text give
AT_ONCE = 64  # passages between two looks at the clock


class IndexingJob(Job):
    """One file on its way into the library; `share` of it is done."""

    def __init__(self, attachment: Attachment) -> None:
        super().__init__()
        self.attachment = attachment
        self.line, self.share = "waiting…", 0.0
        self.problem: BnaError | None = None


class DocumentReader:
    """Reads one file, and tells on its job how far it is."""

    def __init__(self, job: IndexingJob, path: Path, encoder: Encoding) -> None:
        self._job, self._path, self._encoder = job, path, encoder
        self._notices: list[str] = []

    def read(self) -> Document:
        """Return the file as a document; a stopped job gives one that is not whole. Raises: Unreadable, BnaError."""
        passages = list(islice(chunk(self._blocks(), self._encoder.count_tokens), MOST_PASSAGES + 1))
        if len(passages) > MOST_PASSAGES:
            del passages[MOST_PASSAGES:]
            until = f", up to {passages[-1].place}" if passages[-1].place else ""
            self._notices.append(f"It is very long: only its first part was read{until}. Split it to have all read.")
        if not passages and not self._job.stop.is_set:
            raise Unreadable("has no text that could be read", "Attach a file that has text in it.")
        texts = [passage.with_heading for passage in passages]
        vectors = self._vectors(texts)
        token_count = sum(self._encoder.count_tokens(texts))
        return Document.of(passages, vectors, token_count, self._notices)

    def _blocks(self) -> Iterator[Block]:
        """Yield the blocks of the file; notices are kept, and progress is told."""
        for read in read_isolated(self._path, self._job.attachment.name, self._job.stop):
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


def _left(seconds: float) -> str:
    """Return how long it will take still, where that is worth telling."""
    if seconds < 10:
        return ""
    return f", about {seconds / 60:.0f} min left" if seconds >= 90 else f", about {seconds:.0f} s left"


LOOK_UP_S = 0.2
READ_AT_ONCE = 2  # files


class IndexingQueue:
    """All files that are being read in this process."""

    def __init__(self, attachments: AttachedFiles, library: DocumentLibrary, encoder: Encoding) -> None:
        self.library, self.encoder = library, encoder
        self._attachments = attachments
        self._jobs: dict[str, IndexingJob] = {}
        self._lock = Lock()
        self._slots = BoundedSemaphore(READ_AT_ONCE)

    def job(self, attachment: Attachment) -> IndexingJob | None:
        """Return the work on a file, begun now if nobody has; None when it is in the library."""
        with self._lock:
            job = self._jobs.get(attachment.sha256)
            if job is None and self.library.has(attachment.sha256):
                return None
            if job is None:
                job = self._jobs[attachment.sha256] = IndexingJob(attachment)
                job.begin(partial(self._work, job))
            return job

    def readable(
        self, attachments: Sequence[Attachment], stop: CancellationToken, tell: Callable[[str], None]
    ) -> tuple[list[Attachment], list[BnaError]]:
        """Return the documents that can be read, once they are, and what is wrong with the others.

        `tell` hears how far that is. Raises: UnsupportedFile when a stop ends it, or when none can be read.
        """
        problems = {file.sha256: self._wait(file, stop, tell) for file in attachments}
        if stop.is_set:
            raise UnsupportedFile("Stopped before everything was read.", "Try again; what was read is kept.")
        good = [file for file in attachments if problems[file.sha256] is None]
        bad = [problem for problem in problems.values() if problem]
        if bad and not good:
            *others, last = bad
            told = [f"{problem.message} {problem.hint}" for problem in others]
            raise UnsupportedFile(" ".join([*told, last.message]), last.hint)
        return good, bad

    def index(self, attachments: Sequence[Attachment]) -> PassageIndex:
        """Return documents that are read side by side. Raises: UnsupportedFile when one is no longer there."""
        try:
            return self.library.index([attachment.sha256 for attachment in attachments])
        except LookupError as error:  # deleted meanwhile, or damaged: the next time it is read anew
            raise UnsupportedFile("The index of these documents is damaged.", "Try again.") from error

    def forget(self, sha256: str) -> None:
        """Remove a document for good, also one that is just being read."""
        with self._lock:
            job = self._jobs.pop(sha256, None)
        if job:
            job.stop.set()
        self.library.delete(sha256)

    def _wait(self, attachment: Attachment, stop: CancellationToken, tell: Callable[[str], None]) -> BnaError | None:
        """Wait until a file is read, or the stop; return what is wrong with it, if something is."""
        told = ""
        while not stop.is_set and (job := self.job(attachment)):
            if job.problem:
                return job.problem
            if job.line != told:
                tell(told := job.line)
            job.wait(LOOK_UP_S)
        return None

    def _work(self, job: IndexingJob) -> None:
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
            if not job.stop.is_set:
                logging.getLogger(__name__).exception("Reading %s failed", job.attachment.name)
            job.problem = UnsupportedFile(f"“{job.attachment.name}” could not be read.", "The terminal shows details.")

    def _read(self, job: IndexingJob) -> None:
        """Read a file, and keep what was read, unless nobody wants it any more. Raises: Unreadable, BnaError."""
        sha256 = job.attachment.sha256
        path = self._attachments.path(sha256)
        document = DocumentReader(job, path, self.encoder).read()
        if not job.stop.is_set:
            self.library.save(sha256, document, is_temporary=path.parent != self._attachments.folder)


@built_per_person
def indexing_queue(resources: Resources) -> IndexingQueue:
    """Return where documents are read and indexed; the index stands beside the attached files."""
    encoder = shared_encoder(resources)
    queue = IndexingQueue(resources.attachments, DocumentLibrary(resources.read_folder, encoder.name), encoder)
    resources.when_file_is_removed.append(queue.forget)
    return queue
