"""Chat templates: whatever a conversation holds, what is sent is what the strictest template takes."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.chat.chat_template import MISSING, templated
from controller.chat.controller import ChatController
from controller.llm.discovery import build_providers
from controller.llm.messages import request_rows, to_chat_message
from controller.llm.providers import Providers
from controller.stages import STAGES, Stage
from controller.stages.chatbot_with_memory import MemoryController
from model.chat.conversation import Conversation
from model.chat.message import COMPLETE, STOPPED, Message
from model.chat.message_parts import Attachment, ToolStep
from model.providers.provider import EMBEDDED, PROVIDERS
from settings import Settings
from tests.replayed import replayed
from tests.scripted_server import Reply, ScriptedServer
from tests.strict_template import refusal
from tests.tool_stage import LookUpController, call
from view.app import build_resources

OPENAI = PROVIDERS[2]
CALL = {"id": "c1", "type": "function", "function": {"name": "add", "arguments": "{}"}}


def rows_of(*messages: Message) -> list[dict[str, Any]]:
    return request_rows([to_chat_message(message) for message in templated(OPENAI, messages)], "m")


def told(*messages: tuple[str, str]) -> list[tuple[str, str]]:
    return [(row["role"], row["content"]) for row in rows_of(*(Message(role, text) for role, text in messages))]


def test_system_messages_become_one_and_stand_first():
    said = [("system", "Be brief."), ("system", "Summary"), ("user", "a"), ("system", "In between"), ("user", "b")]
    assert told(*said) == [("system", "Be brief.\n\nSummary\n\nIn between"), ("user", "a\n\nb")]


def test_questions_in_a_row_and_answers_in_a_row_are_joined():
    said = [("user", "a"), ("user", "b"), ("assistant", "c"), ("assistant", "d"), ("user", "e")]
    assert told(*said) == [("user", "a\n\nb"), ("assistant", "c\n\nd"), ("user", "e")]


def test_what_begins_with_an_answer_gets_a_question_before_it():
    assert told(("assistant", "a"), ("user", "b")) == [("user", MISSING), ("assistant", "a"), ("user", "b")]


def test_a_result_without_a_call_is_left_out_and_a_call_without_a_result_gets_one():
    called = Message("assistant", "", extra={"tool_calls": [CALL]})
    rows = rows_of(Message("user", "a"), Message("tool", "lost"), called, Message("user", "b"))
    assert [row["role"] for row in rows] == ["user", "assistant", "tool", "assistant", "user"]
    assert "interrupted" in rows[2]["content"] and not refusal(rows)


@pytest.mark.parametrize("calls", [None, "x", [1], [{}], [{"id": 1, "function": {}}], [{"id": "a", "function": "b"}]])
def test_calls_that_are_none_are_not_sent(calls: object):
    odd = [Message("assistant", text, extra={"tool_calls": calls}) for text in ("", "text")]
    rows = rows_of(Message("user", "a"), *odd, Message("user", "b"))
    assert [row["role"] for row in rows] == ["user", "assistant", "user"] and "tool_calls" not in rows[1]


def test_files_go_with_the_joined_question():
    files = [Attachment("a" * 64, "a.png", "image/png", 5), Attachment("b" * 64, "b.png", "image/png", 5)]
    asked = [Message("user", file.name, attachments=[file]) for file in files]
    assert templated(OPENAI, asked)[0].attachments == files


EXTRAS: st.SearchStrategy[dict[str, Any]] = (
    st.just({}) | st.just({"tool_calls": [CALL]}) | st.just({"tool_call_id": "c1"}) | st.just({"tool_calls": 5})
)
ROLES = st.sampled_from(["user", "assistant", "system", "tool", "Human", "bot", "", "function", "developer"])
MESSAGES = st.lists(st.builds(Message, ROLES, st.sampled_from(["", "x", "y"]), extra=EXTRAS), max_size=8)


@given(MESSAGES, st.sampled_from([OPENAI, EMBEDDED]))
def test_whatever_was_said_any_template_takes_it(messages: list[Message], provider: Any):
    asked = Message("user", "And now?")
    sent = templated(provider, [*messages, asked])
    assert not refusal(request_rows([to_chat_message(message) for message in sent], "m"))
    assert sent[-1].content.endswith("And now?")
    assert all(
        message.content in "".join(one.content for one in sent) for message in messages if message.role == "user"
    )


def odd_talk(stage: str) -> Conversation:
    """Return a conversation as an import may bring it: an answer first, two in a row, a system message in between."""
    said = [Message(*pair) for pair in (("assistant", "Hello!"), ("user", "a"), ("user", "b"), ("system", "Be kind."))]
    looked_up = Message("assistant", "It is", status=STOPPED, stage=stage)
    looked_up.tool_steps = [ToolStep("c1", "look_up", arguments="{}", at=5, round=1)]
    conversation = Conversation([*said, Message("human", "c"), Message("bot", "d"), Message("bot", "e"), looked_up])
    conversation.choose(instructions="Be brief.", tells_time=True)
    return conversation


@pytest.mark.parametrize("stage", [row for row in STAGES if row.has_memory], ids=lambda row: row.slug)
def test_every_stage_sends_it_so_and_shows_what_was_sent(stage: Stage, providers: Providers, server: ScriptedServer):
    conversation = odd_talk(stage.slug)
    server.script(Reply(json.dumps("fine")))
    list(stage.build_controller(build_resources(providers)).reply(conversation, "And now?"))
    for request in server.requests:
        assert not refusal(request.body["messages"])
    seen = replayed(providers, conversation, conversation.messages[-1])
    assert seen.is_exact and seen.rows == server.requests[-1].body["messages"]


@pytest.mark.parametrize("build", [MemoryController, LookUpController])
def test_a_long_talk_with_instructions_and_tools_is_never_refused(
    build: type[ChatController], environ: dict[str, str], server: ScriptedServer
):
    providers = build_providers(Settings.from_env(environ | {"LLM_CONTEXT_WINDOW": "1000"}))
    controller = build(build_resources(providers))
    conversation = odd_talk("chatbot_with_memory")
    for number in range(8):
        if build is LookUpController:
            server.script(Reply("Let me see.", tool_calls=[call("look_up", topic="x")]))
        list(controller.reply(conversation, f"Question {number} " + "word " * 80))
    assert any(message.summary_of for message in conversation.messages)
    assert [refusal(request.body["messages"]) for request in server.requests] == [""] * len(server.requests)


@pytest.mark.parametrize(
    "role", ["", "USER", "human", "Human", "narrator", "tool", "function", "developer", "bot", "AI"]
)
def test_any_role_keeps_a_conversation_usable(role: str, providers: Providers, server: ScriptedServer):
    conversation = Conversation([Message(role, "hello"), Message("assistant", "y")])
    list(MemoryController(build_resources(providers)).reply(conversation, "And now?"))
    assert conversation.messages[-1].status == COMPLETE
    assert not refusal(server.requests[-1].body["messages"])
