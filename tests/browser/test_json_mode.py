"""JSON mode in the browser: a schema by example, an answer as a table, and many inputs that outlive the page."""

import json
import re
from contextlib import suppress

from playwright.sync_api import Locator, Page, expect

from model.chat.conversation import Conversation
from model.chat.message import Message
from tests.browser.journey import Chat
from tests.scripted_server import Reply

PAGE = "/JSON_Mode"


def set_example(chat: Chat, example: str) -> None:
    """Say by an example what the answers look like."""
    chat.button("Any JSON. Set a schema…").click()
    dialog = chat.page.get_by_role("dialog")
    dialog.get_by_text("Example", exact=True).click()
    box = dialog.get_by_label("An example answer")
    box.fill(example)
    box.press("Control+Enter")
    dialog.get_by_role("button", name="Apply").click()
    expect(dialog).to_have_count(0)
    expect(chat.button("Answer schema")).to_be_visible()


def test_the_embedded_model_answers_in_a_schema_that_a_reload_keeps(page, embedded_app):
    chat = Chat(page, embedded_app).open(PAGE)
    set_example(chat, '{"name": "Ann", "age": 31}')
    chat.ask("Tom is a cat. He is 3 years old.")
    expect(chat.button("CSV")).to_be_visible()
    chat.ended()
    [name] = embedded_app.store.names()
    assert json.loads(embedded_app.store.load(name).messages[-1].content).keys() == {"name", "age"}
    page.reload()
    expect(chat.button("Answer schema")).to_be_visible()
    expect(chat.answers.last).to_contain_text("age")


def test_an_answer_that_does_not_fit_is_mended_and_shown_as_a_table(page, app, server):
    chat = Chat(page, app).open(PAGE)
    set_example(chat, '[{"name": "Ann", "age": 31}]')
    server.script(Reply('[{"name": "Bob"}]'), Reply('[{"name": "Bob", "age": 28}]'))
    chat.ask("Who?")
    chat.answer(re.compile("Bob.*28", re.DOTALL))
    chat.ended()
    chat.answers.last.get_by_text("Table", exact=True).click()
    expect(chat.answers.last.get_by_test_id("stDataFrame")).to_be_visible()
    expect(page.get_by_text("does not fit the schema")).to_have_count(0)


def opened(page: Page, within: Locator) -> None:
    """Open the box for many inputs; a click on a page that is still being drawn may come to nothing."""
    for _ in range(3):
        page.get_by_text("Many inputs at once").click()
        with suppress(AssertionError):
            expect(within).to_be_visible(timeout=5_000)
            return
    expect(within).to_be_visible()


def test_many_inputs_go_on_when_the_page_is_closed(new_context, app, server):
    server.default_reply = Reply('{"age": 3}', delay_s=0.5)
    conversation = Conversation([Message("user", "A cat?"), Message("assistant", '{"age": 2}')])
    app.store.save("Cats", conversation)  # the rows are its own, so that another try finds none
    address = f"{PAGE}?conversation={conversation.id}"
    page = new_context().new_page()
    chat = Chat(page, app).open(address)
    lines = page.get_by_label("Or one input per line")
    opened(page, lines)
    lines.fill("\n".join(f"Cat {number}" for number in range(6)))
    lines.press("Control+Enter")
    chat.button("Ask for 6 rows").click()
    server.wait_for_request(1)
    page.close()
    server.wait_for_request(6, ended=True)

    chat = Chat(new_context().new_page(), app).open(address)
    opened(chat.page, chat.page.get_by_text("6 of 6 rows"))
    chat.button("New inputs").click()
    expect(chat.button("Ask for all rows")).to_be_visible()
