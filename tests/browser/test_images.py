"""Journeys with pictures: dropped, pasted, seen or read out, and gone with their conversation."""

import base64
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests import drawn
from tests.browser.journey import App, Chat
from tests.scripted_server import Reply, ScriptedServer

IMAGES = "/Images"
PASTE = """([box, data]) => {
    const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
    const held = new DataTransfer();
    held.items.add(new File([bytes], "image.png", { type: "image/png" }));
    box.dispatchEvent(new ClipboardEvent("paste", { clipboardData: held, bubbles: true, cancelable: true }));
}"""


@pytest.fixture
def receipt(tmp_path: Path) -> Path:
    path = tmp_path / "receipt.png"
    path.write_bytes(drawn.words("Tea      3 euro\nTotal    42 euro", (600, 220)))
    return path


def shown(chat: Chat) -> list[bool]:
    """Return for each picture in the conversation whether the browser could draw it."""
    script = "all => all.map((one) => one.complete && one.naturalWidth > 0)"
    found: list[bool] = chat.page.locator('[data-testid="stImage"] img').evaluate_all(script)
    return found


def test_the_embedded_model_says_that_it_cannot_see_and_reads_out_the_words(page, embedded_app, receipt):
    chat = Chat(page, embedded_app).open(IMAGES)
    expect(page.get_by_text("can't see pictures. It gets only the text")).to_be_visible()
    chat.drop(receipt)
    chat.ask("How much is it?")
    expect(chat.answers.last).to_contain_text("Total 42 euro")
    expect(chat.answers.last).to_contain_text("I can't see pictures, only read the words on them.")
    chat.ended()
    assert shown(chat) == [True]


def test_a_model_that_sees_gets_what_was_dropped_and_pasted_and_it_outlives_a_reload(
    page, app: App, server: ScriptedServer, receipt
):
    server.script(Reply("A bill."), Reply("Still a bill."))
    chat = Chat(page, app).open(IMAGES)
    expect(page.get_by_text("scripted can't see pictures")).to_be_visible()
    chat.sidebar.get_by_text("scripted can see pictures").click()
    expect(page.get_by_text("scripted can't see pictures")).to_have_count(0)
    chat.drop(receipt)
    page.evaluate(PASTE, [chat.box.element_handle(), base64.b64encode(drawn.photo((300, 200))).decode()])
    chat.has_arrived("image.png")
    chat.ask("What is this?")
    chat.answer("A bill.")
    chat.ended()
    sent = server.requests[-1].body["messages"][-1]["content"]
    assert [part["type"] for part in sent] == ["text", "image_url", "image_url"]
    address = chat.address
    page.reload()
    chat.open(address)
    expect(chat.answers.last).to_contain_text("A bill.")
    expect(page.locator('[data-testid="stImage"] img')).to_have_count(2)
    assert shown(chat) == [True, True]
    assert "base64" not in app.file.read_text()


def test_a_file_that_is_no_picture_gets_its_sentence_and_what_was_typed_stays(page, app, server, receipt, tmp_path):
    fake = tmp_path / "fake.png"
    fake.write_bytes(b"only text")
    chat = Chat(page, app).open(IMAGES)
    chat.drop(receipt, fake)
    chat.box.fill("What is this?")
    chat.box.press("Enter")
    expect(page.get_by_text("“fake.png” is not a picture, although its name says so")).to_be_visible()
    expect(chat.box).to_have_value("What is this?")
    expect(page.get_by_text("These files will be sent with your next message:")).to_be_visible()
    assert server.requests == [] and "Traceback" not in page.content()
