"""Stage 6: code is run for the model and for the person, and both are told what came of it."""

import json
from dataclasses import replace
from threading import Timer

import pytest

from controller.llm.providers import Providers
from controller.resources import Resources
from controller.stages.run_code.controller import RunCodeController
from controller.stages.run_code.tool import LOST, RESTARTED, sandboxes_of
from controller.turn import ModelSelection, TurnControl
from model.chat.conversation import Conversation
from model.chat.events import ToolCall
from model.chat.message import COMPLETE, STOPPED, Message
from model.errors import ReplyInterrupted
from model.store.json_store import JsonStore
from tests.replayed import replayed
from tests.scripted_server import Reply, ScriptedServer
from tests.waiting import wait_until
from utils.text.untrusted import unfenced


def code(source: str) -> tuple[str, str]:
    return "run_code", json.dumps({"code": source})


def ask(
    controller: RunCodeController,
    conversation: Conversation,
    prompt: str = "How many?",
    selection: ModelSelection | None = None,
    control: TurnControl | None = None,
) -> Message:
    list(controller.reply(conversation, prompt, selection, control))
    return conversation.messages[-1]


def test_the_model_reads_its_error_and_mends_its_code(controller: RunCodeController, server: ScriptedServer):
    server.script(
        Reply("Let me see.", tool_calls=[code("numbers = [3, 4]\nprint(sum(number))")]),
        Reply(tool_calls=[code("print(sum(numbers))")]),
        Reply("It is 7."),
    )
    answer = ask(controller, Conversation())
    assert (answer.content, answer.status) == ("Let me see.\n\nIt is 7.", COMPLETE)
    assert [step.is_error for step in answer.tool_steps] == [True, False]
    told = unfenced(server.requests[1].body["messages"][-1]["content"])
    assert told.startswith("NameError: name 'number' is not defined\n") and 'File "<code>", line 2' in told
    assert unfenced(server.requests[2].body["messages"][-1]["content"]) == "Printed:\n7"


def test_after_five_rounds_the_model_has_to_answer(controller: RunCodeController, server: ScriptedServer):
    server.script(*[Reply(tool_calls=[code(f"1 / 0  # {n}")]) for n in range(5)], Reply("I give up."))
    answer = ask(controller, Conversation())
    assert len(answer.tool_steps) == 5 and answer.content == "I give up."
    assert [request.body.get("tool_choice") for request in server.requests] == ["auto"] * 5 + ["none"]
    server.script(*[Reply(tool_calls=[code(f"1 / 0  # {n}")]) for n in range(9)])
    with pytest.raises(ReplyInterrupted):
        ask(controller, Conversation())


def test_variables_stay_for_the_conversation_and_for_no_other(controller: RunCodeController, server: ScriptedServer):
    conversation, other = Conversation(), Conversation()
    server.script(Reply(tool_calls=[code("x = 41")]), Reply("Kept."), Reply(tool_calls=[code("x + 1")]), Reply("42."))
    ask(controller, conversation)
    assert unfenced(ask(controller, conversation).tool_steps[0].result or "") == "Value:\n42"
    server.script(Reply(tool_calls=[code("x + 1")]), Reply("No."))
    assert "NameError" in (ask(controller, other).tool_steps[0].result or "")


def test_stop_ends_running_code_and_the_next_run_tells_that_variables_are_gone(
    controller: RunCodeController, resources: Resources, server: ScriptedServer
):
    server.script(Reply(tool_calls=[code("x = 1\nwhile True: pass")]))
    conversation, control = Conversation(), TurnControl()
    Timer(0.6, control.stop.set).start()
    assert ask(controller, conversation, control=control).status == STOPPED
    sandbox = sandboxes_of(resources).of(conversation.id or "")
    wait_until(lambda: not sandbox.is_running)
    server.script(Reply(tool_calls=[code("x")]), Reply("Gone."))
    [step] = ask(controller, conversation).tool_steps
    assert unfenced(step.result or "").startswith(RESTARTED) and step.details["note"] == RESTARTED


def test_a_sandbox_that_made_room_for_another_tells_that_variables_are_gone(
    controller: RunCodeController, resources: Resources
):
    sandboxes_of(resources).__init__("monty", max_alive=1)  # type: ignore[misc]
    conversation = Conversation()
    ask(controller, conversation, "```\nx = 1\n```")
    ask(controller, Conversation(), "```\nx = 2\n```")
    assert RESTARTED in ask(controller, conversation, "```\nx\n```").content
    assert RESTARTED not in ask(controller, conversation, "```\n1\n```").content


def test_code_that_takes_too_long_is_ended_and_both_are_told(controller: RunCodeController, server: ScriptedServer):
    sandboxes = sandboxes_of(controller.resources)
    sandboxes.limits = replace(sandboxes.limits, timeout_s=0.5)
    server.script(Reply(tool_calls=[code("while True: pass")]), Reply("It never ends."))
    answer = ask(controller, Conversation())
    [step] = answer.tool_steps
    assert step.is_error and step.details["note"] == LOST
    assert LOST in (step.result or "") and "TimeoutError" in (step.result or "")
    assert answer.content == "It never ends."


