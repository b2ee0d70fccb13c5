"""Deleted is deleted: no file that a kill, a damage or another program has left holds it any more, or it is told."""

import multiprocessing
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from controller.history.editing import Changes
from model.chat.conversation import Conversation
from model.chat.message import Message
from model.store.journal import Journal
from model.store.json_store import JsonStore

SECRET = "xylophonist"


@pytest.fixture
def store(tmp_path: Path) -> JsonStore:
    return JsonStore(tmp_path / "conversations.json")


@pytest.fixture
def journal(tmp_path: Path, store: JsonStore) -> Journal:
    return Journal(tmp_path / "conversations.json.journal", store)


@pytest.fixture
def changes(store: JsonStore, journal: Journal) -> Changes:
    return Changes(store, recover=journal.recover)


def traces(folder: Path) -> list[str]:
    """Return the files that hold the secret."""
    return [path.name for path in folder.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]


def save_and_die(path: Path) -> None:
    """Save the secret once more, and be killed before the save is done."""
    os.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
    JsonStore(path).save("Other", Conversation([Message("user", "other")]))


def killed(target: Callable[..., None], *arguments: object) -> None:
    process = multiprocessing.get_context("fork").Process(target=target, args=arguments)
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL


@pytest.mark.skipif(os.name != "posix", reason="a process is forked, and killed by a signal")
def test_what_a_killed_save_left_is_gone_with_what_is_deleted(store: JsonStore, changes: Changes, tmp_path: Path):
    store.save("Secret", Conversation([Message("user", SECRET)]))
    killed(save_and_die, store.path)
    assert len(traces(tmp_path)) == 2
    changes.delete_conversation(store.entries()[0].id)
    assert traces(tmp_path) == [] and store.names() == []


@pytest.mark.skipif(os.name != "posix", reason="a process is forked, and killed by a signal")
def test_what_a_killed_save_left_is_gone_at_the_next_start(store: JsonStore, journal: Journal, tmp_path: Path):
    store.save("Secret", Conversation([Message("user", SECRET)]))
    killed(save_and_die, store.path)
    journal.recover()
    assert traces(tmp_path) == ["conversations.json"]


def begin_and_die(folder: Path, conversation_id: str, text: str) -> None:
    """Begin an answer in a saved conversation, and be killed."""
    store = JsonStore(folder / "conversations.json")
    conversation = store.find(conversation_id)
    journal = Journal(folder / "conversations.json.journal", store)
    journal.begin(conversation, *conversation.ask(text)).grow(text)
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.skipif(os.name != "posix", reason="a process is forked, and killed by a signal")
def test_a_turn_that_another_program_left_goes_with_its_conversation_and_never_comes_back(
    store: JsonStore, journal: Journal, changes: Changes, tmp_path: Path
):
    store.save("Secret", conversation := Conversation([Message("user", "Hello")]))
    killed(begin_and_die, tmp_path, conversation.id, SECRET)
    assert traces(tmp_path)
    changes.delete_conversation(conversation.id or "")
    assert traces(tmp_path) == []
    journal.recover()
    assert store.names() == []


def test_a_damaged_copy_that_holds_what_was_deleted_is_told(store: JsonStore, changes: Changes, tmp_path: Path):
    store.save("Secret", conversation := Conversation([Message("user", SECRET), Message("assistant", "Yes")]))
    (tmp_path / "conversations.unreadable-2026-01-01-000000.json").write_bytes(store.path.read_bytes()[:-3])
    (tmp_path / "conversations.unreadable-2026-01-02-000000.json").write_bytes(b"{}")
    rest, _ = changes.delete_message(conversation, conversation.messages[0])
    [notice] = store.take_notices()
    assert "2026-01-01" in notice and "2026-01-02" not in notice
    changes.delete_conversation(rest.id or "")
    assert len(store.take_notices()) == 1


def test_a_deletion_with_no_damaged_copy_tells_nothing(store: JsonStore, changes: Changes):
    store.save("Secret", conversation := Conversation([Message("user", SECRET)]))
    changes.delete_conversation(conversation.id or "")
    assert store.take_notices() == []
