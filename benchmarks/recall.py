"""How often what was said long ago is found by a question in other words, and how long that takes.

`python -m benchmarks.recall` prints how the thresholds do on the questions by which they were chosen.
Read next: `benchmarks/recall/README.md`.
"""

import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from threading import Event, Thread
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.table import Figures, Row
from controller.stages.log.memory.recall import lower_priority
from model.chat.conversation import Conversation
from model.chat.message import Message
from model.log.memory.index import LEAST_LIKENESS, LEAST_OWN, MemoryIndex, Recalled
from model.store.json_store import JsonStore
from utils.json_tools.text import json_line
from utils.retrieval.bm25 import postings_of, scores, terms_of
from utils.retrieval.embeddings import Encoder
from utils.text.markdown import for_display

TEXTS = Path(__file__).with_name("recall")
CONVERSATIONS, MANY_MESSAGES = 1_000, 50_000
AMONG, ROUNDS = 3, 15
SLOTS = {
    "food": "lentils beetroot rice pumpkin trout noodles barley spinach dumplings mushrooms".split(),
    "plant": "lavender rosemary clover jasmine ivy thistles lupins heather fennel mint".split(),
    "city": "Lisbon Oslo Graz Ghent Porto Turin Riga Krakow Malmo Seville".split(),
    "name": "Karl Amina Jun Sofia Pavel Greta Luis Yara Emil Noor".split(),
    "tool": "chisel lathe ladder wrench anvil crane drill saw clamp shovel".split(),
    "thing": "buttons invoices kites pebbles lanterns bottles ribbons candles postcards baskets".split(),
    "day": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split(),
    "month": "January March April June July September October December".split(),
}


class Asked(NamedTuple):
    """What was said, and a question about it; nothing was said where it has no answer."""

    said: str
    question: str


def recall(folder: Path) -> Iterator[Row]:
    """Yield quality and speed."""
    pairs, nowhere = asked("measured"), unanswered("measured")
    index = memory_with(folder / "recall", pairs)
    yield from _qualities(index, pairs, nowhere)
    index.close()
    yield from _large(folder / "recall-large", [pair.question for pair in pairs])
    yield from _in_background(folder / "recall-background")


