"""The journal: what makes a turn outlive the program, cheaply.

While an answer grows, only a small file of its own grows with it. When the turn ends it is folded into the store; a
conversation that is new there is saved under a title made of its first words. What a crash left is folded at the next
start.
"""

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from filelock import BaseFileLock

from model.chat.conversation import Conversation
from model.chat.message import Message, new_id
from model.errors import ConversationNotFound, StoreError
from model.store.disk_errors import writing
from model.store.protocol import ConversationStore, FinishedTurn
from model.store.turn_log import TurnLog, claimed, first_lines, read_turn, remove_log, turn_files
from utils.files import atomic
from utils.threads.periodic import PeriodicCaller
from utils.threads.trace import note, traced

# Up to so many answers at once are written piece by piece, before anybody reads them: that costs no time that could be
# measured. More of them would wait for each other's writes, so each of 200 writes five times a second.
MOST_AT_ONCE = 50
PAUSE_PER_TURN_S = 0.001
WAITS = "Until then the answer is kept in memory; it is saved as soon as that works."
CATCH_UP_S = 0.5  # how long words stay unwritten at most, where an answer comes to a halt


class Journal:
    """Brings turns to where their conversations are saved, whatever happens."""

    def __init__(self, folder: Path, store: ConversationStore) -> None:
        self._folder = folder
        self._store = store
        self._notices: list[str] = []
        self._pulse = PeriodicCaller(CATCH_UP_S)

    @traced("The question is written to disk")
    def begin(self, conversation: Conversation, question: Message, answer: Message) -> TurnLog:
        """Write down a turn that stands in the conversation; once this has returned, the request may leave.

        Raises: StoreUnwritable when it can't be written down.
        """
        turn = FinishedTurn(conversation.id or question.id, conversation, question, answer)
        before: list[Message] = []
        try:
            turn.replaces = self._store.digest_of(conversation.id, answer.id)
        except ConversationNotFound:
            before = [old for old in conversation.all_messages if old.id not in (question.id, answer.id)]
        # The time in front lets recovery fold turns in the order in which they began.
        path = self._folder / f"{time.time_ns()}{new_id()}.jsonl"
        lines = first_lines(conversation, before, question, answer, turn.replaces)
        note(file=f"{self._folder.name}/{path.name}", lines=lines)
        log = TurnLog(path, lines, answer, fold=lambda done: self._fold(turn, done))
        turn.also = log.also
        log.pause_s = lambda: PAUSE_PER_TURN_S * self._pulse.count() if self.is_crowded() else 0.0
        self._pulse.add(log.catch_up)
        return log

    def is_crowded(self) -> bool:
        """Return whether so many turns run that not every piece of each is written at once."""
        return self._pulse.count() > MOST_AT_ONCE

    def recover(self) -> int:
        """Fold what programs left that were killed, and return how many turns that were; it never raises a BnaError.

        A turn that can't be saved now waits as any other does, and is told.
        """
        try:
            with writing(self._folder):
                for folder in (self._folder, self._folder.parent):
                    atomic.remove_leftovers(folder)
                leftovers = turn_files(self._folder)
        except StoreError as error:
            self._tell(error)
            leftovers = []
        return sum(self._recover_one(path) for path in leftovers)

    def settle(self) -> None:
        """Try once more to save what could not be saved; for a program that is about to end."""
        self._store.settle()

    def take_notices(self) -> list[str]:
        """Return what a person must be told about the files, each sentence once."""
        notices, self._notices = self._notices, []
        return notices + self._store.take_notices()

    def _recover_one(self, path: Path) -> bool:
        """Fold one turn and tell whether that was done; a file that can't be read is set aside."""
        try:
            with writing(path):
                lock = claimed(path)
                if lock is None:
                    return False
                turn = self._read(path, lock)
            if turn:
                self._store.write_turn(turn, lambda: remove_log(path, lock))
        except StoreError as error:
            self._tell(error)
            return False
        return turn is not None

    def _read(self, path: Path, lock: BaseFileLock) -> FinishedTurn | None:
        """Return the turn that a file holds; one that can't be read is set aside.

        Raises: OSError.
        """
        try:
            return read_turn(path.read_bytes())
        except ValueError:
            aside = atomic.move_aside(path)
            self._notices.append(f"A turn that was broken off could not be read. It is kept as {aside.name}.")
            atomic.unlock_and_remove(lock)
            return None
        except OSError:
            atomic.unlock_and_remove(lock)
            raise

    def _tell(self, error: StoreError) -> None:
        """Tell of a turn that is not saved yet."""
        sentence = f"An answer that was broken off is kept, and saved as soon as that works. {error.message}"
        self._notices.append(sentence)
        logging.getLogger(__name__).warning(sentence)  # for those who use no page

    def _fold(self, turn: FinishedTurn, when_written: Callable[[], None]) -> None:
        """Put a turn into its conversation.

        Raises: StoreError when it waits.
        """
        conversation = turn.conversation
        # In mid-turn it may have been saved as a copy, with other ids.
        turn.conversation_id = conversation.id or turn.conversation_id
        try:
            conversation.name = self._store.write_turn(turn, when_written)
        except StoreError as error:
            with suppress(StoreError):
                conversation.name = self._store.name_of(turn.conversation_id)
            raise type(error)(error.message, f"{error.hint.partition('. ')[0].rstrip('.')}. {WAITS}") from error
