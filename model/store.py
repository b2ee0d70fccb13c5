"""The store: saved conversations on disk.

`ConversationStore` is what the rest of the app may ask for; `JsonStore` keeps it in one readable file, on top of what
other tabs and programs write meanwhile. How it does that is in `model/shared_file.py`.
Read next: `model/journal.py`, which saves an answer while it grows, then `model/search_index.py`.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from model.branches import with_new_ids
from model.conversation import Conversation
from model.conversation_file import Entries, merge
from model.entries import Listed, check_free, chosen_name, entry_named, listed, name_of, opened
from model.message import Message
from model.shared_file import SharedFile


class ConversationStore(Protocol):
    """What keeps conversations; every method raises a StoreError when it can't do what it says."""

    def names(self) -> list[str]:
        """Return the names of all conversations, the newest saved first."""

    def entries(self) -> list[Listed]:
        """Return what a list shows of all conversations, the newest saved first."""

    def load(self, name: str) -> Conversation:
        """Return the conversation with this name."""

    def find(self, conversation_id: str | None) -> Conversation:
        """Return the conversation with this id."""

    def save(self, name: str, conversation: Conversation, overwrite: bool = False) -> None:
        """Save a conversation under a name; a name that another one has is taken only with `overwrite`."""

    def write(self, conversation_id: str | None, messages: Iterable[Message]) -> None:
        """Put messages into a saved conversation, and leave all its others as they are."""

    def remove(self, conversation_id: str | None, message_ids: Iterable[str]) -> None:
        """Take messages out of a saved conversation."""

    def rename(self, old: str, new: str) -> None:
        """Give a conversation another name."""

    def delete(self, name: str) -> None:
        """Delete a conversation."""


class JsonStore:
    """Conversations in one JSON file; threads may share the store, and processes the file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = SharedFile(path)

    def names(self) -> list[str]:
        """Return the names of all conversations, the newest saved first."""
        return list(reversed(self._file.read()))

    def entries(self) -> list[Listed]:
        """Return what a list shows of all conversations, the newest saved first."""
        return listed(self._file.read())

    def snapshot(self) -> Entries:
        """Return all conversations as they stand in the file; nothing to be changed by the caller.

        As long as the file stays the same it is the same object, and so is each conversation that we leave alone.
        """
        return self._file.read()

    def load(self, name: str) -> Conversation:
        """Return the conversation with this name."""
        return opened(name, entry_named(self._file.read(), name))

    def find(self, conversation_id: str | None) -> Conversation:
        """Return the conversation with this id."""
        entries = self._file.read()
        name = name_of(entries, conversation_id)
        return opened(name, entries[name])

    def name_of(self, conversation_id: str | None) -> str:
        """Return the name of the conversation with this id."""
        return name_of(self._file.read(), conversation_id)

    def save(self, name: str, conversation: Conversation, overwrite: bool = False) -> None:
        """Save a conversation under a name; a name that another one has is taken only with `overwrite`.

        Under its own name it is merged with what stands there. Under a second name it becomes a copy with ids of its
        own, and the first stays as it was.
        """
        written = messages = conversation.all_messages
        with self._file.changing() as entries:
            name = chosen_name(name, entries)
            own = name in entries and entries[name].id == conversation.id
            if not own and not overwrite:
                check_free(entries, name)
            old = entries.pop(name, None)
            if any(entry.id and entry.id == conversation.id for entry in entries.values()):
                written = with_new_ids(messages)
            entries[name] = merge(name, old if own else None, written)
        conversation.name = name
        for message, copy in zip(messages, written, strict=True):
            message.__dict__.update(copy.__dict__)

    def write(self, conversation_id: str | None, messages: Iterable[Message]) -> None:
        """Put messages into a saved conversation, and leave all its others as they are."""
        with self._file.changing() as entries:
            name = name_of(entries, conversation_id)
            # Taken out and put back, it stands last, where the newest is.
            entries[name] = merge(name, entries.pop(name), messages)

    def remove(self, conversation_id: str | None, message_ids: Iterable[str]) -> None:
        """Take messages out of a saved conversation."""
        with self._file.changing() as entries:
            name = name_of(entries, conversation_id)
            entries[name] = merge(name, entries[name], [], without=set(message_ids))

    def rename(self, old: str, new: str) -> None:
        """Give a conversation another name; its place among the others and its ids stay."""
        with self._file.changing() as entries:
            entry = entry_named(entries, old)
            new = chosen_name(new, entries)
            if new != old:
                check_free(entries, new)
                entries.pop(new, None)
            entries[old] = merge(old, entry, [])  # writes down the ids that follow from the old name
            renamed = {new if name == old else name: entries[name] for name in entries}
            entries.clear()
            entries.update(renamed)

    def delete(self, name: str) -> None:
        """Delete a conversation."""
        with self._file.changing() as entries:
            entry_named(entries, name)
            del entries[name]

    def take_notices(self) -> list[str]:
        """Return what a person must be told about the file, each sentence once."""
        return self._file.take_notices()
