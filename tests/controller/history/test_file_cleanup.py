"""The cleanup: a file stays as long as anything refers to it or a deletion can be undone, and not longer."""

import gc
import os
import time
from pathlib import Path

import pytest

from controller.history.editing import Changes
from controller.history.file_cleanup import YOUNG_S, FileCleanup
from controller.llm.providers import Providers
from controller.resources import Resources
from model.chat.conversation import Conversation
from model.chat.message import Message
from model.chat.message_parts import Attachment, ToolStep
from model.chat.serialization import to_row
from model.store.json_store import JsonStore
from tests.waiting import wait_until
from view.app import build_resources


@pytest.fixture
def resources(providers: Providers) -> Resources:
    return build_resources(providers)


@pytest.fixture
def store(resources: Resources) -> JsonStore:
    return JsonStore(resources.settings.conversations_file)


@pytest.fixture
def journal(store: JsonStore) -> Path:
    folder = store.path.with_name("journal")
    folder.mkdir()
    return folder


@pytest.fixture
def cleanup(resources: Resources, store: JsonStore, journal: Path) -> FileCleanup:
    return FileCleanup(resources, store, [journal])


def saved(store: JsonStore, name: str, *files: Attachment) -> Conversation:
    """Return a saved conversation whose question has files."""
    conversation = Conversation.of_all([Message("user", "What?", attachments=list(files))])
    store.save(name, conversation)
    return conversation


def age(resources: Resources, file: Attachment) -> None:
    """Make a file as old as if it had been attached yesterday."""
    long_ago = time.time() - 2 * YOUNG_S
    os.utime(resources.attachments.path(file.sha256), (long_ago, long_ago))


def test_what_is_no_hash_keeps_no_other_file_from_being_removed(
    resources: Resources, store: JsonStore, cleanup: FileCleanup
):
    files = [resources.attachments.put(name, name.encode()) for name in "abc"]
    odd = [Attachment(name, "x.txt") for name in ("../../x", "", "A" * 64)]
    saved(store, "One", *files, *odd)
    changes = Changes(store, cleanup=cleanup)
    changes.delete_conversation(store.entries()[0].id)
    gc.collect()
    wait_until(lambda: resources.attachments.digests() == set())


def test_a_sweep_removes_only_what_nothing_refers_to(
    resources: Resources, store: JsonStore, cleanup: FileCleanup, journal: Path
):
    used, running, unused, young = (resources.attachments.put(name, name.encode()) for name in "abcd")
    saved(store, "One", used)
    (journal / "turn.jsonl").write_text(f'{{"sha256": "{running.sha256}"}}')
    for file in (used, running, unused):
        age(resources, file)
    assert cleanup.sweep() == [unused.sha256]
    assert resources.attachments.digests() == {used.sha256, running.sha256, young.sha256}


def test_a_sweep_removes_what_was_read_of_files_that_are_gone(resources: Resources, cleanup: FileCleanup):
    orphan = resources.read_folder / f"{'c' * 64}.minilm-l6.npz"
    orphan.parent.mkdir()
    orphan.write_bytes(b"x")
    assert cleanup.sweep() == ["c" * 64]
    assert not orphan.exists()


def test_a_file_stays_while_its_deletion_can_be_undone_and_goes_with_the_undo(
    resources: Resources, store: JsonStore, cleanup: FileCleanup
):
    file, changes = resources.attachments.put("a", b"a"), Changes(store, cleanup=cleanup)
    conversation = saved(store, "One", file)
    undo = changes.delete_conversation(conversation.id or "")
    age(resources, file)
    assert cleanup.sweep() == [] and cleanup.remove_unused([file.sha256]) == []
    del undo
    gc.collect()
    wait_until(lambda: not resources.attachments.digests())


def test_an_undone_deletion_keeps_the_file(resources: Resources, store: JsonStore, cleanup: FileCleanup):
    file, changes = resources.attachments.put("a", b"a"), Changes(store, cleanup=cleanup)
    other = resources.attachments.put("b", b"b")
    undo = changes.delete_conversation(saved(store, "One", file).id or "")
    changes.undo(undo)
    del undo
    gc.collect()
    undo = changes.delete_conversation(saved(store, "Two", other).id or "")
    del undo
    gc.collect()
    wait_until(lambda: other.sha256 not in resources.attachments.digests())
    assert resources.attachments.digests() == {file.sha256}


def test_a_removed_file_is_gone_unless_another_conversation_has_it(
    resources: Resources, store: JsonStore, cleanup: FileCleanup
):
    file, changes = resources.attachments.put("a", b"a"), Changes(store, cleanup=cleanup)
    first, second = saved(store, "One", file), saved(store, "Two", file)
    changes.remove_file(first, file.sha256)
    assert store.load("One").messages[0].attachments == [] and resources.attachments.digests()
    changes.remove_file(second, file.sha256)
    assert resources.attachments.digests() == set()


def test_a_picture_that_a_tool_made_goes_with_its_conversation(
    resources: Resources, store: JsonStore, cleanup: FileCleanup
):
    picture = resources.attachments.put("figure.png", b"picture")
    answer = Message("assistant", "See.", tool_steps=[ToolStep("a", "run_code", details={"files": [to_row(picture)]})])
    store.save("Plot", Conversation.of_all([Message("user", "Draw."), answer]))
    changes = Changes(store, cleanup=cleanup)
    undo = changes.delete_conversation(store.entries()[0].id)
    assert resources.attachments.digests() == {picture.sha256}
    del undo
    gc.collect()
    wait_until(lambda: not resources.attachments.digests())
