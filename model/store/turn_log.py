"""One running turn on disk: a small file that grows with the answer.

The file stays locked while its turn lives, so that no other program takes it for a leftover. What could not be written
waits in memory and goes in front of what comes next, so the file never has a hole.

What the small file of one running turn says, line by line.

The first line names the conversation, the next ones hold the question and the answer as they began, and then comes a
line for each piece of text, of what the model thinks, each tool step as it begins and as it ends, and each source. An
answer that stands there again is what it had become by then: when it was begun anew, and when it has ended.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from threading import RLock
from typing import Any

import msgspec
from filelock import BaseFileLock

from model.chat.conversation import Conversation
from model.chat.message import INTERRUPTED, STREAMING, Message
from model.chat.message_parts import Citation
from model.chat.serialization import to_row
from model.errors import StoreUnwritable
from model.store.disk_errors import writing
from model.store.protocol import FinishedTurn
from utils.files import atomic
from utils.json_tools import text as json_text


class LogLine(msgspec.Struct, omit_defaults=True):
    """One line; it holds only what is new."""

    conversation_id: str = ""
    name: str | None = None
    before: list[dict[str, Any]] = []
    question: dict[str, Any] | None = None
    answer: dict[str, Any] | None = None
    text: str = ""
    thinking: str = ""
    step: dict[str, Any] | None = None
    place: int = 0  # of the step among those of the answer
    citation: dict[str, Any] | None = None
    replaces: str = ""


def first_lines(
    conversation: Conversation, before: list[Message], question: Message, answer: Message, replaces: str = ""
) -> bytes:
    """Return how a file begins; `before` are the older messages, where they are nowhere else on disk.

    `replaces` is as in `FinishedTurn`.
    """
    head = LogLine(
        conversation_id=conversation.id or question.id,
        name=conversation.name,
        before=[message.to_dict() for message in before],
        replaces=replaces,
    )
    return line(head) + line(LogLine(question=question.to_dict(), answer=answer.to_dict()))


def line(content: LogLine) -> bytes:
    """Return one line of the file."""
    return json_text.json_line(content) + b"\n"


def read_turn(data: bytes) -> FinishedTurn:
    """Return a turn whose program has ended; an answer that was still coming is marked interrupted.

    Raises: ValueError when the file does not even hold a question and an answer.
    """
    lines = list(_whole_lines(data))
    questions = [entry.question for entry in lines if entry.question]
    answers = [entry.answer for entry in lines if entry.answer]
    if not questions or not answers or not lines[0].conversation_id:
        raise ValueError("a turn needs a conversation, a question and an answer")
    question, told = Message.from_dict(questions[-1]), answers[-1]
    if told.get("status") == STREAMING:
        newest = max(index for index, entry in enumerate(lines) if entry.answer)
        told = _grown(told, lines[newest:]) | {"status": INTERRUPTED}
    answer = Message.from_dict(told)
    conversation = Conversation([Message.from_dict(message) for message in lines[0].before], lines[0].name)
    conversation.upsert([question, answer])
    return FinishedTurn(lines[0].conversation_id, conversation, question, answer, lines[0].replaces)


def _grown(answer: dict[str, Any], lines: list[LogLine]) -> dict[str, Any]:
    """Return what an answer has become by these lines."""
    steps, citations = list(answer.get("tool_steps", [])), list(answer.get("citations", []))
    for entry in lines:
        if entry.step is not None:
            steps[entry.place : entry.place + 1] = [entry.step]
        if entry.citation is not None:
            citations.append(entry.citation)
    content = answer["content"] + "".join(entry.text for entry in lines)
    thinking = (answer.get("thinking") or "") + "".join(entry.thinking for entry in lines)
    grown = {"content": content, "thinking": thinking, "tool_steps": steps, "citations": citations}
    return answer | {key: value for key, value in grown.items() if value or key in answer}


def _whole_lines(data: bytes) -> Iterator[LogLine]:
    """Yield all lines up to the first that is torn."""
    for part in data.splitlines():
        try:
            yield msgspec.json.decode(part, type=LogLine)
        except (ValueError, RecursionError):
            return


SYNC_EVERY_S = 1.0
RETRY_S = 0.5  # after a write that failed


class TurnLog:
    """The file of one turn, from its first lines to its end."""

    def __init__(
        self, path: Path, first_lines: bytes, answer: Message, fold: Callable[[Callable[[], None]], None]
    ) -> None:
        """Write the first lines; when this returns, they are on disk.

        `fold` saves the turn, and calls what it is given once that is on disk.
        Raises: StoreUnwritable when they can't be written; then nothing is left behind.
        """
        self._path = path
        self._answer = answer
        self._fold = fold
        self.also: list[Message] = []  # what the turn made beside question and answer
        self.pause_s: Callable[[], float] = lambda: 0.0  # between two writes of text; the journal knows better
        self._lock = atomic.locked(path, wait_s=0)
        with writing(path):
            atomic.make_folder(path.parent)
            self._lock.acquire()
            try:
                atomic.write_private(path, first_lines)
                self._file = path.open("ab", buffering=0)
            except OSError:
                atomic.unlock_and_remove(self._lock)
                raise
        self._length = len(first_lines)
        self._unwritten = b""  # whole lines that are not in the file yet
        self._gathered: list[str] = []  # what came behind them
        self._gathered_thinking: list[str] = []
        self._synced_at = time.monotonic()
        self._written_at = 0.0
        self._has_failed = False
        self._one_at_a_time = RLock()

    def gather(self, text: str = "", thinking: str = "") -> None:
        """Take the next piece of the answer, and of what the model thinks; write down what has come since the pause.

        Raises: StoreUnwritable when the disk is full; the turn may go on: the next write makes up for this one.
        """
        with self._one_at_a_time:
            self._take(text, thinking)
            self._write_when_due(self.pause_s())

    def catch_up(self) -> bool:
        """Write down what was gathered, in case no more comes for a while; return whether the turn goes on."""
        with self._one_at_a_time:
            if self._file.closed:
                return False
            with suppress(StoreUnwritable):  # it is tried again, and the end writes the whole answer
                self._write()
        self._sync_now_and_then()
        return True

    def grow(self, text: str, thinking: str = "") -> None:
        """Write down the next piece of the answer at once; raises as `gather`."""
        with self._one_at_a_time:
            self._take(text, thinking)
            self._write()

    def mark(self) -> None:
        """Write down all that the answer has become; raises as `gather`."""
        with self._one_at_a_time:
            # It holds whatever was not written before.
            self._unwritten, self._gathered, self._gathered_thinking = b"", [], []
            self._add(LogLine(answer=self._answer.to_dict()))
            self._write()

    def mark_steps(self, call_id: str) -> None:
        """Write down a call of a tool as it is now; raises as `gather`."""
        with self._one_at_a_time:
            for place, step in enumerate(self._answer.tool_steps):
                if step.id == call_id:
                    self._add(LogLine(step=to_row(step), place=place))
            self._write_when_due()

    def mark_citation(self, citation: Citation) -> None:
        """Write down a source; raises as `gather`."""
        with self._one_at_a_time:
            self._add(LogLine(citation=to_row(citation)))
            self._write_when_due()

    def end(self) -> None:
        """Fold question and answer, as they now stand, into their conversation; a second call does nothing.

        Raises: StoreError when that fails; then the file stays, and stays ours, until it is done.
        """
        if self._file.closed:
            return
        self._close()
        self._fold(lambda: remove_log(self._path, self._lock))

    def _close(self) -> None:
        """Write down how the answer ended, so that a crash while folding does not make it an interrupted one."""
        with self._one_at_a_time:
            with suppress(StoreUnwritable, OSError):  # on a full disk folding may still work
                self.mark()
                os.fsync(self._file.fileno())
            with suppress(OSError):
                self._file.close()

    def _take(self, text: str, thinking: str) -> None:
        if text:
            self._gathered.append(text)
        if thinking:
            self._gathered_thinking.append(thinking)

    def _add(self, content: LogLine) -> None:
        """Put a line behind what was gathered."""
        self._add_gathered()
        self._unwritten += line(content)

    def _add_gathered(self) -> None:
        if self._gathered or self._gathered_thinking:
            gathered = LogLine(text="".join(self._gathered), thinking="".join(self._gathered_thinking))
            self._gathered, self._gathered_thinking = [], []
            self._unwritten += line(gathered)

    def _write_when_due(self, pause_s: float = 0.0) -> None:
        """Write, unless the last write was just now, or has just failed; raises as `gather`."""
        if time.monotonic() - self._written_at >= (RETRY_S if self._has_failed else pause_s):
            self._write()

    def _write(self) -> None:
        """Hand what is not written yet to the operating system, where it outlives this program.

        Raises: StoreUnwritable; nothing is forgotten then.
        """
        self._add_gathered()
        self._written_at, self._has_failed = time.monotonic(), bool(self._unwritten)
        if self._unwritten:
            with writing(self._path):
                self._length = atomic.append_whole(self._file, self._unwritten, self._length)
            self._unwritten, self._has_failed = b"", False

    def _sync_now_and_then(self) -> None:
        """Hand all lines to the disk, where they outlive a power cut; nobody who writes waits for that."""
        if time.monotonic() - self._synced_at < SYNC_EVERY_S:
            return
        with suppress(OSError, ValueError):  # the turn has just ended, or the disk can't: the end tells of it
            handle = os.dup(self._file.fileno())
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
        self._synced_at = time.monotonic()


def turn_files(folder: Path) -> list[Path]:
    """Return the files of all turns in the order in which they began, living or dead."""
    # A program that is killed at the very end of a turn leaves its lock only.
    only_locks = [lock.with_suffix("") for lock in folder.glob("*.jsonl.lock")]
    # What was set aside has a date before its ending.
    return sorted({path for path in [*folder.glob("*.jsonl"), *only_locks] if path.suffixes == [".jsonl"]})


def claimed(path: Path) -> BaseFileLock | None:
    """Return the lock of a turn whose program is dead, held from now on; None where it lives, or the file is gone.

    Raises: OSError.
    """
    lock = atomic.locked(path, wait_s=0)
    try:
        lock.acquire()
    except TimeoutError:
        return None
    if path.exists():
        return lock
    atomic.unlock_and_remove(lock)  # another program was quicker
    return None


def remove_log(path: Path, lock: BaseFileLock) -> None:
    """Remove the file of a turn that is saved, and its lock; where that fails, the next start does it."""
    with suppress(OSError):
        path.unlink(missing_ok=True)
        atomic.unlock_and_remove(lock)
