"""What a person can do with saved conversations, whatever keeps them."""

import json
import threading

import pytest

from model.chat.conversation import Conversation
from model.chat.message import Message
from model.errors import ConversationNotFound
from model.store.protocol import ConversationSummary
from tests.conversations import contents, talk


def test_what_is_saved_can_be_loaded_by_name_and_found_by_id(store, place):
    conversation = talk("hi", "hello")
    store.save("A", conversation)
    for reader in (store, place.open()):
        assert reader.load("A") == reader.find(conversation.id) == conversation
        assert reader.name_of(conversation.id) == "A"
        assert reader.entries() == [ConversationSummary("A", conversation.messages[0].id, "", False)]


def test_a_file_with_only_role_and_content_loads_and_its_ids_agree_between_loads(place):
    place.bring(json.dumps({"A": [{"role": "user", "content": "x"}] * 3, "B": [{"role": "user", "content": "x"}]}))
    first, second = place.open(), place.open()
    ids = [message.id for name in "AB" for message in first.load(name).messages]
    assert len(set(ids)) == 4
    assert [message.id for name in "AB" for message in second.load(name).messages] == ids


def test_ids_that_were_made_up_are_written_down_at_the_next_save(place):
    place.bring(json.dumps({"A": [{"role": "user", "content": "x"}]}))
    store = place.open()
    conversation = store.load("A")
    store.write(conversation.id, [Message("assistant", "y")])
    store.rename("A", "B")
    assert place.open().find(conversation.id).name == "B"
    assert json.loads(place.text())["B"][0]["id"] == conversation.id


def test_a_rename_keeps_ids_that_were_never_written_down(place):
    place.bring(json.dumps({"A": [{"role": "user", "content": "x"}], "B": []}))
    store = place.open()
    before = store.load("A")
    store.rename("A", "C")
    assert store.load("C").id == before.id
    assert store.names() == ["B", "C"]


def test_two_conversations_with_one_id_are_told_apart_and_stay_so(place):
    block = [{"role": "user", "content": "x", "id": "same"}, {"role": "user", "content": "y", "id": "same"}]
    place.bring(json.dumps({"A": block, "B": block}))
    store = place.open()
    ids = {name: store.load(name).id for name in "AB"}
    assert len(set(ids.values())) == 2
    store.write(ids["A"], [Message("user", "only in A")])  # A now stands behind B
    again = place.open()
    assert {name: again.load(name).id for name in "AB"} == ids
    assert contents(again.load("A")) == ["x", "y", "only in A"]
    assert contents(again.load("B")) == ["x", "y"]


def test_the_published_shape_with_messages_and_metadata_is_read_and_kept(place):
    shape = {
        "id": "c1",
        "messages": [{"role": "user", "content": "hi", "stars": 5}],
        "metadata": {"title": "T", "n": [1, 2.50]},
        "version": 2,
    }
    place.bring(json.dumps({"chat-1": shape, "plain": [{"role": "user", "content": "x"}]}))
    store = place.open()
    conversation = store.load("chat-1")
    assert conversation.name == "chat-1" and contents(conversation) == ["hi"]
    store.write(conversation.id, [Message("assistant", "hello")])
    store.save("chat-1", conversation)
    saved = json.loads(place.text())["chat-1"]
    assert list(saved) == list(shape)
    assert [message["content"] for message in saved["messages"]] == ["hi", "hello"]
    assert saved["messages"][0]["stars"] == 5
    assert saved | {"messages": 0} == shape | {"messages": 0}
    assert [row.id for row in store.entries()][0] == store.find("c1").id == "c1"
    store.change("c1", [], [conversation.messages[0].id])
    assert contents(store.find("c1")) == ["hello"] and place.open().entries()[0].id == "c1"


def test_two_published_objects_with_one_id_are_two_conversations(place):
    shape = {"id": "c1", "messages": [{"role": "user", "content": "hi"}]}
    place.bring(json.dumps({"A": shape, "B": shape, "C": shape | {"id": 7}}))
    store = place.open()
    ids = {row.name: row.id for row in store.entries()}
    assert ids["A"] == "c1" and len(set(ids.values())) == 3
    assert {row.name: row.id for row in place.open().entries()} == ids
    for name, conversation_id in ids.items():
        store.rename(name, f"{name}{name}")
        assert store.find(conversation_id).name == f"{name}{name}"
    assert {row.name[0]: row.id for row in place.open().entries()} == ids


