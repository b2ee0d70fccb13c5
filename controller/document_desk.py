"""The desk: files are read and indexed here, apart from pages and turns, and handed out when they are.

A page that sees a file asks for it, and so does a turn; whoever asks first starts the work, and all others follow it.
What is done is on disk; what was begun when the program ended is begun again when somebody asks for it.
"""

import logging
from collections.abc import Callable, Sequence
from threading import BoundedSemaphore, Condition, Lock, Thread

from controller.document_reader import DocumentReader, Job
from controller.encoders import Encoding
from model.attachment import Attachment
from model.attachments import AttachmentStore
from model.document_library import DocumentLibrary
from model.errors import BnaError, UnsupportedFile
from model.passage_search import Shelf
from utils.reading.block import Unreadable
from utils.stop import Stop

LOOK_UP_S = 0.2
READ_AT_ONCE = 2  # files


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

    def readable(
        self, attachments: Sequence[Attachment], stop: Stop, tell: Callable[[str], None]
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

    def shelf(self, attachments: Sequence[Attachment]) -> Shelf:
        """Return documents that are read side by side.

        Raises: UnsupportedFile when one is no longer there.
        """
        try:
            return self.library.shelf([attachment.sha256 for attachment in attachments])
        except LookupError as error:  # deleted meanwhile, or damaged: the next time it is read anew
            raise UnsupportedFile("What was read of the documents is damaged.", "Try again.") from error

    def forget(self, sha256: str) -> None:
        """Remove a document for good, also one that is just being read."""
        with self._lock:
            job = self._jobs.pop(sha256, None)
        if job:
            job.stop.set()
        self.library.delete(sha256)

    def _wait(self, attachment: Attachment, stop: Stop, tell: Callable[[str], None]) -> BnaError | None:
        """Wait until a file is read, or the stop; return what is wrong with it, if something is."""
        told = ""
        while not stop.is_set and (job := self.job(attachment)):
            if job.problem:
                return job.problem
            if job.line != told:
                tell(told := job.line)
            with self._changed:
                self._changed.wait(LOOK_UP_S)
        return None

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
            if not job.stop.is_set:
                logging.getLogger(__name__).exception("Reading %s failed", job.attachment.name)
            job.problem = UnsupportedFile(f"“{job.attachment.name}” could not be read.", "The terminal tells more.")
        finally:
            job.has_ended = True
            self._wake()

    def _read(self, job: Job) -> None:
        """Read a file, and keep what was read, unless nobody wants it any more.

        Raises: Unreadable, BnaError.
        """
        sha256 = job.attachment.sha256
        path = self._attachments.path(sha256)
        document = DocumentReader(job, path, self.encoder, self._wake).read()
        if not job.stop.is_set:
            self.library.save(sha256, document, is_temporary=path.parent != self._attachments.folder)

    def _wake(self) -> None:
        """Wake up whoever waits for news."""
        with self._changed:
            self._changed.notify_all()
