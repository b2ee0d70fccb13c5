"""How long a search over all saved conversations takes, beside a plain look at every message in memory."""

import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from benchmarks.samples import varied_conversations, vocabulary
from benchmarks.table import Figures, Row
from model.search.index import SearchIndex
from model.store.file_format import contents_of
from model.store.json_store import JsonStore
from utils.json_tools import text as json_text


def searches(folder: Path, rounds: int = 3) -> Iterator[Row]:
    """Measure searches of several kinds; each figure is one of them."""
    for count in (10, 1_000, 10_000):
        path = folder / f"{count}.json"
        path.write_bytes(json_text.json_line(varied_conversations(count)))
        limit = 50 if count == 10_000 else None
        yield Row(f"Search, {count:,} conversations of 20 messages", "ms", limit, _figures(JsonStore(path), rounds))


def _figures(store: JsonStore, rounds: int) -> Figures:
    index = SearchIndex(store.path.with_name(f"{store.path.name}.index"), store)
    index.sync()
    contents = {name: [name, *contents_of(name, entry).values()] for name, entry in reversed(store.snapshot().items())}
    figures = Figures([], raw=[])
    for text in sought() * rounds:
        figures.ours.append(took_ms(partial(index.search, text)))
        figures.raw.append(took_ms(partial(_plain_search, contents, text)))
    index.close()
    return figures


def sought() -> list[str]:
    """Return a common word, a rare one, one that nobody said, the beginning of one, two words, and a phrase."""
    words = vocabulary()
    return [words[5], words[-5], "unheard", words[200][:4], f"{words[40]} {words[20]}", f"{words[0]} {words[1]}"]


def _plain_search(contents: dict[str, list[str]], text: str) -> list[str]:
    """Return the conversations that have all the words, the exact phrase first."""
    words = text.casefold().split()
    exact, others = [], []
    for name, texts in contents.items():
        folded = [content.casefold() for content in texts]
        if any(text.casefold() in content for content in folded):
            exact.append(name)
        elif any(all(word in content for word in words) for content in folded):
            others.append(name)
    return exact + others


def took_ms(work: Callable[[], object]) -> float:
    """Return how long something takes."""
    started_at_s = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - started_at_s)
