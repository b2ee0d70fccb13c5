"""Saved conversations: the one door from pages, HTTP and terminal to what keeps them.

Every method raises a BnaError when it can't do what it says. What is changed inside a conversation that is open, such
as a rating or a deleted message, is in `editing.py`; files that come and go are in `importing.py` and `export.py`.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from controller.chat.turns import Turns
from controller.history.editing import Changes, Undo
from model.chat.branch_changes import merge_messages
from model.chat.conversation import Conversation
from model.chat.message import Message
from model.chat.titles import title_of
from model.errors import ConversationNotFound
from model.store.protocol import ConversationIndex, ConversationStore, ConversationSummary, Hit, TurnJournal

if TYPE_CHECKING:
    from model.providers.usage import UsageRow

__all__ = ["ConversationSummary", "Hit", "SavedConversations"]
Result = TypeVar("Result")


class SavedConversations:
    """What people may do with conversations that are saved, whatever keeps them."""

    def __init__(
        self, store: ConversationStore, journal: TurnJournal, index: ConversationIndex, turns: Turns, changes: Changes
    ) -> None:
        self._store = store
        self._journal = journal
        self._index = index
        self._turns = turns
        self._changes = changes

    def list_conversations(self) -> list[ConversationSummary]:
        """Return what a list shows of all conversations, the newest saved first."""
        return self._store.entries()

    def load_conversation(self, conversation_id: str | None) -> Conversation:
        """Return a conversation as it is now, also while an answer is being written in it; it is the caller's own.

        Raises: ConversationNotFound.
        """
        turn = self._turns.of(conversation_id)
        return turn.copy() if turn else self._store.find(conversation_id)

    def is_saved(self, conversation_id: str | None) -> bool:
        return self._store.has(conversation_id)

    def title_of(self, conversation: Conversation) -> str:
        """Return the name under which a conversation is saved by now, else its first words."""
        is_saved = self._store.has(conversation.id)
        return self._store.name_of(conversation.id) if is_saved else title_of(conversation)

    def stamp(self) -> object:
        """Return something that changes whenever a saved conversation does; it costs next to nothing."""
        return self._store.stamp()

    def save_conversation(self, name: str, conversation: Conversation, overwrite: bool = False) -> None:
        """Save a conversation under a name that a person gave it; it will not change by itself any more.

        One that had its name from a person already becomes a copy.
        Raises: ConversationExists when the name is taken and `overwrite` is not set.
        """
        with suppress(ConversationNotFound):
            saved = self._store.find(conversation.id)
            merge_messages(conversation, saved.all_messages)
            if saved.options.is_auto_titled:
                self._store.rename(saved.name or "", name, overwrite)
        if conversation.all_messages:
            conversation.choose(is_auto_titled=False)
        self._store.save(name, conversation, overwrite)

    def rename_conversation(
        self, conversation_id: str | None, name: str, overwrite: bool = False
    ) -> ConversationSummary:
        """Give a conversation another name, for good, and return how it is listed.

        Raises: ConversationExists when the name is taken and `overwrite` is not set.
        """
        name = self._store.rename(self._store.name_of(conversation_id), name, overwrite)
        return next(row for row in self._store.entries() if row.name == name)

    def pin_conversation(self, conversation_id: str, is_pinned: bool) -> None:
        """Let a conversation stand above all others in the list, or no more."""
        self._store.choose(conversation_id, is_pinned=is_pinned)

    def delete_conversation(self, conversation_id: str) -> Undo:
        """Delete a conversation, and return the way back; an answer that is being written ends.

        Raises: TurnUnderWay when it does not end soon.
        """
        self._turns.end(conversation_id)
        return self._changes.delete_conversation(conversation_id)

    def search(self, text: str, limit: int = 50) -> list[Hit]:
        """Return the conversations where the name or one message has all the words, or words that begin with them."""
        return self._index.search(text, limit)

    def usage(self) -> "list[UsageRow]":
        """Return what all conversations took, one row for each day, kind and model, the oldest day first."""
        self._index.sync()
        return self._index.usage()

    def mentioning(self, *texts: str) -> Iterator[tuple[ConversationSummary, list[Message]]]:
        """Yield the conversations in whose JSON one of these texts stands, each with all its messages."""
        return self._store.mentioning(*texts)

    def take_in(self, bring: Callable[[ConversationStore], Result]) -> Result:
        """Let something bring conversations in from elsewhere, and return what it says of that."""
        return bring(self._store)

    def take_notices(self) -> list[str]:
        """Return what a person must be told about what is saved, each sentence once."""
        return self._journal.take_notices()