def test_all_roles_and_unknown_keys_survive(store, place):
    roles = ["system", "user", "assistant", "tool", "critic"]
    messages = [Message(role, role, extra={"from": {"tool": [role]}}) for role in roles]
    store.save("A", Conversation(messages))
    assert place.open().load("A").messages == messages


def test_saving_again_under_its_own_name_merges(store):
    mine = talk("question")
    store.save("A", mine)
    theirs = store.load("A")
    theirs.messages.append(Message("user", "from another tab"))
    store.save("A", theirs)
    mine.messages.append(Message("user", "from this tab"))
    store.save("A", mine)
    assert contents(store.load("A")) == ["question", "from another tab", "from this tab"]


def test_saving_under_a_second_name_makes_a_copy_with_ids_of_its_own(store):
    conversation = talk("question", "answer")
    conversation.messages[1].view_begins_at = conversation.messages[1].extra["points_at"] = conversation.id
    store.save("A", conversation)
    store.save("B", conversation)
    original, copy = store.load("A"), store.load("B")
    assert conversation == copy and conversation.name == "B"
    assert contents(original) == contents(copy)
    assert not {message.id for message in original.messages} & {message.id for message in copy.messages}
    assert copy.messages[1].view_begins_at == copy.messages[1].extra["points_at"] == copy.id
    store.write(copy.id, [Message("user", "only in the copy")])
    assert len(store.load("A").messages) == 2


def test_write_puts_in_by_id_and_leaves_what_others_wrote(store, place):
    conversation = talk("question", "ans")
    store.save("A", conversation)
    place.open().write(conversation.id, [Message("user", "another tab")])
    conversation.messages[1].content = "answer"
    store.write(conversation.id, [conversation.messages[1], Message("user", "next")])
    assert contents(store.load("A")) == ["question", "answer", "another tab", "next"]


def test_remove_takes_messages_out_and_leaves_the_id_and_what_was_chosen_meanwhile(store):
    conversation = talk("1", "2", "3")
    store.save("A", conversation)
    store.choose(conversation.id, is_pinned=True)  # in another tab
    store.change(conversation.id, [], [conversation.messages[0].id, "unknown"])
    store.change(conversation.id, [], [conversation.messages[1].id])
    assert contents(store.load("A")) == ["3"]
    assert store.find(conversation.id).name == "A" and store.entries()[0].is_pinned
    store.choose(conversation.id, is_pinned=False)
    store.rename("A", "B")
    assert store.find(conversation.id).name == "B" and not store.entries()[0].is_pinned


def test_an_id_that_was_kept_is_no_other_conversations(store, place):
    conversation = talk("1", "2", "3")
    store.save("A", conversation)
    before = place.text()
    store.change(conversation.id, [], [conversation.messages[0].id])
    left = store.find(conversation.id)
    store.save("Copy", left)
    assert left.id != conversation.id and store.find(conversation.id).name == "A"
    # A file put together by hand may hold it twice.
    place.bring(json.dumps(json.loads(place.text()) | {"Again": json.loads(before)["A"]}))
    place.bring(json.dumps(json.loads(place.text()) | {"Twice": json.loads(place.text())["A"]}))
    rows = store.entries()
    assert len({row.id for row in rows}) == len(rows) == 4 and store.name_of(conversation.id) == "A"
    for row in rows:
        store.change(row.id, [Message("user", "more")])
    assert {row.id for row in store.entries()} == {row.id for row in rows}
    assert all(contents(store.load(row.name))[-1] == "more" for row in rows)


def test_what_is_not_there_is_not_found(store):
    store.save("A", Conversation())
    asks = [
        lambda: store.load("X"),
        lambda: store.find("x"),
        lambda: store.name_of(None),
        lambda: store.write("x", [Message("user", "lost")]),
        lambda: store.change("x", []),
        lambda: store.rename("X", "Y"),
        lambda: store.delete("X"),
    ]
    for ask in asks:
        with pytest.raises(ConversationNotFound):
            ask()
    assert store.names() == ["A"]


def test_threads_lose_nothing(store):
    conversation = talk("start")
    store.save("A", conversation)

    def write():
        for _ in range(15):
            store.write(conversation.id, [Message("user", "x")])

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.load("A").messages) == 61
