"""Local models write calls into their text: such a call runs and is shown as one, and no other provider's does."""

from dataclasses import replace

import pytest

from controller.llm.providers import Providers
from controller.turn import ModelSelection
from model.chat.conversation import Conversation
from model.chat.events import TextDelta
from model.chat.message import COMPLETE
from tests.scripted_server import Reply, ScriptedServer
from tests.tool_stage import LookUpController, assert_paired
from view.app import build_resources

WRITTEN = 'I look.\n```json\n{"name": "look_up", "arguments": {"topic": "sea"}}\n```'


def asked(providers: Providers, server: ScriptedServer, *texts: str, is_local: bool = True) -> tuple[str, Conversation]:
    """Return what was drawn piece by piece, and the conversation."""
    server.script(*map(Reply, texts))
    selection = ModelSelection(replace(providers.default, is_local=is_local))
    conversation = Conversation()
    events = LookUpController(build_resources(providers)).reply(conversation, "What colour is the sea?", selection)
    return "".join(event.text for event in events if isinstance(event, TextDelta)), conversation


def test_it_runs_is_shown_as_a_step_and_the_answer_follows(providers: Providers, server: ScriptedServer):
    drawn, conversation = asked(providers, server, WRITTEN, "It is blue.")
    answer = conversation.messages[-1]
    assert [(step.name, step.is_error) for step in answer.tool_steps] == [("look_up", False)]
    assert drawn == answer.content == "I look.\nIt is blue." or answer.content.endswith("It is blue.")
    assert "look_up" not in drawn and answer.status == COMPLETE
    rows = server.requests[-1].body["messages"]
    assert_paired(rows)
    call = next(row for row in rows if row.get("tool_calls"))
    assert call["tool_calls"][0]["function"]["name"] == "look_up" and "look_up" not in call["content"]


@pytest.mark.parametrize(
    "text",
    [
        WRITTEN.replace("look_up", "delete_all"),
        WRITTEN.replace('"topic"', '"subject"'),
        f"So one would write it: {WRITTEN.splitlines()[2]} there.",
    ],
)
def test_what_is_no_call_stays_the_answer(providers: Providers, server: ScriptedServer, text: str):
    drawn, conversation = asked(providers, server, text)
    assert drawn == conversation.messages[-1].content == text
    assert conversation.messages[-1].tool_steps == []


def test_of_a_provider_elsewhere_it_stays_the_answer(providers: Providers, server: ScriptedServer):
    drawn, conversation = asked(providers, server, WRITTEN, is_local=False)
    assert drawn == WRITTEN and conversation.messages[-1].tool_steps == []


def test_thoughts_hold_no_call(providers: Providers, server: ScriptedServer):
    drawn, conversation = asked(providers, server, f"{WRITTEN}\n</think>\nIt is blue.")
    assert conversation.messages[-1].tool_steps == [] and conversation.messages[-1].content.strip() == "It is blue."
    assert drawn.endswith("It is blue.")
