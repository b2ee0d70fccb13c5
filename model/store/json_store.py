"""The store: saved conversations in one readable JSON file.

It works on top of what other tabs and programs write meanwhile; how it does that is in `model/store/shared_file.py`.
What the rest of the app may ask a store for is in `model/store/protocol.py`.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from model.chat.branches import with_new_ids
from model.chat.conversation import Conversation
from model.chat.message import Message
from model.store import entries as entry_changes
from model.store.entries import ConversationSummary, check_free, chosen_name, entry_named, listed, name_of, opened
from model.store.file_format import Entries, contents_of, merge
from model.store.finished_turn import FinishedTurn, digest, frozen
from model.store.salvage import damaged_copies_with
from model.store.shared_file import SharedFile
from utils.files import atomic


class JsonStore:
    """Conversations in one JSON file; threads may share the store, and processes the file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = SharedFile(path)
        self._listed: tuple[Entries, list[ConversationSummary]] = ({}, [])

    def names(self) -> list[str]:
        """Return the names of all conversations, the newest saved first."""
        return list(reversed(self._file.read()))

    def entries(self) -> list[ConversationSummary]:
        """Return what a list shows of all conversations, not to be changed, the newest saved first."""
        if (entries := self.snapshot()) is not self._listed[0]:
            self._listed = entries, listed(entries)
        return self._listed[1]

    def snapshot(self) -> Entries:
        """Return all as it stands in the file, not to be changed; the same object as long as the file is the same."""
        return self._file.read()

    def load(self, name: str) -> Conversation:
        """Return the conversation with this name."""
        return opened(name, entry_named(self._file.read(), name))

    def find(self, conversation_id: str | None) -> Conversation:
        """Return the conversation with this id."""
        entries = self._file.read()
        name = name_of(entries, conversation_id)
        return opened(name, entries[name])

    def has(self, conversation_id: str | None) -> bool:
        """Return whether a conversation is saved."""
        return any(entry.id and entry.id == conversation_id for entry in self._file.read().values())

    def digest_of(self, conversation_id: str | None, message_id: str) -> str:
        """Return a digest of what a message of a saved conversation says; "" where there is no such message."""
        entries = self._file.read()
        name = name_of(entries, conversation_id)
        if message_id.encode() not in bytes(entries[name].raw):  # as of every new answer
            return ""
        content = contents_of(name, entries[name]).get(message_id)
        return "" if content is None else digest(content)

    def stamp(self) -> object:
        """Return something that changes whenever a conversation does; it costs one look at the disk."""
        return atomic.stamp(self.path) if self.path.is_file() else None, self._file.waiting()

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
        conversation.first_id = written[0].id if conversation.first_id else None

    def save_new(self, wish: str | None, conversation: Conversation) -> str:
        """Save a conversation that is new, and return its name: the one wished for where it is free, else its title."""
        with self._file.changing() as entries:
            return entry_changes.put_in_new(entries, wish, conversation)

    def add(self, conversations: Iterable[tuple[str, Conversation]]) -> list[str]:
        """Save many conversations in one go, and return their names; one that is taken gets a number."""
        packed = [entry_changes.packed(*one) for one in conversations]  # it may take long: no lock
        with self._file.changing() as entries:
            return entry_changes.put_in(entries, packed)

    def write(self, conversation_id: str | None, messages: Iterable[Message]) -> None:
        """Put messages into a saved conversation, and leave all its others, and its options, as they are."""
        with self._file.changing() as entries:
            name = name_of(entries, conversation_id)
            # Taken out and put back, it stands last, where the newest is.
            entry = entries.pop(name)
            entries[name] = merge(name, entry, entry_changes.with_options_of(name, entry, messages))

    def write_turn(self, turn: FinishedTurn, when_written: Callable[[], None] = lambda: None) -> None:
        """Put a turn into its conversation; a conversation that is nowhere, or was deleted, is saved anew.

        Raises: StoreError when that is refused; then it waits in memory, where all who read find it, and is tried again
        until `when_written` is called.
        """
        self._file.save(frozen(turn).put_into, when_written)

    def spend(self, make_room: Callable[[], bool]) -> None:
        """Say what gives room on a full disk, before a conversation can't be saved or deleted; it returns whether."""
        self._file.make_room = make_room

    def settle(self) -> None:
        """Try once more to write what waits; for a program that is about to end."""
        self._file.settle()

    def change(self, conversation_id: str | None, messages: Iterable[Message], without: Iterable[str] = ()) -> None:
        """Put messages into a saved conversation and take others out; it keeps its place in the list."""
        with self._file.changing() as entries:
            name = name_of(entries, conversation_id)
            entry = entries[name]
            messages = entry_changes.with_options_of(name, entry, messages)
            entries[name] = entry_changes.with_id_of(name, entry, merge(name, entry, messages, set(without)))

    def choose(self, conversation_id: str | None, **wishes: Any) -> None:
        """Change what was chosen for a saved conversation as a whole."""
        with self._file.changing() as entries:
            name = name_of(entries, conversation_id)
            entries[name] = entry_changes.with_options(name, entries[name], **wishes)

    def rename(self, old: str, new: str, overwrite: bool = False) -> None:
        """Give a conversation another name, for good; its place among the others and its ids stay."""
        with self._file.changing() as entries:
            name = entry_changes.rename(entries, old, new, overwrite)
            if entries[name].id:
                entries[name] = entry_changes.with_options(name, entries[name], is_auto_titled=False)

    def retitle(self, conversation_id: str | None, title: str) -> None:
        """Give a conversation another title; a name that a person gave it stays."""
        with self._file.changing() as entries:
            entry_changes.retitle(entries, name_of(entries, conversation_id), title)

    def kept(self, conversation_id: str | None) -> entry_changes.Snapshot:
        """Return a conversation as it stands on disk, for `put_back` after a deletion."""
        entries = self._file.read()
        name = name_of(entries, conversation_id)
        return entry_changes.Snapshot(name, entries[name])

    def put_back(self, kept: entry_changes.Snapshot, rest_id: str | None) -> Conversation:
        """Undo a deletion; `rest_id` names what is left of the conversation, to which more may have been said since."""
        with self._file.changing() as entries:
            name = entry_changes.put_back(entries, kept, rest_id)
        return self.load(name)

    def delete(self, name: str) -> None:
        """Delete a conversation."""
        with self._file.changing() as entries:
            entry_named(entries, name)
            del entries[name]

    def tell_of_copies(self, messages: Iterable[Message]) -> None:
        """Tell of damaged files, kept beside this one, that still hold messages which were deleted."""
        for name in damaged_copies_with(self.path, messages):
            self._file.tell(f"{name}, kept because it was damaged, still holds what was deleted. Delete it, too.")

    def take_notices(self) -> list[str]:
        """Return what a person must be told about the file, each sentence once."""
        return self._file.take_notices()
