"""Long conversations: the newest messages at first, and what of it the model sees."""

import pytest
from streamlit.testing.v1.element_tree import Progress

from model.chat.conversation import Conversation
from model.chat.message import Message
from tests.conversations import contents
from tests.scripted_server import Reply
from tests.view.conftest import Screen, wire

SEES = "Earlier messages are no longer sent to the model"


def talk(length: int) -> Conversation:
    """Return a conversation of that many messages."""
    return Conversation([Message(("user", "assistant")[n % 2], f"Message {n}", token_count=10) for n in range(length)])


@pytest.fixture
def long_one(store, open_page) -> Screen:
    """Return a page with a conversation of 2,000 messages open."""
    store.save("Long", talk(2000))
    screen: Screen = open_page("chatbot_with_memory")
    screen.load("Long")
    return screen


def test_of_two_thousand_messages_the_newest_are_drawn(long_one: Screen):
    assert [text for _, text in long_one.messages] == [f"Message {n}" for n in range(1975, 2000)]


def test_show_earlier_draws_fifty_more(long_one: Screen):
    long_one.click("Show earlier (1,975 more)")
    assert [text for _, text in long_one.messages] == [f"Message {n}" for n in range(1925, 2000)]
    assert "Show earlier (1,925 more)" in long_one.buttons


def test_a_short_conversation_is_shown_whole(store, open_page):
    store.save("Short", talk(25))
    screen = open_page("chatbot_with_memory")
    screen.load("Short")
    assert len(screen.messages) == 25
    assert not any(label.startswith("Show earlier") for label in screen.buttons)


def test_the_next_turn_of_a_long_conversation_loses_nothing(long_one: Screen, store):
    long_one.ask("And now?")
    saved = contents(store.load("Long"))
    assert len(saved) == 2002 and saved[0] == "Message 0" and saved[2000] == "And now?"


@pytest.fixture
def small_window(store, open_page, monkeypatch: pytest.MonkeyPatch) -> Screen:
    """Return a page with a conversation open that is longer than the model's window."""
    monkeypatch.setenv("LLM_CONTEXT_WINDOW", "400")
    store.save("Too long", talk(100))
    screen: Screen = open_page("chatbot_with_memory")
    screen.load("Too long")
    return screen


def test_a_line_shows_where_the_models_view_begins(small_window: Screen, server):
    assert not any(SEES in caption for caption in small_window.captions)
    small_window.ask("And now?")
    assert sum(SEES in caption for caption in small_window.captions) == 1
    first_sent = next(content for role, content in wire(server) if role == "user")
    drawn = [getattr(node, "value", "") for node in small_window.app.main]
    after_line = drawn[next(n for n, text in enumerate(drawn) if isinstance(text, str) and SEES in text) + 1 :]
    assert next(text for text in after_line if isinstance(text, str) and text.startswith("Message")) == first_sent


def test_no_line_is_drawn_while_the_model_sees_everything(screen: Screen):
    screen.ask("One")
    screen.ask("Two")
    assert not any(SEES in caption for caption in screen.captions)


def test_no_line_is_drawn_after_a_turn_that_failed(screen: Screen, server):
    server.script(Reply(status=500), Reply(status=500), Reply("fine"), Reply(status=500))
    for question in ("One", "Two", "Three", "Four"):
        screen.ask(question)
        assert not any(SEES in caption for caption in screen.captions)


def test_the_line_stays_where_it_was_when_a_turn_fails(small_window: Screen, server):
    small_window.ask("And now?")
    before = small_window.captions
    server.script(Reply(status=500))
    small_window.ask("And then?")
    assert [text for text in before if SEES in text] == [text for text in small_window.captions if SEES in text]


def test_a_gauge_shows_how_full_the_window_is(small_window: Screen, store):
    assert len(small_window.app.get("progress")) == 0
    small_window.ask("And now?")
    gauge = small_window.app.get("progress")[0]
    assert isinstance(gauge, Progress)
    used = store.load("Too long").messages[-1].window_token_count
    assert f"{used:,} of 400 tokens" in gauge.proto.text
    assert gauge.value == pytest.approx(100 * used / 400, abs=1)


def test_a_question_longer_than_the_window_is_told(small_window: Screen, server):
    small_window.ask("word " * 1000)
    assert len(small_window.errors) == 1 and "tokens long" in small_window.errors[0]
    assert server.requests == []
