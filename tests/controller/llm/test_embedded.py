"""The embedded model, for real: it answers, and it remembers."""

from collections.abc import Iterator

import pytest

from controller.chat.controller import ChatController
from controller.llm.discovery import build_providers
from controller.llm.providers import Providers
from controller.stages.chatbot_with_memory import MemoryController
from controller.stages.simple_chatbot import SimpleChatController
from model.chat.conversation import Conversation
from model.chat.events import TextDelta
from model.chat.message import COMPLETE
from model.providers.embedded import EMBEDDED_MODELS
from settings import Settings
from tests.conftest import SMALLEST
from view.app import build_resources


@pytest.fixture(scope="module")
def embedded() -> Iterator[Providers]:
    yield build_providers(Settings.from_env(SMALLEST))


@pytest.mark.parametrize("controller_class", [SimpleChatController, MemoryController])
def test_it_answers_in_pieces(embedded: Providers, controller_class: type[ChatController]):
    conversation = Conversation()
    events = list(controller_class(build_resources(embedded)).reply(conversation, "Say hello."))
    assert sum(isinstance(event, TextDelta) for event in events) > 1
    assert conversation.messages[-1].status == COMPLETE
    assert conversation.messages[-1].model_name == "SmolLM2-135M-Instruct"


@pytest.mark.skipif(
    not EMBEDDED_MODELS[0].is_here, reason="the smallest model mixes up names; `make install` gets another"
)
def test_it_remembers():
    controller, conversation = MemoryController(build_resources(build_providers(Settings.from_env({})))), Conversation()
    list(controller.reply(conversation, "My name is Alice."))
    list(controller.reply(conversation, "What is my name?"))
    assert "Alice" in conversation.messages[-1].content


def test_no_one_without_the_key_can_talk_to_it(embedded: Providers):
    import httpx

    url = f"{embedded.endpoint().base_url}/chat/completions"
    assert httpx.post(url, json={"messages": [{"role": "user", "content": "Hi"}]}).status_code == 401
