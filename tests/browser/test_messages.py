"""What stands at a message: icons, the language of code, tables that can be taken along."""

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.journey import App, Chat, holds
from tests.scripted_server import Reply, ScriptedServer

TABLE = '| Planet | Said |\n| --- | --- |\n| Earth | one, "home" |\n| Mars | =1+1 |\n| Venus | -4 |'
MARKDOWN = (
    f"Read **this**. H<sub>2</sub>O<br>and <b>x</b>\n\n## Two\n\n### Three\n\n```python\nprint(1)\n```\n\n{TABLE}"
)
OLD = [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "An *old* answer"}]
NEW = [
    {"role": "user", "content": "Show a table"},
    {"role": "assistant", "content": MARKDOWN, "created_at": "2026-01-05T10:00:09+00:00"},
]
# A voice of the browser's maker, one that may be this machine's own, and what was said by which.
VOICES = """() => {
    const voice = (name, localService) => ({lang: "en-US", localService, name});
    const voices = [voice("far", false), voice("near", NEAR)];
    window.said = [];
    window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
    Object.defineProperty(window, "speechSynthesis", {value: {
        getVoices: () => voices,
        speak: (it) => said.push([it.voice.name, it.text]),
        cancel: () => said.push("cancelled"),
    }});
}"""


@pytest.fixture
def context(new_context: Callable[..., BrowserContext]) -> BrowserContext:
    """Return a window that shows all of the conversation, and lets pages read and write the clipboard."""
    return new_context(permissions=["clipboard-read", "clipboard-write"], viewport={"width": 1280, "height": 1200})


@pytest.fixture
def talk(context: BrowserContext, app: App) -> Chat:
    """Return a page that shows a saved conversation."""
    return opened(context.new_page(), app)


def opened(page: Page, app: App) -> Chat:
    """Open the conversation on a page, and wait until its icons are there."""
    app.file.write_text(json.dumps({"Talk": OLD + NEW}))
    chat = Chat(page, app).open()
    if page.viewport_size and page.viewport_size["width"] < 768:
        page.get_by_test_id("stExpandSidebarButton").click()
    chat.load("Talk")
    expect(icon(chat.answers.first, "Copy")).to_have_count(1)
    expect(icon(chat.answers.last, "Copy")).to_be_visible()
    chat.is_drawn()
    return chat


def icon(message: Locator, name: str) -> Locator:
    return message.get_by_role("toolbar").get_by_role("button", name=name, exact=True)


def opacity(it: Locator) -> str:
    """Return how well something can be seen, with all that it stands in."""
    look = "it => { let o = 1; for (; it; it = it.parentElement) o *= getComputedStyle(it).opacity; return String(o); }"
    return str(it.evaluate(look))


def clipboard(page: Page) -> str:
    return str(page.evaluate("navigator.clipboard.readText()"))


def test_a_copy_asks_the_server_nothing(talk: Chat):
    talk.stays_still()
    # The page's own socket, seen from within: each question to the server goes through it.
    talk.page.evaluate("""() => { window.asked = 0; const send = WebSocket.prototype.send;
        WebSocket.prototype.send = function (...it) { asked += 1; return send.apply(this, it); }; }""")
    icon(talk.answers.last, "Copy").click()
    expect(icon(talk.answers.last, "Copied")).to_be_visible()
    assert clipboard(talk.page) == MARKDOWN
    assert talk.page.evaluate("asked") == 0
    expect(icon(talk.answers.last, "Copy")).to_be_visible()


def test_icons_show_at_the_newest_answer_and_at_others_on_hover_and_by_keyboard(talk: Chat):
    first, last = icon(talk.answers.first, "Copy"), icon(talk.answers.last, "Copy")
    talk.page.mouse.move(5, 5)
    assert (opacity(first), opacity(last)) == ("0", "1")
    talk.answers.first.hover()
    assert opacity(first) == "1"
    talk.page.mouse.move(5, 5)
    first.focus()
    assert opacity(first) == "1"
    talk.page.keyboard.press("ArrowRight")
    expect(icon(talk.answers.first, "Regenerate")).to_be_focused()
    talk.page.keyboard.press("Tab")  # one stop for the icons, one for the menu
    expect(talk.answers.first.get_by_test_id("stMenuButton").get_by_role("button")).to_be_focused()


