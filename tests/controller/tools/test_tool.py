"""Tools in a turn: what the model asks for is run, told to it and kept, whatever goes wrong."""

import json
import threading
from dataclasses import replace
from threading import Thread

import pytest

from controller.llm.providers import Providers
from controller.tools.messages import INTERRUPTED
from controller.tools.runner import WRONG_CALL
from controller.turn import ModelSelection, TurnControl
from model.chat.conversation import Conversation
from model.chat.events import Finished, ToolCall, ToolProgress, ToolResult
from model.chat.message import COMPLETE, FAILED, STOPPED, Message
from model.errors import ReplyInterrupted
from model.store.json_store import JsonStore
from tests.scripted_server import Reply, ScriptedServer
from tests.tool_stage import WAITING, LookUpController, ask, assert_paired, call
from tests.waiting import PATIENCE_S, wait_until
from view.app import build_resources
from view.chat.answer_parts import label_of


@pytest.fixture
def controller(providers: Providers) -> LookUpController:
    return LookUpController(build_resources(providers))


def test_the_model_gets_the_result_and_the_person_sees_the_step(controller: LookUpController, server: ScriptedServer):
    server.script(Reply("Let me look.", tool_calls=[call("look_up", topic="sea")]), Reply("It is blue [1]."))
    conversation = Conversation()
    events = ask(controller, conversation)
    kinds = [type(event) for event in events if isinstance(event, ToolCall | ToolProgress | ToolResult)]
    assert kinds == [ToolCall, ToolProgress, ToolResult]
    answer = conversation.messages[-1]
    assert (answer.content, answer.status) == ("Let me look.\n\nIt is blue [1].", COMPLETE)
    [step], [citation] = answer.tool_steps, answer.citations
    assert (step.name, step.result, step.at, step.round) == ("look_up", "[1] sea is blue.", 12, 1)
    assert step.details == {"note": "seen sea"} and step.duration_s is not None and not step.is_error
    assert (citation.number, citation.address, citation.place) == (1, "https://example.com/sea", "page 3")
    rows = server.requests[1].body["messages"]
    assert [row["role"] for row in rows] == ["system", "user", "assistant", "tool"]
    assert rows[2]["content"] == "Let me look." and rows[3]["content"] == "[1] sea is blue."


def test_several_calls_at_once_have_a_result_each(controller: LookUpController, server: ScriptedServer):
    server.script(Reply(tool_calls=[call("look_up", topic=name) for name in ("sea", "sky", "sea")]), Reply("Blue."))
    conversation = Conversation()
    ask(controller, conversation)
    answer = conversation.messages[-1]
    assert [step.result for step in answer.tool_steps] == ["[1] sea is blue.", "[2] sky is blue.", "[1] sea is blue."]
    assert [citation.number for citation in answer.citations] == [1, 2]
    assert_paired(server.requests[1].body["messages"])


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (call("fail"), "The shelf is empty. Try another one."),
        (call("fail", is_bug=True), "The tool has a bug."),
        (call("wait", duration_s=30), "It took longer than 1 seconds"),
        (call("look_up"), "The arguments do not fit: 'topic' is a required property"),
        (call("look_up", topic=3), "“topic”: 3 is not of type 'string'"),
        (("look_up", '{"topic": '), "The arguments are not valid JSON."),
        (("look_up", "[1]"), "The arguments do not fit"),
        (("look_up", "[" * 5000), "The arguments are not valid JSON."),
        (call("no_such_tool"), "Tool with name no_such_tool not found"),
    ],
)
def test_a_failing_call_is_told_to_both_and_the_turn_goes_on(
    controller: LookUpController, server: ScriptedServer, asked: tuple[str, str], sentence: str
):
    server.script(Reply(tool_calls=[asked]), Reply("I could not."))
    conversation = Conversation()
    ask(controller, conversation)
    answer = conversation.messages[-1]
    assert (answer.content, answer.status) == ("I could not.", COMPLETE)
    [step] = answer.tool_steps
    assert step.is_error and sentence in (step.result or "")
    is_models_fault = any(word in sentence for word in ("arguments", "not of type"))
    label = label_of(step, is_running=False, activity="")
    assert (WRONG_CALL[:40] in label) is is_models_fault and sentence[:40] not in (label if is_models_fault else "")
    rows = server.requests[1].body["messages"]
    assert sentence in rows[-1]["content"]
    json.loads(rows[-2]["tool_calls"][0]["function"]["arguments"])


def test_a_model_that_only_calls_tools_is_told_to_answer(controller: LookUpController, server: ScriptedServer):
    server.script(*[Reply(tool_calls=[call("look_up", topic=str(n))]) for n in range(3)], Reply("Enough."))
    conversation = Conversation()
    ask(controller, conversation)
    assert [request.body["tool_choice"] for request in server.requests] == ["auto", "auto", "auto", "none"]
    assert conversation.messages[-1].content == "Enough."


