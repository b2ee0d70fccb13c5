"""What a person at the browser waits for, in bnaGPT and on the tutorial's page by turns."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from playwright.sync_api import BrowserContext

from benchmarks.apps import App, Endpoint, bnagpt, tutorial
from benchmarks.browser import browser, opened, opening_ms, take_turn
from benchmarks.samples import sample_conversation
from benchmarks.table import Figures, Row
from benchmarks.turns import Pace, TurnTimes, raw_turn
from model.store.json_store import JsonStore

T = TypeVar("T")

LARGE = 2_000
# As quick as a provider gets; by then the page has drawn the question.
FIRST_TOKEN_S = 0.1
USUAL = Pace(token_count=50, tokens_per_s=50, delay_s=FIRST_TOKEN_S)
SHORT = Pace(token_count=10, tokens_per_s=50, delay_s=FIRST_TOKEN_S)
AT_ONCE = Pace(token_count=10, tokens_per_s=50)
LONG = Pace(token_count=4_000, tokens_per_s=200, delay_s=FIRST_TOKEN_S)


@dataclass(frozen=True)
class Bench:
    """Both apps with a large conversation in each, and a browser."""

    endpoint: Endpoint
    apps: tuple[App, App]
    large_urls: tuple[str, str]
    context: BrowserContext


@contextmanager
def bench(endpoint: Endpoint, folder: Path) -> Iterator[Bench]:
    """Start both apps and a browser, and take a first turn with each."""
    conversation = sample_conversation(LARGE)
    file = folder / "conversations.json"
    JsonStore(file).save("Large", conversation)
    with bnagpt(endpoint, file) as ours, tutorial(endpoint) as theirs, browser() as context:
        urls = f"{ours.url}?conversation={conversation.id}", f"{theirs.url}?messages={LARGE}"
        bench = Bench(endpoint, (ours, theirs), urls, context)
        for app in bench.apps:
            _turn_in_new(bench, app, SHORT)
        yield bench


def new_conversations(bench: Bench, rounds: int = 9) -> Iterator[Row]:
    """Measure turns in empty conversations."""
    by_app = _by_turns(rounds, *(lambda app=app: _turn_in_new(bench, app, USUAL) for app in bench.apps))
    turns = (*by_app, [raw_turn(bench.endpoint, USUAL) for _ in range(rounds)])
    yield Row("Enter to request at the endpoint", "ms", 15, _steps(turns, TurnTimes.enter_to_request_ms))
    yield Row("First token, endpoint to page", "ms", 15, _steps(turns, TurnTimes.first_token_ms))
    yield Row("Last token, endpoint to page, 50 tokens/s", "ms", 40, _steps(turns, TurnTimes.last_token_ms))
    by_app = _by_turns(rounds, *(lambda app=app: _turn_in_new(bench, app, AT_ONCE) for app in bench.apps))
    name = "Enter to first token on the page, endpoint answers at once"
    yield Row(name, "ms", None, _steps(by_app, TurnTimes.enter_to_first_token_ms))


def large_opens(bench: Bench, rounds: tuple[int, int] = (7, 3)) -> Iterator[Row]:
    """Measure how long a large conversation takes to open; the baseline takes so long that it gets fewer rounds."""
    pages = zip(bench.large_urls, rounds, strict=True)
    openings = ([opening_ms(bench.context, url) / 1000 for _ in range(count)] for url, count in pages)
    yield Row(f"Page opens, {LARGE:,} messages", "s", 1.6, Figures(*openings))


def large_turns(bench: Bench, rounds: tuple[int, int] = (9, 3)) -> Iterator[Row]:
    """Measure turns in a large conversation; the first in each page warms up."""
    turns: list[list[TurnTimes]] = []
    for url, count in zip(bench.large_urls, rounds, strict=True):
        with opened(bench.context, url) as page:
            turns.append([take_turn(page, bench.endpoint, SHORT) for _ in range(count + 1)][1:])
    yield Row(f"Enter to request, {LARGE:,} messages", "ms", 25, _steps(turns, TurnTimes.enter_to_request_ms))
    yield Row(f"First token to page, {LARGE:,} messages", "ms", 25, _steps(turns, TurnTimes.first_token_ms))


def long_answers(bench: Bench, rounds: int = 3) -> Iterator[Row]:
    """Measure the end of long answers; each takes 20 s, so there are few, and one only of the baseline."""
    ours, theirs = bench.apps
    turns = [_turn_in_new(bench, ours, LONG) for _ in range(rounds)], [_turn_in_new(bench, theirs, LONG)]
    name = f"Last token, endpoint to page, {LONG.token_count:,} tokens at {LONG.tokens_per_s:g}/s"
    yield Row(name, "ms", 150, _steps(turns, TurnTimes.last_token_ms))


def memory(endpoint: Endpoint, folder: Path, conversation_count: int = 10) -> Iterator[Row]:
    """Measure the memory of fresh servers after some conversations."""
    used_mb: list[float] = []
    with bnagpt(endpoint, folder / "few.json") as ours, tutorial(endpoint) as theirs, browser() as context:
        bench = Bench(endpoint, (ours, theirs), ("", ""), context)
        for app in bench.apps:
            for _ in range(conversation_count):
                _turn_in_new(bench, app, Pace(token_count=50, tokens_per_s=None))
            used_mb.append(app.memory_mb())
    name = f"Memory of the server after {conversation_count} conversations"
    yield Row(name, "MB", 250, Figures(*([value] for value in used_mb)))


def _turn_in_new(bench: Bench, app: App, pace: Pace) -> TurnTimes:
    with opened(bench.context, app.url) as page:
        return take_turn(page, bench.endpoint, pace)


def _by_turns(rounds: int, *actions: Callable[[], T]) -> list[list[T]]:
    """Do one after the other in every round, so that a noisy minute touches all."""
    results: list[list[T]] = [[] for _ in actions]
    for _ in range(rounds):
        for action, result in zip(actions, results, strict=True):
            result.append(action())
    return results


def _steps(turns: Iterable[list[TurnTimes]], step: Callable[[TurnTimes], float]) -> Figures:
    """Return one figure of all turns, for each who took them."""
    return Figures(*([step(turn) for turn in some] for some in turns))
