"""What the browser journeys are made of: bnaGPT in a process of its own, and a person who looks at one of its pages."""

import os
import re
import shutil
import socket
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path

import httpx
from playwright.sync_api import Locator, Page, TimeoutError, expect

from model.providers.provider import provider_variables
from model.store.json_store import JsonStore
from settings import ROOT, VARIABLES
from tests.waiting import PATIENCE_S, wait_until

CHAT = "/Chatbot_With_Memory"
expect.set_options(timeout=1000 * PATIENCE_S)  # of patience with a busy machine; what comes sooner is not waited for


def free_port() -> int:
    """Return a port that nobody listens on."""
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


class App:
    """bnaGPT in a process of its own, with conversations of its own."""

    def __init__(self, folder: Path, **variables: str) -> None:
        """Start it, and wait until it answers."""
        self.file = folder / "conversations.json"
        nothing = {variable.name: "" for variable in (*VARIABLES, *provider_variables())}
        self.environ = {
            **os.environ,
            **nothing,
            "EMBEDDED_MODEL": "smollm2",
            "CONVERSATIONS_FILE": str(self.file),
            **variables,
        }
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        """Start the process, and wait until it answers."""
        self.process = subprocess.Popen([sys.executable, "-m", *self.command], cwd=ROOT, env=self.environ)
        wait_until(lambda: self.is_up() or self.process.poll() is not None, "bnaGPT does not start")
        assert self.process.poll() is None, "bnaGPT has ended"

    @property
    def command(self) -> list[str]:
        """Return the module that serves it, and its options."""
        options = {"port": str(self.port), "headless": "true"}
        return ["streamlit", "run", "Home.py", *(f"--server.{name}={value}" for name, value in options.items())]

    def is_up(self) -> bool:
        """Return whether it answers."""
        with suppress(httpx.HTTPError):
            return httpx.get(f"{self.url}/_stcore/health", timeout=20).is_success
        return False

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        self.process.kill()
        self.process.wait()

    def forget(self) -> None:
        """Delete all conversations and assistants."""
        self.file.unlink(missing_ok=True)
        shutil.rmtree(self.file.with_name("assistants"), ignore_errors=True)

    @property
    def store(self) -> JsonStore:
        """Return its saved conversations."""
        return JsonStore(self.file)


# Frames that the browser has drawn: a slow machine takes as much longer for them as for what would move.
FRAMES = """async (count) => { for (let n = 0; n < count; n++) await new Promise(requestAnimationFrame) }"""


def holds(page: Page, condition: str) -> None:
    """Wait until a JavaScript expression is true; Playwright's own way does what the site's CSP forbids."""
    look = f"const look = () => ({condition}) ? done(true) : requestAnimationFrame(look);"
    limit = f"setTimeout(() => done(false), {1000 * PATIENCE_S});"
    assert page.evaluate(f"() => new Promise((done) => {{ {look} {limit} look(); }})"), f"never held: {condition}"


