"""Saved conversations as the views see them, over one file."""

from pathlib import Path

from controller.chat.turns import Turns
from controller.history.editing import Changes
from controller.history.saved_conversations import SavedConversations
from model.chat.conversation import Conversation
from model.chat.titles import first_words
from model.search.index import SearchIndex
from model.store.entry_store import EntryStore
from model.store.journal import Journal
from model.store.json_store import JsonStore


def door(store: JsonStore) -> SavedConversations:
    """Return the door to a store."""
    journal = Journal(store.path.with_name(f"{store.path.name}.journal"), store)
    index = SearchIndex(store.path.with_name(f"{store.path.name}.index"), store)
    return SavedConversations(store, journal, index, Turns(journal), Changes(store))


def door_of(store: EntryStore) -> SavedConversations:
    """Return a door that only reads and writes what is saved, wherever that is."""
    journal = Journal(Path("no journal"), store)
    return SavedConversations(store, journal, SearchIndex(Path("no index"), store), Turns(journal), Changes(store))


def save_unnamed(store: JsonStore, conversation: Conversation) -> None:
    """Save a conversation as its first turn does: under its first words, which may change by themselves."""
    conversation.choose(is_auto_titled=True)
    [conversation.name] = store.add([(first_words(conversation), conversation)])
