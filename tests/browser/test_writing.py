"""Writing ahead, stopping, editing and shortcuts by keyboard alone; and what is pasted or dropped beside the box."""

import json
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.journey import App, Chat, holds
from tests.browser.test_accessibility import violations
from tests.scripted_server import Reply, ScriptedServer

HALF = 80  # of its tokens: a word and a number each
WORDS = "".join(f"Word {number}. " for number in range(80))
STOPPED = "Stopped. The text so far is kept."
# Somebody pastes or drops beside the box.
PASTES = """([kind, text]) => {
    const held = new DataTransfer();
    if (kind === "text") held.setData("text/plain", text);
    else held.items.add(new File(["a,b"], text, {type: "text/csv"}));
    document.activeElement?.blur();
    document.body.dispatchEvent(new ClipboardEvent("paste", {clipboardData: held, bubbles: true, cancelable: true}));
}"""
DROPS = """(name) => {
    const held = new DataTransfer();
    held.items.add(new File(["a,b"], name, {type: "text/csv"}));
    const place = document.querySelector("[data-testid=stMainBlockContainer]");
    const drop = (kind) => new DragEvent(kind, {dataTransfer: held, bubbles: true, cancelable: true});
    place.dispatchEvent(drop("dragover"));
    return place.dispatchEvent(drop("drop"));  // false: the browser does not open the file in the page's place
}"""


def test_what_is_written_while_an_answer_comes_is_sent_at_its_end(chat: Chat, server: ScriptedServer):
    server.script(Reply(WORDS, stall_after=HALF), Reply("The second answer"))
    chat.ask("First")
    chat.answer("Word 39")
    expect(chat.box).to_be_enabled()
    chat.box.press_sequentially("And then")
    chat.box.press("Enter")
    expect(chat.page.get_by_test_id("stChatInput")).to_have_attribute(
        "data-ahead", "This will be sent when the answer ends."
    )
    expect(chat.box).to_have_value("And then")
    server.may_go_on.set()
    chat.answer("The second answer")
    chat.ended()
    assert [message["content"] for message in server.requests[-1].body["messages"]][::2] == ["First", "And then"]
    expect(chat.box).to_be_empty()


def test_what_was_not_yet_sent_off_stays_in_the_box(chat: Chat, server: ScriptedServer):
    server.script(Reply(WORDS, stall_after=HALF))
    chat.ask("First")
    chat.answer("Word 39")
    chat.box.press_sequentially("Half a thou")
    server.may_go_on.set()
    chat.answer("Word 79")
    chat.ended()
    expect(chat.box).to_have_value("Half a thou")
    expect(chat.questions).to_have_count(1)
    chat.box.press("Enter")
    expect(chat.questions.last).to_contain_text("Half a thou")


def test_escape_stops_the_answer_and_sends_what_waits(chat: Chat, server: ScriptedServer):
    server.script(Reply(WORDS, stall_after=HALF), Reply("The second answer"))
    chat.ask("First")
    chat.answer("Word 39")
    chat.box.press_sequentially("Rather this")
    chat.box.press("Enter")
    chat.page.keyboard.press("Escape")
    assert server.wait_for_request(1, ended=True).closed_at
    chat.answer("The second answer")
    expect(chat.page.get_by_text(STOPPED)).to_have_count(1)


def test_escape_closes_a_box_over_the_page_and_stops_nothing(chat: Chat, server: ScriptedServer):
    server.script(Reply(WORDS, stall_after=HALF))
    chat.ask("First")
    chat.answer("Word 39")
    chat.page.keyboard.press("Control+/")
    expect(chat.page.get_by_role("dialog", name="Shortcuts")).to_be_visible()
    chat.page.keyboard.press("Escape")
    expect(chat.page.get_by_role("dialog")).to_have_count(0)
    server.may_go_on.set()
    chat.answer("Word 79")
    chat.ended()
    expect(chat.page.get_by_text(STOPPED)).to_have_count(0)


def test_the_up_arrow_edits_the_last_question(chat: Chat, server: ScriptedServer):
    chat.ask("First")
    chat.answer(server.default_reply.text)
    chat.ended()
    expect(chat.questions.last.get_by_role("toolbar")).to_have_count(1)
    chat.box.press("ArrowUp")
    editor = chat.questions.last.get_by_role("textbox")
    expect(editor).to_be_focused()
    chat.page.keyboard.type(" of all")
    chat.button("Send").click()
    expect(chat.questions.last).to_contain_text("First of all")
    server.wait_for_request(2)
    assert server.requests[-1].body["messages"][-1]["content"] == "First of all"


def test_text_pasted_anywhere_goes_into_the_box(chat: Chat):
    chat.is_drawn()
    holds(chat.page, "window.bnaPaste")
    chat.page.evaluate(PASTES, ["text", "pasted words"])
    expect(chat.box).to_have_value("pasted words")


def test_a_file_pasted_or_dropped_anywhere_goes_into_the_box(page: Page, app: App, tmp_path: Path):
    chat = Chat(page, app).open("/Documents")
    chat.is_drawn()
    holds(page, "window.bnaPaste")
    page.evaluate(PASTES, ["file", "pasted.csv"])
    chat.has_arrived("pasted.csv")
    assert not page.evaluate(DROPS, "dropped.csv")
    chat.has_arrived("pasted.csv", "dropped.csv")


def test_a_file_dropped_on_a_page_that_takes_none_leaves_the_page_as_it_is(chat: Chat):
    chat.is_drawn()
    holds(chat.page, "window.bnaDrop")
    assert not chat.page.evaluate(DROPS, "dropped.csv")


def test_shortcuts_begin_a_chat_search_and_list_themselves(chat: Chat, server: ScriptedServer):
    chat.ask("First")
    chat.answer(server.default_reply.text)
    chat.ended()
    chat.page.keyboard.press("Control+Shift+O")
    expect(chat.questions).to_have_count(0)
    chat.page.keyboard.press("Control+k")
    expect(chat.sidebar.get_by_label("Search")).to_be_focused()
    chat.page.keyboard.press("Control+/")
    shortcuts = chat.page.get_by_role("dialog", name="Shortcuts")
    expect(shortcuts).to_contain_text("New chat")
    assert violations(chat.page) == []
    chat.page.keyboard.press("Control+/")
    expect(shortcuts).to_have_count(0)


def test_search_by_keyboard_opens_the_sidebar_of_a_narrow_page(app: App, new_context: Callable[..., BrowserContext]):
    page = new_context(viewport={"width": 390, "height": 800}).new_page()
    chat = Chat(page, app).open()
    chat.is_drawn()
    holds(page, "window.bnaShortcuts")
    page.keyboard.press("Control+k")
    expect(chat.sidebar.get_by_label("Search")).to_be_focused()


def test_a_search_finds_while_one_types(page: Page, app: App):
    talks = {name: [{"role": "user", "content": f"About {name}"}] for name in ("lighthouses", "gardens")}
    app.file.write_text(json.dumps(talks))
    chat = Chat(page, app).open()
    chat.is_drawn()
    search = chat.sidebar.get_by_label("Search")
    search.press_sequentially("lightho")
    expect(chat.sidebar.get_by_text("1 found")).to_be_visible()
    expect(chat.entry("gardens")).to_have_count(0)
    search.press_sequentially("uses")
    expect(search).to_have_value("lighthouses")
    expect(search).to_be_focused()
    search.fill("")
    expect(chat.entry("gardens")).to_be_visible()


def test_whoever_comes_home_can_write_at_once(page: Page, app: App):
    expect(Chat(page, app).open("/").box).to_be_focused()
