"""The journal: what makes a turn outlive the program, cheaply.

While an answer grows, only a small file of its own grows with it. When the turn ends it is folded into the store; a
conversation that is new there is saved under a title made of its first words. What a crash left is folded at the next
start. Read next: `model/turn_log.py` and `model/turn_file.py`, the small file.
"""

import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from model.conversation import Conversation
from model.disk_errors import writing
from model.errors import ConversationNotFound
from model.forks import take_in
from model.message import Message, new_id
from model.store import JsonStore
from model.turn_file import first_lines, read_turn
from model.turn_log import TurnLog, claimed, turn_files
from utils import files
from utils.pulse import Pulse

# Many answers at once would wait for each other's writes, so each of 200 writes five times a second.
PAUSE_PER_TURN_S = 0.001
CATCH_UP_S = 0.5  # how long words stay unwritten at most, where an answer comes to a halt


class Journal:
    """Brings turns to where their conversations are saved, whatever happens."""

    def __init__(self, folder: Path, store: JsonStore) -> None:
        self._folder = folder
        self._store = store
        self._notices: list[str] = []
        self._pulse = Pulse(CATCH_UP_S)

    def begin(self, conversation: Conversation, question: Message, answer: Message) -> TurnLog:
        """Write down a turn that stands in the conversation; once this has returned, the request may leave.

        Raises: StoreUnwritable when it can't be written down.
        """
        turn = [question, answer]
        before: list[Message] = []
        if not self._store.has(conversation.id):
            before = [old for old in conversation.all_messages if old.id not in (question.id, answer.id)]
        # The time in front lets recovery fold turns in the order in which they began.
        path = self._folder / f"{time.time_ns()}{new_id()}.jsonl"
        lines = first_lines(conversation, before, question, answer)
        log = TurnLog(path, lines, answer, fold=lambda: self.write(conversation, [*turn, *log.also]))
        log.pause_s = lambda: PAUSE_PER_TURN_S * (self._pulse.count() - 1)
        self._pulse.add(log.catch_up)
        return log

    def write(self, conversation: Conversation, messages: list[Message]) -> None:
        """Write messages into their conversation; one that is nowhere, or was deleted, is saved anew."""
        self._put(conversation.id, conversation, messages)

    def keep(self, name: str, conversation: Conversation, overwrite: bool = False) -> None:
        """Save a conversation under a name that a person gave it; it will not change by itself any more.

        One that had its name from a person already becomes a copy.
        Raises: ConversationExists when the name is taken and `overwrite` is not set.
        """
        with suppress(ConversationNotFound):
            saved = self._store.find(conversation.id)
            take_in(conversation, saved.all_messages)
            if saved.options.is_auto_titled:
                self._store.rename(saved.name or "", name, overwrite)
        if conversation.all_messages:
            conversation.choose(is_auto_titled=False)
        self._store.save(name, conversation, overwrite)

    def recover(self) -> int:
        """Fold what programs left that were killed, and return how many turns that were; call it once at start."""
        with writing(self._folder):
            for folder in {self._folder, self._store.path.parent}:
                files.remove_leftovers(folder)
            leftovers = turn_files(self._folder)
        return sum(self._recover_one(path) for path in leftovers)

    def take_notices(self) -> list[str]:
        """Return what a person must be told about the files, each sentence once."""
        notices, self._notices = self._notices, []
        return notices + self._store.take_notices()

    def _recover_one(self, path: Path) -> bool:
        """Fold one turn and tell whether that was done; a file that can't be read is set aside."""
        with writing(path), claimed(path) as is_ours:
            if not is_ours:
                return False
            try:
                turn = read_turn(path.read_bytes())
            except ValueError:
                aside = files.set_aside(path)
                self._notices.append(f"A turn that was broken off could not be read. It is kept as {aside.name}.")
                return False
            self._put(turn.conversation_id, turn.conversation, [turn.question, turn.answer])
            path.unlink()
            return True

    def _put(self, conversation_id: str | None, conversation: Conversation, messages: list[Message]) -> None:
        """Write messages into their conversation, else save all of it under a title of its own."""
        try:
            self._store.write(conversation_id, messages)
        except ConversationNotFound:
            whole = replace(conversation, messages=list(conversation.messages), beside=list(conversation.beside))
            whole.upsert(messages)
            conversation.name = self._store.save_new(conversation.name, whole)


def adopt_drafts(file: Path, store: JsonStore) -> None:
    """Save what an earlier version kept apart because it had no name, and remove that file."""
    if file.is_file():
        drafts = JsonStore(file)
        for name in reversed(drafts.names()):
            draft = drafts.load(name)
            if not store.has(draft.id):
                store.save_new(None, Conversation.of_all(draft.all_messages))
        file.unlink()
