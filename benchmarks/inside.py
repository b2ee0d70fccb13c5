"""What it costs to see inside: turns on the page with the panel open beside turns with it closed, by turns."""

import statistics
from collections.abc import Callable, Iterator
from pathlib import Path
from timeit import timeit

from playwright.sync_api import Page

from benchmarks.apps import Endpoint, bnagpt
from benchmarks.browser import browser, opened, take_turn
from benchmarks.table import Figures, Row
from benchmarks.turns import Pace, TurnTimes
from utils.threads.trace import traced

PACES = {"50 tokens at 50/s": Pace(50, 50, 0.1), "10 tokens at once": Pace(10, None, 0.1)}
CALLS = 100_000
MOST = 1.2


def inside(endpoint: Endpoint, folder: Path, rounds: int = 9) -> Iterator[Row]:
    """Measure turns with the panel open over turns with it closed, and a traced function while nobody looks."""
    yield _closed()
    with bnagpt(endpoint, folder / "inside.json") as app, browser() as context:
        with opened(context, f"{app.url}?inside=1") as wide, opened(context, app.url) as plain:

            def turn(page: Page, pace: Pace) -> TurnTimes:
                page.bring_to_front()  # a browser draws what nobody sees when it likes
                return take_turn(page, endpoint, pace)

            for name, pace in PACES.items():
                pairs = [(turn(wide, pace), turn(plain, pace)) for _ in range(rounds + 1)][1:]
                yield _row(f"first token on the page, {name}", pairs, TurnTimes.enter_to_first_token_ms)
                yield _row(f"last token on the page, {name}", pairs, _enter_to_last_token_ms)


def _enter_to_last_token_ms(times: TurnTimes) -> float:
    return times.last_seen_at_ms - times.entered_at_ms


def _row(name: str, pairs: list[tuple[TurnTimes, TurnTimes]], step: Callable[[TurnTimes], float]) -> Row:
    """Return a step's time with the panel open over that with it closed, both as medians."""
    opened_ms, closed_ms = ([step(pair[side]) for pair in pairs] for side in (0, 1))
    print(f"{name}: {statistics.median(opened_ms):.0f} ms open, {statistics.median(closed_ms):.0f} ms closed")
    ratio = statistics.median(opened_ms) / statistics.median(closed_ms)
    return Row(f"See inside, open over closed: Enter to {name}", "x", MOST, Figures([ratio]))


def _closed() -> Row:
    """Return what a call of a traced function takes while nobody looks, beside a plain one."""

    def plain(value: int) -> int:
        return value

    def call_us(function: Callable[[int], int]) -> float:
        return 1e6 * timeit(lambda: function(1), number=CALLS) / CALLS

    ours, raw = zip(*((call_us(traced("Traced")(plain)), call_us(plain)) for _ in range(9)), strict=True)
    return Row("A call of a traced function while nobody looks", "µs", 1, Figures(list(ours), raw=list(raw)))
