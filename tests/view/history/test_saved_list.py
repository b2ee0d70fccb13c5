"""Saved Conversations: load, delete, what is not saved, and a list that is long."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from controller.stages import stage
from model.chat.conversation import Conversation
from model.chat.message import Message
from tests.conversations import contents
from tests.view.conftest import Screen


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


def test_delete_deletes_it_and_leaves_it(saved: Screen, store):
    saved.pick("Greeting", "Delete")
    assert store.names() == []
    assert saved.messages == [] and saved.entries == {} and saved.address == ""


def test_deleting_another_conversation_leaves_the_open_one_alone(saved: Screen, store):
    saved.click("New chat")
    saved.ask("Other")
    saved.pick("Greeting", "Delete")
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
    other.app.run()
    assert other.messages == [] and other.address == ""
    assert "The conversation that was open here has been deleted." in other.everything()


def test_a_question_in_what_was_deleted_elsewhere_brings_nothing_back(saved: Screen, open_page, store, server):
    other = open_page("chatbot_with_memory", conversation=saved.address)
    saved.pick("Greeting", "Delete")
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
    assert store.names() == [] and screen.entries == {}


def test_the_newest_saved_stands_first_and_twenty_at_first(store, open_page):
    for number in range(45):
        store.save(f"Talk {number}", Conversation([Message("user", f"Question {number}")]))
    screen = open_page("chatbot_with_memory")
    assert list(screen.entries) == [f"Talk {number}" for number in range(44, 24, -1)]
    for hidden_count in (25, 15, 5):
        assert screen.lists[-1][1]["more"] == f"Show more ({hidden_count})"
        screen.list_more()
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


def test_a_new_name_that_is_taken_is_told_beside_it(saved: Screen, store):
    store.save("Other", Conversation([Message("user", "x")]))
    saved.pick("Greeting", "Rename", name="Other")
    problem = saved.lists[0][1]["problem"]
    assert problem["id"] == saved.entries["Greeting"] and "Other" in problem["text"] and saved.errors == []
    saved.pick("Greeting", "Rename", name="Mine")
    assert sorted(store.names()) == ["Mine", "Other"] and saved.lists[0][1]["problem"] == {}


def test_a_title_that_is_taken_is_told_under_it_and_not_in_the_list(saved: Screen, store):
    store.save("Other", Conversation([Message("user", "x")]))
    title = next(box for box in saved.app.text_input if box.label == "Name of this chat")
    title.set_value("Other").run()
    assert saved.errors == ["There is already a conversation named “Other”. Take another name, or replace it."]
    assert saved.lists[0][1]["problem"] == {} and sorted(store.names()) == ["Greeting", "Other"]


def test_a_conversation_that_is_pinned_stands_first_until_it_is_unpinned(saved: Screen, store):
    store.save("Newer", Conversation([Message("user", "x", created_at=datetime.now(UTC).isoformat())]))
    saved.pick("Greeting", "Pin")
    [(_, data)] = saved.lists
    assert [(row["name"], row["day"]) for row in data["rows"]] == [("Greeting", "Pinned"), ("Newer", "Today")]
    saved.pick("Greeting", "Unpin")
    assert list(saved.entries) == ["Newer", "Greeting"]


def test_what_was_sought_is_opened_at_the_hit_and_the_list_is_whole_again(saved: Screen):
    saved.app.text_input("bna.chatbot_with_memory.search").set_value("Hi").run()
    [(_, data)] = saved.lists
    [row] = data["rows"]
    assert "".join(row["snippet"]) == "Hi" and row["snippet"][1] == "Hi" and row["message"]
    saved.send({"do": "open", "id": row["id"], "message": row["message"]})
    assert saved.app.text_input("bna.chatbot_with_memory.search").value == "" and "Greeting" in saved.entries


def test_a_page_that_followed_an_answer_does_not_bring_a_deleted_conversation_back(screen: Screen):
    screen.ask("Hi")
    deleted = screen.app.session_state["bna.chatbot_with_memory"].conversation
    screen.app.switch_page(stage("web_search").page).run()
    other = screen.app.session_state["bna.web_search"]
    # It was left while an answer came that another tab had asked for.
    other.conversation, other.followed = deleted, SimpleNamespace(copy=lambda: deleted, conversation=deleted)
    screen.app.switch_page(stage("chatbot_with_memory").page).run()
    screen.pick("Hi", "Delete")
    screen.app.switch_page(stage("web_search").page).run()
    assert screen.messages == [] and screen.entries == {}


def test_a_search_with_more_hits_than_are_shown_tells_so_and_leads_to_them(store, open_page):
    for number in range(45):
        store.save(f"Talk {number}", Conversation([Message("user", f"Rain {number}")]))
    screen = open_page("chatbot_with_memory")
    next(box for box in screen.app.text_input if box.label == "Search").set_value("rain").run()
    for count in (20, 30, 40):
        assert len(screen.entries) == count and f"{count} or more found" in screen.captions
        screen.list_more()
    assert len(screen.entries) == 45 and "45 found" in screen.captions and not screen.lists[0][1]["more"]
