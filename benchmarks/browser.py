"""What a person at the browser waits for: one turn, step by step, and a page that opens."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, sync_playwright

from benchmarks.apps import Endpoint
from tests.install_browser import find_browser

WATCH = Path(__file__).with_name("watch.js")
LAUNCH_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-dev-shm-usage",
]
TIMEOUT_MS = 90_000
# After this a page that has drawn all it wants is at rest.
SETTLE_MS = 300
INPUT = '[data-testid="stChatInputTextArea"]'
IS_AT_REST = f"""() => document.querySelector('{INPUT}:not([disabled])')
    && document.querySelector('[data-test-script-state="notRunning"]')"""

_turn_number = count(1)


@dataclass(frozen=True)
class TurnTimes:
    """When a turn's steps happened, in ms on the wall's clock."""

    entered_at_ms: float
    asked_at_ms: float
    first_sent_at_ms: float
    last_sent_at_ms: float
    first_seen_at_ms: float
    last_seen_at_ms: float

    @property
    def enter_to_request_ms(self) -> float:
        """Return how long the request took to reach the endpoint."""
        return self.asked_at_ms - self.entered_at_ms

    @property
    def first_token_ms(self) -> float:
        """Return how long the first token took from the endpoint to the reader."""
        return self.first_seen_at_ms - self.first_sent_at_ms

    @property
    def last_token_ms(self) -> float:
        """Return how long the last token took from the endpoint to the reader."""
        return self.last_seen_at_ms - self.last_sent_at_ms


@dataclass(frozen=True)
class Pace:
    """How the endpoint answers: after a delay, so many tokens at such a rate (None: all at once)."""

    token_count: int = 50
    tokens_per_s: float | None = 50.0
    delay_s: float = 0.0


def script_turn(endpoint: Endpoint, pace: Pace) -> tuple[str, str]:
    """Tell the endpoint what to answer, and return the first and the last word, which stand in no other turn."""
    number = f"{next(_turn_number):04}"
    first, last = f"FIRST{number}", f"LAST{number}"
    words = [f"word{index}" for index in range(pace.token_count - 2)]
    endpoint.script(text=" ".join([first, *words, last]), tokens_per_s=pace.tokens_per_s, delay_s=pace.delay_s)
    return first, last


def times(endpoint: Endpoint, entered_at_ms: float, first_seen_at_ms: float, last_seen_at_ms: float) -> TurnTimes:
    """Return a turn's times: the reader's own, and between them the endpoint's."""
    request = endpoint.last_request()
    steps = ("arrived_at_epoch_s", "first_token_at_epoch_s", "last_token_at_epoch_s")
    return TurnTimes(entered_at_ms, *(1000 * request[step] for step in steps), first_seen_at_ms, last_seen_at_ms)


@contextmanager
def browser() -> Iterator[BrowserContext]:
    """Start a browser whose pages note when things happen on them."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=find_browser(), args=LAUNCH_ARGS)
        context = chromium.new_context(viewport={"width": 1280, "height": 800})
        context.set_default_timeout(TIMEOUT_MS)
        context.add_init_script(path=WATCH)
        yield context
        chromium.close()


@contextmanager
def opened(context: BrowserContext, url: str) -> Iterator[Page]:
    """Open an address in a tab of its own, and wait until the page is at rest."""
    page = context.new_page()
    page.goto(url)
    rest(page)
    yield page
    page.close()


def rest(page: Page) -> None:
    """Wait until the page has drawn all it wants to draw."""
    page.wait_for_function(IS_AT_REST, polling=50)
    page.wait_for_timeout(SETTLE_MS)
    page.wait_for_function(IS_AT_REST, polling=50)


def take_turn(page: Page, endpoint: Endpoint, pace: Pace) -> TurnTimes:
    """Ask once on an open page, and wait for the last word."""
    first, last = script_turn(endpoint, pace)
    page.fill(INPUT, "And then?")
    page.wait_for_timeout(SETTLE_MS)
    page.evaluate("words => { bench.wanted = words }", [first, last])
    page.keyboard.press("Enter")
    page.wait_for_function("word => bench.seen[word]", arg=last, polling=100)
    noted = page.evaluate("bench")
    turn = times(endpoint, noted["enteredAt"], noted["seen"][first], noted["seen"][last])
    rest(page)
    return turn


def opening_ms(context: BrowserContext, url: str) -> float:
    """Return how long a sample's page takes from its address until the newest message is in the window."""
    page = context.new_page()
    page.goto(url, wait_until="commit")
    page.wait_for_function("() => bench.visibleAt", polling=50)
    duration_ms: float = page.evaluate("bench.visibleAt - performance.timeOrigin")
    rest(page)
    page.close()
    return duration_ms
