"""Stage 1 on the wire: the raw SDK of the provider, and the newest message alone."""

import pytest

from controller.llm.discovery import build_providers
from controller.llm.providers import Providers
from controller.stages.simple_chatbot import SimpleChatController
from model.chat.conversation import Conversation
from model.errors import ContextWindowExceeded
from settings import Settings
from tests.scripted_server import ScriptedServer
from view.app import build_resources


def test_only_the_newest_message_is_sent(providers: Providers, server: ScriptedServer):
    controller, conversation = SimpleChatController(build_resources(providers)), Conversation()
    list(controller.reply(conversation, "My name is Alice."))
    list(controller.reply(conversation, "What is my name?"))
    assert server.requests[1].body["messages"] == [{"role": "user", "content": "What is my name?"}]


def test_other_providers_are_asked_through_openais_sdk(providers: Providers, server: ScriptedServer):
    list(SimpleChatController(build_resources(providers)).reply(Conversation(), "Hi"))
    assert server.requests[0].headers["user-agent"].startswith("OpenAI/Python")


def test_groq_is_asked_through_its_own_sdk(server: ScriptedServer):
    providers = build_providers(Settings.from_env({"GROQ_API_KEY": "k", "GROQ_BASE_URL": server.root_url}))
    list(SimpleChatController(build_resources(providers)).reply(Conversation(), "Hi"))
    assert server.requests[0].headers["user-agent"].startswith("Groq/Python")
    assert server.requests[0].path == "/openai/v1/chat/completions"


def test_a_message_that_is_too_long_is_not_sent(environ: dict[str, str], server: ScriptedServer):
    providers = build_providers(Settings.from_env(environ | {"LLM_CONTEXT_WINDOW": "100"}))
    with pytest.raises(ContextWindowExceeded, match="about 2,00[0-9] tokens long; scripted takes up to 75"):
        list(SimpleChatController(build_resources(providers)).reply(Conversation(), "word " * 2000))
    assert server.requests == []
