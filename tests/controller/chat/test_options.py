"""What was chosen for a conversation is heeded in its requests; and an answer that was broken off is gone on with."""

import pytest

from controller.chat.request import GO_ON
from controller.llm.discovery import build_providers
from controller.llm.providers import Providers
from controller.stages.chatbot_with_memory import MemoryController
from controller.turn import ModelSelection
from model.chat.conversation import Conversation
from model.chat.message import COMPLETE, FAILED, INTERRUPTED, Message
from model.errors import BnaError
from settings import Settings
from tests.scripted_server import Reply, ScriptedServer
from view.app import build_resources


@pytest.fixture
def controller(providers: Providers) -> MemoryController:
    return MemoryController(build_resources(providers))


def broken_off(text: str = "Once upon a") -> Conversation:
    return Conversation([Message("user", "A story"), Message("assistant", text, status=INTERRUPTED)])


def test_instructions_go_first(controller: MemoryController, server: ScriptedServer):
    conversation = Conversation()
    conversation.choose(instructions="Answer in French.")
    list(controller.reply(conversation, "Hi"))
    list(controller.reply(conversation, "And now?"))
    assert server.requests[-1].body["messages"][0] == {"role": "system", "content": "Answer in French."}
    assert [message.role for message in conversation.messages] == ["user", "assistant"] * 2


@pytest.mark.parametrize(("provider", "limit_name"), [("openai", "max_completion_tokens"), ("custom", "max_tokens")])
def test_temperature_and_limit_are_sent_only_when_chosen(server: ScriptedServer, provider: str, limit_name: str):
    name = provider.upper()
    environ = {"LLM_PROVIDER": provider, f"{name}_API_KEY": "k", f"{name}_BASE_URL": server.base_url, "LLM_MODEL": "m"}
    controller = MemoryController(build_resources(build_providers(Settings.from_env(environ))))
    conversation = Conversation()
    list(controller.reply(conversation, "Hi"))
    assert not {"temperature", limit_name} & set(server.requests[-1].body)
    conversation.choose(temperature=0.3, max_tokens=50)
    list(controller.reply(conversation, "Hi"))
    body = server.requests[-1].body
    assert (body["temperature"], body[limit_name]) == (0.3, 50)


def test_the_time_is_told_and_leaves_what_was_sent_before_as_it_was(
    controller: MemoryController, server: ScriptedServer
):
    conversation = Conversation()
    conversation.choose(tells_time=True)
    for prompt in ("One", "Two"):
        list(controller.reply(conversation, prompt))
    first, second = (request.body["messages"] for request in server.requests[-2:])
    assert second[: len(first)] == first
    assert second[-1]["content"].endswith("] Two") and second[-1]["content"][1:].split(",")[0].endswith("day")
    assert conversation.messages[0].content == "One"


def test_going_on_keeps_what_had_come_and_tells_the_model_of_it(controller: MemoryController, server: ScriptedServer):
    server.script(Reply("time there was."))
    conversation = broken_off()
    list(controller.events(conversation, controller.go_on(conversation, conversation.messages[1])))
    answer = conversation.messages[1]
    assert (answer.content, answer.status) == ("Once upon a time there was.", COMPLETE)
    told = [message["content"] for message in server.requests[-1].body["messages"]]
    assert told == ["A story", "Once upon a", GO_ON]
    assert len(conversation.messages) == 2


def test_going_on_behind_a_space_adds_none(controller: MemoryController, server: ScriptedServer):
    server.script(Reply("time"))
    conversation = broken_off("Once upon a ")
    list(controller.events(conversation, controller.go_on(conversation, conversation.messages[1])))
    assert conversation.messages[1].content == "Once upon a time"


def test_going_on_that_fails_keeps_what_had_come(controller: MemoryController, server: ScriptedServer):
    server.script(Reply(status=500))
    conversation = broken_off()
    with pytest.raises(BnaError):
        list(
            controller.events(conversation, controller.go_on(conversation, conversation.messages[1]), ModelSelection())
        )
    answer = conversation.messages[1]
    assert (answer.content, answer.status) == ("Once upon a", FAILED)
    server.script(Reply("time"))
    list(controller.events(conversation, controller.go_on(conversation, answer)))
    assert (answer.content, answer.status, answer.error) == ("Once upon a time", COMPLETE, None)
