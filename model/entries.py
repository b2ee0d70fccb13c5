"""Finding one's way among saved conversations: by name, by id, by words; and naming them."""

import hashlib
from dataclasses import dataclass

from model.conversation import Conversation
from model.conversation_file import Entries, Entry, messages_of
from model.errors import ConversationExists, ConversationNotFound, InputError, StoreUnreadable


@dataclass(frozen=True)
class Listed:
    """One saved conversation in a list; `updated_at` is when its newest message was written, "" if none says so."""

    name: str
    id: str
    updated_at: str
    is_pinned: bool


def listed(entries: Entries) -> list[Listed]:
    """Return what a list shows of all conversations, the newest saved first."""
    return [
        Listed(name, id_of(name, entry), entry.updated_at, entry.is_pinned) for name, entry in reversed(entries.items())
    ]


def id_of(name: str, entry: Entry) -> str:
    """Return a conversation's id; one without messages has one that follows from its name, and meets no other."""
    return entry.id or f"empty:{hashlib.sha256(name.encode('utf-8', 'replace')).hexdigest()}"


def entry_named(entries: Entries, name: str) -> Entry:
    """Return the conversation with this name."""
    if name not in entries:
        raise ConversationNotFound(f"There is no conversation named “{name}”.", "It may have been renamed or deleted.")
    return entries[name]


def name_of(entries: Entries, conversation_id: str | None) -> str:
    """Return the name of the conversation with this id."""
    for name, entry in entries.items():
        if conversation_id and id_of(name, entry) == conversation_id:
            return name
    raise ConversationNotFound("This conversation is not saved.", "It may have been deleted in another tab.")


def opened(name: str, entry: Entry) -> Conversation:
    """Return a conversation as it stands in the file."""
    try:
        return Conversation.of_all(messages_of(name, entry), name)
    except (ValueError, RecursionError) as error:
        raise StoreUnreadable(f"“{name}” could not be read.", "Look at it in the file with a text editor.") from error


def chosen_name(wish: str, entries: Entries) -> str:
    """Return the name a person chose: on one line, without spaces around it."""
    name = " ".join(wish.encode("utf-8", "replace").decode().split())
    if not name:
        raise InputError("A conversation needs a name.", "Type a name, then save again.")
    return wish if wish in entries else name  # a file made elsewhere may hold odder names


def check_free(entries: Entries, name: str) -> None:
    """Raise ConversationExists when the name belongs to a conversation that has messages."""
    if name in entries and entries[name].id:
        raise ConversationExists(
            f"There is already a conversation named “{name}”.", "Take another name, or replace it."
        )
