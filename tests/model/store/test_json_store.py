"""What only a file has: its folder, and its very bytes."""

import pytest

from model.chat.conversation import Conversation
from model.chat.message import Message
from model.store.json_store import JsonStore
from tests.conversations import contents, talk


@pytest.fixture
def path(tmp_path):
    return tmp_path / "conversations.json"


@pytest.fixture
def store(path):
    return JsonStore(path)


def test_a_missing_file_is_an_empty_store_and_its_folder_is_made_at_the_first_save(tmp_path):
    store = JsonStore(tmp_path / "new" / "folder" / "conversations.json")
    assert (store.names(), store.entries()) == ([], [])
    assert list(tmp_path.iterdir()) == []
    store.save("A", talk("hi"))
    assert store.names() == ["A"]


def test_conversations_that_are_not_touched_stay_byte_for_byte(path):
    odd = '[\n\n  {"content":"\\u00e9 1.50", "role" : "user","x": 1.50e+1, "y": 1e999 }  ]'
    path.write_text('{"odd" : ' + odd + ', "B": [{"role": "user", "content": "b"}]}')
    store = JsonStore(path)
    conversation = store.load("B")
    store.write(conversation.id, [Message("assistant", "hi")])
    store.rename("B", "C")
    assert f'"odd": {odd},\n' in path.read_text()
    assert contents(store.load("odd")) == ["é 1.50"]


def test_the_file_has_one_message_per_line(store, path):
    store.save("A", Conversation([Message("user", "one\ntwo", id="1"), Message("assistant", "x", id="2")]))
    store.save("B", Conversation())
    assert path.read_text() == (
        '{\n"A": [\n{"role": "user", "content": "one\\ntwo", "id": "1"},\n'
        '{"role": "assistant", "content": "x", "id": "2"}\n],\n"B": []\n}\n'
    )
