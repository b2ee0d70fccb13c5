"""How much of a page moves by itself while it is drawn and while an answer comes: the cumulative layout shift.

Source: https://web.dev/articles/cls; all shifts count here, and not only those of the worst five seconds.
"""

from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.apps import Endpoint, bnagpt
from benchmarks.browser import TIMEOUT_MS, rest, take_turn
from benchmarks.samples import sample_conversation
from benchmarks.table import Figures, Row
from benchmarks.turns import Pace
from model.store.json_store import JsonStore
from tests.install_browser import LAUNCH_ARGUMENTS, find_browser

GOAL = 0.05
WIDTHS, SCHEMES = (1280, 390), ("light", "dark")
PACE = Pace(token_count=120, tokens_per_s=60, delay_s=0.1)
WATCH = Path(__file__).with_name("watch.js")
NOTES_SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) shifts.push({
        value: entry.value,
        moved: entry.sources.map(({ node }) => node?.className ?? ""),
    });
}).observe({ type: "layout-shift", buffered: true });
"""
TAKE = "() => shifts.splice(0).reduce((sum, { value }) => sum + value, 0)"


def layout_shifts(endpoint: Endpoint, folder: Path) -> Iterator[Row]:
    """Measure each page at two widths in both themes."""
    file = folder / "calm.json"
    saved = sample_conversation(20)
    JsonStore(file).save("Saved", saved)
    with bnagpt(endpoint, file) as app, sync_playwright() as playwright:
        root = app.url.removesuffix("/Chatbot_With_Memory")
        paths = {
            "Home": "",
            "empty chat": "/Chatbot_With_Memory",
            "saved chat": f"/Chatbot_With_Memory?conversation={saved.id}",
            "Log": "/Log",
        }
        chromium = playwright.chromium.launch(executable_path=find_browser(), args=LAUNCH_ARGUMENTS)
        for name, path in paths.items():
            found = [_shifts(chromium, f"{root}{path}", endpoint, *look) for look in _looks()]
            yield Row(f"Layout shift, {name} opens", "", GOAL, Figures([opening for opening, _ in found]))
            if path:
                yield Row(f"Layout shift, answer in {name}", "", GOAL, Figures([streaming for _, streaming in found]))
        chromium.close()


def _looks() -> list[tuple[int, str]]:
    return [(width, scheme) for width in WIDTHS for scheme in SCHEMES]


def _shifts(chromium: Browser, url: str, endpoint: Endpoint, width: int, scheme: str) -> tuple[float, float]:
    """Return how much moves while the page opens, and while an answer comes."""
    context = chromium.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
    context.set_default_timeout(TIMEOUT_MS)
    context.add_init_script(path=WATCH)
    context.add_init_script(NOTES_SHIFTS)
    try:
        page = context.new_page()
        page.goto(url)
        rest(page)
        page.wait_for_timeout(1000)
        return _taken(page), _while_answering(page, endpoint) if "/" in url.removeprefix("http://") else 0.0
    finally:
        context.close()


def _while_answering(page: Page, endpoint: Endpoint) -> float:
    take_turn(page, endpoint, PACE)
    return _taken(page)


def _taken(page: Page) -> float:
    """Return the sum of the shifts since the last look."""
    value: float = page.evaluate(TAKE)
    return value