def asked(name: str) -> list[Asked]:
    lines = (TEXTS / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return [Asked(*line.split(" | ")) for line in lines]


def unanswered(name: str) -> list[str]:
    return (TEXTS / f"{name}_unanswered.txt").read_text(encoding="utf-8").splitlines()


def talk(count: int, seed: int = 1) -> Iterator[list[str]]:
    """Yield conversations of eight messages as people have them, the same ones each time."""
    luck = random.Random(seed)
    lines = (TEXTS / "talk.txt").read_text(encoding="utf-8").splitlines()
    for _ in range(count):
        chosen = luck.sample(lines, 4)
        filled = (
            line.format(n=luck.randint(2, 90), **{k: luck.choice(v) for k, v in SLOTS.items()}) for line in chosen
        )
        yield [text for line in filled for text in line.split(" | ", 1)]


def memory_with(folder: Path, pairs: Sequence[Asked]) -> MemoryIndex:
    """Return a memory of a thousand conversations, in which each of these things was said once."""
    store = JsonStore(folder / "conversations.json")
    said, luck = list(talk(CONVERSATIONS)), random.Random(2)
    for place, pair in zip(luck.sample(range(CONVERSATIONS), len(pairs)), pairs, strict=True):
        said[place][4:4] = [pair.said, "Thanks for telling me."]
    store.add((f"Conversation {number}", conversation_of(texts)) for number, texts in enumerate(said))
    index = MemoryIndex(folder / "conversations.json.memory", store, Encoder())
    index.sync()
    return index


def conversation_of(texts: Sequence[str]) -> Conversation:
    return Conversation([Message(("user", "assistant")[number % 2], text) for number, text in enumerate(texts)])


def _qualities(index: MemoryIndex, pairs: Sequence[Asked], nowhere: Sequence[str]) -> Iterator[Row]:
    """Yield how often the right thing is found, and how often it is told rightly that there is none."""
    found = {pair.question: index.search(pair.question, AMONG) for pair in pairs}
    hits = [100.0 * any(one.text == pair.said for one in found[pair.question]) for pair in pairs]
    by_words = [100.0 * hit for hit in _found_by_words(pairs)]
    what = f"Recall, {len(pairs)} questions in other words over {CONVERSATIONS:,} conversations"
    shares = [float(np.mean(hits))], [float(np.mean(by_words))]
    yield Row(f"{what}: right among the first {AMONG}", "%", 85, Figures(shares[0], raw=shares[1]), is_least=True)
    kept = [100.0 * any(one.is_alike for one in found[pair.question]) for pair in pairs]
    yield Row("Recall, of these not turned away", "%", None, Figures([float(np.mean(kept))]))
    shown = [100.0 * any(one.text == pair.said and one.may_be_like for one in found[pair.question]) for pair in pairs]
    yield Row(
        "Recall, of these right and shown to a model that calls tools", "%", None, Figures([float(np.mean(shown))])
    )
    away = [100.0 * (not any(one.is_alike for one in index.search(question, AMONG))) for question in nowhere]
    measure = f"Recall, {len(nowhere)} questions without an answer: turned away"
    yield Row(measure, "%", 90, Figures([float(np.mean(away))]), is_least=True)


def _found_by_words(pairs: Sequence[Asked]) -> list[bool]:
    """Return for each question whether BM25 alone finds what was said."""
    texts = [*(text for texts in talk(CONVERSATIONS) for text in texts), *(pair.said for pair in pairs)]
    postings, begin = postings_of(texts), len(texts) - len(pairs)
    hits = []
    for number, pair in enumerate(pairs, begin):
        fits = scores([postings], terms_of(pair.question))
        hits.append(bool(fits[number] > 0) and number in np.argsort(-fits, kind="stable")[:AMONG])
    return hits


class FastEncoder(Encoder):
    """Counts as the real one does, and makes vectors of nothing at all: to make 50,000 takes a quarter of an hour."""

    def __init__(self) -> None:
        super().__init__()
        self._random = np.random.default_rng(1)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        vectors = self._random.standard_normal((len(texts), self.size), np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors


def _large(folder: Path, questions: Sequence[str]) -> Iterator[Row]:
    """Yield what a question over 50,000 messages takes, also just after something was said."""
    store = JsonStore(folder / "conversations.json")
    texts = (text for texts in talk(MANY_MESSAGES // 8, seed=3) for text in texts)
    store.add((f"Conversation {n}", conversation_of(some)) for n, some in enumerate(_in_twenties(texts)))
    path = folder / "conversations.json.memory"
    made = MemoryIndex(path, store, FastEncoder())
    made.sync()
    made.close()
    index = MemoryIndex(path, store, Encoder())
    yield Row(
        f"Recall, first question over {MANY_MESSAGES:,} messages", "s", None, Figures([_took_ms(index, "x") / 1000])
    )
    took = [_took_ms(index, question) for question in questions[:ROUNDS]]
    yield Row(f"Recall, question over {MANY_MESSAGES:,} messages", "ms", 60, Figures(took))
    after = []
    for number, question in enumerate(questions[:ROUNDS]):
        store.add([(f"New {number}", conversation_of(["I have just said this.", "So you have."]))])
        index.sync()
        after.append(_took_ms(index, question))
    yield Row("Recall, the same after something was said", "ms", None, Figures(after))
    yield Row("Recall, size of its file", "MB", None, Figures([path.stat().st_size / 2**20]))
    index.close()


def _in_background(folder: Path) -> Iterator[Row]:
    """Yield how long a page's own work takes while a file of 100 MB is taken in."""
    said = [" ".join(texts) for texts in talk(2_000, seed=4)]
    rows = {f"Conversation {n}": [{"role": "user", "content": f"{n} {text}"} for text in said] for n in range(142)}
    folder.mkdir()
    (folder / "conversations.json").write_bytes(json_line(rows))
    store = JsonStore(folder / "conversations.json")
    size_mb = store.path.stat().st_size / 2**20
    conversation = store.find(store.entries()[0].id)
    encoder, has_ended = CountingEncoder(), Event()
    index = MemoryIndex(folder / "conversations.json.memory", store, encoder)
    _page_work_ms(conversation)
    alone = [_page_work_ms(conversation) for _ in range(ROUNDS)]
    worker = Thread(target=_sync_below, args=(index, has_ended), daemon=True)
    worker.start()
    while not encoder.count:
        time.sleep(0.01)
    beside = [_page_work_ms(conversation) for _ in range(ROUNDS)]
    has_ended.set()
    worker.join()
    index.close()
    yield Row(f"Recall, a page's work while {size_mb:.0f} MB are taken in", "ms", None, Figures(beside, raw=alone))


class CountingEncoder(Encoder):
    """Counts what it encodes."""

    count = 0

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.count += len(texts)
        return super().encode(texts)


def _sync_below(index: MemoryIndex, has_ended: Event) -> None:
    lower_priority()
    index.sync(lambda: not has_ended.is_set())


def _page_work_ms(conversation: Conversation) -> float:
    """Return how long the text of a thousand messages takes to be made ready for the page."""
    began_at = time.perf_counter()
    for message in conversation.messages[-1000:]:
        for_display(message.content)
    return 1000 * (time.perf_counter() - began_at)


def _in_twenties(texts: Iterator[str]) -> Iterator[list[str]]:
    while some := list(islice(texts, 20)):
        yield some


def _took_ms(index: MemoryIndex, question: str) -> float:
    began_at = time.perf_counter()
    index.search(question, 6)
    return 1000 * (time.perf_counter() - began_at)


def main() -> None:
    """Print how thresholds do on the questions by which they are chosen."""
    pairs, nowhere = asked("chosen"), unanswered("chosen")
    with tempfile.TemporaryDirectory() as folder:
        index = memory_with(Path(folder), pairs)
        best = [index.search(pair.question, AMONG) for pair in pairs]
        wrong = [index.search(question, AMONG) for question in nowhere]
    right = [any(one.text == pair.said for one in found) for pair, found in zip(pairs, best, strict=True)]
    print(f"right among the first {AMONG}: {sum(right)} of {len(right)}")
    for own in np.arange(0.33, 0.5, 0.02):
        for other in (own, own + 0.06):
            kept, away = _share(best, own, other), 1 - _share(wrong, own, other)
            told = f"{kept:.0%} kept, {away:.0%} turned away"
            print(f"the person's own words {own:.2f}, others {other:.2f}: {told}")


def _share(found: Sequence[Sequence[Recalled]], own: float, other: float) -> float:
    """Return how often something is alike with other thresholds."""
    least = {LEAST_OWN: own, LEAST_LIKENESS: other}
    alike = [any(one._replace(least_likeness=least[one.least_likeness]).is_alike for one in some) for some in found]
    return float(np.mean(alike))


if __name__ == "__main__":
    main()
