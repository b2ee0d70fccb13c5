"""What one may do with saved conversations, whatever keeps them: all of `model/store/protocol.py`.

Each change is made to conversations by name (`model/store/entries.py`), on top of what others wrote meanwhile; where
they are kept is handed in. So a file and a database do the same.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from model.chat.branches import with_new_ids
from model.chat.conversation import Conversation
from model.chat.message import Message
from model.errors import ConversationNotFound
from model.store import entries as entry_changes
from model.store.entries import check_free, chosen_name, entry_named, id_of, listed, name_of, not_saved, opened
from model.store.file_format import Entries, Stored, contents_of, merge, messages_of
from model.store.protocol import ConversationSummary, FinishedTurn, frozen, message_digest
from model.store.shared_entries import SharedEntries
from utils.threads.trace import note, traced


class EntryStore(ABC):
    """Saved conversations; threads may share the store, and processes what it keeps them in."""

    def __init__(self, shared: SharedEntries) -> None:
        self._shared = shared
        # Each with the entries that it was made of, which are replaced and never changed in place.
        self._listed: tuple[Entries, list[ConversationSummary]] = ({}, [])
        self._names: tuple[Entries, dict[str | None, str]] = ({}, {})
        self._digests: tuple[Entries, dict[str, tuple[str, bytes]]] = ({}, {})

    @abstractmethod
    def references(self) -> set[str]:
        """Return all that looks like the SHA-256 of a file in what is saved, wherever it stands."""

    @abstractmethod
    def profile(self) -> str:
        """Return the person's profile as it was written; "" where there is none."""

    @abstractmethod
    def write_profile(self, text: str) -> None:
        """Keep a profile in the place of the one that is there."""

    def people(self) -> set[str]:
        """Return the addresses of all who sign in to the same database; a file is one person's."""
        return set()

    @abstractmethod
    def size_bytes(self) -> int:
        """Return about how much all conversations take."""

    @abstractmethod
    def delete_all(self) -> None:
        """Delete all that is kept of the person, down to the bytes, as far as that is for us to do."""

    @abstractmethod
    def _when_deleted(self, messages: Iterable[Message]) -> None:
        """Do what is left to do when messages were deleted."""

    def stamp(self) -> object:
        """Return something that changes whenever a saved conversation does; it costs next to nothing."""
        return self._shared.stamp(), self._shared.waiting()

    def names(self) -> list[str]:
        """Return the names of all conversations, the newest saved first."""
        return list(reversed(self._shared.read()))

    def entries(self) -> list[ConversationSummary]:
        """Return what a list shows of all conversations, not to be changed, the newest saved first."""
        if (entries := self.snapshot()) is not self._listed[0]:
            self._listed = entries, listed(entries)
        return self._listed[1]

    def snapshot(self) -> Entries:
        """Return all as it stands in the file, not to be changed; the same object as long as the file is the same."""
        return self._shared.read()

    def whole(self) -> Entries:
        """Return what `snapshot` does, all of it in memory."""
        return self.snapshot()

    def replace_all(self, entries: Entries) -> None:
        """Put conversations in the place of all that are here, each as it stands."""
        with self._shared.changing() as mine:
            mine.clear()
            mine.update(entries)

    def prepare(self) -> str:
        """Bring what keeps conversations up to date, and tell what was done; "" where there was nothing to do."""
        return ""

    def load(self, name: str) -> Conversation:
        """Return the conversation with this name."""
        return opened(name, entry_named(self._shared.read(), name))

    def find(self, conversation_id: str | None) -> Conversation:
        """Return the conversation with this id."""
        with self._shared.at_once():
            return opened(*self._entry(conversation_id))

    def has(self, conversation_id: str | None) -> bool:
        """Return whether a conversation is saved, and has messages."""
        entries, names = self._by_id()
        return conversation_id in names and entries[names[conversation_id]].id is not None

    def name_of(self, conversation_id: str | None) -> str:
        """Return the name of the conversation with this id."""
        return self._entry(conversation_id)[0]

    def digests(self) -> Mapping[str, tuple[str, bytes]]:
        """Return, by id, each conversation's name, and what changes whenever it or its name does."""
        entries, (before, known) = self.snapshot(), self._digests
        if entries is not before:
            found: dict[str, tuple[str, bytes]] = {}
            for name, entry in reversed(entries.items()):
                key = id_of(name, entry)
                found[key] = known[key] if before.get(name) is entry else (name, entry.digest(name))
            self._digests = entries, found
        return self._digests[1]

    def messages(self, conversation_id: str) -> list[Message]:
        """Return the messages of all branches, as they stand in the file; none where `find` can't read them."""
        with self._shared.at_once():
            return readable_messages(*self._entry(conversation_id))

    def messages_of_all(self, conversation_ids: Iterable[str]) -> Iterator[tuple[str, list[Message]]]:
        """Yield conversations with their messages, as `messages` returns them; those that are gone are left out."""
        for conversation_id in conversation_ids:
            with suppress(ConversationNotFound):
                yield conversation_id, self.messages(conversation_id)

    def contents(self, conversation_id: str | None) -> dict[str, str]:
        """Return what each message says, by its id and in their order; much faster than all of the messages."""
        return contents_of(*self._entry(conversation_id))

    def texts(self, places: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
        """Return what messages say, by the ids of conversation and message; what is gone is left out."""
        found: dict[tuple[str, str], str] = {}
        for conversation_id, message_id in places:
            with suppress(ConversationNotFound):
                contents = self.contents(conversation_id)
                if message_id in contents:
                    found[conversation_id, message_id] = contents[message_id]
        return found

    def mentioning(self, *texts: str) -> Iterator[tuple[ConversationSummary, list[Message]]]:
        """Yield each conversation in whose JSON one of these texts stands, newest words first, with its messages."""
        sought, entries = [text.encode() for text in texts], self.snapshot()
        for row in sorted(listed(entries), key=lambda row: row.updated_at, reverse=True):
            if any(text in bytes(entries[row.name].raw) for text in sought):
                with suppress(ConversationNotFound):  # it was deleted just now
                    yield row, self.messages(row.id)

    def _by_id(self) -> tuple[Entries, dict[str | None, str]]:
        """Return all conversations by name, and the names by id."""
        if (entries := self.snapshot()) is not self._names[0]:
            self._names = entries, {entry.id or id_of(name, entry): name for name, entry in entries.items()}
        return self._names

    def _entry(self, conversation_id: str | None) -> tuple[str, Stored]:
        """Return the name of a conversation, and how it stands in the file."""
        entries, names = self._by_id()
        if conversation_id not in names:
            raise not_saved()
        return names[conversation_id], entries[names[conversation_id]]

    def digest_of(self, conversation_id: str | None, message_id: str) -> str:
        """Return a digest of what a message of a saved conversation says; "" where there is no such message."""
        name, entry = self._entry(conversation_id)
        if message_id.encode() not in bytes(entry.raw):  # as of every new answer
            return ""
        content = contents_of(name, entry).get(message_id)
        return "" if content is None else message_digest(content)

    def save(self, name: str, conversation: Conversation, overwrite: bool = False) -> None:
        """Save a conversation under a name; a name that another one has is taken only with `overwrite`.

        Under its own name it is merged with what stands there. Under a second name it becomes a copy with ids of its
        own, and the first stays as it was.
        """
        written = messages = conversation.all_messages
        with self._shared.changing() as entries:
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

    def add(self, conversations: Iterable[tuple[str, Conversation]]) -> list[str]:
        """Save many conversations in one go, and return their names; one that is taken gets a number."""
        packed = [entry_changes.packed(*one) for one in conversations]  # it may take long: no lock
        with self._shared.changing() as entries:
            return entry_changes.put_in(entries, packed)

    def write(self, conversation_id: str | None, messages: Iterable[Message]) -> None:
        """Put messages into a saved conversation, and leave all its others, and its options, as they are."""
        with self._shared.changing() as entries:
            name = name_of(entries, conversation_id)
            # Taken out and put back, it stands last, where the newest is.
            entry = entries.pop(name)
            entries[name] = merge(name, entry, entry_changes.with_options_of(name, entry, messages))

    @traced("Question and answer are saved")
    def write_turn(self, turn: FinishedTurn, when_written: Callable[[], None] = lambda: None) -> str:
        """Put a turn into its conversation, and return its name; one that is nowhere, or was deleted, is saved anew.

        Raises: StoreError when that is refused; then it waits in memory, where all who read find it, and is tried again
        until `when_written` is called.
        """
        still, names = frozen(turn), [""]
        self._shared.save(lambda entries: names.append(entry_changes.put_turn(entries, still)), when_written)
        note(conversation=names[-1])
        return names[-1]

    def spend(self, make_room: Callable[[], bool]) -> None:
        """Say what gives room on a full disk, before a conversation can't be saved or deleted; it returns whether."""
        self._shared.make_room = make_room

    def close(self) -> None:
        """Let nothing be read or written here any more, not what waits either: all of it is about to be deleted."""
        self._shared.close()

    def settle(self) -> None:
        """Try once more to write what waits; for a program that is about to end."""
        self._shared.settle()

    def change(self, conversation_id: str | None, messages: Iterable[Message], without: Iterable[str] = ()) -> None:
        """Put messages into a saved conversation and take others out; it keeps its place in the list."""
        with self._shared.changing() as entries:
            name = name_of(entries, conversation_id)
            entries[name] = entry_changes.with_changes(name, entries[name], messages, set(without))

    def choose(self, conversation_id: str | None, **options: Any) -> None:
        """Change what was chosen for a saved conversation as a whole."""
        with self._shared.changing() as entries:
            name = name_of(entries, conversation_id)
            entries[name] = entry_changes.with_options(name, entries[name], **options)

    def rename(self, old: str, new: str, overwrite: bool = False) -> str:
        """Give a conversation another name, for good, and return it; its place among the others and its ids stay."""
        with self._shared.changing() as entries:
            name = entry_changes.rename_entry(entries, old, new, overwrite)
            if entries[name].id:
                entries[name] = entry_changes.with_options(name, entries[name], is_auto_titled=False)
        return name

    def retitle(self, conversation_id: str | None, title: str) -> None:
        """Give a conversation another title; a name that a person gave it stays."""
        with self._shared.changing() as entries:
            entry_changes.retitle(entries, name_of(entries, conversation_id), title)

    def take_out(
        self, conversation_id: str | None, without: Iterable[str] | None = None, changed: Iterable[Message] = ()
    ) -> entry_changes.Snapshot:
        """Delete messages, all of them where `without` names none, and write those that this has changed.

        Return how the conversation stood before, for `put_back`.
        """
        with self._shared.changing() as entries:
            name = name_of(entries, conversation_id)
            before, gone = entry_changes.kept(entries[name]), None if without is None else set(without)
            if gone is None:
                del entries[name]
            else:
                entries[name] = entry_changes.with_changes(name, before, changed, gone)
        self._when_deleted(message for message in messages_of(name, before) if gone is None or message.id in gone)
        return entry_changes.Snapshot(name, before)

    def put_back(self, kept: entry_changes.Snapshot, rest_id: str | None) -> Conversation:
        """Undo a deletion; `rest_id` names what is left of the conversation, to which more may have been said since."""
        with self._shared.changing() as entries:
            name = entry_changes.put_back(entries, kept, rest_id)
        return self.load(name)

    def delete(self, name: str) -> None:
        """Delete a conversation."""
        with self._shared.changing() as entries:
            entry_named(entries, name)
            del entries[name]

    def take_notices(self) -> list[str]:
        """Return what a person must be told about what is saved, each sentence once."""
        return self._shared.take_notices()


def readable_messages(name: str, entry: Stored) -> list[Message]:
    """Return the messages of a conversation; none where they can't be read. Raises: ConversationNotFound."""
    with suppress(ValueError, RecursionError):
        return messages_of(name, entry)
    return []
