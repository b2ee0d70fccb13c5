"""Where the page stands: at the end of an answer while it grows, and still while a person acts."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from model.chat.conversation import Conversation
from model.chat.message import Message
from tests.browser.journey import App, Chat, holds
from tests.browser.test_accessibility import violations
from tests.scripted_replies import split_tokens
from tests.scripted_server import Reply, ScriptedServer

CONTAINER = 'document.querySelector("[data-testid=stAppScrollToBottomContainer]")'
FROM_END = f"(it => it.scrollHeight - it.scrollTop - it.clientHeight)({CONTAINER})"
# What a browser tells when a thing above shrinks for a moment; Streamlit's own rolling then takes it for the person's.
UNREST = f"new MutationObserver(() => {CONTAINER}?.dispatchEvent(new Event('scroll')))"
# What is drawn is low for a moment: the browser rolls up, and tells of that as it tells of a person's scrolling.
SHRINKS_AND_GROWS = f"""() => {{
    const page = {CONTAINER}, drawn = page.querySelector("[data-testid=stMainBlockContainer]");
    drawn.style.display = "none";
    void page.scrollHeight;
    drawn.style.display = "";
}}"""
LINES = "".join(f"Line {number}\n\n" for number in range(80))
HALF = len(split_tokens(LINES)) // 2


@pytest.fixture
def long_talk(app: App, page: Page) -> Chat:
    """Return a page beside which a long conversation is saved."""
    turns = (
        Message(role, f"{role} {number} " + "word " * 80) for number in range(12) for role in ("user", "assistant")
    )
    app.store.add([("Long talk", Conversation(list(turns)))])
    return Chat(page, app).open()


def at_end(page: Page) -> None:
    """Wait until the page stands at its end."""
    holds(page, f"{CONTAINER} && Math.abs({FROM_END}) < 2")


def test_a_long_answer_is_followed_to_its_end(chat: Chat, server: ScriptedServer):
    server.script(Reply(LINES + "The end."))
    chat.page.evaluate(UNREST + ".observe(document.body, { childList: true, subtree: true, characterData: true })")
    chat.ask("Tell me everything")
    chat.answer("The end.")
    chat.ended()
    at_end(chat.page)


def test_who_scrolls_up_in_an_answer_stays_there_and_the_next_question_is_followed(chat: Chat, server: ScriptedServer):
    server.script(Reply(LINES, stall_after=HALF), Reply(LINES + "The end."))
    chat.ask("Tell me everything")
    chat.answer("Line 39")
    at_end(chat.page)
    chat.page.mouse.move(640, 400)
    chat.page.mouse.wheel(0, -100_000)
    expect(chat.questions.first).to_be_in_viewport()
    server.may_go_on.set()
    chat.answer("Line 79")
    chat.ended()
    expect(chat.questions.first).to_be_in_viewport()
    chat.ask("Once more")
    chat.answer("The end.")
    chat.ended()
    at_end(chat.page)


def test_who_asks_right_after_scrolling_up_is_shown_the_answer(chat: Chat, server: ScriptedServer):
    server.script(Reply(LINES), Reply(LINES, stall_after=HALF))
    chat.ask("Tell me everything")
    chat.answer("Line 79")
    chat.ended()
    chat.box.fill("Once more")
    chat.page.mouse.move(640, 400)
    chat.page.mouse.wheel(0, -100_000)
    chat.box.press("Enter")
    expect(chat.questions).to_have_count(2)
    chat.answer("Line 39")
    chat.page.evaluate(SHRINKS_AND_GROWS)
    at_end(chat.page)
    server.may_go_on.set()
    chat.answer("Line 79")
    chat.ended()
    at_end(chat.page)


def test_what_scrolls_up_without_a_wheel_or_a_key_stays_there_where_nothing_is_being_drawn(long_talk: Chat):
    long_talk.load("Long talk")
    expect(long_talk.answers.last).to_contain_text("assistant 11")
    at_end(long_talk.page)
    long_talk.stays_still()
    long_talk.questions.first.scroll_into_view_if_needed()
    long_talk.stays_still()
    expect(long_talk.questions.first).to_be_in_viewport()


def test_what_is_pressed_in_an_answer_stays_where_it_is(chat: Chat, server: ScriptedServer):
    server.script(Reply(LINES, stall_after=HALF))
    chat.ask("Tell me everything")
    chat.answer("Line 39")
    menu = chat.questions.first.locator('[data-testid="stMenuButton"] button')
    menu.click()
    expect(chat.option("Copy")).to_be_visible()
    server.may_go_on.set()
    chat.answer("Line 79")
    expect(menu).to_be_in_viewport()
    expect(chat.option("Copy")).to_be_visible()


def test_a_conversation_opens_at_its_end(long_talk: Chat):
    long_talk.load("Long talk")
    expect(long_talk.answers.last).to_contain_text("assistant 11")
    at_end(long_talk.page)
    expect(long_talk.answers.last).to_be_in_viewport()


def test_a_menu_opened_while_a_conversation_opens_stays_in_sight(long_talk: Chat):
    menu = long_talk.questions.filter(has_text="user 0 ").locator('[data-testid="stMenuButton"] button')
    for _ in range(3):
        long_talk.load("Long talk")
        menu.click()
        expect(long_talk.answers.last).to_contain_text("assistant 11")
        expect(menu).to_be_in_viewport()
        long_talk.option("Copy").click()
        long_talk.button("New chat").click()
        expect(long_talk.questions).to_have_count(0)


def test_a_search_hit_stays_in_sight(long_talk: Chat):
    long_talk.sidebar.get_by_label("Search").fill("user 3")
    long_talk.sidebar.get_by_label("Search").press("Enter")
    long_talk.sidebar.locator(".bna-open:has(.bna-snippet)").first.click()
    expect(long_talk.answers.last).to_contain_text("assistant 11")
    expect(long_talk.questions.nth(3)).to_be_in_viewport()


def test_an_empty_page_begins_at_its_top_even_where_it_is_longer_than_the_screen(
    app: App, new_context: Callable[..., BrowserContext]
):
    page = new_context(viewport={"width": 390, "height": 600}).new_page()
    Chat(page, app).open("/All_Together")
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    expect(page.get_by_role("heading", level=1)).to_be_in_viewport()


@pytest.mark.parametrize("width", [1280, 390])
def test_whoever_has_scrolled_away_is_led_back_to_the_end(
    app: App, server: ScriptedServer, new_context: Callable[..., BrowserContext], width: int
):
    chat = Chat(new_context(viewport={"width": width, "height": 800}).new_page(), app).open()
    server.script(Reply(" ".join(f"Line {number}.\n\n" for number in range(60))))
    chat.ask("Count")
    chat.answer("Line 59.")
    chat.ended()
    to_end = chat.page.get_by_role("button", name="Jump to the end")
    expect(to_end).to_have_count(0)
    chat.answers.last.hover()
    chat.page.mouse.wheel(0, -1500)
    expect(to_end).to_be_visible()
    assert violations(chat.page) == []
    to_end.click()
    expect(chat.page.get_by_text("Line 59.")).to_be_in_viewport()
    expect(to_end).to_have_count(0)
