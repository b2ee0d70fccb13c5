"""Stage 11 in the browser: code, charts, documents and pictures in one conversation."""

import json
import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests import drawn
from tests.browser.journey import App, Chat
from tests.scripted_server import Reply, ScriptedServer

ALL = "/All_Together"


def test_the_embedded_model_computes_draws_and_reads_in_one_conversation(page: Page, embedded_app: App, tmp_path: Path):
    chat = Chat(page, embedded_app).open(ALL)
    chat.ask("What is 17 * 23?")
    expect(chat.answers.last).to_contain_text(re.compile(r"Run code.*391", re.S))
    chat.ended()
    chat.ask("/chart bar tea 12, coffee 30, juice 7")
    expect(chat.answers.nth(1).locator('[data-testid="stImage"] img')).to_be_visible()
    chat.ended()
    receipt = tmp_path / "receipt.png"
    receipt.write_bytes(drawn.words("Tea      3 euro\nTotal    42 euro", (600, 220)))
    chat.drop(receipt)
    chat.ask("How much is it?")
    expect(chat.answers.last).to_contain_text("Total 42 euro")
    chat.ended()
    page.reload()
    expect(chat.answers).to_have_count(3)
    expect(chat.answers.nth(1).locator('[data-testid="stImage"] img')).to_be_visible()


def test_tools_of_several_stages_in_one_turn_show_as_on_their_own_pages(page: Page, app: App, server: ScriptedServer):
    chat = Chat(page, app).open(ALL)
    chart = {"kind": "bar", "title": "Drinks", "labels": ["tea", "milk"], "values": [36, 6]}
    server.script(
        Reply(tool_calls=[("run_code", json.dumps({"code": "print(6 * 6)"}))]),
        Reply(tool_calls=[("draw_chart", json.dumps(chart))]),
        Reply("Tea leads with 36."),
    )
    chat.ask("Compute and draw.")
    chat.answer("Tea leads with 36.")
    chat.ended()
    expect(chat.answers.last.get_by_text(re.compile("^Run code"))).to_be_visible()
    expect(chat.answers.last.locator('[data-testid="stImage"] img')).to_be_visible()


def test_a_switch_is_kept_with_the_conversation(page: Page, app: App, server: ScriptedServer):
    chat = Chat(page, app).open(ALL)
    code = page.get_by_role("button", name=re.compile("Run Code"))
    code.click()
    expect(page.get_by_text("By hand")).to_be_visible()
    server.script(Reply("One."))
    chat.ask("Hi")
    chat.answer("One.")
    chat.ended()
    assert "run_code" not in {tool["function"]["name"] for tool in server.requests[-1].body["tools"]}
    page.reload()
    expect(chat.answers).to_have_count(1)
    expect(code).to_have_attribute("aria-pressed", "false")
