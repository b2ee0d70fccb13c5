"""What a model thinks before it answers: kept beside the answer, and part of nothing else."""

import pytest

from controller.chat.controller import ChatController
from controller.llm.providers import Providers
from controller.turn import Turn
from model.chat.conversation import Conversation
from model.chat.events import Event, TextDelta, ThinkingDelta, ToolCall, ToolResult
from model.chat.message import STOPPED
from view.app import build_resources


class Thinker(ChatController):
    """Answers with prepared events."""

    slug = "simple_chatbot"
    prepared: tuple[Event, ...] = ()

    def stream(self, turn: Turn) -> None:
        for event in self.prepared:
            turn.emit(event)


@pytest.fixture
def thinker(providers: Providers) -> Thinker:
    return Thinker(build_resources(providers))


def test_what_is_thought_in_each_round_is_a_paragraph_of_its_own(thinker: Thinker):
    thinker.prepared = (
        ThinkingDelta("I must"),
        ThinkingDelta(" look."),
        ToolCall("1", "look", "{}", 1),
        ToolResult("1", "look", "rain"),
        ThinkingDelta("It"),
        ThinkingDelta(" rains."),
        TextDelta("Rain."),
    )
    conversation = Conversation()
    list(thinker.reply(conversation, "Weather?"))
    answer = conversation.messages[-1]
    assert (answer.thinking, answer.content) == ("I must look.\n\nIt rains.", "Rain.")


def test_an_answer_that_goes_on_goes_on_thinking(thinker: Thinker):
    thinker.prepared = ThinkingDelta("Hm."), TextDelta("It is")
    conversation = Conversation()
    list(thinker.reply(conversation, "Weather?"))
    answer = conversation.messages[-1]
    answer.status = STOPPED
    thinker.prepared = ThinkingDelta("Ah."), TextDelta("rain.")
    list(thinker.events(conversation, thinker.go_on(conversation, answer)))
    assert (answer.thinking, answer.content) == ("Hm.\n\nAh.", "It is rain.")


def test_an_answer_that_ended_in_mid_thought_begins_anew(thinker: Thinker):
    thinker.prepared = ThinkingDelta("Hm."), TextDelta("x")
    conversation = Conversation()
    list(thinker.reply(conversation, "Weather?"))
    answer = conversation.messages[-1]
    answer.status, answer.content = STOPPED, ""
    thinker.prepared = ThinkingDelta("Ah."), TextDelta("Rain.")
    list(thinker.events(conversation, thinker.go_on(conversation, answer)))
    assert (answer.thinking, answer.content) == ("Ah.", "Rain.")
