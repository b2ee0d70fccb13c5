"""The first minutes: the welcome conversation, the keyboard alone, and a phone."""

import json
import re

import pytest
from playwright.sync_api import Locator, expect

from settings import ROOT
from tests.browser.journey import App, Chat
from tests.scripted_server import Reply, ScriptedServer

WELCOME = "Welcome to bnaGPT"


def test_the_repository_ships_the_welcome_conversation_and_nothing_else():
    shipped = json.loads((ROOT / "conversations.json").read_text(encoding="utf-8"))
    assert list(shipped) == [WELCOME]
    assert [message["role"] for message in shipped[WELCOME]] == ["user", "assistant"]


def test_the_welcome_conversation_loads_and_goes_on(page, welcome: App, server: ScriptedServer):
    chat = Chat(page, welcome).open()
    chat.load(WELCOME)
    expect(chat.questions.first).to_contain_text("What can I do here?")
    chat.ask("Thank you")
    chat.answer(server.default_reply.text)
    chat.ended()
    assert len(welcome.store.load(WELCOME).messages) == 4


def test_every_stage_is_reached_from_home(page, app: App):
    chat = Chat(page, app)
    for number, title in ((1, "Simple Chatbot"), (2, "Chatbot With Memory")):
        chat.open("/")
        page.get_by_role("main").get_by_role("link", name=f"{number}. {title}").click()
        expect(page.get_by_role("heading", name=title)).to_be_visible()
        expect(page).to_have_title(re.compile(title))


def test_a_question_at_home_is_answered_in_stage_2(page, app: App, server: ScriptedServer):
    server.script(Reply("word " * 30, tokens_per_s=30))
    home = Chat(page, app).open("/")
    home.ask("Hello")
    home.answer("word word")
    expect(page).to_have_url(re.compile(r"/Chatbot_With_Memory\?conversation="))
    home.ended()
    home.ask("And again")
    home.answer(server.default_reply.text)


def tab_to(target: Locator) -> None:
    """Press Tab until this has the focus."""
    for _ in range(40):
        if target.evaluate("element => element === document.activeElement"):
            return
        target.page.keyboard.press("Tab")
    raise AssertionError("Tab does not lead there")


def test_the_keyboard_is_enough_to_chat_and_save(chat: Chat, server: ScriptedServer):
    keyboard = chat.page.keyboard
    tab_to(chat.box)
    keyboard.type("Hello")
    keyboard.press("Enter")
    chat.answer(server.default_reply.text)
    chat.ended()
    tab_to(chat.title)
    keyboard.press("Enter")
    tab_to(chat.button("Save as…"))
    keyboard.press("Enter")
    name = chat.page.get_by_label("Enter a name to save the conversation:")
    expect(name).to_be_visible()
    tab_to(name)
    keyboard.type("By keyboard")
    keyboard.press("Enter")
    expect(chat.entry("By keyboard")).to_be_visible()


@pytest.mark.parametrize("path", ["/", "/Simple_Chatbot", "/Chatbot_With_Memory"])
def test_on_a_phone_nothing_scrolls_sideways(new_context, app: App, path: str):
    page = new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True).new_page()
    chat = Chat(page, app).open(path)
    chat.ask("x" * 300)
    chat.answer("scripted answer")
    chat.ended()
    width = page.evaluate("[document.scrollingElement.scrollWidth, innerWidth]")
    assert width[0] <= width[1]
    expect(chat.box).to_be_in_viewport()
