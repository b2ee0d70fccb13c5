"""The page You: profile, connections, export, and the end of it all, whatever keeps conversations."""

import io
import json
import zipfile
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from controller.people.identity import person_keys, settings_of
from controller.stages import stage
from model.chat.conversation import Conversation
from model.chat.message import Message
from model.chat.message_parts import Attachment, ToolStep
from model.errors import AllDeleted
from model.people.profile import Profile, profile_of
from settings import ROOT, Settings
from tests.access_server import AUDIENCE, AccessServer
from tests.conftest import SECRET, place_of
from tests.places import DatabasePlace
from tests.scripted_server import Reply, ScriptedServer
from tests.view.conftest import TIMEOUT_S, Screen
from tests.view.shell.test_sign_in import Browser, signed_in_browser
from tests.waiting import wait_until
from utils.text.markdown import plain
from view.app import open_store
from view.shell.services import the_app

ANN, BOB = "ann@example.org", "bob@example.org"
PAGE = "pages/92_You.py"
DELETE, CONFIRM = "Delete everything", "delete everything"


class You:
    """The page, opened by somebody."""

    def __init__(self) -> None:
        self.app = AppTest.from_file(str(ROOT / "Home.py"), default_timeout=TIMEOUT_S).switch_page(PAGE).run()
        self.check()

    def check(self) -> None:
        """No traceback and no key may be on the page."""
        assert not self.app.exception, self.app.exception
        assert SECRET not in self.everything()

    def everything(self) -> str:
        return "\n".join(str(getattr(node, "proto", "")) for node in self.app._tree)

    def fill(self, **values: str) -> None:
        """Fill in the profile, and press Save."""
        for name, value in values.items():
            boxes = self.app.text_input if name == "name" else self.app.selectbox
            next(box for box in boxes if str(box.key).endswith(f".{name}")).set_value(value)
        self.click("Save")

    def click(self, label: str) -> None:
        next(button for button in self.app.button if button.label == label).click().run()
        self.check()

    def confirm(self, words: str) -> None:
        next(box for box in self.app.text_input if "confirm" in box.label).set_value(words).run()
        self.check()

    @property
    def link(self) -> str:
        """Return the label of the page in the sidebar."""
        return str(self.app.sidebar.get("page_link")[-1].proto.label)

    @property
    def markdown(self) -> str:
        return "\n".join(text.value for text in self.app.main.markdown)

    @property
    def time_shown(self) -> str:
        return next(caption.value for caption in self.app.caption if caption.value.startswith("A time looks"))


