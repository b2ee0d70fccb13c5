"""The page You: profile, connections and keys, whatever keeps conversations."""

import json
from pathlib import Path

import pytest
import streamlit as st

from controller.people.identity import person_keys
from model.chat.conversation import Conversation
from model.chat.message import Message
from model.people.profile import Profile, profile_of
from settings import Settings
from tests.access_server import AccessServer
from tests.conftest import SECRET
from tests.scripted_server import Reply, ScriptedServer
from tests.view.conftest import Screen
from tests.view.people.conftest import ANN, BOB, You, talk
from tests.view.shell.test_sign_in import Browser
from utils.text.markdown import plain
from view.app import open_store
from view.shell.services import the_app


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