def test_the_time_shows_on_hover(talk: Chat):
    time = talk.answers.last.get_by_test_id("stMenuButton").get_by_text("1/5/26")
    talk.page.mouse.move(5, 5)
    assert opacity(time) == "0"
    talk.answers.last.hover()
    assert opacity(time) == "1"


def test_without_a_mouse_all_icons_show(app: App, new_context: Callable[..., BrowserContext]):
    page = new_context(viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True).new_page()
    chat = opened(page, app)
    assert opacity(icon(chat.answers.first, "Copy")) == "1"
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 390


def test_an_answer_is_rated_and_made_again_by_its_icons(talk: Chat, server: ScriptedServer):
    good = icon(talk.answers.last, "Good response")
    good.click()
    expect(good).to_have_attribute("aria-pressed", "true")
    talk.is_drawn()
    assert talk.app.store.load("Talk").messages[-1].rating == "up"
    server.script(Reply("Another answer"))
    icon(talk.answers.last, "Regenerate").click()
    talk.answer("Another answer")
    talk.ended()
    expect(talk.answers).to_have_count(2)
    expect(icon(talk.answers.last, "Good response")).to_have_attribute("aria-pressed", "false")


def test_a_question_is_edited_by_its_icon(talk: Chat):
    talk.questions.last.hover()
    icon(talk.questions.last, "Edit").click()
    expect(talk.questions.last.get_by_role("textbox")).to_have_value("Show a table")


def test_code_says_its_language_and_shows_its_copy_button(talk: Chat):
    code = talk.answers.last.get_by_test_id("stCode")
    expect(code).to_have_attribute("data-language", "python")
    assert code.evaluate("it => getComputedStyle(it, '::before').content") == '"python"'
    talk.page.mouse.move(5, 5)
    assert opacity(code.get_by_role("button", name="Copy to clipboard")) == "1"


def test_headings_are_small_and_of_html_only_breaks_and_small_letters_are_drawn(talk: Chat):
    answer = talk.answers.last
    sizes = [answer.get_by_role("heading", level=n).evaluate("it => getComputedStyle(it).fontSize") for n in (2, 3)]
    assert sizes == ["20px", "17.6px"]
    expect(answer).to_contain_text("and <b>x</b>")
    expect(answer.locator("b")).to_have_count(0)
    expect(answer.locator("br, .katex, sub").first).to_be_attached()


def test_a_table_has_a_shaded_head_and_is_copied_as_csv(talk: Chat):
    table = talk.answers.last.get_by_role("table")
    shades = [table.locator(tag).first.evaluate("it => getComputedStyle(it).backgroundColor") for tag in ("th", "td")]
    assert shades[0] != shades[1]
    button = talk.answers.last.get_by_role("button", name="Copy as CSV")
    button.click()
    expect(talk.answers.last.get_by_role("button", name="Copied")).to_be_visible()
    rows = ["Planet,Said", 'Earth,"one, ""home"""', "Mars,'=1+1", "Venus,-4"]
    assert clipboard(talk.page).splitlines() == rows


def test_a_voice_of_this_machine_reads_prose_aloud(context: BrowserContext, app: App):
    page = context.new_page()
    page.add_init_script(f"({VOICES.replace('NEAR', 'true')})()")
    chat = opened(page, app)
    icon(chat.answers.last, "Read aloud").click()
    holds(page, "said.length > 1")
    voice, text = page.evaluate("said.at(-1)")
    assert voice == "near" and text.startswith("Read this.") and "print" not in text and "Earth" not in text
    icon(chat.answers.last, "Stop reading").click()
    assert page.evaluate("said.at(-1)") == "cancelled"


def test_no_answer_is_read_by_a_voice_of_the_browsers_maker(context: BrowserContext, app: App):
    page = context.new_page()
    page.add_init_script(f"({VOICES.replace('NEAR', 'false')})()")
    chat = opened(page, app)
    expect(icon(chat.answers.last, "Read aloud")).to_have_count(0)
