"""Each client has its own bucket, which fills steadily."""

import pytest

from view.http import auth
from view.http.auth import RateLimit


class Clock:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def test_a_bucket_empties_and_fills_again():
    clock = Clock()
    limit = RateLimit(60, clock)
    assert [limit.wait_s("a") for _ in range(60)] == [0.0] * 60
    assert limit.wait_s("a") == pytest.approx(1.0)
    assert limit.wait_s("b") == 0.0
    clock.now_s = 0.9
    assert limit.wait_s("a") == pytest.approx(0.1)
    clock.now_s = 1.0
    assert limit.wait_s("a") == 0.0
    clock.now_s = 1e6
    assert [limit.wait_s("a") for _ in range(61)][-1] > 0


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(auth, "MOST_CLIENTS", 10)
    limit = RateLimit(60)
    for number in range(100):
        limit.wait_s(str(number))
    assert len(limit._buckets) == 10
