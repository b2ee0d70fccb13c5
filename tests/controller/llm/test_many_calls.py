"""Many calls of tools in one answer: what is written grows with their number, not with its square, and has a limit."""

from pathlib import Path

import pytest

from controller.chat.turns import Turns
from controller.llm.providers import Providers
from controller.tools.runner import MOST_CALLS_AT_ONCE
from model.chat.conversation import Conversation
from model.chat.message import COMPLETE, INTERRUPTED
from model.store.journal import Journal
from model.store.json_store import JsonStore
from tests.scripted_server import Reply, ScriptedServer
from tests.tool_stage import LookUpController, ask, assert_paired, call
from tests.waiting import PATIENCE_S, wait_until
from utils.files import atomic
from view.app import build_resources


@pytest.fixture
def controller(providers: Providers) -> LookUpController:
    return LookUpController(build_resources(providers))


@pytest.mark.parametrize("tool", [call("unknown"), call("look_up", topic="sea")], ids=["unknown", "known"])
def test_what_is_written_grows_as_the_number_of_calls_does(
    controller: LookUpController,
    server: ScriptedServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    tool: tuple[str, str],
):
    sizes: list[int] = []
    append = atomic.append_whole

    def counted(file: object, data: bytes, length: int) -> int:
        sizes.append(len(data))
        return append(file, data, length)  # type: ignore[arg-type]

    monkeypatch.setattr("utils.files.atomic.append_whole", counted)
    turns = Turns(Journal(tmp_path / "journal", JsonStore(tmp_path / "saved.json")))

    def written(count: int) -> int:
        sizes.clear()
        server.script(Reply(tool_calls=[tool] * count), Reply("Done."))
        turn = turns.ask(controller, Conversation(), "Hi")
        assert turn.wait(PATIENCE_S) and len(turn.answer.tool_steps) == count
        return sum(sizes)

    few, many = written(100), written(200)
    assert few < many < 2.5 * few


def test_calls_beyond_the_limit_are_not_run_and_the_model_is_told(controller: LookUpController, server: ScriptedServer):
    topics = [f"topic{number}" for number in range(MOST_CALLS_AT_ONCE + 5)]
    server.script(Reply(tool_calls=[call("look_up", topic=topic) for topic in topics]), Reply("Done."))
    conversation = Conversation()
    ask(controller, conversation)
    answer = conversation.messages[-1]
    assert (answer.content, answer.status) == ("Done.", COMPLETE)
    errors = [step.is_error for step in answer.tool_steps]
    assert errors == [False] * MOST_CALLS_AT_ONCE + [True] * 5
    rows = server.requests[1].body["messages"]
    assert_paired(rows)
    assert f"only the first {MOST_CALLS_AT_ONCE} were run" in rows[-1]["content"]


def test_as_many_may_be_called_again_in_the_next_round(controller: LookUpController, server: ScriptedServer):
    calls = [call("look_up", topic="sea")] * MOST_CALLS_AT_ONCE
    server.script(Reply(tool_calls=calls), Reply(tool_calls=calls), Reply("Done."))
    conversation = Conversation()
    ask(controller, conversation)
    assert not any(step.is_error for step in conversation.messages[-1].tool_steps)


def test_steps_and_sources_of_a_killed_turn_are_as_they_were(
    controller: LookUpController, server: ScriptedServer, tmp_path: Path
):
    server.script(Reply("See: ", tool_calls=[call("look_up", topic="sea")] * 3), Reply("one two", stall_after=1))
    store = JsonStore(tmp_path / "saved.json")
    turns = Turns(Journal(tmp_path / "journal", store))
    conversation = Conversation()
    turn = turns.ask(controller, conversation, "Hi")
    wait_until(lambda: "one" in turn.answer.content and "one" in journal_of(tmp_path).read_text())
    left = journal_of(tmp_path).read_bytes()
    turn.stop()
    assert turn.wait(PATIENCE_S)
    whole = store.find(conversation.id).messages[-1]
    store.delete(store.names()[0])
    (tmp_path / "journal" / "1.jsonl").write_bytes(left)
    assert Journal(tmp_path / "journal", store).recover() == 1
    found = store.find(conversation.id).messages[-1]
    assert (found.tool_steps, found.citations) == (whole.tool_steps, whole.citations)
    assert len(found.tool_steps) == 3 and len(found.citations) == 1
    assert found.status == INTERRUPTED and found.content == "See: \n\none"


def journal_of(folder: Path) -> Path:
    [path] = (folder / "journal").glob("*.jsonl")
    return path
