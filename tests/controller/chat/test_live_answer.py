"""What an answer took stands on it when it has ended."""

from typing import Any

import pytest

from controller.chat.controller import ChatController
from controller.chat.live_answer import LiveAnswer
from controller.chat.request import digest
from controller.llm.discovery import build_providers
from controller.llm.providers import Providers
from controller.stages.chatbot_with_memory import MemoryController
from controller.stages.simple_chatbot import SimpleChatController
from controller.turn import ModelSelection, TurnControl
from model.chat.conversation import Conversation
from model.chat.events import Event, Sent, Started, TextDelta, Usage
from model.chat.message import Message
from model.errors import BnaError
from settings import Settings
from tests.scripted_server import Reply, ScriptedServer
from view.app import build_resources


@pytest.fixture(params=[SimpleChatController, MemoryController])
def controller(request: pytest.FixtureRequest, providers: Providers) -> ChatController:
    made: ChatController = request.param(build_resources(providers))
    return made


def answer_to(controller: ChatController, prompt: str = "Hi", selection: ModelSelection | None = None) -> Message:
    conversation = Conversation()
    list(controller.reply(conversation, prompt, selection))
    return conversation.messages[-1]


def noted(events: list[Event]) -> Message:
    answer = Message("assistant", "some text")
    tell(answer, *events)
    return answer


def tell(answer: Message, *events: Event) -> None:
    live = LiveAnswer(Conversation([answer]), Started(Message("user", "Hi"), answer), lambda _event: None)
    for event in events:
        live.emit(event)
    live.end()


def test_times_are_noted(controller: ChatController, server: ScriptedServer):
    server.script(Reply("one two three four five", tokens_per_s=20, delay_s=0.2))
    answer = answer_to(controller)
    assert answer.first_token_s and answer.duration_s
    assert 0.2 <= answer.first_token_s and answer.first_token_s + 0.19 <= answer.duration_s


def test_the_providers_counts_are_noted(controller: ChatController, server: ScriptedServer):
    server.script(Reply("one two three"))
    answer = answer_to(controller)
    assert answer.completion_token_count == 3
    assert answer.prompt_token_count and answer.prompt_token_count > 0


def test_counts_of_several_requests_are_added():
    answer = noted([Usage(10, 2), TextDelta("a"), Usage(30, 5)])
    assert (answer.prompt_token_count, answer.completion_token_count) == (40, 7)


@pytest.mark.parametrize("controller_class", [SimpleChatController, MemoryController])
def test_a_provider_that_reports_nothing_is_not_asked_and_we_count(
    controller_class: type[ChatController], server: ScriptedServer
):
    environ = {"LLM_PROVIDER": "custom", "LLM_MODEL": "scripted", "CUSTOM_BASE_URL": server.base_url}
    server.script(Reply("one two three"))
    answer = answer_to(controller_class(build_resources(build_providers(Settings.from_env(environ)))))
    assert "stream_options" not in server.requests[0].body
    assert (answer.prompt_token_count, answer.completion_token_count) == (None, None)
    assert answer.window_token_count and answer.token_count


def test_a_stopped_answer_is_counted_by_us(controller: ChatController, server: ScriptedServer):
    server.script(Reply("one two three", stall_after=2))
    conversation, control = Conversation(), TurnControl()
    for event in controller.reply(conversation, "Hi", control=control):
        if isinstance(event, TextDelta):
            control.stop.set()
    answer = conversation.messages[-1]
    assert answer.content and answer.token_count and answer.completion_token_count is None
    assert answer.duration_s is not None and answer.request_digest


def test_a_failed_answer_keeps_how_long_it_took(controller: ChatController, server: ScriptedServer):
    server.script(Reply(status=500, delay_s=0.1))
    conversation = Conversation()
    with pytest.raises(BnaError):
        list(controller.reply(conversation, "Hi"))
    answer = conversation.messages[-1]
    assert answer.duration_s and answer.duration_s >= 0.1
    assert answer.first_token_s is None


def test_what_was_sent_leaves_a_digest_and_goes_no_further(controller: ChatController, server: ScriptedServer):
    conversation = Conversation()
    events = list(controller.reply(conversation, "Hi"))
    assert not any(isinstance(event, Sent) for event in events)
    assert conversation.messages[-1].request_digest == digest(server.requests[0].body["messages"])


def test_half_a_surrogate_pair_does_not_end_the_turn_with_a_bug():
    rows: list[dict[str, Any]] = [{"role": "user", "content": "a cut emoji \ud83d"}]
    assert noted([Sent(rows)]).request_digest


def test_an_answer_that_goes_on_keeps_its_first_token_and_adds_the_rest():
    answer = noted([Sent([{"role": "user"}]), TextDelta("a"), Usage(10, 2)])
    first = (answer.first_token_s, answer.request_digest)
    duration_s = answer.duration_s or 0
    tell(answer, Sent([{"role": "system"}]), TextDelta("b"), Usage(20, 3))
    assert (answer.first_token_s, answer.request_digest) == first
    assert answer.completion_token_count == 5 and (answer.duration_s or 0) >= duration_s
