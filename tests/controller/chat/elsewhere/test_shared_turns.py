"""Turns in other processes: seen, followed, permitted and stopped, also where messages were lost on the way."""

import asyncio
import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any

import pytest

from controller.chat.elsewhere import shared_turns
from controller.chat.elsewhere import turn as one_turn
from controller.chat.elsewhere.shared_turns import SharedTurns
from controller.chat.elsewhere.turn import TurnElsewhere
from controller.chat.live_answer import LiveAnswer
from controller.chat.turns import RunningTurn, Turns
from controller.llm.providers import Providers
from controller.stages.chatbot_with_memory import MemoryController
from controller.turn import SENDS, ModelSelection, Permission, TurnControl
from model.chat.conversation import Conversation
from model.chat.events import Event, Finished, Started
from model.chat.message import COMPLETE, FAILED, INTERRUPTED, STOPPED
from model.errors import TurnUnderWay
from model.store.journal import Journal
from model.store.json_store import JsonStore
from tests.scripted_server import Reply, ScriptedServer
from tests.waiting import FOR_EVER_S, PATIENCE_S, wait_until
from utils.threads.broadcast import Broadcast
from view.app import build_resources

ENDLESS = Reply("so it goes on " * 2_000, tokens_per_s=50)


class Line:
    """A bus within this process; like the real one it tells in the background, in order, and may lose messages."""

    def __init__(self) -> None:
        self._queues: list[SimpleQueue[tuple[str, str] | None]] = []
        self.is_cut = False
        self.sent: list[dict[str, Any]] = []

    def join(self, shared: SharedTurns) -> None:
        """Let one more process take part."""
        name, queue = str(len(self._queues)), SimpleQueue[tuple[str, str] | None]()
        self._queues.append(queue)
        shared.bus = _End(self, name)
        Thread(target=self._deliver, args=(queue, shared), daemon=True).start()
        shared.join()

    def send(self, name: str, message: dict[str, Any]) -> None:
        self.sent.append(message)
        for other, queue in enumerate(self._queues):
            if str(other) != name and not self.is_cut:
                queue.put((name, json.dumps(message)))

    def close(self) -> None:
        for queue in self._queues:
            queue.put(None)

    @staticmethod
    def _deliver(queue: SimpleQueue[tuple[str, str] | None], shared: SharedTurns) -> None:
        while said := queue.get():
            shared.take(said[0], json.loads(said[1]))


class _End:
    """One process's end of the line."""

    def __init__(self, line: Line, name: str) -> None:
        self._line, self._name = line, name

    def send(self, message: dict[str, Any]) -> None:
        self._line.send(self._name, message)


class Process:
    """What a process has of one person's turns."""

    def __init__(self, folder: Path, line: Line, person: str = "") -> None:
        self.store = JsonStore(folder / "saved.json")
        self.shared = SharedTurns()
        line.join(self.shared)
        self.turns = self.of(person)

    def of(self, person: str) -> Turns:
        journal = Journal(self.store.path.with_name(f"{id(self)}{person}"), self.store)
        turns = Turns(journal, others=self.shared.of(person))
        self.shared.add(person, turns)
        return turns


@pytest.fixture
def line() -> Iterator[Line]:
    line = Line()
    yield line
    line.close()


@pytest.fixture
def processes(tmp_path: Path, line: Line) -> list[Process]:
    return [Process(tmp_path, line) for _ in range(3)]


@pytest.fixture
def controller(providers: Providers) -> MemoryController:
    return MemoryController(build_resources(providers))


def asked(process: Process, controller: MemoryController, conversation: Conversation | None = None) -> RunningTurn:
    return process.turns.ask(controller, conversation or Conversation(), "Hi there")


def seen_by(process: Process, turn: RunningTurn) -> TurnElsewhere:
    """Return a turn as another process has it."""
    wait_until(lambda: process.turns.conversations())
    found = process.turns.of(turn.conversation.id)
    assert isinstance(found, TurnElsewhere)
    return found


def test_a_turn_is_followed_to_its_end_and_says_the_same(
    processes: list[Process], controller: MemoryController, server: ScriptedServer
):
    server.script(Reply("one two three four " * 100, thinking="let me see", tokens_per_s=100))
    turn = asked(processes[0], controller)
    others = [seen_by(process, turn) for process in processes[1:]]
    assert turn.wait(PATIENCE_S) and all(other.wait(PATIENCE_S) for other in others)
    for other in others:
        assert other.answer.to_dict() == turn.answer.to_dict() and other.answer.status == COMPLETE
        assert [m.content for m in other.copy().messages] == [m.content for m in turn.conversation.messages]
    wait_until(lambda: not any(process.turns.conversations() for process in processes))
    assert processes[1].turns.of(turn.conversation.id) is None


