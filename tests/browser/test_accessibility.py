"""Pages that everybody can use: read with weak eyes, by keyboard, on a phone. What axe-core finds, nobody has to."""

import json
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from settings import ROOT
from tests.browser.journey import App, Chat, holds

TABLE = "\n".join(f"| {' | '.join([cell] * 12)} |" for cell in ("head", "---", "a_long_word_that_does_not_break"))
MESSAGES = [
    {"role": "user", "content": "Show a table", "created_at": "2026-01-05T10:00:00+00:00"},
    {"role": "assistant", "content": f"## Here\n\n{TABLE}", "created_at": "2026-01-05T10:00:09+00:00"},
]

# What fades in has too little contrast meanwhile; what turns for ever, such as a spinner, is not waited for.
STANDS_STILL = """document.getAnimations().every(it =>
    it.playState !== "running" || it.effect.getComputedTiming().endTime === Infinity)"""


@pytest.fixture
def saved(app: App) -> App:
    """Return bnaGPT with two saved conversations, one of them with a wide table."""
    app.file.write_text(json.dumps({"Wide": MESSAGES, "Short": [{"role": "user", "content": "Hi"}]}))
    return app


LOOKS = 5  # a page may begin to fade in just when it is looked at; what is wrong stays so


def violations(page: Page) -> list[str]:
    """Return what is wrong once the page stands still, each with the element that it is about."""
    told: list[str] = []
    for _ in range(LOOKS):
        expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
        holds(page, STANDS_STILL)
        found = Axe().run(page).response["violations"]
        told = [f"{rule['id']}: {node['html'][:200]}" for rule in found for node in rule["nodes"]]
        if not told:
            break
    return told


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_keeps_people_from_using_a_page(scheme: str, saved: App, new_context: Callable[..., BrowserContext]):
    page = new_context(color_scheme=scheme).new_page()
    page.goto(saved.url)
    expect(page.get_by_role("heading", name="bnaGPT", level=1)).to_be_visible()
    assert violations(page) == []
    chat = Chat(page, saved).open()
    expect(page.get_by_role("heading", level=1)).to_have_text("Chatbot With Memory")
    assert violations(page) == []
    chat.load("Wide")
    expect(chat.answers.last.get_by_role("table")).to_have_attribute("tabindex", "0")
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    assert violations(page) == []
    for option in ("Rename", "Delete"):
        chat.sidebar.get_by_role("button", name="Options of Wide").click()
        assert violations(page) == []
        chat.option(option).click()
        assert violations(page) == []


def test_a_phone_shows_what_was_picked_and_scrolls_a_table_in_its_own_box(
    saved: App, new_context: Callable[..., BrowserContext]
):
    page = new_context(viewport={"width": 390, "height": 800}).new_page()
    chat = Chat(page, saved).open()
    page.get_by_test_id("stExpandSidebarButton").click()
    chat.load("Wide")
    expect(chat.entry("Wide")).not_to_be_in_viewport()
    table = chat.answers.last.get_by_role("table")
    expect(table).to_be_in_viewport()
    assert table.evaluate("it => it.scrollWidth > it.clientWidth")
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 390
    assert chat.box.evaluate("it => it !== document.activeElement")  # no keyboard springs up by itself
    page.get_by_test_id("stExpandSidebarButton").click()
    chat.button("New chat").click()
    expect(chat.entry("Wide")).not_to_be_in_viewport()


def test_whoever_comes_can_write_at_once(chat: Chat):
    expect(chat.box).to_be_focused()


def test_an_edited_question_stands_there_once_and_a_menu_says_no_more_than_is_seen(saved: App, page: Page):
    chat = Chat(page, saved).open()
    chat.load("Wide")
    chat.questions.last.locator('[data-testid="stMenuButton"] button').click()
    expect(chat.option("Edit")).to_be_visible()
    names = page.get_by_role("menuitem").evaluate_all("items => items.map(item => item.innerText.trim())")
    assert all(name.isascii() for name in names)
    chat.option("Edit").click()
    expect(chat.questions.last.get_by_role("textbox")).to_have_value("Show a table")
    expect(chat.questions.last.get_by_text("Show a table", exact=True)).to_have_count(1)  # in the box
    chat.button("Cancel").click()
    expect(chat.questions.last.get_by_test_id("stMarkdownContainer").first).to_have_text("Show a table")


def test_a_name_that_cannot_be_used_is_told_beside_its_box(saved: App, page: Page):
    chat = Chat(page, saved).open()
    chat.load("Wide")
    chat.open_title()
    chat.button("Save as…").click()
    page.get_by_label("Enter a name to save the conversation:").fill("  ")
    chat.button("Confirm Save").click()
    expect(page.get_by_role("alert")).to_contain_text("needs a name")
    page.keyboard.press("Escape")
    chat.pick("Short", "Rename")
    page.get_by_label("New name").fill("Wide")
    chat.button("Rename").click()
    expect(chat.sidebar.get_by_role("alert").last).to_contain_text("already a conversation named “Wide”")


def test_the_enter_that_ends_a_composition_sends_nothing(chat: Chat):
    holds(chat.page, "window.bnaComposition")  # what the browser is taught comes at the end of a page
    chat.box.fill("にほんご")
    chat.box.evaluate(
        """it => it.dispatchEvent(new KeyboardEvent("keydown", {key: "Enter", keyCode: 229, bubbles: true}))"""
    )
    expect(chat.box).to_have_value("にほんご")
    expect(chat.questions).to_have_count(0)
    chat.ask("にほんご")


OF_STREAMLIT = "stFileUploaderDropzone"  # a role of its own, and a focus
PAGES = ["", *(path.stem.partition("_")[2] for path in sorted((ROOT / "pages").glob("*.py")))]


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_has_one_heading_of_its_own_and_nothing_wrong(
    scheme: str, width: int, app: App, new_context: Callable[..., BrowserContext]
):
    page = new_context(color_scheme=scheme, viewport={"width": width, "height": 800}).new_page()
    told = {}
    for name in PAGES:
        page.goto(f"{app.url}/{name}")
        expect(page.get_by_role("heading", level=1)).to_have_count(1)
        told[name] = [one for one in violations(page) if OF_STREAMLIT not in one]
    assert {name: found for name, found in told.items() if found} == {}
