"""Stage 12 in the browser, with the model that comes along: a day is closed, read, and remembered on the next."""

import shutil
from datetime import UTC, date, datetime, time

import pytest
from playwright.sync_api import Page, expect
from tzlocal import get_localzone

from model.chat.conversation import Conversation
from model.chat.message import Message
from model.log.days import ONE_DAY, DayClock, conversation_id
from tests.browser.journey import App, Chat
from tests.waiting import wait_until
from utils.retrieval.embeddings import FOLDER

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the encoder's weights are not installed; `make install`")


def today() -> date:
    return DayClock(get_localzone(), time(4)).day_of(datetime.now(UTC))


@pytest.fixture
def yesterday(embedded_app: App) -> date:
    """Return yesterday, on which something was said, and which nobody has closed."""
    day = today() - ONE_DAY
    shutil.rmtree(embedded_app.file.with_name("log"), ignore_errors=True)
    opening = Message("system", "It was a fine day.", id=conversation_id(day), kind="Opening of the day")
    said = [Message("user", "We planted a pear tree behind the house."), Message("assistant", "How nice.")]
    embedded_app.store.save(day.isoformat(), Conversation([opening, *said]))
    return day


def day_button(page: Page, day: date) -> None:
    """Press a day of the month."""
    if day.month != today().month:
        page.get_by_role("button", name="Previous month").click()
    page.locator("table button").get_by_text(str(day.day), exact=True).click()


def test_yesterday_is_closed_by_itself_read_and_known_today(page: Page, embedded_app: App, yesterday: date):
    chat = Chat(page, embedded_app).open("/Log")
    chat.ask("Good morning")
    chat.ended()
    expect(page.get_by_text("We planted a pear tree behind the house.")).to_be_visible()  # in the opening
    folder = embedded_app.file.with_name("log")
    wait_until(lambda: (folder / f"{yesterday}.pdf").exists(), "yesterday was not closed")
    day_button(page, yesterday)
    expect(page.get_by_text("Summary of the day: picked, not written")).to_be_visible()
    expect(page.get_by_text("What you ask goes to today's chat.")).to_be_visible()
    with page.expect_download() as download:
        chat.button("PDF").click()
    assert download.value.suggested_filename == f"{yesterday}.pdf"
    chat.ask("What did we plant behind the house?")
    chat.answer("pear tree")
    chat.ended()
    assert chat.address.endswith(conversation_id(today()))


def test_a_day_is_closed_by_hand_and_opened_again_by_what_is_said(page: Page, embedded_app: App):
    shutil.rmtree(embedded_app.file.with_name("log"), ignore_errors=True)
    chat = Chat(page, embedded_app).open("/Log")
    chat.ask("Remember that my dentist is Dr. Kim.")
    chat.answer("I'll remember")
    chat.ended()
    chat.button("Close the day").click()
    expect(page.get_by_text("is closed. Its files are in")).to_be_visible()
    assert "Dr. Kim" in (embedded_app.file.with_name("log") / f"{today()}.html").read_text("utf-8")
    chat.ask("Thank you")
    chat.ended()
    expect(chat.button("Close the day")).to_be_visible()
