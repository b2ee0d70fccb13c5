"""The journal: what makes a turn outlive the program, cheaply.

While an answer grows, only a small file of its own grows with it. When the turn ends it is folded into the store, or
into the drafts when nobody has named its conversation yet. What a crash left is folded at the next start.
Read next: `model/turn_log.py` and `model/turn_file.py`, the small file.
"""

import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from model.conversation import Conversation
from model.disk_errors import holding, writing
from model.errors import ConversationNotFound
from model.message import Message, new_id
from model.store import JsonStore
from model.turn_file import first_lines, read_turn
from model.turn_log import TurnLog, claimed, turn_files
from utils import files


class Journal:
    """Knows where each conversation lives, saved or draft, and brings its turns there whatever happens."""

    def __init__(self, folder: Path, store: JsonStore, drafts: JsonStore) -> None:
        self._folder = folder
        self._store = store
        self._drafts = drafts
        self._moving = folder / "journal"  # locked while a conversation goes from the drafts to the saved ones
        self._notices: list[str] = []

    def begin(self, conversation: Conversation, question: Message, answer: Message) -> TurnLog:
        """Write down a turn that stands in the conversation; once this has returned, the request may leave.

        Raises: StoreUnwritable when it can't be written down.
        """
        turn = [question, answer]
        before: list[Message] = []
        try:
            self._home(conversation.id)
        except ConversationNotFound:
            before = [old for old in conversation.messages if old.id not in (question.id, answer.id)]
        # The time in front lets recovery fold turns in the order in which they began.
        path = self._folder / f"{time.time_ns()}{new_id()}.jsonl"
        lines = first_lines(conversation, before, question, answer)
        return TurnLog(path, lines, answer, fold=lambda: self.write(conversation, turn))

    def write(self, conversation: Conversation, messages: list[Message]) -> None:
        """Write messages to where the conversation lives; one that is nowhere, or was deleted, becomes a draft."""
        self._put(conversation.id, conversation, messages)

    def remove(self, conversation_id: str | None, message_ids: Iterable[str]) -> None:
        """Take messages out of a conversation, saved or draft; one that is not on disk yet needs nothing."""
        with suppress(ConversationNotFound):
            home = self._home(conversation_id)
            name = home.name_of(conversation_id)
            home.remove(conversation_id, message_ids)
            if home is self._drafts and not home.load(name).messages:
                home.delete(name)

    def find(self, conversation_id: str | None) -> Conversation:
        """Return a conversation by its id, saved or draft.

        Raises: ConversationNotFound when it is neither.
        """
        try:
            return self._store.find(conversation_id)
        except ConversationNotFound:
            return Conversation(self._drafts.find(conversation_id).messages)

    def stamp(self) -> tuple[object, ...]:
        """Return something that changes whenever a conversation on disk does; it costs two looks at the disk."""
        return tuple(files.stamp(store.path) for store in (self._store, self._drafts) if store.path.is_file())

    def keep(self, name: str, conversation: Conversation, overwrite: bool = False) -> None:
        """Save a conversation under a name; from then on it is no draft.

        Raises: ConversationExists when the name is taken and `overwrite` is not set.
        """
        draft_id, known = conversation.id, {message.id for message in conversation.messages}
        with holding(self._moving):
            self._store.save(name, conversation, overwrite)
            with suppress(ConversationNotFound):  # it was no draft
                draft = self._drafts.find(draft_id)
                from_other_tabs = [message for message in draft.messages if message.id not in known]
                if from_other_tabs:
                    self._store.write(conversation.id, from_other_tabs)
                self._drafts.delete(self._drafts.name_of(draft_id))

    def discard(self, conversation: Conversation) -> None:
        """Delete a draft; a saved conversation stays."""
        with holding(self._moving), suppress(ConversationNotFound):
            self._drafts.delete(self._drafts.name_of(conversation.id))

    def recover(self) -> int:
        """Fold what programs left that were killed, and return how many turns that were; call it once at start."""
        with writing(self._folder):
            for folder in {self._folder, self._store.path.parent, self._drafts.path.parent}:
                files.remove_leftovers(folder)
            leftovers = turn_files(self._folder)
        return sum(self._recover_one(path) for path in leftovers)

    def take_notices(self) -> list[str]:
        """Return what a person must be told about the files, each sentence once."""
        notices, self._notices = self._notices, []
        return notices + self._store.take_notices() + self._drafts.take_notices()

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

    def _home(self, conversation_id: str | None) -> JsonStore:
        """Return the store that holds a conversation: the saved ones, else the drafts."""
        try:
            self._store.name_of(conversation_id)
            return self._store
        except ConversationNotFound:
            self._drafts.name_of(conversation_id)
            return self._drafts

    def _put(self, conversation_id: str | None, conversation: Conversation, messages: list[Message]) -> None:
        """Write messages to where the conversation lives, else the whole conversation to the drafts."""
        with holding(self._moving):
            try:
                self._home(conversation_id).write(conversation_id, messages)
            except ConversationNotFound:
                self._put_anew(conversation, messages)

    def _put_anew(self, conversation: Conversation, messages: list[Message]) -> None:
        """Write a conversation that is on disk nowhere: under its name if that was saved empty, else as a draft."""
        whole = Conversation(list(conversation.messages))
        whole.upsert(messages)
        name = conversation.name
        if name in self._store.names() and not self._store.load(name).messages:
            self._store.save(name, whole)
        else:
            conversation.name = None
            self._drafts.save(whole.id or "", whole, overwrite=True)
