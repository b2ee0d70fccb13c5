"""Stage 2 on the wire: the request carries the history, and the answer keeps what the model saw."""

from controller.llm.discovery import build_providers
from controller.llm.providers import Providers
from controller.stages.chatbot_with_memory import MemoryController
from model.chat.conversation import Conversation
from model.chat.events import Usage
from model.chat.message import Message
from settings import Settings
from tests.scripted_server import Reply, ScriptedServer
from view.app import build_resources


def test_the_request_carries_the_history(providers: Providers, server: ScriptedServer):
    server.script(Reply("Hello Alice!"), Reply("Your name is Alice."))
    controller, conversation = MemoryController(build_resources(providers)), Conversation()
    list(controller.reply(conversation, "My name is Alice."))
    list(controller.reply(conversation, "What is my name?"))
    assert server.requests[1].body["messages"] == [
        {"role": "user", "content": "My name is Alice."},
        {"role": "assistant", "content": "Hello Alice!"},
        {"role": "user", "content": "What is my name?"},
    ]


def test_memory_is_the_conversation_and_nothing_else(providers: Providers, server: ScriptedServer):
    controller = MemoryController(build_resources(providers))
    list(controller.reply(Conversation(), "A secret of the first conversation"))
    list(controller.reply(Conversation(), "Hi"))
    assert [m["content"] for m in server.requests[1].body["messages"]] == ["Hi"]


def test_system_and_tool_roles_are_sent(providers: Providers, server: ScriptedServer):
    call = {"tool_calls": [{"id": "c1", "type": "function", "function": {"name": "add", "arguments": "{}"}}]}
    history = [
        Message("system", "Be brief."),
        Message("user", "1 + 1?"),
        Message("assistant", "", extra=call),
        Message("tool", "2", extra={"tool_call_id": "c1", "name": "add"}),
        Message("assistant", "It is 2."),
    ]
    list(MemoryController(build_resources(providers)).reply(Conversation(history), "And 2 + 2?"))
    sent = server.requests[0].body["messages"]
    assert [m["role"] for m in sent] == ["system", "user", "assistant", "tool", "assistant", "user"]
    assert sent[2]["tool_calls"] == call["tool_calls"]
    assert sent[3]["tool_call_id"] == "c1"


def test_the_answer_keeps_what_the_model_saw(environ: dict[str, str]):
    providers = build_providers(Settings.from_env(environ | {"LLM_CONTEXT_WINDOW": "1000"}))
    history = [Message(("user", "assistant")[i % 2], f"m{i}", token_count=50) for i in range(40)]
    conversation = Conversation(history)
    list(MemoryController(build_resources(providers)).reply(conversation, "Hi"))
    answer = conversation.messages[-1]
    assert answer.context_window == 1000
    assert answer.window_token_count and answer.window_token_count <= 750
    assert answer.view_begins_at in [m.id for m in history[20:]]


def test_a_provider_with_a_smaller_window_than_told_gets_half_and_answers(providers: Providers, server: ScriptedServer):
    history = [Message(("user", "assistant")[i % 2], f"m{i}", token_count=10_000) for i in range(20)]
    server.script(Reply(status=400, error_message="maximum context length exceeded"), Reply("fine"))
    conversation = Conversation(history)
    list(MemoryController(build_resources(providers)).reply(conversation, "Hi"))
    assert conversation.messages[-1].content == "fine"
    assert len(server.requests[1].body["messages"]) < len(server.requests[0].body["messages"])


def test_usage_is_told(providers: Providers):
    events = list(MemoryController(build_resources(providers)).reply(Conversation(), "Hi"))
    assert any(isinstance(event, Usage) and event.completion_token_count > 0 for event in events)


def test_the_key_is_sent_and_no_temperature(providers: Providers, server: ScriptedServer):
    list(MemoryController(build_resources(providers)).reply(Conversation(), "Hi"))
    assert server.requests[0].headers["authorization"].startswith("Bearer sk-")
    assert "temperature" not in server.requests[0].body
