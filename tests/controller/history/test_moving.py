"""A move loses nothing, whichever way, and leaves alone what it moved."""

import itertools
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.history.export import JSON, export_all
from controller.history.moving import Place as Side
from controller.history.moving import move as move_all
from controller.people.identity import person_keys, settings_of
from controller.resources import assistants_folder, calendar_file
from controller.services import OWNER
from model.chat.conversation import Conversation
from model.chat.message import Message
from model.chat.message_parts import Attachment
from model.errors import ConversationExists, ConversationNotFound, TurnUnderWay
from model.store.journal import Journal
from settings import ROOT, Settings
from tests.places import DatabasePlace, FilePlace, Place, Postgres
from tests.saved import door_of
from view.app import open_attachments, open_store
from view.terminal.move import main, settings_at

ODD = r"""{
"\u0000 zero": [
{"role": "user", "content": "\u0000 \u0001 \u0001a", "id": "n", "x": 1.50e+1, "y": 12345678901234567890, "z": "\u0000"},
{"role": "assistant", "content": "née 👩‍👩‍👧", "id": "m", "thinking": "Hm.", "thinking_s": 1.5, "w": [{"id": 1}]}
],
"Published": {"id": "c1", "version": 2, "messages": [
{"role": "user", "content": "hi", "id": "p1", "stars": 5},
{"role": "Human", "content": "", "id": "p2"}
], "metadata": {"title": "T", "n": [1, 2.50]}},
"Empty": [],
"Branches, pinned": [
{"role": "user", "content": "one?", "id": "b1", "conversation": {"is_pinned": true, "z": {"b": 1, "a": 2}}},
{"role": "assistant", "content": "first", "id": "b2", "parent": "b1", "created_at": "2026-01-01T00:00:00+00:00"},
{"role": "assistant", "content": "second", "id": "b3", "parent": "b1", "created_at": "2026-01-02T00:00:00+00:00"},
{"role": "user", "content": "two?", "id": "b4", "parent": "b2", "attachments": [{"sha256": "%s", "name": "a.txt"}]}
],
"no ids": [{"content": "x", "role": "user"}, {"role": "user", "content": "x"}]
}
""" % ("a" * 64)


@pytest.fixture
def places(tmp_path: Path, postgres: Postgres) -> Iterator[dict[str, Place]]:
    (tmp_path / "again").mkdir()
    places: dict[str, Place] = {
        "json": FilePlace(tmp_path),
        "postgres": DatabasePlace(postgres.new_database()),
        "sqlite": DatabasePlace(f"sqlite:///{tmp_path / 'chats.db'}"),
        "again": FilePlace(tmp_path / "again"),
    }
    yield places
    for place in places.values():
        place.close()


def side(place: Place, folder: Path | None = None) -> Side:
    """Return what is moved; files beside a server's database lie in a folder of the test's own."""
    settings = Settings.from_env(place.environ())
    if folder:
        settings = Settings(conversations_file=folder / "conversations", database_url=settings.database_url)
    return Side(settings, place.open())


def move(source: Side, target: Side, overwrite: bool = False) -> int:
    return move_all([(source, target)], overwrite)


def exported(place: Place) -> bytes:
    return export_all(door_of(place.open()), JSON)


def fixture_files() -> list[str]:
    """Return the conversation files that lie about in the project."""
    return [(ROOT / "conversations.json").read_text("utf-8"), ODD]


@pytest.mark.parametrize("text", fixture_files(), ids=["shipped", "odd"])
def test_from_a_file_over_both_databases_back_to_a_file_the_export_is_the_same_by_the_byte(places, tmp_path, text):
    places["json"].bring(text)
    for number, (one, other) in enumerate(itertools.pairwise(places.values())):
        move(side(one, tmp_path / str(number)), side(other, tmp_path / str(number + 1)))
        assert exported(other) == exported(places["json"])
    assert places["json"].text() == text  # it was left alone
    assert [row.name for row in places["again"].open().entries()] == [r.name for r in places["json"].open().entries()]
    assert places["again"].text() == places["sqlite"].text() == places["postgres"].text()


def test_a_target_that_holds_conversations_is_refused_unless_told(places, tmp_path):
    for name in ("json", "sqlite"):
        places[name].open().save(name, Conversation([Message("user", name)]))
    with pytest.raises(ConversationExists):
        move(side(places["json"]), side(places["sqlite"]))
    assert places["sqlite"].open().names() == ["sqlite"]
    assert move(side(places["json"]), side(places["sqlite"]), overwrite=True) == 1
    assert places["sqlite"].open().names() == ["json"] == places["json"].open().names()


def test_a_target_is_replaced_although_two_conversations_have_changed_names_meanwhile(places):
    old, new = places["json"].open(), places["sqlite"].open()
    for name in ("A", "B"):
        old.save(name, Conversation([Message("user", f"{name} at first")]))
    move(side(places["json"]), side(places["sqlite"]))
    for name, other in (("A", "C"), ("B", "A"), ("C", "B")):
        old.rename(name, other)
    move(side(places["json"]), side(places["sqlite"]), overwrite=True)
    assert exported(places["sqlite"]) == exported(places["json"])
    assert new.contents(new.load("A").id) == old.contents(old.load("A").id)


def test_nothing_is_no_move(places):
    with pytest.raises(ConversationNotFound):
        move(side(places["json"]), side(places["sqlite"]))


