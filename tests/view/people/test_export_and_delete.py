"""Everything of a person as one file, and its end, from the page You, whatever keeps conversations."""

import io
import json
import zipfile
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from controller.people.identity import person_keys
from controller.stages import stage
from model.chat.conversation import Conversation
from model.errors import AllDeleted
from settings import Settings
from tests.access_server import AccessServer
from tests.scripted_server import Reply, ScriptedServer
from tests.view.conftest import Screen
from tests.view.people.conftest import ANN, BOB, CONFIRM, DELETE, You, names_of, settle, talk, traces
from tests.view.shell.test_sign_in import Browser
from tests.waiting import wait_until
from utils.text.markdown import plain
from view.app import open_store
from view.shell.services import the_app


def test_everything_is_exported_and_nothing_of_others(
    settings: Settings, access: AccessServer, browser: Browser, downloads: dict[str, Any]
):
    settle(ANN, "apple")
    settle(BOB, "banana")
    browser.tokens = [access.token(ANN)]
    You()
    made = downloads["Export everything"]
    assert made.file_name == "bnagpt-everything.zip"
    with zipfile.ZipFile(io.BytesIO(made.make())) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    assert list(json.loads(held["conversations.json"])) == ["apple"]
    assert held["attachments/notes.txt"] == b"apple notes" and held["pictures/chart.png"] == b"apple chart"
    assert b"apple" in held["assistants/cook.md"] and b"apple" in held["batches/b.jsonl"]
    assert b"apple" in held["calendar.ics"]
    assert json.loads(held["profile.json"])["name"] == "apple"
    assert [fact["text"] for fact in json.loads(held["facts.json"])["facts"]] == ["I like apple."]
    assert sorted(json.loads(held["files.json"]).values()) == ["attachments/notes.txt", "pictures/chart.png"]
    assert not any(b"banana" in data for data in held.values())


def test_a_person_deletes_everything_of_theirs_and_nothing_of_others(
    settings: Settings, access: AccessServer, browser: Browser
):
    here = Settings.load()
    keys = person_keys(here)
    key, other = keys.make(ANN), keys.make(BOB)
    folder = settle(ANN, "apple")
    settle(BOB, "banana")
    old = the_app().services_of(ANN)
    browser.tokens = [access.token(ANN)]
    you = You()
    assert "1 conversation, 3 files, 1 API key" in you.markdown
    assert next(button for button in you.app.button if button.label == DELETE).disabled
    you.confirm(BOB)
    assert next(button for button in you.app.button if button.label == DELETE).disabled
    you.confirm(ANN.upper())
    you.click(DELETE)
    assert "1 conversation, 3 files, 1 API key" in you.app.success[0].value and not you.app.error
    assert you.link == plain(ANN) and "0 conversations, 0 files" in you.markdown
    assert [box.value for box in you.app.text_input] == ["", ""]
    assert traces(here, "apple") == [] and names_of(here, ANN) == []
    assert not (folder / "conversations.json").exists() and not (folder / "attachments").exists()
    assert keys.person(key) == "" and keys.person(other) == BOB
    assert names_of(here, BOB) == ["banana"] and len(traces(here, "banana")) >= 3
    assert the_app().services_of(ANN) is not old
    assert not you.app.run().success  # it is told once
    # And again, from the beginning.
    settle(ANN, "cherry")
    assert names_of(here, ANN) == ["cherry"]


def test_where_nobody_signs_in_the_owner_deletes_everything_but_what_people_have(settings: Settings):
    settle(BOB, "banana")
    settle("", "apple")
    here = settings.conversations_file.parent
    (here / ".env").write_text("X=apple-is-a-setting")
    aside = settings.conversations_file.with_name(f"{settings.conversations_file.stem}.unreadable-2026-01-01.json")
    aside.write_text("apple")
    you = You()
    you.confirm(CONFIRM)
    you.click(DELETE)
    assert "1 conversation, 3 files" in you.app.success[0].value
    assert [Path(found).name for found in traces(settings, "apple")] == [".env"]
    assert names_of(settings, BOB) == ["banana"]


def test_an_answer_that_is_being_written_is_stopped_first(settings: Settings, server: ScriptedServer):
    settle("", "apple")
    server.script(Reply(" ".join(["apple"] * 500), tokens_per_s=50))
    services = the_app().services_of()
    controller = stage("chatbot_with_memory").build_controller(services.resources)
    turn = services.turns.ask(controller, Conversation(), "More apple?")
    wait_until(lambda: "apple" in turn.answer.content)
    you = You()
    you.confirm(CONFIRM)
    you.click(DELETE)
    assert turn.has_ended and traces(settings, "apple") == []
    with pytest.raises(AllDeleted):
        services.turns.ask(controller, turn.conversation, "And now?")
    with pytest.raises(AllDeleted):
        services.conversations.save_conversation("Back", talk("apple"))
    assert traces(settings, "apple") == []


def test_an_answer_that_does_not_end_leaves_all_as_it_was(settings: Settings, monkeypatch: pytest.MonkeyPatch):
    settle("", "apple")
    turns = the_app().services_of().turns
    endless = SimpleNamespace(stop=lambda: None, wait=lambda _timeout_s: False)
    monkeypatch.setattr(turns, "running", lambda: [endless])
    you = You()
    you.confirm(CONFIRM)
    you.click(DELETE)
    assert "has not ended yet" in you.app.error[0].value and names_of(settings, "") == ["apple"]
    monkeypatch.undo()
    assert not turns.running() and the_app().services_of().turns is turns


def test_another_tab_brings_nothing_back(settings: Settings, server: ScriptedServer):
    server.script(Reply("apple pie"), Reply("Fine."))
    other = Screen("chatbot_with_memory")
    other.ask("A secret apple")
    other.pick("A secret apple", "Delete")  # its undo is held by the tab
    server.script(Reply("Fine."))
    third = Screen("chatbot_with_memory")
    third.ask("More apple")
    you = You()
    you.confirm(CONFIRM)
    you.click(DELETE)
    other.click(next(label for label in other.buttons if label.startswith("Undo")))
    assert not other.app.exception and not other.entries and not other.messages
    third.app.chat_input[0].set_value("Go on").run()
    assert not third.app.exception and "apple" not in third.everything()
    assert traces(settings, "apple") == []


def test_a_second_machine_goes_on_without_a_restart(settings: Settings):
    """Another process has the person's number in memory when they are deleted here."""
    settle("", "apple")
    elsewhere = open_store(settings)
    assert elsewhere.names() == ["apple"]
    you = You()
    you.confirm(CONFIRM)
    you.click(DELETE)
    with suppress(AllDeleted):  # it is told once
        elsewhere.names()
    assert elsewhere.names() == []
    elsewhere.save("New", talk("new"))
    assert names_of(settings, "") == ["New"]
