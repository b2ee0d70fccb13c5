"""How long a day of the Log takes to be closed, and what that takes of memory: its summary and its three files."""

import os
import threading
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import psutil

from benchmarks.table import Figures, Row
from model.chat.conversation import Conversation
from model.chat.message import Message
from model.log.days import conversation_id

DAY = date(2026, 11, 29)
LIMIT_S = 60.0
COUNTS = (1_000, 10_000)


def days(folder: Path) -> Iterator[Row]:
    """Yield how long days of several sizes take, each in an app of its own with the embedded model."""
    for count in COUNTS:
        seconds, grown_mb = _closed(folder / f"day-{count}", count)
        yield Row(f"A day of {count:,} messages closed", "s", LIMIT_S, Figures([seconds]))
        yield Row(f"Memory that closing it took, {count:,} messages", "MB", None, Figures([grown_mb]))


def _closed(folder: Path, count: int) -> tuple[float, float]:
    """Return how many seconds closing took, and by how many MB the process grew meanwhile."""
    from controller.stages.log.closing import close_day
    from controller.stages.log.diary import diary_of
    from view.app import RunningApp

    folder.mkdir(parents=True)
    os.environ["CONVERSATIONS_FILE"] = str(folder / "conversations.json")
    services = RunningApp().services_of()
    diary = diary_of(services.resources)
    diary.open(services)
    opening = Message("system", "A day.", id=conversation_id(DAY), kind="Opening of the day")
    said = [Message(("user", "assistant")[n % 2], _text(n)) for n in range(count)]
    services.conversations.save_conversation(DAY.isoformat(), Conversation([opening, *said]))
    before, peak = _memory_mb(), [0.0]
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(0.05):
            peak[0] = max(peak[0], _memory_mb())

    threading.Thread(target=watch, daemon=True).start()
    began_at = time.perf_counter()
    close_day(diary, DAY)
    seconds = time.perf_counter() - began_at
    ended.set()
    return seconds, peak[0] - before


def _text(number: int) -> str:
    things = ("pear tree", "garden gate", "train to Basel", "bread with rye", "letter to the bank", "old piano")
    thing = things[number % len(things)]
    return f"Number {number}: we talked about the {thing}, and what would have to be done about it next week."


def _memory_mb() -> float:
    return float(psutil.Process().memory_info().rss) / 1e6
