"""A small model's loop is ended and told, and a call of a tool that it writes as text is no answer."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from controller.llm.providers import Providers
from controller.stages.chatbot_with_memory import MemoryController
from controller.turn import ModelSelection
from model.chat.conversation import Conversation
from model.chat.message import COMPLETE, FAILED, LOOP
from model.errors import ReplyInterrupted
from tests.scripted_server import Reply, ScriptedServer
from view.app import build_resources

CALL = '{"name": "web_search", "arguments": {"query": "rain"}}'
Ask = Callable[..., Conversation]


@pytest.fixture
def ask(providers: Providers) -> Ask:
    """Return what asks a model that is small."""

    def asked(prompt: str = "Tell me of dogs.", is_small: bool = True) -> Conversation:
        conversation, selection = Conversation(), ModelSelection(replace(providers.default, is_small=is_small))
        list(MemoryController(build_resources(providers)).reply(conversation, prompt, selection))
        return conversation

    return asked


def test_a_loop_is_ended_and_one_round_of_it_stays(ask: Ask, server: ScriptedServer):
    server.script(Reply("Dogs are friendly. " + "He is a big, fluffy dog. " * 200))
    newest = ask().messages[-1]
    assert newest.content == "Dogs are friendly. He is a big, fluffy dog."
    assert (newest.status, newest.finish_reason) == (COMPLETE, LOOP)


def test_the_same_text_always_has_the_same_end(ask: Ask, server: ScriptedServer):
    for _ in range(3):
        server.script(Reply("Dogs are friendly. " + "He is a big, fluffy dog. " * 200))
    assert len({ask().messages[-1].content for _ in range(3)}) == 1


def test_an_answer_without_a_loop_stays_as_it_is(ask: Ask, server: ScriptedServer):
    text = "Dogs are friendly.\n\n```python\nprint('wow')\n```\n\nThey like to run, to eat and to sleep."
    server.script(Reply(text))
    newest = ask().messages[-1]
    assert (newest.content, newest.finish_reason) == (text, None)


def test_a_model_that_is_not_small_may_repeat_itself(ask: Ask, server: ScriptedServer):
    server.script(Reply("He is a big, fluffy dog. " * 50))
    assert ask(is_small=False).messages[-1].content.count("fluffy") == 50


@pytest.mark.parametrize(
    "text", [CALL, f"```json\n{CALL}\n```", f"<tool_call>\n{CALL}\n</tool_call>", f"\n {CALL} is what I need."]
)
def test_a_call_of_a_tool_as_text_is_never_an_answer(ask: Ask, server: ScriptedServer, text: str, providers: Providers):
    server.script(Reply(text))
    conversation, selection = Conversation(), ModelSelection(replace(providers.default, is_small=True))
    with pytest.raises(ReplyInterrupted, match="call of a tool"):
        for _ in MemoryController(build_resources(providers)).reply(conversation, "Search for rain.", selection):
            assert "web_search" not in conversation.messages[-1].content
    assert conversation.messages[-1].status == FAILED


@pytest.mark.parametrize(
    "text",
    [
        '{"name": "Alice", "age": 42}',
        '```json\n{"name": "Alice"}\n```',
        '{"name": "Al',
        "{",
        "```python\nprint(1)\n```",
        "<t",
    ],
)
def test_other_json_and_code_are_answers(ask: Ask, server: ScriptedServer, text: str):
    server.script(Reply(text))
    assert ask().messages[-1].content == text
