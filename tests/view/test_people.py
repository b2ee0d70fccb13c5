"""What each person has of their own, and what is shared."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest

from controller.services import Services
from controller.stages.assistants.library import assistant_store
from controller.stages.documents.indexing import indexing_queue
from controller.stages.json_mode.batches import batches_of
from controller.stages.voice.local import transcriber_of
from model.chat.conversation import Conversation
from model.chat.message import Message
from model.errors import StoreUnreadable
from tests.waiting import PATIENCE_S
from view import app
from view.app import RunningApp, private_paths

ANN, BOB = "ann@example.org", "bob@example.org"


def test_models_are_shared_and_everything_that_is_kept_is_not():
    running = RunningApp()
    ann, bob = running.services_of(ANN), running.services_of(BOB)
    assert ann is running.services_of(ANN) and ann is not bob
    assert ann.providers is bob.providers
    assert transcriber_of(ann.resources) is transcriber_of(bob.resources)
    assert indexing_queue(ann.resources).encoder is indexing_queue(bob.resources).encoder
    assert not set(private_paths(ann.resources)) & set(private_paths(bob.resources))
    for build in (indexing_queue, batches_of, assistant_store):
        assert build(ann.resources) is not build(bob.resources)


def test_files_assistants_and_usage_lie_in_a_persons_own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path):
    monkeypatch.setenv("ASSISTANTS_DIR", str(tmp_path / "everybodys"))
    running = RunningApp()
    folder = running.services_of(ANN).resources.settings.conversations_file.parent
    assert folder.parent == running.settings.beside("people") and ANN not in str(folder)
    assert all(path.is_relative_to(folder) for path in private_paths(running.services_of(ANN).resources))


def test_files_in_shared_storage_are_found_from_another_machine_by_their_own_person_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path
):
    monkeypatch.setenv("ATTACHMENTS_URL", f"{(tmp_path / 'shared').as_uri()}/")
    monkeypatch.setenv("CONVERSATIONS_FILE", str(tmp_path / "here" / "conversations.json"))
    file = RunningApp().services_of(ANN).resources.attachments.put("minutes.txt", b"of May")
    monkeypatch.setenv("CONVERSATIONS_FILE", str(tmp_path / "there" / "conversations.json"))
    there = RunningApp()
    assert there.services_of(ANN).resources.attachments.path(file.sha256).read_bytes() == b"of May"
    bobs = there.services_of(BOB).resources.attachments
    assert bobs.digests() == set()
    with pytest.raises(StoreUnreadable):
        bobs.path(file.sha256)


def test_copies_of_files_go_where_another_machine_tells_that_their_person_has_deleted_everything(
    monkeypatch: pytest.MonkeyPatch, tmp_path
):
    monkeypatch.setenv("ATTACHMENTS_URL", (tmp_path / "shared").as_uri())
    running = RunningApp()
    files = running.services_of(ANN).resources.attachments
    bobs = running.services_of(BOB).resources.attachments.put("b.txt", b"Bob's")
    copy = files.path(files.put("minutes.txt", b"of May").sha256)
    running._turns.when_gone(ANN)
    assert not copy.parent.exists()
    assert running.services_of(BOB).resources.attachments.path(bobs.sha256).is_file()


def test_who_was_not_here_for_longest_is_let_go_of_and_finds_everything_again(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(app, "MOST_PEOPLE", 2)
    running = RunningApp()
    first = running.services_of(ANN)
    first.conversations.save_conversation("Kept", Conversation([Message("user", "Hi"), Message("assistant", "Yes")]))
    for number in range(3):
        running.services_of(f"person-{number}@example.org")
    again = running.services_of(ANN)
    assert again is not first
    assert [row.name for row in again.conversations.list_conversations()] == ["Kept"]


def test_who_has_an_answer_coming_is_not_let_go_of(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(app, "MOST_PEOPLE", 1)
    running = RunningApp()
    ann = running.services_of(ANN)
    monkeypatch.setattr(ann.turns, "running", lambda: [object()])
    running.services_of(BOB)
    assert running.services_of(ANN) is ann


def test_nobody_waits_for_the_services_of_somebody_else(monkeypatch: pytest.MonkeyPatch):
    """A database that does not answer is waited for by its own people alone."""
    begun, goes_on, build = Event(), Event(), app.build_services

    def slow_for_bob(person: str, *rest: Any) -> Services:
        if person == BOB:
            begun.set()
            goes_on.wait(PATIENCE_S)
        return build(person, *rest)

    monkeypatch.setattr(app, "build_services", slow_for_bob)
    monkeypatch.setattr(app, "MOST_PEOPLE", 1)
    running = RunningApp()
    with ThreadPoolExecutor(3) as pool:
        bobs = [pool.submit(running.services_of, BOB)]
        begun.wait(PATIENCE_S)
        bobs.append(pool.submit(running.services_of, BOB))
        try:
            assert pool.submit(running.services_of, ANN).result(PATIENCE_S / 2)
        finally:
            goes_on.set()
        assert bobs[0].result() is bobs[1].result() is running.services_of(BOB)
