"""One running turn on disk: a small file that grows with the answer.

The file stays locked while its turn lives, so that no other program takes it for a leftover.
Read next: `model/journal.py`, which begins these and says what folding means.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import RLock

from model.disk_errors import writing
from model.errors import StoreUnwritable
from model.message import Message
from model.turn_file import Line, line
from utils import files

SYNC_EVERY_S = 1.0


class TurnLog:
    """The file of one turn, from its first lines to its end."""

    def __init__(self, path: Path, first_lines: bytes, answer: Message, fold: Callable[[], None]) -> None:
        """Write the first lines; when this returns, they are on disk.

        Raises: StoreUnwritable when they can't be written; then nothing is left behind.
        """
        self._path = path
        self._answer = answer
        self._fold = fold
        self.also: list[Message] = []  # what the turn made beside question and answer
        self.pause_s: Callable[[], float] = lambda: 0.0  # between two writes of text; the journal knows better
        self._lock = files.locked(path, wait_s=0)
        with writing(path):
            self._lock.acquire()
            try:
                files.write_whole(path, first_lines)
                self._file = path.open("ab")
            except OSError:
                files.unlock_and_remove(self._lock)
                raise
        self._synced_at = time.monotonic()
        self._written_at = 0.0
        self._gathered = self._gathered_thinking = ""
        self._one_at_a_time = RLock()

    def gather(self, text: str = "", thinking: str = "") -> None:
        """Take the next piece of the answer, and write down what has come since the last pause; raises as `grow`."""
        with self._one_at_a_time:
            self._gathered += text
            self._gathered_thinking += thinking
            if time.monotonic() - self._written_at >= self.pause_s():
                self.grow(self._gathered, self._gathered_thinking)

    def catch_up(self) -> bool:
        """Write down what was gathered, in case no more comes for a while; return whether the turn goes on."""
        with self._one_at_a_time:
            if (self._gathered or self._gathered_thinking) and not self._file.closed:
                with suppress(StoreUnwritable):  # the end writes the whole answer
                    self.grow(self._gathered, self._gathered_thinking)
            return not self._file.closed

    def grow(self, text: str, thinking: str = "") -> None:
        """Write down the next piece of the answer, and of what the model thinks.

        Raises: StoreUnwritable when the disk is full; the turn may go on, for `end` writes the whole answer.
        """
        with writing(self._path):
            self._append(Line(text=text, thinking=thinking))
            if time.monotonic() - self._synced_at > SYNC_EVERY_S:
                self._sync()

    def mark(self) -> None:
        """Write down all that the answer has become; raises what `grow` does."""
        with writing(self._path):
            self._append(Line(answer=self._answer.to_dict()))

    def end(self) -> None:
        """Fold question and answer, as they now stand, into their conversation; a second call does nothing.

        Raises: StoreError when that fails; the file then stays, and `Journal.recover` folds it later.
        """
        if self._file.closed:
            return
        try:
            self._close()
            self._fold()
            with writing(self._path):
                self._path.unlink(missing_ok=True)
        finally:
            files.unlock_and_remove(self._lock)

    def _close(self) -> None:
        """Write down how the answer ended, so that a crash while folding does not make it an interrupted one."""
        with suppress(OSError):  # on a full disk folding may still work: it replaces what is there
            self._append(Line(answer=self._answer.to_dict()))
            self._sync()
        with suppress(OSError), self._one_at_a_time:  # closing tries once more what could not be written above
            self._file.close()

    def _append(self, content: Line) -> None:
        """Hand one line to the operating system, where it outlives this program; nothing is left to write then."""
        with self._one_at_a_time:
            self._gathered, self._gathered_thinking, self._written_at = "", "", time.monotonic()
            self._file.write(line(content))
            self._file.flush()

    def _sync(self) -> None:
        """Hand all lines to the disk, where they outlive a power cut."""
        os.fsync(self._file.fileno())
        self._synced_at = time.monotonic()


def turn_files(folder: Path) -> list[Path]:
    """Return the files of all turns in the order in which they began, living or dead."""
    # A program that is killed at the very end of a turn leaves its lock only.
    only_locks = [lock.with_suffix("") for lock in folder.glob("*.jsonl.lock")]
    # What was set aside has a date before its ending.
    return sorted({path for path in [*folder.glob("*.jsonl"), *only_locks] if path.suffixes == [".jsonl"]})


@contextmanager
def claimed(path: Path) -> Iterator[bool]:
    """Tell whether the program of a turn is dead and its file still there; if so, it is ours during the block."""
    lock = files.locked(path, wait_s=0)
    try:
        lock.acquire()
    except TimeoutError:
        yield False
        return
    try:
        yield path.exists()  # else another program was quicker
    finally:
        files.unlock_and_remove(lock)
