"""Calls that take too long are left behind, and told so."""

import time
from threading import Event, Timer

import pytest

from tests.waiting import FOR_EVER_S, PATIENCE_S
from utils.threads.jobs import Call, run_with_timeout, side_by_side
from utils.threads.stop import CancellationToken


def test_results_come_in_the_order_of_their_ends_and_a_failure_is_a_result():
    turns = [Event(), Event()]

    def slow(_stop: CancellationToken) -> str:
        turns[1].wait(PATIENCE_S)
        return "slow"

    def failing(_stop: CancellationToken) -> str:
        turns[0].wait(PATIENCE_S)
        raise ValueError("broken")

    results = []
    for result in side_by_side([slow, failing, lambda _stop: "quick"], CancellationToken(), FOR_EVER_S):
        results.append(result)
        turns[min(len(results), 2) - 1].set()  # the next one may end
    assert [place for place, _ in results] == [2, 1, 0]
    assert [str(result) for _, result in results] == ["quick", "broken", "slow"]


def test_the_time_limit_leaves_the_rest_behind_and_tells_it():
    told = Event()

    def endless(stop: CancellationToken) -> str:
        stop.when_set(told.set)
        time.sleep(FOR_EVER_S)
        return "late"

    assert [result for _, result in side_by_side([endless, lambda _stop: "quick"], CancellationToken(), 0.2)] == [
        "quick"
    ]
    assert told.wait(PATIENCE_S)


def test_with_enough_of_them_the_slow_ones_have_little_time_left():
    def after(seconds: float) -> Call[float]:
        def wait(_stop: CancellationToken) -> float:
            time.sleep(seconds)
            return seconds

        return wait

    calls = [after(FOR_EVER_S), after(0.1), missing, after(0), after(0.2)]
    results = [result for _, result in side_by_side(calls, CancellationToken(), FOR_EVER_S, enough=2, grace_s=2)]
    assert [result for result in results if isinstance(result, float | int)] == [0, 0.1, 0.2]


def test_closing_it_early_tells_what_still_runs():
    told = Event()

    def endless(stop: CancellationToken) -> str:
        stop.when_set(told.set)
        time.sleep(FOR_EVER_S)
        return "late"

    results = side_by_side([endless, lambda _stop: "quick"], CancellationToken(), FOR_EVER_S)
    assert next(results) == (1, "quick")
    results.close()
    assert told.wait(PATIENCE_S)


def test_a_stop_ends_it():
    stop = CancellationToken()
    Timer(0.1, stop.set).start()
    with pytest.raises(InterruptedError):
        run_with_timeout(lambda _stop: time.sleep(FOR_EVER_S), stop, FOR_EVER_S)


def missing(_stop: CancellationToken) -> str:
    raise LookupError("missing")


def test_one_call_apart_returns_raises_or_takes_too_long():
    assert run_with_timeout(lambda _stop: "done", CancellationToken(), 5) == "done"
    with pytest.raises(LookupError, match="missing"):
        run_with_timeout(missing, CancellationToken(), 5)
    with pytest.raises(TimeoutError, match=r"no answer within 0\.1 seconds"):
        run_with_timeout(lambda _stop: time.sleep(FOR_EVER_S), CancellationToken(), 0.1)


def test_a_call_that_fails_first_does_not_end_the_others():
    was_told, results = Event(), {}

    def failing(_stop: CancellationToken) -> str:
        raise ValueError("broken")

    def slow(_stop: CancellationToken) -> str:
        was_told.wait(PATIENCE_S)
        return "slow"

    for place, result in side_by_side([failing, slow], CancellationToken(), FOR_EVER_S):
        results[place] = str(result)
        was_told.set()
    assert results == {0: "broken", 1: "slow"}
