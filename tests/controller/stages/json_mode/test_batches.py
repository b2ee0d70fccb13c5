"""Many inputs: one after the other, apart from the page, with Stop and Resume, and each failure in its row."""

from pathlib import Path
from threading import Event, Lock, Thread

import pytest

from controller.llm.providers import Providers
from controller.stages.json_mode.batches import Batches, RunningBatch
from controller.stages.json_mode.controller import JsonController
from controller.turn import ModelSelection
from model.errors import BnaError, InputError, ProviderUnreachable
from model.json_mode.batch import Batch, Outcome, read_batch, write_batch
from tests.scripted_server import Reply, ScriptedServer
from tests.waiting import FOR_EVER_S, PATIENCE_S, wait_until
from view.app import build_resources


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "batches"


@pytest.fixture
def controller(providers: Providers) -> JsonController:
    return JsonController(build_resources(providers))


def ended(batches: Batches) -> RunningBatch:
    """Wait for the end of the batch."""
    wait_until(lambda: (running := batches.of("c")) and not running.is_running)
    running = batches.of("c")
    assert running
    return running


def test_each_input_is_a_question_of_its_own(folder: Path, controller: JsonController, server: ScriptedServer):
    server.script(Reply("1"), Reply("2"))
    batches = Batches(folder)
    batches.start("c", Batch("How many in {input}?", ["a", "b"]), controller.reply, ModelSelection())
    assert [outcome.answer for outcome in ended(batches).batch.outcomes.values()] == ["1", "2"]
    asked = [[m["content"] for m in r.body["messages"] if m["role"] == "user"] for r in server.requests]
    assert asked == [["How many in a?"], ["How many in b?"]]


def test_a_failure_is_told_in_its_row_and_the_rest_goes_on(
    folder: Path, controller: JsonController, server: ScriptedServer
):
    server.script(Reply("1"), *[Reply("no JSON")] * 3, Reply("3"))
    batches = Batches(folder)
    batches.start("c", Batch("", ["a", "b", "", "c"]), controller.reply, ModelSelection())
    outcomes = ended(batches).batch.outcomes
    assert [outcomes[index].problem for index in range(4)] == ["", "It is not JSON.", "The cell is empty.", ""]


def test_a_provider_that_is_gone_lets_the_batch_rest_and_resume_asks_only_what_is_open(
    folder: Path, controller: JsonController, server: ScriptedServer
):
    server.script(Reply("1"), Reply(status=500))
    batches = Batches(folder)
    batches.start("c", Batch("", ["a", "b", "c"]), controller.reply, ModelSelection())
    running = ended(batches)
    assert isinstance(running.error, ProviderUnreachable)
    assert running.batch.open_indices == [1, 2]

    server.default_reply = Reply("2")
    after_a_restart = Batches(folder)
    found = after_a_restart.of("c")
    assert found and not found.is_running
    after_a_restart.start("c", found.batch, controller.reply, ModelSelection())
    assert ended(after_a_restart).batch.open_indices == []
    assert len(server.requests) == 4
    saved = read_batch(folder / "c.jsonl")
    assert saved and [saved.outcomes[index].answer for index in range(3)] == ["1", "2", "2"]


def test_stop_ends_it_and_keeps_what_had_come(folder: Path, controller: JsonController, server: ScriptedServer):
    server.script(Reply("1"), Reply("2", delay_s=FOR_EVER_S))
    batches = Batches(folder)
    batches.start("c", Batch("", ["a", "b"]), controller.reply, ModelSelection())
    server.wait_for_request(2)
    running = batches.of("c")
    assert running
    running.stop.set()
    assert ended(batches).batch.open_indices == [1]


def test_two_batches_cannot_run_in_one_conversation(folder: Path, controller: JsonController, server: ScriptedServer):
    server.script(Reply("1", delay_s=20))
    batches = Batches(folder)
    batches.start("c", Batch("", ["a"]), controller.reply, ModelSelection())
    with pytest.raises(BnaError, match="still being asked"):
        batches.start("c", Batch("", ["b"]), controller.reply, ModelSelection())
    running = batches.of("c")
    assert running
    running.stop.set()
    ended(batches)


