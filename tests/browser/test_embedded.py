"""What a newcomer sees: no key, no settings, and a small model that answers and remembers."""

import re

from playwright.sync_api import expect

from model.chat.conversation import Conversation
from tests.browser.journey import App, Chat
from tests.waiting import wait_until


def only(app: App) -> Conversation:
    """Return the only saved conversation."""
    [entry] = app.store.entries()
    return app.store.find(entry.id)


def test_it_streams_remembers_saves_loads_and_deletes(page, embedded_app):
    chat = Chat(page, embedded_app).open()
    for question in ("My name is Alice.", "What is my name?"):
        chat.ask(question)
        chat.answer(re.compile(r"\w"))
        chat.ended()

    wait_until(lambda: [row["kind"] for row in only(embedded_app).options.background] == ["title"])
    first, second = (message for message in only(embedded_app).messages if message.role == "assistant")
    assert (second.window_token_count or 0) > (
        first.window_token_count or 0
    )  # it was told of Alice; this model may not heed it
    word = re.findall(r"\w+", second.content)[0]
    chat.save_as("Alice and I")
    address = chat.address
    page.reload()
    expect(chat.questions).to_have_count(2)
    chat.answer(word)
    assert page.url == address

    chat.button("New chat").click()
    expect(chat.questions).to_have_count(0)
    chat.load("Alice and I")
    expect(chat.questions.first).to_contain_text("My name is Alice.")
    chat.answer(word)

    chat.pick("Alice and I", "Delete")
    chat.button("Yes, delete").click()
    expect(chat.entry("Alice and I")).to_have_count(0)
    assert embedded_app.store.names() == []


def test_home_says_who_answers_and_how_to_bring_a_stronger_one(page, embedded_app):
    home = Chat(page, embedded_app).open("/")
    expect(page.get_by_text("Embedded answers, with SmolLM2")).to_be_visible()
    page.get_by_text("Use a stronger model").click()
    expect(page.get_by_role("link", name="Add a key in Settings")).to_be_visible()
    page.keyboard.press("Escape")
    home.ask("Say hello.")
    home.answer(re.compile(r"\w"))
    expect(page).to_have_url(re.compile(r"/Chatbot_With_Memory\?conversation="))
