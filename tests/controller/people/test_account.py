"""What is a person's own goes and comes along as a whole, wherever a person has put it."""

import io
import json
import os
from pathlib import Path

import pytest

from controller.history.importing import import_file
from controller.people.belongings import belonging_paths, remove
from controller.people.keys import PersonKeys
from model.chat.conversation import Conversation
from model.chat.message import Message
from model.errors import StoreUnwritable
from settings import Settings
from view.app import RunningApp

ANN = "ann@example.org"


def talk(word: str) -> Conversation:
    return Conversation([Message("user", word), Message("assistant", f"{word}!")])


def test_what_is_exported_comes_back_by_import(tmp_path: Path):
    app = RunningApp()
    ann, bob = app.services_of(ANN), app.services_of("bob@example.org")
    ann.conversations.save_conversation("Apple", talk("apple"))
    with io.BytesIO(ann.account.export()) as file:
        import_file(bob.conversations, file, lambda _fraction, _count: None)
    [row] = bob.conversations.list_conversations()
    assert row.name == "Apple"
    assert bob.conversations.load_conversation(row.id) == ann.conversations.load_conversation(row.id)


@pytest.mark.skipif(os.name != "posix", reason="links need rights elsewhere")
def test_links_stay_and_what_they_lead_to_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "files").mkdir(parents=True)
    (tmp_path / "here").mkdir()
    named = tmp_path / "here" / "conversations.json"
    named.symlink_to(elsewhere / "kept.json")
    (tmp_path / "here" / "attachments").symlink_to(elsewhere / "files")
    (elsewhere / "files" / "others").symlink_to(tmp_path / "not-ours")
    (tmp_path / "not-ours").mkdir()
    (tmp_path / "not-ours" / "stays").write_text("x")
    monkeypatch.setenv("CONVERSATIONS_FILE", str(named))
    app = RunningApp()
    services = app.services_of()
    services.conversations.save_conversation("Apple", talk("apple"))
    services.resources.attachments.put("a.txt", b"apple")
    app.delete_all_of()
    assert named.is_symlink() and not (elsewhere / "kept.json").exists()
    assert list((elsewhere / "files").iterdir()) == [] and (tmp_path / "not-ours" / "stays").exists()
    app.services_of().conversations.save_conversation("New", talk("new"))
    assert "New" in (elsewhere / "kept.json").read_text()


def test_a_folder_of_assistants_that_a_person_has_named_stays_and_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("ASSISTANTS_DIR", str(tmp_path / "shared"))
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "cook.md").write_text("x")
    app = RunningApp()
    assert str(tmp_path / "shared") in app.services_of().account.holdings().left[0]
    app.delete_all_of()
    assert (tmp_path / "shared" / "cook.md").exists()


def test_a_copy_of_the_database_that_stays_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'all.db'}")
    (tmp_path / "all.db.before-0001").write_text("x")
    assert "all.db.before-0001" in RunningApp().services_of().account.holdings().left[0]


def test_other_files_in_the_folder_and_other_peoples_things_are_not_ones_own(tmp_path: Path):
    settings = Settings.from_env({"CONVERSATIONS_FILE": str(tmp_path / "work.json")})
    for name in (
        "work.json",
        "work.json.index",
        "work.json.profile",
        "work.unreadable-1.json",
        "other.json",
        "works.json",
    ):
        (tmp_path / name).touch()
    settings.beside("people").mkdir()
    names = {path.name for path in belonging_paths(settings)}
    assert names == {"work.json", "work.json.index", "work.json.profile", "work.unreadable-1.json"}


def test_what_can_not_be_removed_is_told_and_the_services_are_new_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    app = RunningApp()
    old = app.services_of()
    old.conversations.save_conversation("Apple", talk("apple"))

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("controller.people.belongings._empty", refuse)
    old.resources.attachments.put("a.txt", b"apple")
    with pytest.raises(StoreUnwritable, match="could not be written"):
        app.delete_all_of()
    assert app.services_of() is not old
    monkeypatch.undo()
    app.delete_all_of()
    assert not (old.resources.attachments.folder).exists()


def test_a_file_of_keys_that_holds_something_else_is_told_before_anything_is_deleted(monkeypatch: pytest.MonkeyPatch):
    app = RunningApp()
    ann = app.services_of(ANN)
    ann.conversations.save_conversation("Apple", talk("apple"))
    ann.account.person_keys.file.parent.mkdir(parents=True, exist_ok=True)
    ann.account.person_keys.file.write_text("[1]")
    with pytest.raises(StoreUnwritable, match="holds no keys"):
        app.delete_all_of(ANN)
    assert [row.name for row in app.services_of(ANN).conversations.list_conversations()] == ["Apple"]


def test_a_key_is_its_owners_to_revoke(tmp_path: Path):
    keys = PersonKeys(tmp_path / "keys.json")
    key = keys.make(ANN)
    [known] = keys.of(ANN)
    assert keys.revoke("bob@example.org", known.digest) == 0 and keys.person(key) == ANN
    assert keys.revoke(ANN, known.digest) == 1 and keys.person(key) == ""
    assert json.loads(keys.file.read_text()) == {}


def test_a_path_that_is_not_there_is_no_error(tmp_path: Path):
    remove(tmp_path / "nothing")
