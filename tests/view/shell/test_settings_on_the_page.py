"""What is wrong with the settings or the files is told on the page, in a sentence, and the page stays usable."""

import re

import pytest
import streamlit as st

from model.store.turn_log import LogLine, first_lines, line
from tests.conversations import contents
from tests.scripted_server import ScriptedServer
from tests.view.conftest import Screen


def test_a_damaged_file_is_told_and_set_aside_before_the_first_write(store, open_page):
    damaged = '{"Whole": [{"role": "user", "content": "Hi"}], "Torn": [{"role": "us'
    store.path.write_text(damaged)
    screen = open_page("chatbot_with_memory")
    [warning] = screen.warnings
    assert "is damaged. One conversation could be read." in warning.replace("\\", "")
    assert store.path.read_text() == damaged and list(screen.entries) == ["Whole"]
    screen.ask("Hi")
    [warning] = screen.warnings
    aside = re.search(r"was damaged and is kept as (\S+)\.", warning.replace("\\", ""))
    assert aside and store.path.with_name(aside[1]).read_text() == damaged
    assert list(screen.entries) == ["Hi", "Whole"]


def test_it_is_told_once(store, open_page):
    store.path.write_text("no JSON at all")
    screen = open_page("chatbot_with_memory")
    assert any("is damaged" in warning for warning in screen.warnings)
    screen.app.run()
    assert screen.warnings == []
    screen.ask("Hi")
    screen.save_as("Works again")
    assert store.names() == ["Works again"]


def test_conversations_that_can_not_be_saved_are_told_and_the_question_stays(
    open_page, tmp_path, monkeypatch: pytest.MonkeyPatch, server: ScriptedServer
):
    (tmp_path / "a file").write_text("")
    monkeypatch.setenv("CONVERSATIONS_FILE", str(tmp_path / "a file" / "conversations.json"))
    screen = open_page("chatbot_with_memory")
    assert len(screen.errors) == 1
    assert server.requests == []


@pytest.mark.parametrize(
    ("variable", "value"),
    [("LLM_TIMEOUT_S", "soon"), ("LLM_CONTEXT_WINDOW", "-5"), ("LLM_PROVIDER", "nobody")],
)
def test_a_setting_that_makes_no_sense_is_told_and_the_default_is_used(
    open_page, monkeypatch: pytest.MonkeyPatch, server: ScriptedServer, variable: str, value: str
):
    monkeypatch.setenv(variable, value)
    screen = open_page("chatbot_with_memory")
    told = [warning for warning in screen.warnings if value in warning]
    assert len(told) == 1 and variable in told[0].replace("\\", "")
    screen.ask("Hi")
    assert screen.messages[-1] == ("assistant", server.default_reply.text)


@pytest.mark.parametrize("slug", ["simple_chatbot", "chatbot_with_memory"])
def test_a_provider_without_a_key_is_told_in_a_clear_sentence(
    open_page, monkeypatch: pytest.MonkeyPatch, server: ScriptedServer, slug: str
):
    monkeypatch.setenv("OPENAI_API_KEY", "")
    screen = open_page(slug)
    assert screen.errors == []
    screen.ask("Hi")
    [error] = screen.errors
    assert (
        error.replace("\\", "") == "OpenAI needs a key. Add it at the page Settings, or put OPENAI_API_KEY=... in .env."
    )
    assert screen.messages[0] == ("user", "Hi") and server.requests == []


def test_what_a_crash_left_is_there_at_the_next_start(screen: Screen, store, open_page):
    screen.ask("Hi")
    screen.save_as("Talk")
    conversation = store.load("Talk")
    question, answer = conversation.ask("And then?")
    journal = store.path.with_name("conversations.json.journal")
    text = first_lines(conversation, [], question, answer) + line(LogLine(text="It was a dark"))
    (journal / "1.jsonl").write_bytes(text)
    st.cache_resource.clear()
    again = open_page("chatbot_with_memory", conversation.id)
    assert again.messages[-1] == ("assistant", "It was a dark")
    assert any("Interrupted" in caption for caption in again.captions)
    again.click("Retry")
    assert again.messages[-1][1] != "It was a dark"
    assert contents(store.load("Talk"))[2] == "And then?"
