"""What the model saw, made once more from the conversation: it is what the server got, or says that it is not."""

from pathlib import Path

import pytest

from controller.chat.controller import ChatController
from controller.chat.replay import Seen
from controller.llm.discovery import build_providers
from controller.llm.providers import Providers
from controller.stages.chatbot_with_memory import MemoryController
from controller.stages.simple_chatbot import SimpleChatController
from model.chat.conversation import Conversation
from model.chat.message import FAILED, Message
from model.providers.provider import EMBEDDED
from model.store.json_store import JsonStore
from settings import Settings
from tests.replayed import replayed
from tests.scripted_server import Reply, ScriptedServer
from view.app import build_resources


def talk(controller: ChatController, *prompts: str) -> Conversation:
    conversation = Conversation()
    for prompt in prompts:
        list(controller.reply(conversation, prompt))
    return conversation


def seen_of(conversation: Conversation, providers: Providers, number: int = -1) -> Seen:
    answers = [message for message in conversation.messages if message.role == "assistant"]
    return replayed(providers, conversation, answers[number])


@pytest.mark.parametrize("controller_class", [SimpleChatController, MemoryController])
def test_it_is_what_the_server_got_for_every_answer(
    controller_class: type[ChatController], providers: Providers, server: ScriptedServer
):
    conversation = talk(controller_class(build_resources(providers)), "One", "Two", "Three")
    for number in range(3):
        seen = seen_of(conversation, providers, number)
        assert seen.is_exact
        assert seen.rows == server.requests[number].body["messages"]


def test_it_is_exact_after_a_restart(providers: Providers, environ: dict[str, str], tmp_path: Path):
    JsonStore(tmp_path / "saved.json").save(
        "Kept", talk(MemoryController(build_resources(providers)), "One", "Two – “zwei” 🎈")
    )
    again = JsonStore(tmp_path / "saved.json").load("Kept")
    assert seen_of(again, build_providers(Settings.from_env(environ))).is_exact


def test_it_is_exact_where_the_beginning_was_cut_off(environ: dict[str, str], server: ScriptedServer):
    providers = build_providers(Settings.from_env(environ | {"LLM_CONTEXT_WINDOW": "1000"}))
    old = [Message(("user", "assistant")[n % 2], f"m{n}", token_count=50) for n in range(40)]
    conversation = Conversation([Message("system", "Be brief."), *old])
    list(MemoryController(build_resources(providers)).reply(conversation, "Hi"))
    seen = seen_of(conversation, providers)
    assert seen.is_exact
    assert len(seen.rows) == len(server.requests[-1].body["messages"]) < 20
    assert seen.rows[0]["content"].startswith("Be brief.\n\nSummary")


def test_it_is_exact_where_a_smaller_window_was_tried_second(providers: Providers, server: ScriptedServer):
    old = [Message(("user", "assistant")[n % 2], f"m{n}", token_count=10_000) for n in range(20)]
    server.script(Reply(status=400, error_message="maximum context length exceeded"), Reply("fine"))
    conversation = Conversation(old)
    list(MemoryController(build_resources(providers)).reply(conversation, "Hi"))
    seen = seen_of(conversation, providers)
    assert seen.is_exact and seen.rows == server.requests[1].body["messages"]


def test_it_leaves_out_what_had_failed(providers: Providers, server: ScriptedServer):
    conversation = talk(MemoryController(build_resources(providers)), "One")
    conversation.messages += [Message("user", "Bad", status=FAILED), Message("assistant", "", status=FAILED)]
    list(MemoryController(build_resources(providers)).reply(conversation, "Two"))
    assert seen_of(conversation, providers).is_exact
    assert "Bad" not in str(server.requests[-1].body)


def test_it_is_exact_with_tool_calls_in_the_history(providers: Providers, server: ScriptedServer):
    call = {"tool_calls": [{"id": "c1", "type": "function", "function": {"name": "add", "arguments": "{}"}}]}
    conversation = Conversation(
        [
            Message("user", "1 + 1?"),
            Message("assistant", "", extra=call),
            Message("tool", "2", extra={"tool_call_id": "c1", "name": "add"}),
            Message("assistant", "It is 2."),
        ]
    )
    list(MemoryController(build_resources(providers)).reply(conversation, "And 2 + 2?"))
    seen = seen_of(conversation, providers)
    assert seen.is_exact and seen.rows == server.requests[0].body["messages"]


def test_an_edit_is_told(providers: Providers):
    conversation = talk(MemoryController(build_resources(providers)), "One", "Two")
    conversation.messages[0].content = "One, but other"
    assert seen_of(conversation, providers).is_exact is False
    assert seen_of(conversation, providers).rows[0]["content"] == "One, but other"


@pytest.mark.parametrize("gone", [slice(0, 1), slice(0, 2)], ids=["where the view began", "a whole turn"])
def test_a_deletion_is_told(gone: slice, providers: Providers):
    conversation = talk(MemoryController(build_resources(providers)), "One", "Two")
    del conversation.messages[gone]
    seen = seen_of(conversation, providers)
    assert seen.is_exact is False and seen.rows[-1]["content"] == "Two"


def test_an_answer_without_a_digest_is_told(providers: Providers):
    conversation = Conversation([Message("user", "Hi"), Message("assistant", "Hello")])
    assert seen_of(conversation, providers).is_exact is None


def test_an_answer_without_a_question_shows_nothing(providers: Providers):
    conversation = Conversation([Message("assistant", "Hello")])
    assert seen_of(conversation, providers).rows == []


def test_a_providers_primer_is_part_of_it(providers: Providers):
    question = Message("user", "Hi")
    answer = Message("assistant", "Hello", provider=EMBEDDED.name, view_begins_at=question.id)
    seen = replayed(providers, Conversation([question, answer]), answer)
    assert [row["role"] for row in seen.rows[:2]] == ["system", "user"]
    assert len(seen.rows) == len(providers.embedded.primer) + 1
