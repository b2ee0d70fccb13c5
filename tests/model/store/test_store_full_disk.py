"""A full disk and a read-only file: the person is told, and what was saved is still there."""

import errno
import os

import pytest

from model.chat.conversation import Conversation
from model.chat.message import Message
from model.errors import StoreUnwritable
from model.store.journal import Journal
from model.store.json_store import JsonStore
from utils.files import atomic


def saved(path, content="old"):
    store = JsonStore(path)
    conversation = Conversation([Message("user", content)])
    store.save("A", conversation)
    return store, conversation


def test_a_disk_that_is_really_full_keeps_the_old_content(small_disk):
    store, conversation = saved(small_disk / "conversations.json")
    before = store.path.read_bytes()
    with pytest.raises(StoreUnwritable, match="disk is full") as told:
        store.write(conversation.id, [Message("assistant", "x" * 2_000_000)])
    assert "room" in told.value.hint
    assert store.path.read_bytes() == before
    assert store.load("A") == JsonStore(store.path).load("A") == conversation
    assert [path.name for path in small_disk.iterdir() if "half" in path.name] == []
    store.write(conversation.id, [Message("assistant", "short")])
    assert len(store.load("A").messages) == 2


def test_a_turn_that_fills_the_disk_is_folded_when_there_is_room(small_disk):
    (small_disk / "ballast").write_bytes(b"x" * 700_000)
    store = JsonStore(small_disk / "saved.json")
    journal = Journal(small_disk / "turns", store)
    conversation = Conversation()
    question, answer = conversation.ask("long story, please")
    log = journal.begin(conversation, question, answer)
    answer.content = "x" * 200_000
    log.grow(answer.content)
    with pytest.raises(StoreUnwritable, match="disk is full"):
        log.end()
    assert JsonStore(store.path).names() == []
    assert store.find(conversation.id).messages[1] == answer
    (small_disk / "ballast").unlink()
    store.settle()
    assert JsonStore(store.path).find(conversation.id).messages[1] == answer
    assert list((small_disk / "turns").iterdir()) == []


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_disk_that_says_it_is_full_keeps_the_old_content(tmp_path, monkeypatch, number):
    store, conversation = saved(tmp_path / "conversations.json")

    def fail(_handle):
        raise OSError(number, "full")

    monkeypatch.setattr(os, "fsync", fail)
    other = Conversation([Message("user", "new")])
    actions = [
        lambda: store.write(conversation.id, [Message("assistant", "new")]),
        lambda: store.save("B", other),
        lambda: store.rename("A", "B"),
        lambda: store.delete("A"),
        lambda: store.change(conversation.id, [], [conversation.id]),
    ]
    for action in actions:
        with pytest.raises(StoreUnwritable, match="disk is full"):
            action()
        assert store.names() == ["A"]
        assert store.load("A") == conversation
    assert other.name is None


def test_a_copy_that_could_not_be_saved_keeps_its_ids(tmp_path, monkeypatch):
    store, conversation = saved(tmp_path / "conversations.json")
    store.path.chmod(0o444)
    before = conversation.id
    with pytest.raises(StoreUnwritable):
        store.save("B", conversation)
    assert (conversation.id, conversation.name) == (before, "A")


def test_a_read_only_file_is_told_of_and_can_still_be_read(tmp_path):
    store, conversation = saved(tmp_path / "conversations.json")
    store.path.chmod(0o444)
    with pytest.raises(StoreUnwritable, match="read-only") as told:
        store.write(conversation.id, [Message("assistant", "new")])
    assert str(store.path) in told.value.hint
    assert JsonStore(store.path).load("A") == conversation
    store.path.chmod(0o644)
    store.write(conversation.id, [Message("assistant", "new")])
    assert len(store.load("A").messages) == 2


def test_a_folder_that_can_not_be_made_is_told_of(tmp_path):
    (tmp_path / "file").write_text("")
    store = JsonStore(tmp_path / "file" / "conversations.json")
    with pytest.raises(StoreUnwritable, match="conversations.json"):
        store.save("A", Conversation())


def test_a_program_that_does_not_let_go_of_the_file_is_told_of(tmp_path, monkeypatch):
    store, conversation = saved(tmp_path / "conversations.json")
    patient = atomic.locked
    with atomic.locked(store.path):
        monkeypatch.setattr("utils.files.atomic.locked", lambda path: patient(path, wait_s=0.01))
        with pytest.raises(StoreUnwritable, match="Another program"):
            store.write(conversation.id, [Message("assistant", "new")])
        assert store.load("A") == conversation
