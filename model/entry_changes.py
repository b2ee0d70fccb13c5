"""Changes to the conversations of a file: put in, renamed, given other options, put back after a deletion.

All work on what the file holds, in memory.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from model.branches import with_new_ids
from model.conversation import Conversation
from model.conversation_file import Entries, Entry, contents_of, merge, messages_of
from model.entries import check_free, chosen_name, entry_named, opened
from model.message import Message
from model.salvage import free_name
from model.titles import first_words


@dataclass(frozen=True)
class Kept:
    """A conversation as it stood on disk."""

    name: str
    entry: Entry

    def first_id_without(self, gone: Iterable[str]) -> str | None:
        """Return the id of the message that stands first when some are gone; None when none is left."""
        gone = set(gone)
        return next((key for key in contents_of(self.name, self.entry) if key not in gone), None)


def packed(name: str, conversation: Conversation) -> Kept:
    """Return a conversation as it will stand in the file."""
    return Kept(chosen_name(name, {}), merge(name, None, conversation.all_messages))


def put_in(entries: Entries, packed_ones: list[Kept]) -> list[str]:
    """Put conversations in, the newest last, and return the names that they got, in the order given."""
    ids = {entry.id for entry in entries.values()}
    names: dict[int, str] = {}
    for index, (wish, entry) in sorted(
        enumerate((one.name, one.entry) for one in packed_ones), key=lambda pair: pair[1][1].updated_at
    ):
        name = free_name(wish, entries)
        if entry.id in ids:  # another tab has saved it meanwhile
            entry = merge(name, None, with_new_ids(messages_of(name, entry)))
        entries[name] = entry
        ids.add(entry.id)
        names[index] = name
    return [names[index] for index in range(len(packed_ones))]


def put_in_new(entries: Entries, wish: str | None, conversation: Conversation) -> str:
    """Put a conversation in, and return its name: the one wished for where it is free, else its title."""
    is_free = bool(wish) and (wish not in entries or entries[wish].id is None)
    name = wish if wish and is_free else free_name(first_words(conversation), entries)
    if not is_free:
        conversation.choose(is_auto_titled=True)
    entries.pop(name, None)
    entries[name] = merge(name, None, conversation.all_messages)
    return name


def rename(entries: Entries, old: str, new: str, overwrite: bool = False) -> str:
    """Give an entry another name, and return it; its place and its ids stay."""
    entry = entry_named(entries, old)
    new = chosen_name(new, entries)
    if new != old:
        if not overwrite:
            check_free(entries, new)
        entries.pop(new, None)
    entries[old] = merge(old, entry, [])  # writes down the ids that follow from the old name
    renamed = {new if name == old else name: entries[name] for name in entries}
    entries.clear()
    entries.update(renamed)
    return new


def retitle(entries: Entries, name: str, title: str) -> None:
    """Give an entry another title, with a number where that is taken; a name that a person gave it stays."""
    if opened(name, entries[name]).options.is_auto_titled and title != name:
        rename(entries, name, free_name(chosen_name(title, entries), entries))


def with_options(name: str, entry: Entry, **wishes: Any) -> Entry:
    """Return an entry whose first message keeps changed options."""
    conversation = opened(name, entry)
    conversation.choose(**wishes)
    return merge(name, entry, conversation.all_messages[:1])


def with_options_of(name: str, entry: Entry, messages: Iterable[Message]) -> Iterator[Message]:
    """Yield messages to be written; the first keeps the options that the file has, for a turn never changes them."""
    for message in messages:
        if message.id == entry.first_id:
            yield replace(message, conversation=messages_of(name, entry)[0].conversation)
        else:
            yield message


def with_id_of(name: str, before: Entry, after: Entry) -> Entry:
    """Return an entry whose first message is gone with the id, and the other options, that it had."""
    if after.first_id in (None, before.first_id):
        return after
    first = messages_of(name, after)[0]
    first.conversation = (messages_of(name, before)[0].conversation or {}) | {"id": before.id}
    return merge(name, after, [first])


def put_back(entries: Entries, kept: Kept, rest_id: str | None) -> str:
    """Undo a deletion, and return the name; `rest_id` names what is left, to which more may have been said since."""
    rest = next((name for name, entry in entries.items() if entry.id and entry.id == rest_id), None)
    known = {message.id for message in messages_of(kept.name, kept.entry)}
    said_since = [m for m in messages_of(rest, entries.pop(rest)) if m.id not in known] if rest else []
    name = rest or free_name(kept.name, entries)
    entries[name] = merge(name, kept.entry, said_since)
    return name
