"""The panel "Show request", and the line with a conversation's totals."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from model.chat.conversation import Conversation
from model.chat.message import Message
from model.chat.message_parts import ToolStep
from model.store.json_store import JsonStore
from tests.scripted_server import Reply, ScriptedServer
from tests.view.conftest import TIMEOUT_S, Screen
from utils.text.markdown import plain
from view.history.request_inspector import FIRST, LAST


def panel_app() -> None:
    """Draw the panel of the last answer of the only conversation, with the line for all of it."""
    from view.history.request_inspector import draw_totals, draw_what_it_saw
    from view.shell.services import services

    conversations = services().conversations
    conversation = conversations.load_conversation(conversations.list_conversations()[0].id)
    draw_totals(conversation)
    draw_what_it_saw(conversation.messages[-1], conversation, services())


def open_panel() -> AppTest:
    app = AppTest.from_function(panel_app, default_timeout=TIMEOUT_S).run()
    assert not app.exception
    return app


def figures(app: AppTest) -> dict[str, str]:
    """Return the table's values by label; both are Markdown."""
    return {label.strip("*"): value for label, value in app.table[0].value.to_numpy().tolist()}


def talk(**fields: Any) -> Conversation:
    known: dict[str, Any] = {"provider": "anthropic", "model_name": "claude-haiku-4-5", "first_token_s": 0.5}
    counts = {"prompt_token_count": 1000, "completion_token_count": 200, "duration_s": 2.5, "token_count": 100}
    question = Message("user", "Hi")
    answer = Message("assistant", "Hello " * 40, view_begins_at=question.id, **(known | counts | fields))
    return Conversation([question, answer])


def test_it_shows_exactly_what_was_sent(screen: Screen, server: ScriptedServer):
    server.script(Reply("Hello Alice"), Reply("Alice"))
    screen.ask("My name is Alice.")
    screen.ask("What is my name?")
    app = open_panel()
    assert app.markdown[0].value.endswith("Exactly what was sent.")
    assert [code.value for code in app.code] == ["My name is Alice.", "Hello Alice", "What is my name?"]
    assert figures(app)["Sent"].endswith("tokens in 3 messages")
    assert figures(app)["Answered"] == "1 token"


def test_after_a_change_it_says_so(screen: Screen, store: JsonStore):
    screen.ask("One")
    conversation = store.load(store.names()[0])
    conversation.messages[0].content = "Two"
    store.write(conversation.id, conversation.messages)
    app = open_panel()
    assert "changed or deleted since" in app.markdown[0].value
    assert app.code[0].value == "Two"


def test_images_are_told_with_their_cost(store: JsonStore):
    image = {"sha256": "a" * 64, "name": "a.png", "media_type": "image/png", "size_bytes": 5, "cost_usd": 0.04}
    step = ToolStep("1", "make_image", result="Made.", details={"pictures": [image | {"width_px": 1, "height_px": 1}]})
    store.save("Saved", talk(tool_steps=[step]))
    app = open_panel()
    assert figures(app)["Images"] == plain("1, cost $0.0400")
    assert app.caption[0].value == plain("This conversation: 1,200 tokens · 1 image · $0.0420")


def test_figures_are_in_words(store: JsonStore):
    store.save("Saved", talk(window_token_count=900, context_window=200_000))
    assert figures(open_panel()) == {
        "Model": plain("claude-haiku-4-5, Anthropic"),
        "Sent": plain("1,000 tokens in 1 message"),
        "Answered": "200 tokens",
        "First token": plain("0.50 s"),
        "Speed": plain("about 50 tokens/s"),
        "Cost": plain("$0.0020"),
        "Context window": plain("about 900 of 200,000 tokens"),
    }


def test_what_nobody_knows_is_a_dash(store: JsonStore):
    store.save("Saved", Conversation([Message("user", "Hi"), Message("assistant", "Hello")]))
    shown = figures(open_panel())
    assert [shown[label] for label in ("Model", "First token", "Speed", "Context window")] == ["—"] * 4
    assert shown["Cost"] == "not known"


def test_our_own_counts_are_marked(store: JsonStore):
    own = {"prompt_token_count": None, "completion_token_count": None, "window_token_count": 900}
    store.save("Saved", talk(**own))
    shown = figures(open_panel())
    assert shown["Sent"].startswith("about 900 tokens") and shown["Answered"].startswith("about ")
    assert shown["Cost"].startswith("about ")


def test_of_a_very_long_request_the_beginning_and_the_end_are_drawn(store: JsonStore):
    long = [Message(("user", "assistant")[n % 2], f"m{n}", token_count=5) for n in range(2000)]
    long[-1].view_begins_at, long[-1].model_name = long[0].id, "scripted"
    store.save("Long", Conversation(long))
    app = open_panel()
    assert len(app.code) == FIRST + LAST
    assert any(f"{1999 - FIRST - LAST:,} messages in between" in caption.value for caption in app.caption)


@pytest.mark.parametrize("text", ["<b>bold</b> ![x](http://a/b.png)", "`` ` $5 and $10"])
def test_messages_are_shown_as_written(text: str, store: JsonStore):
    conversation = talk()
    conversation.messages[0].content = text
    store.save("Hostile", conversation)
    assert open_panel().code[0].value == text


def test_tool_calls_are_shown_as_they_go_over_the_wire(store: JsonStore):
    call = {"tool_calls": [{"id": "c1", "type": "function", "function": {"name": "add", "arguments": "{}"}}]}
    conversation = talk()
    conversation.messages[:0] = [Message("user", "1 + 1?"), Message("assistant", "", extra=call)]
    conversation.messages[-1].view_begins_at = conversation.messages[0].id
    store.save("Tools", conversation)
    assert '"name": "add"' in open_panel().code[1].value


def test_a_conversation_has_its_totals(store: JsonStore):
    conversation = talk()
    conversation.beside = [Message("assistant", "Other", parent=conversation.messages[0].id, **_counted())]
    conversation.choose(background=[_counted() | {"kind": "title"}])
    store.save("Saved", conversation)
    assert plain("This conversation: 1,222 tokens · $0.0020") in [each.value for each in open_panel().caption]


def test_without_answers_there_are_no_totals(store: JsonStore):
    store.save("Saved", Conversation([Message("user", "Hi"), Message("assistant", "Hello")]))
    assert not any("This conversation" in caption.value for caption in open_panel().caption)


def _counted() -> dict[str, Any]:
    model = {"provider": "anthropic", "model_name": "claude-haiku-4-5"}
    return model | {"prompt_token_count": 10, "completion_token_count": 1}
