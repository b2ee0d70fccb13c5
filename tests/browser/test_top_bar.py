"""The top of a chat: title, model, settings and export, in reach wherever one has scrolled to."""

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.journey import App, Chat
from tests.browser.test_accessibility import violations

LONG = [{"role": role, "content": f"{role} {n}. " + "word " * 120} for n in range(8) for role in ("user", "assistant")]


@pytest.fixture(params=[1280, 390], ids=["wide", "narrow"])
def talk(request: pytest.FixtureRequest, app: App, new_context: Callable[..., BrowserContext]) -> Chat:
    """Return a page that shows the end of a long conversation."""
    app.file.write_text(json.dumps({"Long talk": LONG, "Other": LONG[:2]}))
    page = new_context(viewport={"width": request.param, "height": 800}).new_page()
    chat = Chat(page, app).open()
    if request.param < 768:
        page.get_by_test_id("stExpandSidebarButton").click()
    chat.load("Long talk")
    expect(chat.answers.last).to_contain_text("assistant 7")
    chat.is_drawn()
    return chat


def test_title_model_settings_and_export_are_in_reach_at_the_end_of_a_long_chat(talk: Chat):
    for name in ("Long talk", "scripted", "Chat settings", "Export chat"):
        expect(talk.page.get_by_role("main").get_by_role("button", name=name)).to_be_in_viewport()
    expect(talk.page.get_by_role("heading", level=1)).to_have_count(1)
    assert talk.page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    assert violations(talk.page) == []


def test_a_click_on_the_title_renames(talk: Chat):
    talk.page.get_by_role("main").get_by_role("button", name="Long talk").click()
    box = talk.page.get_by_label("Name of this chat")
    box.fill("Other")
    box.press("Enter")
    expect(talk.page.get_by_role("alert")).to_contain_text("already a conversation named “Other”")
    box.fill("A better name")
    box.press("Enter")
    expect(talk.page.get_by_role("main").get_by_role("button", name="A better name")).to_be_visible()
    assert set(talk.app.store.names()) == {"A better name", "Other"}


def test_the_model_is_picked_above_the_chat(talk: Chat):
    talk.page.get_by_role("button", name="scripted").click()
    expect(talk.page.get_by_role("combobox", name="Model")).to_be_visible()


def test_the_chat_is_exported_from_its_top(talk: Chat):
    talk.page.get_by_role("main").get_by_role("button", name="Export chat").click()
    expect(talk.page.get_by_role("dialog", name="Export")).to_be_visible()
