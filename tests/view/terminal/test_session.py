"""What a terminal has open."""

import pytest

from model.errors import ConversationNotFound, InputError
from tests import drawn
from view.app import RunningApp
from view.terminal.session import TerminalState


@pytest.fixture
def state(environ, monkeypatch) -> TerminalState:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    return TerminalState(RunningApp().services_of(), "all-together")


def test_a_picture_is_attached_as_models_use_it_and_a_text_as_it_is(state, tmp_path):
    (tmp_path / "receipt.png").write_bytes(drawn.words("Total 42 euro", (600, 220)))
    (tmp_path / "notes.txt").write_text("hello")
    state.attach([tmp_path / "receipt.png", tmp_path / "notes.txt"])
    assert [(file.name, file.is_picture) for file in state.attachments] == [("receipt.png", True), ("notes.txt", False)]


def test_a_picture_that_is_none_is_refused_with_a_sentence(state, tmp_path):
    (tmp_path / "fake.png").write_bytes(b"no picture at all")
    with pytest.raises(InputError, match="fake.png"):
        state.attach([tmp_path / "fake.png"])


def test_a_name_that_begins_two_conversations_opens_neither(state):
    for name in ("Rain today", "Rain tomorrow"):
        conversation = state.conversation
        conversation.ask("Hi")
        state.services.conversations.save_conversation(name, conversation)
        state.new()
    with pytest.raises(ConversationNotFound, match="Several begin"):
        state.load("rain")
    state.load("Rain today")
    assert state.title == "Rain today"


def test_the_effort_is_one_that_there_is(state):
    state.choose_effort("low")
    assert state.conversation.options.reasoning_effort == "low"
    state.choose_effort("auto")
    assert state.conversation.options.reasoning_effort == ""
    with pytest.raises(InputError, match="huge"):
        state.choose_effort("huge")


def test_a_provider_alone_is_picked_over_the_model_that_a_conversation_keeps_to(state):
    state.conversation.choose(provider="openai", model_name="kept")
    assert (state.provider.name, state.selection.model_name) == ("openai", "kept")
    state.pick_model("embedded/")
    assert (state.provider.name, state.selection.model_name) == ("embedded", "")