def is_longer(turn: RunningTurn, length: int) -> bool:
    return len(turn.answer.content) > length


def test_an_answer_grows_where_it_is_followed(
    processes: list[Process], controller: MemoryController, server: ScriptedServer
):
    server.script(ENDLESS)
    turn = asked(processes[0], controller)
    other = seen_by(processes[1], turn)
    for length in (10, 50, 100):
        wait_until(partial(is_longer, other, length))
        assert turn.answer.content.startswith(other.answer.content)
    copy = other.copy()
    wait_until(lambda: len(copy.messages[-1].content) > 200)
    turn.stop()
    assert other.wait(PATIENCE_S)


def test_stop_ends_a_turn_in_another_process(
    processes: list[Process], controller: MemoryController, server: ScriptedServer
):
    server.script(ENDLESS)
    turn = asked(processes[0], controller)
    seen_by(processes[1], turn).stop()
    assert turn.wait(PATIENCE_S) and turn.answer.status == STOPPED


def test_where_a_turn_runs_elsewhere_none_is_begun(
    processes: list[Process], controller: MemoryController, server: ScriptedServer
):
    server.script(ENDLESS)
    turn = asked(processes[0], controller)
    other = seen_by(processes[1], turn)
    with pytest.raises(TurnUnderWay):
        asked(processes[1], controller, other.copy())
    processes[1].turns.end(turn.conversation.id or "", PATIENCE_S)
    assert turn.has_ended


def test_what_went_wrong_is_told_elsewhere(
    processes: list[Process], controller: MemoryController, server: ScriptedServer
):
    server.script(Reply(ENDLESS.text, tokens_per_s=50, cut_after=60))
    turn = asked(processes[0], controller)
    other = seen_by(processes[1], turn)
    assert other.wait(PATIENCE_S) and turn.wait(PATIENCE_S)
    assert other.error and turn.error and str(other.error) == str(turn.error) and other.answer.status == FAILED


def test_a_turn_that_nobody_follows_costs_two_messages(
    processes: list[Process], controller: MemoryController, server: ScriptedServer, line: Line
):
    line.sent.clear()
    assert asked(processes[0], controller).wait(PATIENCE_S)
    assert [message["kind"] for message in line.sent] == ["begin", "end"]


def test_no_word_of_a_temporary_conversation_leaves_the_process(
    processes: list[Process], controller: MemoryController, server: ScriptedServer, line: Line
):
    server.script(ENDLESS)
    line.sent.clear()
    turn = asked(processes[0], controller, Conversation(is_temporary=True))
    processes[0].shared.take("1", {"kind": "hello"})
    processes[0].shared.tick()
    turn.stop()
    assert turn.wait(PATIENCE_S)
    assert [(message["kind"], message.get("answers")) for message in line.sent] == [("alive", [])]


def test_other_people_see_nothing_of_it(
    processes: list[Process], controller: MemoryController, server: ScriptedServer, line: Line
):
    server.script(ENDLESS)
    theirs = processes[1].of("ben@example.org")
    turn = asked(processes[0], controller)
    seen_by(processes[1], turn)
    assert theirs.of(turn.conversation.id) is None and theirs.conversations() == []
    line.send("9", {"kind": "stop", "person": "ben@example.org", "conversation": turn.conversation.id})
    assert not turn.control.stop.is_set
    turn.stop()
    assert turn.wait(PATIENCE_S)


def test_who_comes_later_is_told_what_runs(
    processes: list[Process], controller: MemoryController, server: ScriptedServer, line: Line, tmp_path: Path
):
    server.script(ENDLESS)
    turn = asked(processes[0], controller)
    wait_until(lambda: turn.answer.content)
    late = Process(tmp_path, line)
    other = seen_by(late, turn)
    assert other.conversation.messages[0].content == "Hi there" and other.answer.content
    turn.stop()
    assert other.wait(PATIENCE_S)


def test_what_was_lost_while_the_database_was_gone_is_made_good(
    processes: list[Process], controller: MemoryController, server: ScriptedServer, line: Line
):
    server.script(ENDLESS)
    turn = asked(processes[0], controller)
    other = seen_by(processes[1], turn)
    wait_until(lambda: other.answer.content)
    line.is_cut, length = True, len(turn.answer.content)
    wait_until(lambda: len(turn.answer.content) > length + 50)
    line.is_cut = False
    for known in processes[1].shared._known.values():
        known.heard_at -= FOR_EVER_S
    processes[1].shared.join()
    processes[1].shared.tick()
    assert not other.has_ended
    wait_until(lambda: len(other.answer.content) > length + 50)
    assert turn.answer.content.startswith(other.answer.content)
    turn.stop()
    assert other.wait(PATIENCE_S) and other.answer.content == turn.answer.content


