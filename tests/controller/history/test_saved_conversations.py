"""The door to saved conversations, over a real file."""

from pathlib import Path

import pytest

from controller.history.export import JSON, MARKDOWN, export_all, export_conversation
from model.chat.conversation import Conversation
from model.chat.message import Message
from model.errors import ConversationExists, ConversationNotFound
from model.store.json_store import JsonStore
from tests.saved import door, save_unnamed


@pytest.fixture
def store(tmp_path: Path) -> JsonStore:
    return JsonStore(tmp_path / "conversations.json")


def test_a_conversation_is_renamed_pinned_searched_counted_and_deleted(store: JsonStore):
    conversations, rain = door(store), Conversation([Message("user", "How does rain form?")])
    save_unnamed(store, rain)
    assert conversations.title_of(rain) == "How does rain form?"
    renamed = conversations.rename_conversation(rain.id, " Rain ")
    assert (renamed.name, renamed.id) == ("Rain", rain.id) and conversations.title_of(rain) == "Rain"
    conversations.pin_conversation(renamed.id, is_pinned=True)
    assert [row.is_pinned for row in conversations.list_conversations()] == [True]
    assert [hit.name for hit in conversations.search("form")] == ["Rain"] and conversations.usage() == []
    undo = conversations.delete_conversation(renamed.id)
    assert conversations.list_conversations() == [] and undo.label == "“Rain” deleted."
    with pytest.raises(ConversationNotFound):
        conversations.load_conversation(rain.id)


def test_one_without_messages_is_renamed_too(store: JsonStore):
    store.path.write_text('{"Empty": []}')
    [row] = door(store).list_conversations()
    assert door(store).rename_conversation(row.id, "Other").name == "Other"


def test_saving_names_it_with_what_other_tabs_wrote_into_it(store: JsonStore):
    conversation = Conversation([Message("user", "first")])
    save_unnamed(store, conversation)
    store.change(conversation.id, [Message("user", "from another tab")])
    door(store).save_conversation(" My name ", conversation)
    assert conversation.name == "My name" and store.names() == ["My name"]
    assert [message.content for message in store.load("My name").messages] == ["first", "from another tab"]
    assert not store.load("My name").options.is_auto_titled


def test_saving_under_a_taken_name_changes_nothing(store: JsonStore):
    store.save("A", Conversation([Message("user", "x")]))
    conversation = Conversation([Message("user", "first")])
    save_unnamed(store, conversation)
    with pytest.raises(ConversationExists):
        door(store).save_conversation("A", conversation)
    assert store.names() == ["first", "A"]
    door(store).save_conversation("A", conversation, overwrite=True)
    assert store.names() == ["A"] and store.load("A").id == conversation.id


def test_all_of_them_go_into_one_file_or_a_zip(store: JsonStore):
    store.save("A", Conversation([Message("user", "x")]))
    conversations = door(store)
    assert export_all(conversations, JSON) == export_conversation("A", store.load("A"), JSON)
    assert export_all(conversations, MARKDOWN).startswith(b"PK")
