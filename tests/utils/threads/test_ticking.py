"""A line that counts seconds, and is silent once it is over."""

import time

import pytest

from tests.waiting import wait_until
from utils.threads import jobs
from utils.threads.jobs import ticking as ticks


def test_it_tells_at_once_counts_and_ends(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(jobs, "EVERY_S", 0.02)
    monkeypatch.setattr(jobs, "SHORT_S", 0.05)
    told: list[str] = []
    with ticks(told.append, "drawing…"):
        assert told == ["drawing…"]
        wait_until(lambda: len(told) > 2)
    assert told[1].startswith("drawing… ")
    count = len(told)
    time.sleep(0.1)  # a silence is what is tested
    assert len(told) == count