@pytest.fixture(params=["json", "sqlite", "postgres"])
def settings(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """Let the app keep conversations in a file or a database, one kind after the other."""
    with closing(place_of(request, tmp_path)) as place:
        for name, value in place.environ().items():
            monkeypatch.setenv(name, value)
        if isinstance(place, DatabasePlace):
            monkeypatch.setattr("settings.ROOT", tmp_path)
        yield Settings.load()


@pytest.fixture
def access(monkeypatch: pytest.MonkeyPatch) -> Iterator[AccessServer]:
    """Let people sign in."""
    with AccessServer() as server:
        monkeypatch.setenv("SIGN_IN", "cloudflare")
        monkeypatch.setenv("CF_ACCESS_TEAM", server.url)
        monkeypatch.setenv("CF_ACCESS_AUD", AUDIENCE)
        yield server


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Browser:
    return signed_in_browser(monkeypatch)


def talk(word: str, sha256: str = "", made: str = "") -> Conversation:
    """Return a conversation with a file, and a picture that was made."""
    conversation = Conversation([Message("user", word), Message("assistant", f"{word}!")])
    if sha256:
        conversation.messages[0].attachments = [Attachment(sha256, "notes.txt", "text/plain", 5)]
    if made:
        row = {"sha256": made, "name": "chart.png", "media_type": "image/png"}
        conversation.messages[1].tool_steps = [ToolStep("1", "draw_chart", result="", details={"pictures": [row]})]
    return conversation


def settle(person: str, word: str) -> Path:
    """Let a person have something of everything, and return where their files are."""
    services = the_app().services_of(person)
    own, resources = services.resources.settings, services.resources
    file = resources.attachments.put("notes.txt", f"{word} notes".encode())
    made = resources.attachments.put("chart.png", f"{word} chart".encode())
    services.conversations.save_conversation(word, talk(word, file.sha256, made.sha256))
    services.conversations.search(word)
    services.account.profiles.keep(Profile(word))
    for path in (
        resources.assistants_folder / "cook.md",
        own.beside("batches") / "b.jsonl",
        resources.read_folder / "x",
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{word} in {path.name}")
    return own.conversations_file.parent


def traces(settings: Settings, word: str) -> list[str]:
    """Return the files below a folder in which a word stands, and what a database says of it."""
    folder = settings.conversations_file.parent
    files = [path for path in (*folder.rglob("*"), *folder.parent.glob("conversations.db*")) if path.is_file()]
    found = [str(path) for path in files if word.encode() in path.read_bytes() or word in path.name]
    stores = [open_store(settings_of(person, settings), person) for person in ("", ANN, BOB)]
    return found + [store.profile() for store in stores if word in store.profile() or word in str(store.names())]


def names_of(settings: Settings, person: str) -> list[str]:
    return open_store(settings_of(person, settings), person).names()


def test_a_profile_is_kept_shown_and_used_everywhere(settings: Settings, server: ScriptedServer):
    you = You()
    assert you.link == "You"
    you.fill(name="Ann", zone="Asia/Tokyo", language="de-DE")
    assert not you.app.error and you.link == "Ann"
    assert "+0900" in you.time_shown and ". " in you.time_shown
    assert You().link == "Ann"
    st.cache_resource.clear()  # as after a restart
    assert You().link == "Ann"
    assert json.loads(open_store(settings).profile())["time_zone"] == "Asia/Tokyo"
    server.script(Reply("Fine"))
    chat = Screen("chatbot_with_memory")
    chat.ask("Hi")
    assert chat.app.sidebar.get("page_link")[-1].proto.label == "Ann"


def test_a_model_is_told_the_time_in_the_persons_zone(settings: Settings, server: ScriptedServer):
    conversation = talk("x")
    conversation.choose(tells_time=True)
    services = the_app().services_of()
    services.account.profiles.keep(Profile(time_zone="Asia/Kathmandu"))
    services.conversations.save_conversation("Timed", conversation)
    chat = Screen("chatbot_with_memory", conversation=conversation.id or "")
    server.script(Reply("Fine"))
    chat.ask("When?")
    assert "(+0545)] When?" in server.requests[-1].body["messages"][-1]["content"]


def test_days_of_usage_follow_the_zone(settings: Settings):
    services = the_app().services_of()
    told = {"created_at": "2026-05-01T20:00:00+00:00", "model_name": "m", "completion_token_count": 1}
    services.conversations.save_conversation(
        "A",
        Conversation([Message("user", "x"), Message("assistant", "y", **told)]),  # type: ignore[arg-type]
    )
    for zone, day in (("UTC", "2026-05-01"), ("Asia/Tokyo", "2026-05-02"), ("America/New_York", "2026-05-01")):
        services.account.profiles.keep(Profile(time_zone=zone))
        assert [row.day for row in services.conversations.usage()] == [day]
        assert [hit.name for hit in services.conversations.search("y")] == ["A"]


GARBAGE = (
    "<script>alert(1)</script>",
    "**bold** :red[x] $5 and $10 :material/home:",
    "ñ" * 10_000,
    "   ",
    "\u202eevil\u2066\u0000\n\n# Heading",
    "שלום עולם",
)


def test_any_name_is_text_on_one_line_and_no_longer_than_it_may_be():
    store = open_store(Settings.load())
    for name in GARBAGE:
        store.write_profile(json.dumps({"name": name}))
        st.cache_resource.clear()
        you = You()
        shown = the_app().services_of().account.profiles.read().name
        assert len(shown) <= 100 and "\n" not in shown and "\u202e" not in shown
        assert you.link == plain(shown[:39] + "…" if len(shown) > 40 else shown or "You")
        assert next(box for box in you.app.text_input if box.label == "Name").value == shown
        you.fill(name=name)
        assert not you.app.error and profile_of(store.profile()).name == shown or len(name) > 100


def test_a_damaged_profile_is_told_and_can_be_written_anew():
    store = open_store(Settings.load())
    for kept in ("{", "[1]", "\0", "[" * 100_000):
        store.write_profile(kept)
        st.cache_resource.clear()
        you = You()
        assert you.link == "You" and you.app.warning
        you.fill(name="Ann")
        assert not you.app.warning and you.link == "Ann"


def test_a_zone_that_is_not_known_is_told_and_another_one_used(settings: Settings):
    zone = {"time_zone": "Mars/Olympus", "language": "xx-nowhere", "later": 1}
    open_store(settings).write_profile(json.dumps(zone))
    you = You()
    assert "Mars/Olympus" in you.app.warning[0].value
    assert "UTC" in you.time_shown or "+0000" in you.time_shown
    you.fill(zone="Europe/Zurich", language="de-CH")
    assert not you.app.warning and not you.app.error
    assert json.loads(open_store(settings).profile())["later"] == 1  # what another bnaGPT wrote stays


def test_connections_tell_who_is_asked_and_no_key(settings: Settings, monkeypatch: pytest.MonkeyPatch):
    for name, value in {"WEB_SEARCH": "searxng", "SEARXNG_URL": "https://me:pass@search.example"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("MISTRAL_API_KEY", f"{SECRET}-2")
    you = You()
    told = "\n".join(str(table.value.to_csv()) for table in you.app.table)
    assert "OpenAI,scripted,Set" in told and "Mistral,mistral-small-latest,Set" in told and "Not needed" in told
    assert "searxng at search.example" in told and "pass" not in told
    assert SECRET[:8] not in you.everything()


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
    assert json.loads(held["profile.json"])["name"] == "apple"
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


def test_keys_are_made_shown_once_and_revoked_one_by_one(settings: Settings, access: AccessServer, browser: Browser):
    keys = person_keys(Settings.load())
    theirs = keys.make(BOB)
    browser.tokens = [access.token(ANN)]
    you = You()
    you.click("Make a key")
    key = you.app.code[0].value
    assert keys.person(key) == ANN and keys.of(ANN)[0].made_at
    you.click("Make a key")
    assert key not in you.everything() and len(keys.of(ANN)) == 2
    assert "made on" in you.markdown
    you.app.button(key=f"bna.you.keys.revoke.{keys.of(ANN)[0].digest}").click().run()
    you.check()
    assert keys.person(key) == "" and len(keys.of(ANN)) == 1 and keys.person(theirs) == BOB


def test_a_key_of_an_older_bnagpt_has_no_date_and_stays_when_others_are_made(
    access: AccessServer, browser: Browser, tmp_path: Path
):
    keys = person_keys(Settings.load())
    keys.file.parent.mkdir(parents=True)
    keys.file.write_text(json.dumps({"ab" * 32: ANN}))
    browser.tokens = [access.token(ANN)]
    you = You()
    assert "made before dates were noted" in you.markdown
    you.click("Make a key")
    assert json.loads(keys.file.read_text())["ab" * 32] == ANN and len(keys.of(ANN)) == 2


def test_where_nobody_signs_in_there_are_no_keys(settings: Settings):
    assert not any(button.label == "Make a key" for button in You().app.button)


def test_the_sidebar_shows_the_address_until_there_is_a_name(access: AccessServer, browser: Browser):
    browser.tokens = [access.token(ANN)]
    you = You()
    assert you.link == plain(ANN)
    you.fill(name="Ann")
    assert you.link == "Ann"
    browser.tokens = [access.token(BOB)]
    assert You().link == plain(BOB)
