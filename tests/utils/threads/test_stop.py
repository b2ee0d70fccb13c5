"""Stop is seen from every thread, and its actions run once."""

from utils.threads.stop import CancellationToken


def test_actions_run_when_it_is_set_and_at_once_afterwards():
    stop, done = CancellationToken(), []
    stop.when_set(lambda: done.append("before"))
    assert not stop.is_set and done == []
    stop.set()
    stop.set()
    stop.when_set(lambda: done.append("after"))
    assert stop.is_set and done == ["before", "after"]
