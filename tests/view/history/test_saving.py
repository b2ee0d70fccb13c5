"""Save: the box, names that are blank or taken, and what is on disk after it."""

import pytest

from tests.conversations import contents
from tests.scripted_server import Reply, ScriptedServer
from tests.view.conftest import Screen


def test_an_empty_conversation_can_not_be_saved(screen: Screen):
    assert "Save" not in screen.buttons


def test_save_asks_for_a_name_and_lists_the_conversation(screen: Screen, store):
    screen.ask("Hi")
    screen.save_as("Greeting")
    assert "Confirm Save" not in screen.buttons
    assert list(screen.entries) == ["Greeting"]
    assert store.names() == ["Greeting"]
    assert "Saved Conversations" in screen.subheaders and "Not saved" not in screen.subheaders


@pytest.mark.parametrize("name", ["", "   ", "\t"])
def test_a_blank_name_is_refused_with_a_sentence(screen: Screen, store, name: str):
    screen.ask("Hi")
    screen.save_as(name)
    assert screen.errors == ["A conversation needs a name. Type a name, then save again."]
    assert store.names() == ["Hi"]
    screen.name_box("Now with one")
    assert store.names() == ["Now with one"] and screen.errors == []


@pytest.fixture
def taken(screen: Screen, server: ScriptedServer) -> Screen:
    """Return a page that has asked what to do about a taken name."""
    server.script(Reply("Old answer"), Reply("New answer"))
    screen.ask("Old")
    screen.save_as("Same")
    screen.click("New chat")
    screen.ask("New")
    screen.save_as("Same")
    return screen


def test_a_taken_name_asks_first(taken: Screen, store):
    assert taken.warnings == ["“Same” is taken. Overwrite it?"]
    assert {"Overwrite", "Cancel"} <= set(taken.buttons)
    assert contents(store.load("Same")) == ["Old", "Old answer"]


def test_overwrite_replaces_the_other_conversation(taken: Screen, store):
    taken.click("Overwrite")
    assert contents(store.load("Same")) == ["New", "New answer"]
    assert taken.warnings == [] and list(taken.entries) == ["Same"]


def test_cancel_keeps_both(taken: Screen, store):
    taken.click("Cancel")
    assert contents(store.load("Same")) == ["Old", "Old answer"]
    assert taken.warnings == [] and "Confirm Save" not in taken.buttons
    assert taken.messages[0] == ("user", "New")


def test_another_name_after_a_taken_one_is_saved_without_a_question(taken: Screen, store):
    taken.name_box("Different")
    assert set(store.names()) == {"Same", "Different"}
    assert taken.warnings == []


def test_a_saved_conversation_goes_on_being_saved_after_every_turn(screen: Screen, server: ScriptedServer, store):
    server.script(Reply("a"), Reply("b"), Reply("c"))
    screen.ask("One")
    screen.save_as("Long")
    for question, answer in (("Two", "b"), ("Three", "c")):
        screen.ask(question)
        assert contents(store.load("Long"))[-2:] == [question, answer]
    assert len(store.load("Long").messages) == 6


def test_saved_under_a_second_name_it_is_a_copy(screen: Screen, store):
    screen.ask("One")
    screen.save_as("First")
    screen.save_as("Second")
    screen.ask("Two")
    assert contents(store.load("First"))[::2] == ["One"]
    assert contents(store.load("Second"))[::2] == ["One", "Two"]
    assert screen.address == store.load("Second").id


NAMES = [
    'She said "no"',
    "it's",
    "🎉 party",
    "a/b\\c",
    "../../etc/passwd",
    "__proto__",
    "x" * 200,
    "مرحبا بالعالم",
    "**bold** _it_ `code`",
    ":red[x] :material/home:",
    "<script>alert(1)</script>",
    "1. list",
    "$5 and $10",
    "[link](https://example.com)",
]


@pytest.mark.parametrize("name", NAMES)
def test_any_name_is_kept_exactly_and_shown_as_text(screen: Screen, store, name: str):
    screen.ask("Hi")
    screen.save_as(name)
    assert store.names() == [name]
    assert list(screen.entries) == [name]
    screen.click("New chat")
    screen.load(name)
    assert screen.messages[0] == ("user", "Hi")


def test_a_chat_made_temporary_just_before_enter_is_never_on_the_disk(screen: Screen, store):
    """The switch and the question come in one run, and the question's callback may be called first."""
    screen.app.chat_input[0].set_value("A secret")
    screen.app.toggle(key="bna.chatbot_with_memory.temporary").set_value(True)
    screen.app.run()
    assert [name for name, _ in screen.messages] == ["user", "assistant"]
    assert store.names() == []
