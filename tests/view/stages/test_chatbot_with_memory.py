"""Stage 2 on the page: it remembers, and the address finds the conversation again."""

from tests.conversations import contents
from tests.scripted_server import Reply, ScriptedServer
from tests.view.conftest import Screen, wire


def test_the_model_sees_what_was_said_before(screen: Screen, server: ScriptedServer):
    server.script(Reply("Hello Alice"), Reply("Alice"))
    screen.ask("My name is Alice.")
    screen.ask("What is my name?")
    assert wire(server) == [("user", "My name is Alice."), ("assistant", "Hello Alice"), ("user", "What is my name?")]
    assert screen.messages[-1] == ("assistant", "Alice")


def test_it_begins_with_four_suggestions_that_are_gone_after_the_first_question(screen: Screen):
    suggestions = screen.suggestions
    assert len(suggestions) == 4
    screen.click(suggestions[1])
    assert screen.messages[0] == ("user", "Explain how rain forms.")
    assert screen.suggestions == []


def test_the_address_opens_a_conversation_that_nobody_has_saved(screen: Screen, open_page):
    screen.ask("Hi")
    again = open_page("chatbot_with_memory", screen.address)
    assert again.messages == screen.messages
    assert again.address == screen.address


def test_the_address_opens_a_saved_conversation(screen: Screen, open_page):
    screen.ask("Hi")
    screen.save_as("Greeting")
    assert open_page("chatbot_with_memory", screen.address).messages == screen.messages


def test_either_page_opens_a_conversation_of_the_other(screen: Screen, open_page):
    screen.ask("Hi")
    assert open_page("simple_chatbot", screen.address).messages == screen.messages


def test_an_address_of_no_conversation_is_told_and_the_page_is_usable(open_page, server: ScriptedServer):
    screen = open_page("chatbot_with_memory", "no-such-id")
    assert screen.warnings == ["The chat in this address no longer exists."]
    assert screen.address == ""
    screen.ask("Hi")
    assert screen.messages[-1] == ("assistant", server.default_reply.text)
    assert screen.warnings == []


def test_two_tabs_that_asked_in_turn_both_stand_in_the_file(screen: Screen, open_page, store):
    screen.ask("One")
    screen.save_as("Shared")
    other = open_page("chatbot_with_memory", screen.address)
    other.ask("Two")
    screen.ask("Three")
    assert contents(store.load("Shared"))[::2] == ["One", "Two", "Three"]


def test_the_page_asks_for_one_request_per_question(screen: Screen, server: ScriptedServer):
    screen.ask("Hi")
    screen.app.run()
    screen.click("Save as…")
    assert len(server.requests) == 1
