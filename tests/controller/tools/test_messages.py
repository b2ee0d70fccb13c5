"""What tools said, in later requests, in the panel, and in requests that offer none."""

from dataclasses import replace

import pytest

from controller.llm.discovery import build_providers
from controller.llm.providers import Providers
from controller.stages.chatbot_with_memory import MemoryController
from controller.turn import ModelSelection
from model.chat.conversation import Conversation
from model.chat.message import COMPLETE
from model.chat.message_parts import ToolStep
from model.errors import ReplyInterrupted
from settings import Settings
from tests.replayed import replayed
from tests.scripted_server import Reply, ScriptedServer
from tests.tool_stage import LookUpController, ask, assert_paired, call
from view.app import build_resources


@pytest.fixture(autouse=True)
def known_stage(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the panel know the stage, as if it had a row."""
    monkeypatch.setattr("tests.replayed.controller_of", lambda _slug: LookUpController)


@pytest.fixture
def controller(providers: Providers) -> LookUpController:
    return LookUpController(build_resources(providers))


def test_later_turns_tell_the_model_what_its_tools_said(controller: LookUpController, server: ScriptedServer):
    server.script(Reply("Look.", tool_calls=[call("look_up", topic="sea")]), Reply("Blue."), Reply("Yes."))
    conversation = Conversation()
    ask(controller, conversation)
    list(controller.reply(conversation, "Sure?"))
    before, rows = server.requests[1].body["messages"], server.requests[2].body["messages"]
    assert rows[: len(before)] == before
    assert [row["content"] for row in rows[len(before) :]] == ["Blue.", "Sure?"]


def test_the_panel_shows_the_last_request_to_the_letter(
    controller: LookUpController, providers: Providers, server: ScriptedServer
):
    calls = [call("look_up", topic="sea"), call("nonsense"), ("look_up", "{not json")]
    server.script(
        Reply("Look.", tool_calls=calls), Reply(tool_calls=[call("fail")]), Reply("Blue."), Reply("Yes."), Reply("No.")
    )
    conversation = Conversation()
    ask(controller, conversation)
    list(controller.reply(conversation, "Sure?"))
    for answer, request in ((conversation.messages[1], 2), (conversation.messages[3], 3)):
        told = replayed(providers, conversation, answer)
        assert told.rows == server.requests[request].body["messages"]
        assert told.is_exact


def test_a_stage_without_tools_tells_of_none(
    controller: LookUpController, providers: Providers, server: ScriptedServer
):
    server.script(Reply("Look.", tool_calls=[call("look_up", topic="sea")]), Reply("Blue."), Reply("Yes."))
    conversation = Conversation()
    ask(controller, conversation)
    list(MemoryController(build_resources(providers)).reply(conversation, "Sure?"))
    assert [row["content"] for row in server.requests[2].body["messages"]] == [
        "What colour is the sea?",
        "Look.\n\nBlue.",
        "Sure?",
    ]
    assert "tools" not in server.requests[2].body


def test_an_answer_that_was_stopped_goes_on_with_what_its_tools_said(providers: Providers, server: ScriptedServer):
    conversation = Conversation()
    for provider in (providers.default, replace(providers.default, has_tools=False)):
        server.reset()
        first = [Reply(tool_calls=[call("look_up", topic="sea")])] if provider.has_tools else []
        server.script(*first, Reply("It is", finish_reason=None), Reply("blue."))
        with pytest.raises(ReplyInterrupted):
            list(LookUpController(build_resources(providers)).reply(conversation, "sea", ModelSelection(provider)))
        answer = conversation.messages[-1]
        controller = LookUpController(build_resources(providers))
        list(controller.events(conversation, controller.go_on(conversation, answer), ModelSelection(provider)))
        assert answer.content.endswith("It is blue.")
        rows = server.requests[-1].body["messages"]
        assert_paired(rows)
        assert "sea is blue" in "".join(str(row["content"]) for row in rows[-4:])


def test_a_summary_is_asked_for_without_calls(environ: dict[str, str], server: ScriptedServer):
    providers, conversation = (
        build_providers(Settings.from_env(environ | {"LLM_CONTEXT_WINDOW": "1200"})),
        Conversation(),
    )
    for number in range(6):
        question, answer = conversation.ask(f"Question {number}")
        answer.content, answer.status = f"Answer {number}", COMPLETE
        answer.tool_steps = [ToolStep(f"c{number}", "look_up", round=1, result="found " * 300)]
    server.script(Reply("We spoke."), Reply("Fine."))
    list(LookUpController(build_resources(providers)).reply(conversation, "And now?"))
    assert [message.content for message in conversation.messages if message.summary_of][0].endswith("We spoke.")
    asked, answered = (request.body["messages"] for request in server.requests)
    assert {row["role"] for row in asked} == {"system", "user", "assistant"}
    assert not any("tool_calls" in row for row in asked)
    assert_paired(answered)
