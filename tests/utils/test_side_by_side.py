"""Calls that take too long are left behind, and told so."""

import time
from threading import Event, Timer

import pytest

from utils.side_by_side import Call, apart, side_by_side
from utils.stop import Stop


def test_results_come_in_the_order_of_their_ends_and_a_failure_is_a_result():
    def slow(_stop: Stop) -> str:
        time.sleep(0.2)
        return "slow"

    def failing(_stop: Stop) -> str:
        time.sleep(0.1)
        raise ValueError("broken")

    results = list(side_by_side([slow, failing, lambda _stop: "quick"], Stop(), 5))
    assert [place for place, _ in results] == [2, 1, 0]
    assert [str(result) for _, result in results] == ["quick", "broken", "slow"]


def test_the_time_limit_leaves_the_rest_behind_and_tells_it():
    told = Event()

    def endless(stop: Stop) -> str:
        stop.when_set(told.set)
        time.sleep(30)
        return "late"

    began_at = time.monotonic()
    assert [result for _, result in side_by_side([endless, lambda _stop: "quick"], Stop(), 0.2)] == ["quick"]
    assert time.monotonic() - began_at < 1
    assert told.wait(1)


def test_with_enough_of_them_the_slow_ones_have_little_time_left():
    def after(seconds: float) -> Call[float]:
        def wait(_stop: Stop) -> float:
            time.sleep(seconds)
            return seconds

        return wait

    calls = [after(30), after(0.1), missing, after(0), after(0.2)]
    began_at = time.monotonic()
    results = [result for _, result in side_by_side(calls, Stop(), 20, enough=2, grace_s=0.5)]
    assert [result for result in results if isinstance(result, float | int)] == [0, 0.1, 0.2]
    assert time.monotonic() - began_at < 1


def test_closing_it_early_tells_what_still_runs():
    told = Event()

    def endless(stop: Stop) -> str:
        stop.when_set(told.set)
        time.sleep(30)
        return "late"

    results = side_by_side([endless, lambda _stop: "quick"], Stop(), 20)
    assert next(results) == (1, "quick")
    results.close()
    assert told.wait(1)


def test_a_stop_ends_it_within_a_second():
    stop = Stop()
    Timer(0.1, stop.set).start()
    began_at = time.monotonic()
    with pytest.raises(InterruptedError):
        apart(lambda _stop: time.sleep(30), stop, 20)
    assert time.monotonic() - began_at < 1


def missing(_stop: Stop) -> str:
    raise LookupError("missing")


def test_one_call_apart_returns_raises_or_takes_too_long():
    assert apart(lambda _stop: "done", Stop(), 5) == "done"
    with pytest.raises(LookupError, match="missing"):
        apart(missing, Stop(), 5)
    with pytest.raises(TimeoutError, match=r"no answer within 0\.1 seconds"):
        apart(lambda _stop: time.sleep(30), Stop(), 0.1)
