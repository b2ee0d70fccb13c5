"""Changes to what was said: another version shown, a rating, a deletion and its undo, a copy.

Each changes the conversation in memory and, where it is saved, only what changed on disk.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from model.chat import branch_changes
from model.chat.branches import children_of, with_new_ids, without_id
from model.chat.conversation import Conversation
from model.chat.message import Message
from model.chat.titles import first_words
from model.store.protocol import ConversationStore


@dataclass(frozen=True)
class Undo:
    """The last deletion: what was deleted, how it was before, and what is left of the conversation.

    `kept` is what the store needs to put it back; None for a conversation that is not saved.
    """

    label: str
    before: Conversation
    kept: Any
    rest_id: str | None = None


class UnusedFiles(Protocol):
    """What removes attached files that no conversation refers to any more."""

    def hold(self, undo: object, before: Conversation) -> None:
        """Keep a deleted conversation's files until its undo is no longer offered."""

    def remove_unused(self, hashes: Iterable[str]) -> list[str]:
        """Remove files that nothing refers to; return their hashes."""


class Changes:
    """What a person may do with what was said."""

    def __init__(
        self,
        store: ConversationStore,
        forget: Callable[[], None] = lambda: None,
        cleanup: UnusedFiles | None = None,
        recover: Callable[[], object] = lambda: None,
    ) -> None:
        """Change what is in a store; `forget` is called when something was deleted, for whatever else knows of it.

        `cleanup` keeps attached files as long as a deletion can be undone. `recover` brings in, before a deletion,
        what programs left that were killed: else it would come back later.
        """
        self._recover = recover
        self._store = store
        self._forgetters = [forget]
        self._cleanup = cleanup
        self._deleted: set[str] = set()  # the ids of messages, since this process began

    def when_deleted(self, forget: Callable[[], None]) -> None:
        """Call something whenever anything was deleted, for whoever holds what was said in memory."""
        self._forgetters.append(forget)

    def is_deleted(self, message: Message) -> bool:
        """Return whether a message was deleted since this process began, and that was not taken back."""
        return message.id in self._deleted

    def without_deleted(self, conversation: Conversation) -> Conversation:
        """Return what is left of a conversation that was open while something of it was deleted elsewhere."""
        if not self._deleted:
            return conversation
        gone = self._deleted & {message.id for message in conversation.all_messages}
        if gone and self._store.has(conversation.id):  # it may have come back, by an import
            gone -= {message.id for message in self._store.find(conversation.id).all_messages}
        if not gone:
            return conversation
        rest = branch_changes.without(conversation, gone)
        rest.is_temporary = conversation.is_temporary
        return rest

    def show(self, conversation: Conversation, version: Message) -> None:
        """Show the branch that goes through a message."""
        branch_changes.show(conversation, version)
        self._write(conversation, [version])

    def rate(self, conversation: Conversation, message: Message, rating: str) -> None:
        """Keep what a person thinks of an answer, "up" or "down"; the same again takes it back."""
        message.rating = None if message.rating == rating else rating
        self._write(conversation, [message])

    def edit(self, conversation: Conversation, message: Message, text: str) -> None:
        message.content, message.token_count = text, None
        self._write(conversation, [message])

    def keep(self, conversation: Conversation, messages: Iterable[Message]) -> None:
        """Write messages that something else than a turn has put into a conversation."""
        self._write(conversation, messages)

    def choose(self, conversation: Conversation, **options: object) -> None:
        """Change what was chosen for a conversation as a whole."""
        conversation.choose(**options)
        if self._store.has(conversation.id):
            self._store.choose(conversation.id, **options)

    def remove_file(self, conversation: Conversation, sha256: str) -> None:
        """Take an attached file off all messages of a conversation; the file itself is left to the file cleanup."""
        changed = conversation.with_file(sha256)
        for message in changed:
            message.attachments = [file for file in message.attachments if file.sha256 != sha256]
        self._write(conversation, changed)
        if self._cleanup:
            self._cleanup.remove_unused([sha256])

    def delete_message(self, conversation: Conversation, message: Message) -> tuple[Conversation, Undo]:
        """Delete one message; what followed it stays."""
        return self._delete(conversation, [message.id], "One message deleted.")

    def delete_branch(self, conversation: Conversation, message: Message) -> tuple[Conversation, Undo]:
        """Delete a message with all that followed it, on all branches."""
        children = children_of(conversation.all_messages)
        gone, waiting = [], [message]
        while waiting:
            gone.append(waiting.pop())
            waiting += children.get(gone[-1].id, [])
        return self._delete(conversation, [m.id for m in gone], f"{len(gone)} messages deleted.")

    def delete_conversation(self, conversation_id: str) -> Undo:
        self._recover()
        before = self._store.find(conversation_id)
        kept = self._store.take_out(conversation_id)
        self._forget(message.id for message in before.all_messages)
        return self._held(Undo(f"“{before.name}” deleted.", before, kept))

    def undo(self, undo: Undo) -> Conversation:
        """Take a deletion back, and return the conversation."""
        back = self._store.put_back(undo.kept, undo.rest_id) if undo.kept else undo.before
        self._deleted -= {message.id for message in back.all_messages}
        return back

    def duplicate(self, conversation_id: str) -> Conversation:
        """Save a copy of a conversation with all its branches, and return it."""
        original = self._store.find(conversation_id)
        copy = Conversation.of_all(with_new_ids(original.all_messages))
        copy.name = self._store.add([(original.name or "", copy)])[0]
        return copy

    def fork(self, conversation: Conversation, message: Message) -> Conversation:
        """Save what was said up to a message as a conversation of its own, and return it."""
        copy = conversation.copy(until=message)
        copy.is_temporary = conversation.is_temporary
        if copy.first:
            copy.first.conversation = without_id(conversation.first.conversation) if conversation.first else None
        if not copy.is_temporary:
            copy.name = self._store.add([(conversation.name or first_words(copy), copy)])[0]
        return copy

    def _delete(self, conversation: Conversation, gone: list[str], label: str) -> tuple[Conversation, Undo]:
        """Take messages out, and return what is left with the way back."""
        self._recover()
        is_saved = self._store.has(conversation.id)
        left = [key for key in self._store.contents(conversation.id) if key not in gone] if is_saved else []
        rest = branch_changes.without(conversation, gone, next(iter(left), None))
        rest.is_temporary = conversation.is_temporary
        if not is_saved:
            return rest, Undo(label, conversation, None)
        if rest.all_messages:
            kept = self._store.take_out(conversation.id, gone, _changed(conversation, rest))
        else:
            kept = self._store.take_out(conversation.id)
        self._forget(gone)
        return rest, self._held(Undo(label, conversation, kept, rest.id))

    def _forget(self, gone: Iterable[str]) -> None:
        """Let everybody forget what was deleted."""
        self._deleted |= set(gone)
        for forget in self._forgetters:
            forget()

    def _held(self, undo: Undo) -> Undo:
        if self._cleanup:
            self._cleanup.hold(undo, undo.before)
        return undo

    def _write(self, conversation: Conversation, messages: Iterable[Message]) -> None:
        """Write messages of a saved conversation; one that is temporary has nothing on disk."""
        if self._store.has(conversation.id):
            self._store.change(conversation.id, messages)


def _changed(before: Conversation, rest: Conversation) -> list[Message]:
    """Return the messages that follow another one now, and the one that keeps the options."""
    old = {message.id: message for message in before.all_messages}
    return [message for message in rest.all_messages if message != old[message.id]]
