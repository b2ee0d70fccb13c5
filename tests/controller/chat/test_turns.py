"""Turns: they run apart from the page, are on disk before the request leaves, and can be stopped and followed."""

import inspect
import threading
from copy import deepcopy
from pathlib import Path
from threading import Event as Flag
from threading import Thread

import pytest

from controller.chat.turns import RunningTurn, Turns
from controller.llm.providers import Providers
from controller.stages.chatbot_with_memory import MemoryController
from controller.turn import ModelSelection
from model.chat.conversation import Conversation
from model.chat.events import Event, TextDelta
from model.chat.message import COMPLETE, FAILED, INTERRUPTED, STOPPED
from model.errors import BnaError, StoreUnwritable, TurnUnderWay
from model.store.journal import Journal
from model.store.json_store import JsonStore
from tests.saved import door
from tests.scripted_server import Reply, ScriptedServer
from tests.waiting import FOR_EVER_S, PATIENCE_S, wait_until
from view.app import build_resources

LONG = Reply("one two three four " * 2_000, tokens_per_s=50)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal", JsonStore(tmp_path / "saved.json"))


@pytest.fixture
def store(tmp_path: Path) -> JsonStore:
    return JsonStore(tmp_path / "saved.json")


def ask(turns: Turns, controller: MemoryController, conversation: Conversation, prompt: str) -> RunningTurn:
    return turns.ask(controller, conversation, prompt)


@pytest.fixture
def controller(providers: Providers) -> MemoryController:
    return MemoryController(build_resources(providers))


def test_a_turn_is_on_disk_when_it_ends(journal: Journal, controller: MemoryController, store: JsonStore):
    conversation = Conversation()
    turn = ask(Turns(journal), controller, conversation, "Hi")
    assert turn.wait(PATIENCE_S)
    assert [m.status for m in store.find(conversation.id).messages] == [COMPLETE, COMPLETE]


def test_a_saved_conversation_goes_on_being_saved(
    journal: Journal, controller: MemoryController, store: JsonStore, tmp_path: Path
):
    conversation, turns = Conversation(), Turns(journal)
    ask(turns, controller, conversation, "Hi").wait(PATIENCE_S)
    door(store).save_conversation("Mine", conversation)
    ask(turns, controller, conversation, "And again").wait(PATIENCE_S)
    assert len(JsonStore(tmp_path / "saved.json").load("Mine").messages) == 4


def test_the_question_is_on_disk_before_the_request_leaves(
    journal: Journal, controller: MemoryController, store: JsonStore, server: ScriptedServer, tmp_path: Path
):
    server.script(Reply("late", delay_s=1))
    turn = ask(Turns(journal), controller, Conversation(), "on disk?")
    assert any("on disk?" in path.read_text() for path in (tmp_path / "journal").glob("*.jsonl"))
    turn.stop()
    assert turn.wait(PATIENCE_S)


def test_stop_keeps_what_had_come_and_the_turn_is_no_longer_running(
    journal: Journal, controller: MemoryController, store: JsonStore, server: ScriptedServer
):
    server.script(LONG)
    conversation, turns = Conversation(), Turns(journal)
    turn = ask(turns, controller, conversation, "Hi")
    wait_until(lambda: turn.answer.content)
    assert turns.of(conversation.id) is turn
    turns.end(conversation.id or "")
    assert turns.of(conversation.id) is None
    saved = store.find(conversation.id).messages[-1]
    assert saved.status == STOPPED and saved.content.startswith("one")
    assert turn.error is None


def test_a_failure_is_kept_on_disk_with_its_reason(
    journal: Journal, controller: MemoryController, store: JsonStore, server: ScriptedServer
):
    server.script(Reply("one two", cut_after=1))
    conversation = Conversation()
    turn = ask(Turns(journal), controller, conversation, "Hi")
    assert turn.wait(PATIENCE_S)
    assert isinstance(turn.error, BnaError)
    saved = store.find(conversation.id).messages[-1]
    assert (saved.status, saved.content, saved.error) == (FAILED, "one", turn.error.message)


def test_a_question_that_cannot_be_saved_is_not_sent_and_not_lost(
    journal: Journal,
    controller: MemoryController,
    store: JsonStore,
    server: ScriptedServer,
    monkeypatch: pytest.MonkeyPatch,
):
    def full_disk(*_: object) -> None:
        raise StoreUnwritable("The disk is full.")

    monkeypatch.setattr(journal, "begin", full_disk)
    conversation = Conversation()
    with pytest.raises(StoreUnwritable):
        ask(Turns(journal), controller, conversation, "Hi")
    assert server.requests == []
    assert [(m.role, m.status) for m in conversation.messages] == [("user", FAILED), ("assistant", FAILED)]


def test_follow_tells_of_each_change_and_of_the_end(
    journal: Journal, controller: MemoryController, store: JsonStore, server: ScriptedServer
):
    server.script(Reply("one two three four five", tokens_per_s=10))
    turn = ask(Turns(journal), controller, Conversation(), "Hi")
    seen = [turn.answer.content for is_new in turn.follow(0.01) if is_new]
    assert seen[-1] == "one two three four five"
    assert len(set(seen)) >= 5


