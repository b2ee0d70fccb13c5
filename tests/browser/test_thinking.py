"""What a model thinks before it answers: a folded block that opens while it grows, and stays with the answer."""

import os
import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.journey import Chat
from tests.scripted_server import Reply, ScriptedServer

HOSTILE = (
    "Let me see.\n\n![x](http://images.example/secret.png) <b>bold</b> <script>document.title='hacked'</script>\n\n"
)
LONG = "".join(f"Step {k}: the air cools, and so its water condenses.\n\n" for k in range(60))


def block(answer: Locator) -> Locator:
    """Return the line that opens what was thought."""
    return answer.get_by_test_id("stExpander").locator("summary").first


def thoughts(answer: Locator) -> Locator:
    """Return what the block holds."""
    return answer.get_by_test_id("stExpanderDetails").first


def photograph(page: Page, name: str) -> None:
    """Keep a picture of the page where a person has asked for some."""
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png")


def test_thinking_is_folded_opens_by_keyboard_grows_and_stays(
    chat: Chat, server: ScriptedServer, new_context: Callable[..., BrowserContext]
):
    page = chat.page
    server.script(Reply("Rain falls.", thinking=HOSTILE + LONG, tokens_per_s=150))
    chat.ask("Why does it rain?")
    line = block(chat.answers.last)
    expect(line).to_contain_text("Thinking…")
    expect(thoughts(chat.answers.last)).not_to_contain_text("Let me see")
    photograph(page, "thinking")
    line.press("Enter")
    expect(thoughts(chat.answers.last)).to_contain_text("Step 5")
    photograph(page, "thinking-open")
    expect(line).to_contain_text(re.compile(r"Thought for \d+ s"))
    expect(line).to_be_focused()
    chat.ended()
    expect(line).to_be_focused()
    chat.answer("Rain falls.")
    expect(thoughts(chat.answers.last)).to_contain_text("Step 59")
    expect(chat.answers.last.locator("img, script, b")).to_have_count(0)
    assert "hacked" not in page.title()
    photograph(page, "thought-open")
    chat.page.goto(chat.address)
    expect(block(chat.answers.last)).to_contain_text("Thought for")
    expect(thoughts(chat.answers.last)).not_to_contain_text("Step 59")
    other = Chat(new_context().new_page(), chat.app).open(chat.address)
    block(other.answers.last).click()
    expect(thoughts(other.answers.last)).to_contain_text("Step 59")


def test_who_stops_a_model_in_mid_thought_keeps_what_it_thought(chat: Chat, server: ScriptedServer):
    server.script(Reply("Rain.", thinking=LONG, tokens_per_s=50))
    chat.ask("Why does it rain?")
    expect(block(chat.answers.last)).to_contain_text("Thinking…")
    chat.stop.click()
    chat.ended()
    block(chat.answers.last).click()
    expect(thoughts(chat.answers.last)).to_contain_text("Step 0")
