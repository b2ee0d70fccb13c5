"""See inside: the story of an answer beside the chat, as it happens, with the code that does it."""

from playwright.sync_api import Locator, Page, expect

from tests.browser.journey import CHAT, Chat, holds
from tests.browser.test_thinking import photograph
from tests.scripted_server import Reply, ScriptedServer

WIDTHS = {"wide": 1280, "narrow": 390}
BOXES = """
    const place = (mark) => [...document.querySelectorAll(mark)].pop().getBoundingClientRect();
    const answer = place('[aria-label="Chat message from assistant"]'), panel = place(".st-key-bna_inside");
    const is_beside = panel.left >= answer.right, is_below = panel.top >= answer.bottom;
"""


def panel(page: Page) -> Locator:
    return page.locator(".st-key-bna_inside")


def step(page: Page, title: str) -> Locator:
    """Return the block of a step."""
    return panel(page).get_by_test_id("stExpander").filter(has_text=title).first


def test_steps_come_as_they_happen_and_open_to_their_code(chat: Chat, server: ScriptedServer):
    page = chat.page
    chat.open(f"{CHAT}?inside=1")
    expect(panel(page)).to_contain_text("Ask something")
    server.script(Reply("Rain falls. " * 3, stall_after=3))
    chat.ask("Why does it rain?")
    chat.answer("Rain falls.")
    expect(step(page, "The question is written to disk")).to_be_visible()
    expect(panel(page)).to_contain_text("Now: Chunks come")  # the rest never comes
    expect(step(page, "Chunks come: all")).to_be_hidden()
    step(page, "What fits the window").locator("summary").click()
    expect(step(page, "What fits the window")).to_contain_text("def fit(history")
    chat.button("Stop").click()
    chat.ended()
    expect(step(page, "Question and answer are saved")).to_be_visible()
    expect(step(page, "What fits the window")).to_contain_text("controller/chat/window.py")
    assert "inside=1" in chat.address


def test_it_stands_beside_the_chat_where_there_is_room_and_else_below(chat: Chat, server: ScriptedServer):
    page = chat.page
    server.script(Reply("Warm air rises, cools, and its water falls."))
    chat.open(f"{CHAT}?inside=1")
    chat.ask("Why does it rain?")
    chat.answer("Warm air rises")
    chat.ended()
    step(page, "The request leaves").locator("summary").click()
    expect(step(page, "The request leaves")).to_contain_text("curl http")
    for name, width in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": 800})
        side = "is_beside" if name == "wide" else "is_below"
        holds(page, f"(() => {{ {BOXES} return {side} }})()")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        for colors in ("light", "dark"):
            page.emulate_media(color_scheme=colors)
            photograph(page, f"inside-{name}-{colors}")


def test_an_answer_that_nobody_looked_into_is_told_from_what_is_kept(chat: Chat, server: ScriptedServer):
    page = chat.page
    server.script(Reply("One."), Reply("Two."))
    chat.ask("First?")
    chat.answer("One.")
    chat.ended()
    expect(panel(page)).to_have_count(0)
    chat.act(chat.answers.last, "See inside")
    expect(panel(page)).to_contain_text("Nobody looked")
    expect(step(page, "exactly as sent")).to_be_visible()
    page.get_by_text("See inside", exact=True).and_(chat.sidebar.get_by_text("See inside")).click()
    expect(panel(page)).to_have_count(0)
    assert "inside" not in page.url
