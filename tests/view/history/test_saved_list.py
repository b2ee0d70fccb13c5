"""Saved Conversations: load, delete, what is not saved, and a list that is long."""

from datetime import UTC, datetime

import pytest

from model.chat.conversation import Conversation
from model.chat.message import Message
from tests.view.conftest import Screen, contents


@pytest.fixture
def saved(screen: Screen) -> Screen:
    """Return a page with the saved conversation Greeting open."""
    screen.ask("Hi")
    screen.save_as("Greeting")
    return screen


def test_load_shows_the_conversation_and_goes_on_with_it(saved: Screen, store):
    saved.click("New chat")
    assert saved.messages == [] and saved.address == ""
    saved.load("Greeting")
    assert saved.messages[0] == ("user", "Hi")
    saved.ask("More")
    assert contents(store.load("Greeting"))[::2] == ["Hi", "More"]


def test_a_conversation_with_role_and_content_only_loads(store, open_page):
    store.path.write_text('{"By hand": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yes"}]}')
    screen = open_page("chatbot_with_memory")
    screen.load("By hand")
    assert screen.messages == [("user", "Hi"), ("assistant", "Yes")]
    screen.ask("More")
    assert contents(store.load("By hand"))[:3] == ["Hi", "Yes", "More"]


def test_delete_asks_once(saved: Screen, store):
    saved.pick("Greeting", "Delete")
    assert store.names() == ["Greeting"]
    assert {"Yes, delete", "Keep it"} <= set(saved.buttons)


def test_keep_it_keeps_it(saved: Screen, store):
    saved.pick("Greeting", "Delete")
    saved.click("Keep it")
    assert store.names() == ["Greeting"]
    assert "Yes, delete" not in saved.buttons


def test_yes_deletes_it_and_leaves_it(saved: Screen, store):
    saved.pick("Greeting", "Delete")
    saved.click("Yes, delete")
    assert store.names() == []
    assert saved.messages == [] and saved.entries == {} and saved.address == ""


def test_deleting_another_conversation_leaves_the_open_one_alone(saved: Screen, store):
    saved.click("New chat")
    saved.ask("Other")
    saved.pick("Greeting", "Delete")
    saved.click("Yes, delete")
    assert saved.messages[0] == ("user", "Other")
    assert store.names() == ["Other"]


def test_a_conversation_deleted_in_another_tab_is_told(saved: Screen, open_page, store):
    other = open_page("chatbot_with_memory")
    store.delete("Greeting")
    other.load("Greeting")
    assert other.errors == ["This conversation is not saved. It may have been deleted in another tab."]


def test_what_was_asked_after_a_deletion_elsewhere_is_saved_anew(saved: Screen, store):
    store.delete("Greeting")
    saved.ask("Still there?")
    assert contents(store.load(store.names()[0]))[::2] == ["Hi", "Still there?"]


def test_what_is_deleted_in_one_tab_is_gone_from_the_others(saved: Screen, open_page, store):
    other = open_page("chatbot_with_memory", conversation=saved.address)
    assert other.messages == saved.messages
    saved.pick("Greeting", "Delete")
    saved.click("Yes, delete")
    other.app.run()
    assert other.messages == [] and other.address == ""
    assert "The conversation that was open here has been deleted." in other.everything()


def test_a_question_in_what_was_deleted_elsewhere_brings_nothing_back(saved: Screen, open_page, store, server):
    other = open_page("chatbot_with_memory", conversation=saved.address)
    saved.pick("Greeting", "Delete")
    saved.click("Yes, delete")
    asked_count = len(server.requests)
    other.ask("Still there?")
    assert other.errors and "has been deleted" in other.errors[0]
    assert other.app.chat_input[0].value == "Still there?"
    assert store.names() == [] and other.messages == [] and len(server.requests) == asked_count
    other.ask("Anew")
    assert store.names() == ["Anew"]


def test_a_message_deleted_in_one_tab_is_gone_from_the_others(saved: Screen, open_page, store):
    saved.ask("More")
    other = open_page("chatbot_with_memory", conversation=saved.address)
    saved.act(2, "Delete message")
    kept = saved.messages
    other.app.run()
    assert other.messages == kept


def test_what_is_brought_back_is_there_for_all_tabs(saved: Screen, open_page, store):
    saved.pick("Greeting", "Delete")
    saved.click("Yes, delete")
    next(button for button in saved.app.button if button.label.startswith("Undo")).click().run()
    other = open_page("chatbot_with_memory", conversation=saved.address)
    assert other.messages == saved.messages != []
    other.ask("More")
    assert contents(store.load("Greeting"))[::2] == ["Hi", "More"]


def test_other_pages_of_a_session_forget_what_is_deleted(saved: Screen, store):
    saved.app.switch_page("pages/3_Web_Search.py").run()
    saved.load("Greeting")
    saved.app.switch_page("pages/2_Chatbot_With_Memory.py").run()
    saved.pick("Greeting", "Delete")
    saved.click("Yes, delete")
    state = saved.app.session_state["bna.web_search"]
    assert state.conversation.all_messages == []


def test_every_conversation_is_saved_under_its_first_words(screen: Screen, store):
    screen.ask("Never saved by hand")
    screen.click("New chat")
    assert screen.messages == [] and store.names() == ["Never saved by hand"]
    screen.load("Never saved by hand")
    assert screen.messages[0] == ("user", "Never saved by hand")
    screen.save_as("Saved after all")
    assert list(screen.entries) == ["Saved after all"]


def test_an_unsaved_conversation_can_be_deleted(screen: Screen, store):
    screen.ask("Never saved")
    screen.click("New chat")
    screen.pick("Never saved", "Delete")
    screen.click("Yes, delete")
    assert store.names() == [] and screen.entries == {}


def test_the_newest_saved_stands_first_and_twenty_at_first(store, open_page):
    for number in range(45):
        store.save(f"Talk {number}", Conversation([Message("user", f"Question {number}")]))
    screen = open_page("chatbot_with_memory")
    assert list(screen.entries) == [f"Talk {number}" for number in range(44, 24, -1)]
    for hidden_count in (25, 15, 5):
        screen.click(f"Show more ({hidden_count})")
    assert len(screen.entries) == 45


def test_a_conversation_saved_in_another_tab_is_listed_at_the_next_click(screen: Screen, store):
    store.save("From elsewhere", Conversation([Message("user", "Hi")]))
    screen.app.run()
    assert list(screen.entries) == ["From elsewhere"]


def test_a_menu_in_the_same_place_takes_no_click_meant_for_another_message(store, open_page):
    for name in ("One", "Two"):
        store.save(name, Conversation([Message("user", name)]))
    screen = open_page("chatbot_with_memory")
    offered = []
    for name in ("One", "Two"):
        screen.load(name)
        [menu] = [menu for menu in screen.app.menu_button if ".menu." in (menu.key or "")]
        offered.append((menu.key, list(menu.proto.options)))
    (first_key, first), (second_key, second) = offered
    assert first_key == second_key and not set(first) & set(second)


def test_an_old_conversation_saved_after_a_new_one_is_listed(store, open_page):
    now = datetime.now(UTC).isoformat()
    for name, created_at in (("Old", None), ("New", now), ("Copy of old", None)):
        store.save(name, Conversation([Message("user", name, created_at=created_at)]))
    assert list(open_page("chatbot_with_memory").entries) == ["Copy of old", "New", "Old"]