def test_a_beginning_and_an_end_that_were_lost_are_noticed(
    processes: list[Process], controller: MemoryController, server: ScriptedServer, line: Line
):
    server.script(ENDLESS)
    line.is_cut = True
    turn = asked(processes[0], controller)
    line.is_cut = False
    processes[0].shared.tick()
    other = seen_by(processes[1], turn)
    line.is_cut = True
    turn.stop()
    assert turn.wait(PATIENCE_S)
    line.is_cut = False
    processes[0].shared._alive_at = 0.0
    processes[0].shared.tick()
    assert other.wait(PATIENCE_S) and other.error is None


def test_a_process_that_is_gone_ends_its_turns_in_a_sentence(
    processes: list[Process],
    controller: MemoryController,
    server: ScriptedServer,
    line: Line,
    monkeypatch: pytest.MonkeyPatch,
):
    server.script(ENDLESS)
    turn = asked(processes[0], controller)
    other = seen_by(processes[1], turn)
    line.is_cut = True  # as if it had been killed
    monkeypatch.setattr(shared_turns, "SILENT_S", 0.0)
    processes[1].shared.tick()
    assert other.has_ended and other.error and "is gone" in other.error.message
    assert other.answer.status == INTERRUPTED
    assert processes[1].turns.of(turn.conversation.id) is None
    turn.stop()
    assert turn.wait(PATIENCE_S)


def test_a_process_that_does_not_answer_holds_nobody_up_twice(
    processes: list[Process],
    controller: MemoryController,
    server: ScriptedServer,
    line: Line,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(one_turn, "TOLD_WITHIN_S", 0.0)
    server.script(ENDLESS)
    turn = asked(processes[0], controller)
    wait_until(lambda: processes[1].turns.conversations())
    line.is_cut = True
    assert processes[1].turns.of(turn.conversation.id) is None and processes[1].turns.conversations() == []
    turn.stop()
    assert turn.wait(PATIENCE_S)


def test_the_yes_to_a_tool_may_come_from_another_process(processes: list[Process], providers: Providers):
    seen: list[Permission] = []

    class Asking(MemoryController):
        def answer(self, live: LiveAnswer, selection: ModelSelection, control: TurnControl) -> None:
            seen.append(control.gate.ask("call 1", control.stop, "it sends something"))

    conversation = Conversation()
    turn = processes[0].turns.start(
        Asking(build_resources(providers)),
        conversation,
        lambda: Started(*conversation.ask("Hi")),
        ModelSelection(),
        TurnControl(),
    )
    other = seen_by(processes[1], turn)
    wait_until(lambda: other.gate.call_id == "call 1")
    assert other.gate.reason == "it sends something"
    other.gate.let_always()
    other.gate.answer("call 1", True, '{"q": 1}')
    assert turn.wait(PATIENCE_S) and seen == [Permission(True, '{"q": 1}')] and turn.gate.lets(SENDS)


def test_all_events_are_numbered_as_where_they_come_from(
    processes: list[Process], controller: MemoryController, server: ScriptedServer
):
    server.script(Reply("one two three four " * 100, tokens_per_s=100))
    conversation, feed = Conversation(), Broadcast[Event]()
    turn = processes[0].turns.start(
        controller, conversation, lambda: controller.ask(conversation, "Hi"), ModelSelection(), feed=feed
    )
    wait_until(lambda: len(feed.so_far()) > 10)
    other = seen_by(processes[1], turn)
    told = other.events()
    assert told is not None

    async def followed(after: int) -> list[tuple[int, Event]]:
        return [pair async for pair in told.follow(after)]

    found = asyncio.run(followed(after=5))
    assert [number for number, _ in found] == list(range(6, len(feed.so_far()) + 1))
    assert found[:-1] == [(number, event) for number, event in enumerate(feed.so_far(), 1)][5:-1]
    assert isinstance(found[-1][1], Finished)


def test_a_turn_of_a_page_keeps_no_events(
    processes: list[Process], controller: MemoryController, server: ScriptedServer
):
    server.script(ENDLESS)
    turn = asked(processes[0], controller)
    assert seen_by(processes[1], turn).events() is None
    turn.stop()
    assert turn.wait(PATIENCE_S)


@pytest.mark.parametrize("kind", ["", "nobody", "hello"])
def test_a_message_of_another_version_is_left_alone(processes: list[Process], kind: str):
    processes[0].shared.take("9", {"kind": kind, "more": [1]})