def test_a_model_that_never_answers_fails_with_a_sentence(controller: LookUpController, server: ScriptedServer):
    server.script(*[Reply(tool_calls=[call("look_up", topic=str(n))]) for n in range(20)])
    conversation = Conversation()
    with pytest.raises(ReplyInterrupted, match="kept calling tools"):
        ask(controller, conversation)
    assert len(server.requests) == 4
    assert [message.status for message in conversation.messages] == [FAILED, FAILED]
    server.reset()
    list(controller.reply(conversation, "Again"))
    assert [row["content"] for row in server.requests[0].body["messages"]] == ["You can look things up.", "Again"]


def test_stop_ends_a_running_tool_and_the_next_request_is_whole(controller: LookUpController, server: ScriptedServer):
    calls = [call("look_up", topic="sea"), call("wait", duration_s=1), call("look_up", topic="sky")]
    server.script(Reply("I look.", tool_calls=calls), Reply("Fine."))
    conversation, control = Conversation(), TurnControl()
    running = threading.active_count()
    WAITING.clear()

    def stop_it() -> None:
        WAITING.wait(PATIENCE_S)
        control.stop.set()

    Thread(target=stop_it).start()
    last = ask(controller, conversation, control)[-1]
    assert isinstance(last, Finished) and last.answer.status == STOPPED
    list(controller.reply(conversation, "Go on"))
    rows = server.requests[-1].body["messages"]
    assert_paired(rows)
    assert [row["content"] for row in rows if row["role"] == "tool"] == ["[1] sea is blue.", INTERRUPTED]
    wait_until(lambda: threading.active_count() <= running)  # the tool has ended, and what had called it
    assert len(server.requests) == 2, "the stopped turn asked again"


def test_a_model_without_tools_gets_the_result_before_its_question(providers: Providers, server: ScriptedServer):
    server.script(Reply("Blue."), Reply("Yes."))
    plain = replace(providers.default, has_tools=False)
    controller, conversation = LookUpController(build_resources(providers)), Conversation()
    for prompt in ("sea", "Sure?"):
        list(controller.reply(conversation, prompt, ModelSelection(plain)))
    rows = server.requests[0].body["messages"]
    assert [row["content"] for row in rows] == ["[1] sea is blue.\n\nsea"]
    assert "tools" not in server.requests[0].body
    [step] = conversation.messages[1].tool_steps
    assert (step.name, step.round, step.arguments) == ("look_up", 0, '{"topic": "sea"}')
    assert [row["content"] for row in server.requests[1].body["messages"]] == [
        "sea",
        "Blue.",
        "[1] Sure? is blue.\n\nSure?",
    ]


@pytest.mark.parametrize("is_allowed", [True, False])
def test_a_tool_waits_for_the_persons_word(providers: Providers, server: ScriptedServer, is_allowed: bool):
    server.script(Reply(tool_calls=[call("look_up", topic="sea")]), Reply("Done."))
    conversation, control = Conversation(), TurnControl()
    conversation.choose(asks_first=True)
    for event in LookUpController(build_resources(providers)).reply(conversation, "Hi", control=control):
        if isinstance(event, ToolCall):
            wait_until(lambda: control.gate.call_id)
            control.gate.answer(event.id, is_allowed, '{"topic": "sky"}')
    [step] = conversation.messages[-1].tool_steps
    if is_allowed:
        assert step.ran_with == '{"topic": "sky"}' and "sky is blue" in (step.result or "")
    else:
        assert step.is_error and step.result == "The person did not allow this tool to run."
    assert conversation.messages[-1].content == "Done."


def test_steps_and_citations_come_back_from_the_disk(
    controller: LookUpController, server: ScriptedServer, tmp_path: object
):
    server.script(Reply("Look.", tool_calls=[call("look_up", topic="sea")]), Reply("Blue."))
    conversation = Conversation()
    ask(controller, conversation)
    store = JsonStore(controller.providers.settings.conversations_file)
    store.save("Kept", conversation)
    assert store.load("Kept").messages[-1] == conversation.messages[-1]


def test_parts_of_the_wrong_type_are_kept_as_they_were():
    rows = [{"id": 3}, "x"]
    message = Message.from_dict({"role": "assistant", "content": "", "id": "a", "tool_steps": rows, "citations": 7})
    assert message.tool_steps == [] and message.citations == []
    assert message.to_dict() == {"role": "assistant", "content": "", "id": "a", "tool_steps": rows, "citations": 7}
