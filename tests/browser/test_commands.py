"""The list that “/” and “@” open in the box: by keyboard, at once, and never in the middle of a text."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.journey import App, Chat, holds
from tests.browser.test_accessibility import violations
from tests.scripted_server import ScriptedServer


@pytest.fixture(params=[1280, 390], ids=["wide", "narrow"])
def chat(request: pytest.FixtureRequest, app: App, new_context: Callable[..., BrowserContext]) -> Chat:
    """Return stage 2's page, once its box knows the list."""
    page = new_context(viewport={"width": request.param, "height": 800}).new_page()
    opened = Chat(page, app).open()
    holds(page, "window.bnaOptions")
    return opened


def test_a_slash_lists_prompts_and_commands_and_enter_takes_one(chat: Chat, server: ScriptedServer):
    options = chat.page.get_by_role("listbox", name="Commands and prompts").get_by_role("option")
    chat.box.press_sequentially("/")
    expect(options.first).to_have_attribute("aria-selected", "true")
    assert violations(chat.page) == []
    chat.box.press_sequentially("rain")
    expect(options).to_have_count(1)
    chat.box.press("Enter")
    expect(chat.box).to_have_value("Explain how rain forms.")
    expect(options).to_have_count(0)
    assert server.requests == []
    chat.box.press("Enter")
    chat.answer(server.default_reply.text)
    assert server.requests[-1].body["messages"][-1]["content"] == "Explain how rain forms."


def test_arrows_move_escape_closes_and_a_text_keeps_its_slash(chat: Chat):
    listbox = chat.page.get_by_role("listbox")
    chat.box.press_sequentially("/")
    chat.box.press("ArrowUp")
    expect(listbox.get_by_role("option").last).to_have_attribute("aria-selected", "true")
    expect(chat.box).to_have_attribute("aria-activedescendant", "bna-option-6")
    chat.box.press("Escape")
    expect(listbox).to_have_count(0)
    expect(chat.box).to_have_value("/")
    chat.box.fill("")
    chat.box.press_sequentially("one and/or two @home /")
    expect(listbox).to_have_count(0)
    chat.box.fill("")
    chat.box.press_sequentially("/etc/hosts")
    expect(listbox).to_have_count(0)


def test_a_command_is_done(chat: Chat):
    chat.box.press_sequentially("/shortc")
    chat.box.press("Tab")
    expect(chat.page.get_by_role("dialog", name="Shortcuts")).to_be_visible()
    expect(chat.box).to_have_value("")


def test_an_at_sign_begins_with_an_assistant(chat: Chat):
    chat.open("/All_Together")
    chat.box.press_sequentially("@data")
    expect(chat.page.get_by_role("listbox", name="Assistants").get_by_role("option")).to_have_count(1)
    chat.box.press("Enter")
    expect(chat.page.get_by_role("heading", name="Data Analyst")).to_be_visible()
    expect(chat.box).to_have_value("")
