"""Taking conversations along: out as a file, gone, and back again."""

from pathlib import Path

from playwright.sync_api import expect

from model.chat.conversation import Conversation
from model.chat.message import Message
from tests.browser.journey import App, Chat

PAGE = "/Take_Along"


def test_what_was_exported_and_deleted_comes_back_by_import(page, app: App, tmp_path: Path):
    answer = Message("assistant", "Warm air rises.", rating="up", extra={"x": [1]})
    app.store.save("Rain", Conversation([Message("user", "How does rain form?"), answer]))
    before = app.file.read_bytes()
    page.goto(app.url + PAGE)
    page.get_by_role("combobox", name="Format").click()
    page.get_by_role("option", name="JSON").click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Export all").click()
    exported = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(exported)
    assert exported.name == "bnagpt-conversations.json"

    app.store.delete("Rain")
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(exported)
    take = page.get_by_test_id("stMain").get_by_role("button", name="Import", exact=False).last
    expect(take).to_be_enabled()
    take.click()
    expect(page.get_by_text("1 taken.")).to_be_visible()
    assert app.file.read_bytes() == before
    chat = Chat(page, app).open()
    chat.load("Rain")
    chat.answer("Warm air rises.")


def test_a_file_that_holds_nothing_is_told_and_the_page_lives_on(page, app: App, tmp_path: Path):
    broken = tmp_path / "chat.json"
    broken.write_text("<html>")
    page.goto(app.url + PAGE)
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(broken)
    take = page.get_by_test_id("stMain").get_by_role("button", name="Import", exact=False).last
    expect(take).to_be_enabled()
    take.click()
    expect(page.get_by_text("There are no conversations in this file.")).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    width = page.evaluate("[document.scrollingElement.scrollWidth, innerWidth]")
    assert width[0] <= width[1]


def test_escape_closes_the_export_also_after_a_file_that_took_long(page, app: App):
    app.store.save(
        "Rain", Conversation([Message("user", "How does rain form?"), Message("assistant", "Warm air rises.")])
    )
    chat = Chat(page, app).open()
    chat.pick("Rain", "Export")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox").click()
    page.get_by_role("option", name="PDF").click()
    with page.expect_download():
        dialog.get_by_role("button", name="Export").click()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
