"""Stage 1 on the page: it answers, and it says that it forgets."""

import pytest

from tests.scripted_server import Reply, ScriptedServer
from tests.view.conftest import Screen, wire

FORGETS = "Everything above is forgotten"


@pytest.fixture
def screen(open_page) -> Screen:
    page: Screen = open_page("simple_chatbot")
    return page


def test_it_answers(screen: Screen, server: ScriptedServer):
    server.script(Reply("Paris"))
    screen.ask("What is the capital of France?")
    assert screen.messages == [("user", "What is the capital of France?"), ("assistant", "Paris")]


def test_only_the_newest_prompt_is_sent(screen: Screen, server: ScriptedServer):
    screen.ask("My name is Alice.")
    screen.ask("What is my name?")
    assert wire(server) == [("user", "What is my name?")]


def test_it_says_that_it_forgets_from_the_second_question_on(screen: Screen):
    screen.ask("First")
    assert not any(FORGETS in caption for caption in screen.captions)
    screen.ask("Second")
    screen.ask("Third")
    assert len(screen.messages) == 6
    assert sum(FORGETS in caption for caption in screen.captions) == 1


def test_a_suggestion_is_asked_with_one_click(screen: Screen, server: ScriptedServer):
    suggestion = screen.suggestions[0]
    screen.click(suggestion)
    assert suggestion == "**A joke** Tell me a joke about computers."
    assert wire(server) == [screen.messages[0]] == [("user", "Tell me a joke about computers.")]


def test_clear_forgets_for_good_what_nobody_has_saved(screen: Screen, open_page, store):
    screen.ask("First")
    conversation = screen.address
    screen.click("Clear")
    assert screen.messages == [] and screen.address == ""
    assert store.names() == []
    assert open_page("simple_chatbot", conversation).messages == []


def test_clear_keeps_what_is_saved(screen: Screen, open_page, store):
    screen.ask("First")
    other = open_page("chatbot_with_memory", screen.address)
    other.save_as("Kept")
    screen.click("Clear")
    assert screen.messages == []
    assert store.names() == ["Kept"] and len(store.load("Kept").messages) == 2


@pytest.mark.parametrize("prompt", ["", "  \n "])
def test_nothing_is_asked_by_an_empty_prompt(screen: Screen, server: ScriptedServer, prompt: str):
    screen.ask(prompt)
    assert server.requests == [] and screen.messages == []