class Chat:
    """One page in the browser, and what a person does there."""

    def __init__(self, page: Page, app: App) -> None:
        self.page = page
        self.app = app
        self.box = page.get_by_test_id("stChatInputTextArea")
        self.stop = page.get_by_test_id("stChatInputStopButton")
        self.errors = page.locator('[data-testid="stAlertContentError"]')
        self.sidebar = page.get_by_test_id("stSidebar")
        self.answers = page.get_by_label("Chat message from assistant")
        self.questions = page.get_by_label("Chat message from user")

    def open(self, path: str = CHAT) -> "Chat":
        """Go to a page, or to the address that another one shows."""
        self.page.goto(path if path.startswith("http") else self.app.url + path)
        expect(self.box).to_be_visible()
        return self

    def drop(self, *paths: Path) -> None:
        """Put files into the box, and wait until they have arrived: before that, Enter sends nothing."""
        self.page.locator('[data-testid="stChatInput"] input[type="file"]').set_input_files(paths)
        self.has_arrived(*(path.name for path in paths))

    def has_arrived(self, *names: str) -> None:
        """Wait until files are in the box, and none of them is still on its way."""
        for name in names:
            expect(self.page.get_by_test_id("stChatInput").get_by_text(name)).to_be_visible()
        expect(self.page.get_by_test_id("stChatInputSubmitButton")).to_be_enabled()

    def is_drawn(self) -> None:
        """Wait until the page's script has ended."""
        expect(self.page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")

    def stays_still(self) -> None:
        """Wait until the page is drawn, and has had two seconds' worth of frames to move in."""
        self.is_drawn()
        self.page.evaluate(FRAMES, 120)

    def ask(self, prompt: str) -> None:
        """Send a question; where Enter sent nothing, since the page was being drawn, once more, as people do."""
        self.box.fill(prompt)
        for _ in range(3):
            self.box.press("Enter")
            with suppress(AssertionError):
                expect(self.box).to_be_empty(timeout=3_000)
                break
        try:
            expect(self.questions.filter(has_text=prompt).last).to_be_visible()
        except AssertionError as error:
            shown = self.page.locator("body").inner_text()
            raise AssertionError(f"“{prompt}” was not asked; the page shows:\n{shown}") from error

    def answer(self, text: str | re.Pattern[str]) -> None:
        """Wait for the newest answer to hold this text."""
        expect(self.answers.last).to_contain_text(text)

    def ended(self) -> None:
        """Wait until no answer is being written."""
        expect(self.stop).to_be_hidden()
        expect(self.button("Stop")).to_be_hidden()
        expect(self.box).to_be_enabled()

    def button(self, name: str) -> Locator:
        """Return the button with exactly this name that can be seen; its icon is part of what it says."""
        exactly = re.escape(name).replace("/", r"\/")  # Playwright writes the pattern between slashes
        return self.page.get_by_role("button", name=re.compile(rf"(^|\s){exactly}$")).filter(visible=True)

    @property
    def title(self) -> Locator:
        """Return the title on top of the chat, which opens what renames and saves it."""
        return self.page.locator('.st-key-bna_top [class*="-title-"] [data-testid="stPopoverButton"]').filter(
            visible=True
        )

    def open_title(self) -> None:
        self.title.click()

    def save_as(self, name: str) -> None:
        """Press Save, or Save as…, below the title, type a name, and confirm."""
        self.open_title()
        self.button("Save").or_(self.button("Save as…")).click()
        self.page.get_by_label("Enter a name to save the conversation:").fill(name)
        self.button("Confirm Save").click()
        expect(self.entry(name)).to_be_visible()

    def entry(self, name: str) -> Locator:
        """Return the saved conversation with this name in the sidebar."""
        return self.sidebar.locator(".bna-open").filter(has_text=name)

    def load(self, name: str) -> None:
        """Open a saved conversation."""
        expect(self.entry(name)).to_have_count(1)  # while the list is drawn anew, the old one may still be there
        self.entry(name).click()

    def pick(self, name: str, option: str) -> None:
        """Pick something in the menu of a saved conversation."""
        self.sidebar.get_by_role("button", name=f"Options of {name}").click()
        self.option(option).click()

    def act(self, message: Locator, option: str) -> None:
        """Pick something in the menu of a message; once more where a drawing anew has closed it, as people do."""
        for _ in range(5):
            message.locator('[data-testid="stMenuButton"] button').click()
            with suppress(TimeoutError):
                self.option(option).click(timeout=2000)
                return
            self.page.keyboard.press("Escape")
        raise AssertionError(f"“{option}” can't be picked")

    def option(self, name: str) -> Locator:
        """Return what can be picked in the open menu."""
        return self.page.get_by_role("menuitem", name=re.compile(rf"(^|\s){re.escape(name)}\s*$"))

    @property
    def address(self) -> str:
        """Return the address, once it names a conversation."""
        self.page.wait_for_url(re.compile(r"conversation=\w+"))
        return self.page.url