def test_a_table_is_kept_for_the_person_and_its_beginning_told_to_the_model(
    controller: RunCodeController, server: ScriptedServer
):
    server.script(Reply(tool_calls=[code("[{'n': n, 'square': n * n} for n in range(300)]")]), Reply("Here."))
    conversation = Conversation()
    [step] = ask(controller, conversation).tool_steps
    assert step.details["table"]["columns"] == ["n", "square"] and len(step.details["table"]["rows"]) == 200
    told = unfenced(step.result or "").splitlines()
    assert told[0] == "Value: a table of 300 rows and 2 columns"
    assert told[1:3] == ["n | square", "0 | 0"] and told[-1] == "… 290 more rows"
    store = JsonStore(controller.providers.settings.conversations_file)
    store.save("Kept", conversation)
    assert store.load("Kept").messages[-1].tool_steps == [step]


def test_a_message_that_is_only_code_is_run_and_no_model_is_asked(
    controller: RunCodeController, server: ScriptedServer
):
    conversation = Conversation()
    answer = ask(controller, conversation, "```python\nprint('hello')\n6 * 7\n```")
    assert server.requests == []
    assert answer.content == "```text\nPrinted:\nhello\n\nValue:\n42\n```"
    assert (answer.model_name, answer.status) == (None, COMPLETE)
    ask(controller, conversation, "What did it give?")
    rows = server.requests[0].body["messages"]
    assert [row["role"] for row in rows] == ["system", "user", "assistant", "user"]
    assert "hello" in rows[2]["content"] and "print('hello')" in rows[1]["content"]


def test_code_by_hand_needs_no_permission_and_its_time_may_be_told(
    controller: RunCodeController, server: ScriptedServer
):
    conversation = Conversation()
    conversation.choose(asks_first=True, tells_time=True)
    assert "42" in ask(controller, conversation, "```\n6 * 7\n```").content
    assert server.requests == []


def test_an_error_by_hand_is_no_failed_turn(controller: RunCodeController):
    answer = ask(controller, Conversation(), "```python\n1 / 0\n```")
    assert "ZeroDivisionError" in answer.content and answer.status == COMPLETE
    assert answer.tool_steps[0].is_error


def test_the_person_can_change_code_before_it_runs(controller: RunCodeController, server: ScriptedServer):
    server.script(Reply(tool_calls=[code("print('theirs')")]), Reply("Done."))
    conversation, control = Conversation(), TurnControl()
    conversation.choose(asks_first=True)
    for event in controller.reply(conversation, "Go", control=control):
        if isinstance(event, ToolCall):
            wait_until(lambda: control.gate.call_id)
            control.gate.answer(event.id, True, json.dumps({"code": "print('mine')"}))
    [step] = conversation.messages[-1].tool_steps
    assert "Printed:\nmine" in (step.result or "")


def test_a_model_without_tools_is_asked_for_code_first(
    controller: RunCodeController, providers: Providers, server: ScriptedServer
):
    plain = replace(providers.default, has_tools=False)
    server.script(Reply("```python\nprint(6 * 7)\n```"), Reply("It is 42."))
    conversation = Conversation()
    answer = ask(controller, conversation, "What is 6 times 7?", ModelSelection(plain))
    assert answer.content == "It is 42."
    [step] = answer.tool_steps
    assert (step.arguments, step.round) == ('{"code": "print(6 * 7)"}', 0)
    assert unfenced(step.result or "") == "Printed:\n42"
    assert server.requests[0].body["messages"][-1]["content"] == "What is 6 times 7?"
    assert server.requests[1].body["messages"][-1]["content"] == f"{step.result}\n\nWhat is 6 times 7?"


def test_code_in_the_question_is_run_for_a_model_without_tools(
    controller: RunCodeController, providers: Providers, server: ScriptedServer
):
    plain = replace(providers.default, has_tools=False)
    answer = ask(controller, Conversation(), "What does this give?\n```python\n2 ** 10\n```", ModelSelection(plain))
    assert unfenced(answer.tool_steps[0].result or "") == "Value:\n1024"
    assert len(server.requests) == 1


def test_what_is_no_code_is_not_run(controller: RunCodeController, providers: Providers, server: ScriptedServer):
    plain = replace(providers.default, has_tools=False)
    for reply in (Reply("Hello."), Reply(status=500)):
        server.script(reply, Reply("Hello!"))
        answer = ask(controller, Conversation(), "Hi", ModelSelection(plain))
        assert answer.tool_steps == [] and answer.content == "Hello!"


def test_the_panel_shows_the_last_request_to_the_letter(
    controller: RunCodeController, providers: Providers, server: ScriptedServer
):
    server.script(Reply(tool_calls=[code("1 / 0")]), Reply(tool_calls=[code("print(1)")]), Reply("One."))
    conversation = Conversation()
    answer = ask(controller, conversation)
    told = replayed(providers, conversation, answer)
    assert told.rows == server.requests[2].body["messages"] and told.is_exact
