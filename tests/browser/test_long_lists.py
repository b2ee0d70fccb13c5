"""A long list of conversations in the browser: more of it, and what may be done there."""

import pytest
from playwright.sync_api import expect

from model.chat.conversation import Conversation
from model.chat.message import Message
from tests.browser.journey import CHAT, App, Chat
from tests.scripted_server import Reply, ScriptedServer


@pytest.fixture
def long_list(scripted_app: App, chat: Chat) -> Chat:
    """Return a page with forty saved conversations, none of them open."""
    talks = ((f"Talk {number:02}", Conversation([Message("user", f"Question {number}")])) for number in range(40))
    scripted_app.store.add(talks)
    chat.open(CHAT)
    expect(chat.entry("Talk 39")).to_be_visible()
    return chat


def more(chat: Chat, hidden_count: int) -> None:
    """List more conversations."""
    chat.sidebar.get_by_role("button", name=f"Show more ({hidden_count})").click()


def test_more_conversations_are_listed_opened_renamed_and_deleted(long_list: Chat):
    expect(long_list.entry("Talk 20")).to_be_visible()
    expect(long_list.entry("Talk 19")).to_have_count(0)
    more(long_list, 20)
    more(long_list, 10)
    long_list.load("Talk 03")
    expect(long_list.questions.last).to_contain_text("Question 3")
    long_list.pick("Talk 05", "Rename")
    long_list.page.get_by_label("New name").fill("Five")
    long_list.button("Rename").click()
    expect(long_list.entry("Five")).to_be_visible()
    long_list.pick("Five", "Delete")
    long_list.button("Yes, delete").click()
    expect(long_list.entry("Five")).to_have_count(0)
    expect(long_list.sidebar.get_by_text("Undo: ")).to_be_visible()
    assert "Five" not in long_list.app.store.names()


def test_more_conversations_are_listed_while_an_answer_comes(long_list: Chat, server: ScriptedServer):
    server.script(Reply("word " * 4000, tokens_per_s=20))
    long_list.ask("Tell me")
    long_list.answer("word")
    more(long_list, 20)
    expect(long_list.entry("Talk 13")).to_be_visible()
    long_list.load("Talk 13")
    expect(long_list.questions.last).to_contain_text("Question 13")
    long_list.sidebar.get_by_role("button", name="Tell me", exact=True).click()
    expect(long_list.questions.last).to_contain_text("Tell me")
    expect(long_list.stop.or_(long_list.button("Stop")).first).to_be_visible()


def test_the_list_works_by_keyboard_and_asks_before_it_deletes(long_list: Chat):
    press = long_list.page.keyboard.press
    long_list.sidebar.get_by_role("button", name="Options of Talk 39").focus()
    press("Enter")
    expect(long_list.option("Rename")).to_be_focused()
    press("Escape")
    expect(long_list.sidebar.get_by_role("button", name="Options of Talk 39")).to_be_focused()
    press("Enter")
    press("ArrowUp")
    expect(long_list.option("Delete")).to_be_focused()
    press("Enter")
    expect(long_list.button("Keep it")).to_be_focused()
    press("Enter")
    expect(long_list.button("Yes, delete")).to_have_count(0)
    expect(long_list.entry("Talk 39")).to_be_focused()
    press("Enter")
    expect(long_list.questions.last).to_contain_text("Question 39")
    expect(long_list.entry("Talk 39")).to_have_attribute("aria-current", "true")
    assert "Talk 39" in long_list.app.store.names()


@pytest.mark.parametrize("name", ["<img src=x onerror=alert(1)>", "**bold** :material/home: [x](y)", "$5 and $10"])
def test_a_name_is_only_ever_text(scripted_app: App, chat: Chat, name: str):
    scripted_app.store.save(name, Conversation([Message("user", "Hi")]))
    chat.open(CHAT)
    expect(chat.entry(name)).to_have_text(name)
    chat.pick(name, "Rename")
    expect(chat.page.get_by_label("New name")).to_have_value(name)
    chat.page.get_by_label("New name").press("Escape")
    expect(chat.entry(name)).to_be_focused()
    assert chat.sidebar.locator(".bna-list img, .bna-list a").count() == 0


def test_the_stages_are_one_click_away(chat: Chat):
    chat.sidebar.get_by_text("Stages").click()
    chat.page.get_by_role("link", name="Simple Chatbot").click()
    chat.page.wait_for_url("**/Simple_Chatbot*")
    expect(chat.box).to_be_visible()
