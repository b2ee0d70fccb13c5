"""Turns whose program is killed: what asks in a process of its own, how it is killed, and what must be left of it.

The processes are forked from one that has imported everything, so that fifty of them take seconds.
"""

import logging
import multiprocessing
import os
import random
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing.connection import wait
from multiprocessing.context import ForkServerContext, ForkServerProcess
from multiprocessing.synchronize import Event
from threading import Lock

from controller.chat.turns import Turns
from controller.llm.discovery import build_providers
from controller.stages.chatbot_with_memory import MemoryController
from controller.tokens import count_tokens
from model.chat.conversation import Conversation
from model.chat.message import COMPLETE, INTERRUPTED, Message
from model.store.journal import Journal
from model.store.json_store import JsonStore
from settings import Settings
from tests.scripted_server import Reply, Request, ScriptedServer
from view.app import build_resources
from view.pages import provide_parts
from view.shell.services import services

WORDS = [f"word{number}" for number in range(600)]
# About three seconds long: of one that takes less than a second nothing need be left.
LONG = Reply(" ".join(WORDS), tokens_per_s=200)
LONG_S = 3.0
ALLOWED_S = 1.0
# A forked process may hang on a lock that was held while it was forked. It has done nothing then, so another is forked.
ATTEMPTS = 3
START_S = 15.0

# Starting a process looks after all others too, and of two that look at once one gets no exit code.
_one_looks = Lock()


@dataclass(frozen=True)
class Victim:
    """One turn to be killed: where its conversation is, what is asked, and when the end comes after the beginning."""

    environ: Mapping[str, str]
    conversation_id: str | None
    prompt: str
    killed_after_s: float


@dataclass(frozen=True)
class Seen:
    """What the endpoint saw: whether it was asked, and how much it had sent a second before the kill, and at it."""

    was_asked: bool
    token_count_before: int
    token_count: int


def random_moments(count: int, chance: random.Random) -> list[float]:
    """Return moments of a turn in s: most anywhere in it, some right at its beginning, some around its end."""
    begins = [chance.uniform(0, 0.1) for _ in range(count // 6)]
    ends = [LONG_S + chance.uniform(0, 0.2) for _ in range(count // 6)]
    return [*begins, *ends, *(chance.uniform(0, LONG_S) for _ in range(count - len(begins) - len(ends)))]


def killed(victim: Victim, server: ScriptedServer) -> Seen:
    """Let a process ask, kill it in mid-turn, and tell what the endpoint saw."""
    process = _ready_process(victim)

    def kill() -> None:
        process.kill()
        assert _exit_code(process) == -signal.SIGKILL

    return killed_at(time.monotonic() + victim.killed_after_s, kill, victim.prompt, server)


def killed_at(moment: float, kill: Callable[[], None], prompt: str, server: ScriptedServer) -> Seen:
    """Wait for the moment, kill, and tell what the endpoint had sent by then."""
    time.sleep(max(0.0, moment - ALLOWED_S - time.monotonic()))
    before = _request_of(prompt, server)
    token_count_before = before.tokens_sent if before else 0
    # On a slow machine the kill may come late, but never earlier than a second after the look above.
    time.sleep(max(ALLOWED_S if token_count_before else 0.0, moment - time.monotonic()))
    kill()
    request = _request_of(prompt, server)
    return Seen(request is not None, token_count_before, request.tokens_sent if request else 0)


def restart(environ: Mapping[str, str]) -> None:
    """Build what the first page of a started app builds, in a process of its own."""
    for _ in range(ATTEMPTS):
        process = _started(_restart, environ)
        exit_code = _exit_code(process)
        if exit_code is not None:
            break
        process.kill()
    assert exit_code == 0, f"the restart ended with {exit_code}"


def assert_kept(turn: list[Message], prompt: str, seen: Seen) -> None:
    """Check that the question is there, and of the answer all but what was sent in the last second."""
    if not seen.was_asked and not turn:
        return  # nothing had begun
    question, answer = turn
    assert (question.role, question.content) == ("user", prompt)
    assert LONG.text.startswith(answer.content), "it holds what was never sent"
    assert seen.token_count_before <= len(answer.content.split()) <= seen.token_count
    assert answer.status == INTERRUPTED or (answer.status, answer.content) == (COMPLETE, LONG.text)


def _context() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context


def _started(target: Callable[..., None], *args: object) -> ForkServerProcess:
    process = _context().Process(target=target, args=args, daemon=True)
    with _one_looks:
        process.start()
    return process


def _ready_process(victim: Victim) -> ForkServerProcess:
    """Return a process that is about to ask."""
    for _ in range(ATTEMPTS):
        ready = _context().Event()
        process = _started(_ask, victim, ready)
        if ready.wait(START_S):
            return process
        process.kill()
    raise AssertionError("no process started")


def _exit_code(process: ForkServerProcess) -> int | None:
    """Wait for the end of a process."""
    wait([process.sentinel], timeout=START_S)
    with _one_looks:
        process.join(1)
        return process.exitcode


def _request_of(prompt: str, server: ScriptedServer) -> Request | None:
    """Return the request that asked this."""
    requests = (request for request in tuple(server.requests) if request.body["messages"][-1]["content"] == prompt)
    return next(requests, None)


def _ask(victim: Victim, ready: Event) -> None:
    """Take one turn as a page does, and stay."""
    logging.captureWarnings(True)
    settings = Settings.from_env(victim.environ)
    file = settings.conversations_file
    store = JsonStore(file)
    turns = Turns(Journal(file.with_name(f"{file.name}.journal"), store))
    conversation = store.find(victim.conversation_id) if victim.conversation_id else Conversation()
    controller = MemoryController(build_resources(build_providers(settings)))
    count_tokens(Message("user", "warm"))  # as `Providers.warm` does: what is loaded at first takes long
    ready.set()
    turns.ask(controller, conversation, victim.prompt)
    time.sleep(60)


def _restart(environ: Mapping[str, str]) -> None:
    os.environ.update(environ)
    provide_parts()
    services()