class WatchedLock:
    """A lock that tells when someone has to wait for it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.is_wanted = Event()

    def __enter__(self) -> None:
        if not self._lock.acquire(blocking=False):
            self.is_wanted.set()
            self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def test_a_double_click_asks_for_each_row_once(
    folder: Path, controller: JsonController, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
):
    server.default_reply = Reply("1")
    batches, lock, refused = Batches(folder), WatchedLock(), []
    monkeypatch.setattr(batches, "_lock", lock)

    def click() -> None:
        try:
            batches.start("c", Batch("", ["a", "b"]), controller.reply, ModelSelection())
        except BnaError as error:
            refused.append(error.message)
        lock.is_wanted.set()  # it need not wait where nobody holds it

    def write(path: Path, batch: Batch) -> None:
        if not second.ident:  # the second click comes while the first one is being written down
            second.start()
            assert lock.is_wanted.wait(PATIENCE_S)
        write_batch(path, batch)

    second = Thread(target=click)
    monkeypatch.setattr("controller.stages.json_mode.batches.write_batch", write)
    click()
    second.join(PATIENCE_S)
    ended(batches)
    assert refused == ["The previous rows are still being asked."] or refused == [
        "There are rows in this chat already."
    ]
    asked = [request.body["messages"][-1]["content"] for request in server.requests]
    assert len(asked) == len(set(asked)) == 2


def test_a_late_click_does_not_write_over_answers_that_were_paid_for(
    folder: Path, controller: JsonController, server: ScriptedServer
):
    server.default_reply = Reply("1")
    batches = Batches(folder)
    batches.start("c", Batch("", ["a"]), controller.reply, ModelSelection())
    ended(batches)
    with pytest.raises(BnaError, match="already"):
        batches.start("c", Batch("", ["a"]), controller.reply, ModelSelection())
    assert len(server.requests) == 1
    batches.forget("c")
    batches.start("c", Batch("", ["a"]), controller.reply, ModelSelection())
    ended(batches)
    assert len(server.requests) == 2


@pytest.mark.parametrize("inputs", [[], [" "], ["x" * 30_000], ["a"] * 20_000])
def test_inputs_that_cannot_be_asked_are_refused(folder: Path, controller: JsonController, inputs: list[str]):
    with pytest.raises(InputError):
        Batches(folder).start("c", Batch("", inputs), controller.reply, ModelSelection())


def test_a_damaged_file_costs_the_damaged_rows_only(folder: Path):
    folder.mkdir()
    file = folder / "c.jsonl"
    file.write_text('{"wish": "", "inputs": ["a", "b"], "options": {}}\n{"index": 0, "answer": "1"}\n{"index": 1, "ans')
    batch = read_batch(file)
    assert batch and batch.outcomes == {0: Outcome(0, "1")}
    file.write_text("nothing")
    assert Batches(folder).of("c") is None


def test_no_id_leads_out_of_the_folder(folder: Path, controller: JsonController, server: ScriptedServer):
    batches = Batches(folder)
    batches.start("../../c", Batch("", ["a"]), controller.reply, ModelSelection())
    server.wait_for_request(1)
    assert [path.parent for path in folder.parent.rglob("*.jsonl")] == [folder]


def test_a_batch_goes_with_its_conversation(folder: Path, controller: JsonController, server: ScriptedServer):
    batches = Batches(folder)
    batches.start("c", Batch("", ["a"]), controller.reply, ModelSelection())
    ended(batches)
    batches.sweep(lambda conversation_id: conversation_id == "c")
    assert batches.of("c")
    batches.sweep(lambda conversation_id: False)
    assert batches.of("c") is None
    assert not list(folder.glob("*.jsonl"))
