"""What a person waits for who has saved very many conversations."""

from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import BrowserContext, Locator, Page, expect

from benchmarks.apps import App, Endpoint, bnagpt, tutorial
from benchmarks.browser import browser, opened, opening_ms, rest
from benchmarks.samples import NEWEST, sample_conversation
from benchmarks.table import Figures, Row
from model.store.json_store import JsonStore

COUNT = 10_000
MESSAGE_COUNT = 20
SAVED = f"{COUNT:,} saved conversations"


def many_conversations(endpoint: Endpoint, folder: Path, rounds: int = 9) -> Iterator[Row]:
    """Measure pages and clicks of the sidebar; all but the first page once the search index is made."""
    file = folder / "many.json"
    ids = _save_many(JsonStore(file))
    with bnagpt(endpoint, file) as ours, tutorial(endpoint) as theirs, browser() as context:
        urls = [f"{ours.url}?conversation={one}" for one in ids[-rounds - 1 :]]
        yield Row(f"First page after the start, {SAVED}", "s", None, Figures([opening_ms(context, urls[0]) / 1000]))
        ours.wait_until_idle()
        yield Row(f"Page opens, {SAVED}", "s", 1.5, _openings(context, urls[1:], theirs))
        with opened(context, urls[0]) as page:
            others = [_another_ms(page, number) for number in [*range(10)] * 3][1:]  # the first warms up
        yield Row(f"Click to another conversation at rest, {SAVED}", "ms", 100, Figures(others))
        more = [_more_ms(context, url) for url in urls[1:]]
        yield Row(f"Click to ten more listed, at rest, {SAVED}", "ms", 100, Figures(more))


def _save_many(store: JsonStore) -> list[str]:
    """Save the conversations, and return their ids, the newest last."""
    store.add((f"Conversation {number}", sample_conversation(MESSAGE_COUNT)) for number in range(COUNT))
    return [entry.id for entry in reversed(store.entries())]


def _openings(context: BrowserContext, urls: list[str], theirs: App) -> Figures:
    """Measure how long it takes from an address to the newest message, by turns with the tutorial's page."""
    figures = Figures([], [])
    for url in urls:
        figures.ours.append(opening_ms(context, url) / 1000)
        figures.tutorial.append(opening_ms(context, f"{theirs.url}?messages={MESSAGE_COUNT}") / 1000)
    return figures


def _another_ms(page: Page, number: int) -> float:
    """Measure a click on an entry of the sidebar; the newest is the first."""
    entry = _entries(page).nth(number)
    address = page.url
    duration_ms = _click_ms(page, entry)
    assert page.url != address
    expect(page.get_by_text(NEWEST)).to_be_visible()
    return duration_ms


def _more_ms(context: BrowserContext, url: str) -> float:
    """Measure a click on what stands below the last entry; on a page of its own, since each makes the list longer."""
    with opened(context, url) as page:
        listed_count = _entries(page).count()
        duration_ms = _click_ms(page, page.get_by_text("Show more"))
        assert _entries(page).count() == listed_count + 10
        return duration_ms


def _entries(page: Page) -> Locator:
    """Return the names of saved conversations that can be clicked."""
    return page.locator(".bna-open")


def _click_ms(page: Page, target: Locator) -> float:
    """Return how long it takes from a click until the page has changed for the last time."""
    target.click()
    rest(page)
    duration_ms: float = page.evaluate("bench.changedAt - bench.clickedAt")
    return duration_ms