def test_a_bug_is_told_and_logged_and_the_turn_still_ends(
    journal: Journal,
    controller: MemoryController,
    store: JsonStore,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
):
    monkeypatch.setattr(controller, "stream", lambda _turn: 1 / 0)
    turn = ask(Turns(journal), controller, Conversation(), "Hi")
    assert turn.wait(PATIENCE_S)
    assert turn.error and "bug" in turn.error.message
    assert "ZeroDivisionError" in caplog.text


def test_what_a_killed_program_left_is_found_interrupted(journal: Journal, store: JsonStore, tmp_path: Path):
    conversation = Conversation()
    question, answer = conversation.ask("Hi")
    log = journal.begin(conversation, question, answer)
    log.grow("half an ans")
    (leftover,) = (tmp_path / "journal").glob("*.jsonl")
    data = leftover.read_bytes()
    log.end()
    store.delete(conversation.name or "")
    leftover.write_bytes(data)
    assert journal.recover() == 1
    saved = store.find(question.id).messages[-1]
    assert (saved.status, saved.content) == (INTERRUPTED, "half an ans")


def test_settling_waits_for_what_comes_after_a_turn_for_so_long(providers, server, tmp_path):
    store = JsonStore(tmp_path / "c.json")
    done: list[str] = []

    may_end = Flag()

    def after(_conversation: Conversation) -> None:
        may_end.wait()
        done.append("title")

    turns = Turns(Journal(tmp_path / "journal", store), after)
    turns.ask(MemoryController(build_resources(providers)), Conversation(), "Hi")
    turns.settle(0.01)
    assert done == []
    may_end.set()
    turns.settle(5.0)
    assert done == ["title"]


@pytest.mark.parametrize("way", ["ask", "regenerate", "reword", "retry", "go on"])
def test_a_turn_that_is_refused_changes_nothing(
    journal: Journal, controller: MemoryController, server: ScriptedServer, way: str
):
    server.script(Reply("one"), Reply("two", delay_s=FOR_EVER_S))
    conversation, turns = Conversation(), Turns(journal)
    ask(turns, controller, conversation, "Hi").wait(PATIENCE_S)
    question, answer = conversation.messages
    turn = ask(turns, controller, conversation, "And again")
    server.wait_for_request(2)
    before = deepcopy(conversation)
    asked = {
        "ask": lambda: controller.ask(conversation, "More"),
        "regenerate": lambda: controller.regenerate(conversation, answer),
        "reword": lambda: controller.reword(conversation, question, "Hello"),
        "retry": lambda: controller.retry(conversation, answer),
        "go on": lambda: controller.go_on(conversation, answer),
    }[way]
    with pytest.raises(TurnUnderWay):
        turns.start(controller, conversation, asked, ModelSelection())
    assert conversation == before
    turn.stop()
    assert turn.wait(PATIENCE_S)


def test_another_tab_has_a_conversation_of_its_own_in_which_only_the_answer_grows(
    journal: Journal, controller: MemoryController, server: ScriptedServer
):
    server.script(Reply("one two", stall_after=1))
    turn = ask(Turns(journal), controller, Conversation(), "Hi")
    theirs = turn.copy()
    assert theirs == turn.conversation and theirs.messages is not turn.conversation.messages
    assert theirs.messages[0] is not turn.conversation.messages[0] and theirs.messages[1] is turn.answer
    turn.stop()
    assert turn.wait(PATIENCE_S)
    assert turn.copy().messages[1] is not turn.answer


class Watcher:
    """A feed that notes which functions a piece of text has gone through, and which threads there are."""

    def __init__(self) -> None:
        self.functions: list[str] = []
        self.threads: set[Thread] = set()

    def put(self, item: Event) -> None:
        if isinstance(item, TextDelta):
            self.functions = [frame.function for frame in inspect.stack()]
            self.threads |= set(threading.enumerate())

    def close(self) -> None:
        """Note no more."""


def test_text_goes_from_the_stream_to_the_answer_in_one_call_and_a_turn_in_one_thread(
    journal: Journal, controller: MemoryController, server: ScriptedServer
):
    ask(Turns(journal), controller, Conversation(), "The journal's own thread runs from now on.").wait(PATIENCE_S)
    server.script(Reply("one two three"))
    before, watcher, conversation, selection = set(threading.enumerate()), Watcher(), Conversation(), ModelSelection()
    turn = Turns(journal).start(
        controller, conversation, lambda: controller.ask(conversation, "Hi"), selection, feed=watcher
    )
    assert turn.wait(PATIENCE_S)
    assert watcher.functions.index("read") - watcher.functions.index("emit") == 1
    ours = [thread.name for thread in watcher.threads - before if "process_request" not in thread.name]
    assert len([name for name in ours if "_run" in name]) == len(ours) <= 2, ours
