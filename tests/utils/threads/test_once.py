"""A property that is made once, however many threads come first."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event, Semaphore

import pytest

from settings import ROOT
from tests.waiting import PATIENCE_S
from utils.threads.once import once

MANY = 8


def test_no_part_of_bnagpt_is_kept_without_a_lock():
    folders = ("view", "controller", "model", "utils")
    files = [
        path for folder in folders for path in (ROOT / folder).rglob("*.py") if path != ROOT / "utils/threads/once.py"
    ]
    assert len(files) > 100
    assert [path for path in files if "cached_property" in path.read_text(encoding="utf-8")] == []


class Owner:
    """Makes something that takes until it is let go on."""

    def __init__(self, may_end: Event) -> None:
        self.may_end = may_end
        self.has_begun = Semaphore(0)
        self.made_count = 0

    @once
    def part(self) -> object:
        """Return a part."""
        self.made_count += 1
        self.has_begun.release()
        assert self.may_end.wait(PATIENCE_S)
        return object()


def test_threads_that_come_at_once_get_the_same_one():
    owner, all_here = Owner(Event()), Barrier(MANY + 1)

    def look() -> object:
        all_here.wait(PATIENCE_S)
        return owner.part

    with ThreadPoolExecutor(MANY) as pool:
        looks = [pool.submit(look) for _ in range(MANY)]
        all_here.wait(PATIENCE_S)
        assert owner.has_begun.acquire(timeout=PATIENCE_S)
        owner.may_end.set()
        assert len({look.result(PATIENCE_S) for look in looks}) == owner.made_count == 1
    assert owner.part is owner.part and owner.made_count == 1


def test_one_object_does_not_wait_for_another():
    may_end = Event()
    owners = [Owner(may_end), Owner(may_end)]
    with ThreadPoolExecutor(2) as pool:
        looks = [pool.submit(getattr, owner, "part") for owner in owners]
        try:
            assert all(owner.has_begun.acquire(timeout=PATIENCE_S) for owner in owners)
        finally:
            may_end.set()
        assert looks[0].result(PATIENCE_S) is not looks[1].result(PATIENCE_S)


def test_what_can_not_be_made_is_tried_again():
    class Shy:
        tried_count = 0

        @once
        def part(self) -> int:
            self.tried_count += 1
            return 1 // (self.tried_count - 1)

    shy = Shy()
    with pytest.raises(ZeroDivisionError):
        _ = shy.part
    assert shy.part == 1 and shy.tried_count == 2
