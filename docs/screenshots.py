"""Take the README's pictures from the running app, so that they never lie: `python docs/screenshots.py [FOLDER]`."""

import json
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.browser.journey import CHAT, App, Chat, free_port  # noqa: E402
from tests.browser.test_settings import FreeApp  # noqa: E402
from tests.install_browser import LAUNCH_ARGUMENTS, find_browser  # noqa: E402
from tests.ollama_server import OllamaServer  # noqa: E402
from tests.scripted_server import Reply, ScriptedServer  # noqa: E402

QUESTION = "How do I read a big CSV file without filling the memory?"
ANSWER = """Read it row by row:

```python
import csv

def total(path):
    with open(path, newline="") as file:
        return sum(float(row["price"]) for row in csv.DictReader(file))
```

- `csv.DictReader` hands out one row at a time.
- The generator adds it up before the next one is read.

| Way | Memory it takes |
| --- | --- |
| `list(reader)` | as much as the whole file |
| row by row | as much as one row |
"""
OTHERS = ("Rain, explained to a child", "Dinner for six", "Letter to the landlord", "Sorting algorithms")
DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}


def write_conversations(file: Path) -> None:
    """Write a few saved conversations; the newest stands last."""
    talks = {name: [{"role": "user", "content": name}, {"role": "assistant", "content": "..."}] for name in OTHERS}
    file.write_text(json.dumps(talks), encoding="utf-8")


def chat_address(browser: Browser, app: App) -> str:
    """Have the conversation once, as a person would, and return its address."""
    chat = Chat(browser.new_page(viewport=DESKTOP), app).open(CHAT)
    chat.ask(QUESTION)
    chat.answer("as much as one row")
    chat.ended()
    chat.save_as("Reading a big CSV file")
    address = chat.address
    chat.page.close()
    return address


def take(browser: Browser, app: App, address: str, file: Path, phone: bool = False, dark: bool = False) -> None:
    """Take one picture of a page at rest."""
    context = browser.new_context(viewport=PHONE if phone else DESKTOP, color_scheme="dark" if dark else "light")
    chat = Chat(context.new_page(), app).open(address)
    if address.startswith("http"):
        chat.answer("as much as one row")
    expect(chat.page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]')).to_be_visible()
    chat.page.evaluate("document.fonts.ready")
    # Streamlit scrolls a chat to its end with an animation that tells nobody when it is over.
    chat.page.wait_for_timeout(700)
    chat.page.screenshot(path=file, animations="disabled")
    context.close()
    print(f"{file}  {file.stat().st_size / 1000:.0f} kB")


SMALL = {"width": 1000, "height": 620}


def take_ways(browser: Browser, folder: Path) -> None:
    """Take a picture of each way to a stronger model, in an app that has none of them yet, but for Ollama."""
    with OllamaServer() as ollama, tempfile.TemporaryDirectory() as work:
        ollama.models |= {"qwen3:8b": 5_200_000_000, "gemma3:4b": 3_300_000_000}
        env_file = str(Path(work) / ".env")
        app = FreeApp(Path(work), ENV_FILE=env_file, OLLAMA_BASE_URL=f"{ollama.url}/v1")
        try:
            page = browser.new_page(viewport=SMALL)
            for name, do in WAYS.items():
                do(page, app)
                page.mouse.move(0, 0)
                expect(page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]')).to_be_visible()
                page.wait_for_timeout(700)
                page.screenshot(path=folder / f"way-{name}.png", animations="disabled")
        finally:
            app.kill()


def _open(page: Page, app: App, path: str) -> None:
    page.goto(f"{app.url}/{path}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def _by_a_click(page: Page, app: App) -> None:
    _open(page, app, "Models")


def _by_a_key(page: Page, app: App) -> None:
    _open(page, app, "Settings")
    page.get_by_role("button", name="Add key").first.click()
    page.get_by_role("heading", name="Keys").evaluate("heading => heading.scrollIntoView()")


def _by_ollama(page: Page, app: App) -> None:
    _open(page, app, "Chatbot_With_Memory")
    page.locator(".st-key-bna-picker button").click()
    page.get_by_label("Provider").click()
    page.get_by_role("option", name="Ollama").click()
    page.get_by_role("button", name="Refresh models").click()
    expect(page.get_by_label("Model", exact=True)).to_have_value("gemma3:4b")


def _by_a_server(page: Page, app: App) -> None:
    _open(page, app, "Settings")
    page.get_by_role("button", name="Add address").click()
    page.get_by_role("button", name="Save and test").evaluate("button => button.scrollIntoView({block: 'end'})")


WAYS = {"click": _by_a_click, "key": _by_a_key, "ollama": _by_ollama, "server": _by_a_server}


def main(folder: Path) -> None:
    """Start the app with a scripted model, and take all pictures."""
    port = free_port()
    with (
        ScriptedServer(port, Reply(ANSWER)) as server,
        tempfile.TemporaryDirectory() as work,
        sync_playwright() as playwright,
    ):
        app = App(Path(work), LLM_PROVIDER="custom", LLM_MODEL="your-model", CUSTOM_BASE_URL=server.base_url)
        try:
            write_conversations(app.file)
            browser = playwright.chromium.launch(executable_path=find_browser(), args=LAUNCH_ARGUMENTS)
            address = chat_address(browser, app)
            take(browser, app, address, folder / "screenshot-chat-light.png")
            take(browser, app, address, folder / "screenshot-chat-dark.png", dark=True)
            take(browser, app, "/", folder / "screenshot-home-light.png")
            take(browser, app, address, folder / "screenshot-phone.png", phone=True)
            take_ways(browser, folder)
        finally:
            app.kill()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs")