def test_files_and_assistants_and_a_killed_programs_answer_come_along(places, tmp_path):
    old, new = side(places["json"]), side(places["sqlite"])
    file: Attachment = open_attachments(old.settings).put("a.txt", b"hello")
    assistants_folder(old.settings).mkdir(parents=True)
    (assistants_folder(old.settings) / "mine.md").write_text("---\nname: Mine\n---\nBe kind.")
    calendar_file(old.settings).write_text("BEGIN:VCALENDAR\nEND:VCALENDAR\n")
    journal, conversation = Journal(old.settings.beside("journal"), old.store), Conversation()
    log = journal.begin(conversation, *conversation.ask("why?"))
    log.grow("because")
    with pytest.raises(TurnUnderWay):
        move(old, new)
    log._file.close()
    log._lock.release()
    assert move(old, new) == 1
    assert open_attachments(new.settings).path(file.sha256).read_bytes() == b"hello"
    assert (assistants_folder(new.settings) / "mine.md").is_file()
    assert calendar_file(new.settings).read_text().startswith("BEGIN:VCALENDAR")
    assert [m.content for m in places["sqlite"].open().find(conversation.id).messages] == ["why?", "because"]
    assert log._path.is_file() and places["json"].open().names() == []


def run(*arguments: str) -> tuple[int, str]:
    """Run the command, and return its exit code and what it told."""
    command = [sys.executable, "-W", "ignore", "-m", "view.terminal.move", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    return done.returncode, (done.stdout + done.stderr).strip()


ANN, BOB = "ann@example.org", "bob@example.org"


def settle(settings: Settings, person: str) -> Attachment:
    """Let a person have a conversation, a file and a profile."""
    own = settings_of(person, settings)
    store = open_store(own, person)
    file = open_attachments(own).put("a.txt", f"{person} wrote this".encode())
    store.save("Equal", Conversation([Message("user", f"I am {person}", attachments=[file])]))
    store.write_profile(f'{{"name": "{person}"}}')
    return file


def test_people_come_along_with_their_files_profiles_and_keys(tmp_path, postgres, monkeypatch):
    monkeypatch.setenv("CONVERSATIONS_FILE", str(tmp_path / "server" / "conversations.json"))
    first = settings_at(str(tmp_path / "conversations.json"))
    files = {person: settle(first, person) for person in (OWNER, ANN, BOB)}
    keys = {person: person_keys(first).make(person) for person in (ANN, BOB)}
    (tmp_path / "back").mkdir()
    address = postgres.new_database()
    on_the_way = [f"sqlite:///{tmp_path / 'a.db'}", address, str(tmp_path / "back" / "conversations.json")]
    told = [main([one, other]) for one, other in itertools.pairwise([str(first.conversations_file), *on_the_way])]
    assert told == [0, 0, 0]
    assert list((tmp_path / "server").glob("*.files"))  # beside the file that the settings name
    for name in on_the_way:
        settings = settings_at(name)
        for person, file in files.items():
            own = settings_of(person, settings)
            store = open_store(own, person)
            assert [row.content for row in store.load("Equal").messages] == [f"I am {person}"]
            assert person in store.profile()
            assert open_attachments(own).path(file.sha256).read_bytes() == f"{person} wrote this".encode()
        assert {person: person_keys(settings).person(key) for person, key in keys.items()} == {ANN: ANN, BOB: BOB}


def test_somebody_whose_address_is_not_known_is_asked_for_before_anything_is_moved(tmp_path, capsys):
    source, target = settings_at(str(tmp_path / "conversations.json")), settings_at(f"sqlite:///{tmp_path / 'a.db'}")
    for person in (ANN, BOB):
        settle(source, person)
    arguments = [str(source.conversations_file), target.database_url]
    assert main([*arguments, f"--people={ANN}"]) == 1
    told = capsys.readouterr().err
    assert "1 of 2 people at FROM are not known by their address" in told and "PEOPLE=" in told
    assert not (tmp_path / "a.db").exists()
    assert main([*arguments, f"--people={ANN.upper()}, {BOB}"]) == 0
    assert "2 conversations moved, also those of 2 who sign in." in capsys.readouterr().out
    assert open_store(target, BOB).names() == ["Equal"]


def test_nobodys_conversations_are_replaced_where_one_persons_would_be_lost(tmp_path, capsys):
    source, target = settings_at(str(tmp_path / "conversations.json")), settings_at(f"sqlite:///{tmp_path / 'a.db'}")
    settle(source, ANN)
    settle(target, BOB)
    settle(target, ANN)
    arguments = [str(source.conversations_file), target.database_url, f"--people={ANN}"]
    assert main(arguments) == 1 and "FORCE=1" in capsys.readouterr().err
    assert main([*arguments, "--force"]) == 0
    assert open_store(target, BOB).names() == ["Equal"]  # they had nothing at the source


def test_the_command_tells_in_one_sentence(tmp_path):
    store = FilePlace(tmp_path).open()
    store.save("A", Conversation([Message("user", "x")]))
    address = f"sqlite:///{tmp_path / 'a.db'}"
    assert run(str(store.path), address) == (0, "1 conversation moved. What was there before is still there.")
    code, told = run(str(store.path), address)
    assert code == 1 and "FORCE=1" in told and "\n" not in told
    assert run(str(store.path), address, "--force")[0] == 0
    assert run(f"{address}?timeout=3", f"sqlite:///{tmp_path / 'b.db'}")[0] == 0
    code, told = run(str(tmp_path / "missing.json"), address)
    assert code == 1 and "There is no" in told and "Traceback" not in told
    code, told = run(str(store.path), "postgresql://nobody:secret@127.0.0.1:1/x")
    assert code == 1 and "can't be reached" in told and "secret" not in told and "\n" not in told
