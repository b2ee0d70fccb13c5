"""A program that is killed in the middle of a turn: the question is kept, and all of the answer but its last second."""

import os
import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from model.chat.conversation import Conversation
from model.chat.message import Message
from model.store.json_store import JsonStore
from tests.killed_turns import LONG, Seen, Victim, assert_kept, killed, random_moments, restart
from tests.scripted_server import ScriptedServer
from tests.waiting import daily

KILLS = daily(12, 48)  # two more kill the whole server, in tests/browser/test_killed_server.py
AT_ONCE = 6
OLD = "Other 7"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name != "posix", reason="processes are forked, and killed by a signal"),
]


@dataclass(frozen=True)
class Crash:
    """A killed turn, and what its file held before."""

    victim: Victim
    file: Path
    before: dict[str, bytes]
    seen: Seen


def test_of_a_killed_turn_at_most_the_last_second_is_missing(
    server: ScriptedServer, environ: dict[str, str], tmp_path: Path
):
    seed = random.SystemRandom().randrange(1_000_000)
    server.script(*[LONG] * KILLS)

    def crash(number: int, moment_s: float) -> Crash:
        return crash_in(tmp_path / str(number), f"Question {number}", moment_s, (server, environ))

    with ThreadPoolExecutor(AT_ONCE) as pool:
        crashes = list(pool.map(crash, count(), random_moments(KILLS, random.Random(seed))))
        failures = [failure for failure in pool.map(failure_of, crashes) if failure]
    assert not failures, f"seed {seed}:\n" + "\n".join(failures)


def crash_in(folder: Path, prompt: str, moment_s: float, against: tuple[ScriptedServer, dict[str, str]]) -> Crash:
    """Kill a turn in a folder of its own; every other one goes on with a conversation that was saved."""
    server, environ = against
    store = store_with_others(folder)
    goes_on = int(folder.name) % 2 == 1
    victim = Victim(
        {**environ, "CONVERSATIONS_FILE": str(store.path)},
        store.load(OLD).id if goes_on else None,
        prompt,
        moment_s,
    )
    return Crash(victim, store.path, written(store), killed(victim, server))


def store_with_others(folder: Path) -> JsonStore:
    """Return a store that holds conversations already."""
    folder.mkdir()
    store = JsonStore(folder / "conversations.json")
    turns = [[Message("user", f"What is {n}?"), Message("assistant", f"It is {n}. " * 50)] for n in range(20)]
    store.add((f"Other {n}", Conversation(turn)) for n, turn in enumerate(turns))
    return store


def written(store: JsonStore) -> dict[str, bytes]:
    """Return what the file says of each conversation."""
    return {name: bytes(entry.raw) for name, entry in store.snapshot().items()}


def failure_of(crash: Crash) -> str:
    """Start the app again, and return what is wrong then, or nothing."""
    try:
        check_restarted(crash)
    except AssertionError as error:
        return f"{crash.victim.prompt}, killed after {crash.victim.killed_after_s:.3f} s, {crash.seen}: {error}"
    return ""


def check_restarted(crash: Crash) -> None:
    """Check that the turn is kept, that nothing else is touched, and that a second start changes nothing."""
    goes_on = crash.victim.conversation_id is not None
    name = OLD if goes_on else crash.victim.prompt
    restart(crash.victim.environ)
    store = JsonStore(crash.file)
    after = written(store)
    assert {**after, name: b""} == {**crash.before, name: b""}, "another conversation was touched"
    messages = store.load(name).messages if name in after else []
    if goes_on:
        assert crash.before[OLD].removesuffix(b"\n]") in after[OLD], "what was said before was touched"
    assert_kept(messages[2:] if goes_on else messages, crash.victim.prompt, crash.seen)
    restart(crash.victim.environ)
    assert written(store) == after, "it was recovered twice"
    assert not list(crash.file.with_name(f"{crash.file.name}.journal").glob("*.jsonl")), "a turn was left"
