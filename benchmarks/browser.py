"""A browser whose pages note when things happen on them (`watch.js`)."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, sync_playwright

from benchmarks.apps import Endpoint
from benchmarks.turns import PROMPT, Pace, TurnTimes, script_turn, turn_times
from tests.install_browser import LAUNCH_ARGUMENTS, find_browser

WATCH = Path(__file__).with_name("watch.js")
TIMEOUT_MS = 60_000
# After this a page that says it is at rest has drawn what it had.
SETTLE_MS = 200
INPUT = '[data-testid="stChatInputTextArea"]'
IS_AT_REST = f"""() => document.querySelector('{INPUT}:not([disabled])')
    && document.querySelector('[data-test-script-state="notRunning"]')"""


@contextmanager
def browser() -> Iterator[BrowserContext]:
    """Start a browser."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=find_browser(), args=LAUNCH_ARGUMENTS)
        context = chromium.new_context(viewport={"width": 1280, "height": 800})
        context.set_default_timeout(TIMEOUT_MS)
        context.add_init_script(path=WATCH)
        try:
            yield context
        finally:
            chromium.close()


@contextmanager
def opened(context: BrowserContext, url: str) -> Iterator[Page]:
    """Open an address in a tab of its own, and wait until the page is at rest."""
    page = context.new_page()
    try:
        page.goto(url)
        rest(page)
        yield page
    finally:
        page.close()


def rest(page: Page) -> None:
    """Wait until the page has drawn all it wants to draw."""
    page.wait_for_function(IS_AT_REST, polling=50)
    page.wait_for_timeout(SETTLE_MS)
    page.wait_for_function(IS_AT_REST, polling=50)


def take_turn(page: Page, endpoint: Endpoint, pace: Pace) -> TurnTimes:
    """Ask once on an open page, and wait for the last word."""
    first, last = script_turn(endpoint, pace)
    page.fill(INPUT, PROMPT)
    page.wait_for_timeout(SETTLE_MS)
    page.evaluate("words => { bench.wanted = words }", [first, last])
    page.keyboard.press("Enter")
    page.wait_for_function("word => bench.seen[word]", arg=last, polling=100)
    noted = page.evaluate("bench")
    rest(page)
    return turn_times(endpoint, noted["enteredAt"], noted["seen"][first], noted["seen"][last])


def opening_ms(context: BrowserContext, url: str) -> float:
    """Return how long a sample's page takes from its address until the newest message is in the window."""
    with _closing(context.new_page()) as page:
        page.goto(url, wait_until="commit")
        page.wait_for_function("() => bench.visibleAt", polling=50)
        duration_ms: float = page.evaluate("bench.visibleAt - performance.timeOrigin")
        rest(page)
        return duration_ms


@contextmanager
def _closing(page: Page) -> Iterator[Page]:
    try:
        yield page
    finally:
        page.close()
