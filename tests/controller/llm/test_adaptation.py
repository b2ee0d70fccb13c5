"""What a server refuses is said in another way, or left out, and remembered: longest answers, efforts, thoughts."""

from collections.abc import Callable
from typing import Any

import pytest

from controller.chat.completion import complete_once
from controller.llm.anthropic.request import MAX_TOKENS
from controller.llm.discovery import build_providers
from controller.llm.providers import Providers
from controller.stages.chatbot_with_memory import MemoryController
from model.chat.conversation import Conversation
from model.chat.message import Message
from model.errors import ProviderError
from model.providers.provider import PROVIDERS
from model.providers.reasoning import may_think
from settings import Settings
from tests.recorded_streams import said
from tests.scripted_server import Reply, ScriptedServer
from tests.tool_stage import LookUpController, ask, call
from view.app import build_resources

Body = dict[str, Any]


@pytest.fixture(autouse=True)
def every_provider_is_here(monkeypatch: pytest.MonkeyPatch, server: ScriptedServer) -> None:
    """Let each provider's address be the scripted server's: not all have a variable for it."""
    monkeypatch.setattr(Providers, "_base_url", lambda _self, _provider: server.base_url)


def providers_at(name: str, model_name: str = "m") -> Providers:
    key = next(row.key_variable for row in PROVIDERS if row.name == name)
    environ = {"LLM_PROVIDER": name, "LLM_MODEL": model_name, "LLM_TIMEOUT_S": "5"}
    return build_providers(Settings.from_env(environ | ({key: "sk-0123456789"} if key else {})))


def asked(providers: Providers, server: ScriptedServer, **options: Any) -> Body:
    """Ask once with these options, and return what was sent last."""
    conversation = Conversation()
    conversation.choose(**options)
    list(MemoryController(build_resources(providers)).reply(conversation, "Hi"))
    return dict(server.requests[-1].body)


def refusing(
    *names: str, says: str = "Unsupported parameter: '{name}' is not supported with this model."
) -> Callable[[Body], str]:
    return lambda body: next((says.format(name=name) for name in names if name in body), "")


LIMIT_REFUSALS = [
    "Unsupported parameter: '{name}' is not supported with this model. Use 'max_completion_tokens' instead.",
    "Unrecognized request argument supplied: {name}",
    'Invalid JSON payload received. Unknown name "{name}": Cannot find field.',
    "{name}: Extra inputs are not permitted",
]


@pytest.mark.parametrize("says", LIMIT_REFUSALS)
@pytest.mark.parametrize(("provider", "refused"), [("custom", "max_tokens"), ("openai", "max_completion_tokens")])
def test_the_longest_answer_is_told_as_the_server_takes_it(
    provider: str, refused: str, says: str, server: ScriptedServer
):
    [taken] = {"max_tokens", "max_completion_tokens"} - {refused}
    server.refuses = refusing(refused, says=says)
    server.default_reply = Reply("Hello")
    providers = providers_at(provider)
    body = asked(providers, server, max_tokens=50)
    assert body[taken] == 50 and refused not in body and len(server.requests) == 2
    # It is remembered, for turns and for what is asked beside them.
    asked(providers, server, max_tokens=60)
    complete_once(providers, providers.endpoint(), [Message("user", "Title")], 70)
    assert [request.body.get(taken) for request in server.requests[2:]] == [60, 70]


def test_a_limit_that_is_refused_by_both_names_is_told(server: ScriptedServer):
    server.refuses = refusing("max_tokens", "max_completion_tokens")
    with pytest.raises(ProviderError, match="not supported"):
        asked(providers_at("custom"), server, max_tokens=50)
    assert len(server.requests) == 2


def test_a_limit_that_is_too_large_is_asked_for_once(server: ScriptedServer):
    says = "{name} is too large: 50. This model supports at most 20 completion tokens"
    server.refuses = refusing("max_tokens", says=says)
    with pytest.raises(ProviderError, match="at most 20"):
        asked(providers_at("custom"), server, max_tokens=50)
    assert len(server.requests) == 1


EFFORTS = [
    ("openai", "high", {"reasoning_effort": "high"}),
    ("openai", "off", {"reasoning_effort": "none"}),
    ("groq", "low", {"reasoning_effort": "low"}),
    ("ollama", "off", {"reasoning_effort": "none"}),
    ("mistral", "medium", {"reasoning_effort": "medium"}),
    ("openrouter", "high", {"reasoning": {"effort": "high"}}),
    ("openrouter", "off", {"reasoning": {"effort": "none"}}),
    ("anthropic", "low", {"thinking": {"type": "enabled", "budget_tokens": 2048}, "max_tokens": 10_240}),
    ("anthropic", "off", {}),
    ("google", "off", {"reasoning_effort": "none"}),
    (
        "google",
        "high",
        {"reasoning_effort": "high", "extra_body": {"google": {"thinking_config": {"include_thoughts": True}}}},
    ),
    ("custom", "high", {"reasoning_effort": "high", "chat_template_kwargs": {"enable_thinking": True}}),
    ("custom", "off", {"reasoning_effort": "none", "chat_template_kwargs": {"enable_thinking": False}}),
]
PARAMETERS = ("reasoning_effort", "reasoning", "thinking", "chat_template_kwargs", "extra_body", "max_tokens")


def told(body: Body) -> Body:
    """Return what a request says of these; the limit that Anthropic's protocol always wants says nothing."""
    return {key: body[key] for key in PARAMETERS if key in body and (key, body[key]) != ("max_tokens", MAX_TOKENS)}


@pytest.mark.parametrize(("provider", "effort", "form"), EFFORTS)
def test_each_provider_is_told_in_its_own_way(provider: str, effort: str, form: Body, server: ScriptedServer):
    providers = providers_at(provider)
    assert told(asked(providers, server)) == {}
    assert told(asked(providers, server, reasoning_effort=effort)) == form
    assert len(server.requests) == 2


EFFORT_REFUSALS = [
    "Unrecognized request argument supplied: {name}",
    "{name}: Extra inputs are not permitted",
    '"m" does not support thinking',
    "Model m does not support parameter reasoningEffort.",
    "`{name}` is not supported with this model",
]


@pytest.mark.parametrize("says", EFFORT_REFUSALS)
@pytest.mark.parametrize("provider", ["openai", "openrouter", "anthropic", "google", "custom", "ollama"])
def test_a_model_without_thinking_is_asked_again_without_it_and_never_again(
    provider: str, says: str, server: ScriptedServer
):
    server.refuses = refusing(*PARAMETERS[:4], "output_config", says=says)
    providers = providers_at(provider)
    assert told(asked(providers, server, reasoning_effort="high")) == {}
    count = len(server.requests)
    assert told(asked(providers, server, reasoning_effort="high")) == {}
    assert len(server.requests) == count + 1


@pytest.mark.parametrize(
    ("provider", "effort", "refused", "form"),
    [
        ("custom", "high", "chat_template_kwargs", {"reasoning_effort": "high"}),
        ("custom", "off", "reasoning_effort", {"chat_template_kwargs": {"enable_thinking": False}}),
        ("google", "high", "extra_body", {"reasoning_effort": "high"}),
    ],
)
def test_only_what_is_refused_is_left_out(provider: str, effort: str, refused: str, form: Body, server: ScriptedServer):
    server.refuses = refusing(refused)
    providers = providers_at(provider)
    assert told(asked(providers, server, reasoning_effort=effort)) == form
    assert told(asked(providers, server, reasoning_effort=effort)) == form
    assert len(server.requests) == 3


def test_what_can_not_be_switched_off_thinks_as_little_as_it_can(server: ScriptedServer):
    def refuse(body: Body) -> str:
        effort = body.get("reasoning_effort")
        says = (
            f"Unsupported value: 'reasoning_effort' does not support '{effort}' with this model. Supported values are"
        )
        return f"{says}: 'low', 'medium', and 'high'." if effort in ("none", "minimal") else ""

    server.refuses = refuse
    providers = providers_at("openai", "o3")
    for _ in range(2):
        assert told(asked(providers, server, reasoning_effort="off")) == {"reasoning_effort": "low"}
    assert len(server.requests) == 4


@pytest.mark.parametrize("model_name", ["gpt-4o-mini", "gpt-3.5-turbo", "llama-3.3-70b-versatile", "qwen2.5:7b"])
def test_a_model_that_never_thinks_is_not_asked_to(model_name: str, server: ScriptedServer):
    assert not may_think(model_name)
    assert told(asked(providers_at("openai", model_name), server, reasoning_effort="high")) == {}


@pytest.mark.parametrize(
    "model_name",
    [
        *("gpt-5-mini", "o3", "o4-mini", "claude-haiku-4-5", "claude-opus-4-6", "gemini-2.5-flash", "gemini-3-pro"),
        *("deepseek-r1:8b", "qwen3:4b", "qwq-32b", "gpt-oss:20b", "magistral-small", "grok-4", "kimi-k2-thinking"),
        *("glm-4.6", "openrouter/auto", "deepseek-r1-distill-llama-70b", "smollm3", "m", "gemma4"),
    ],
)
def test_models_that_think_or_may(model_name: str):
    assert may_think(model_name)


def test_an_effort_that_nobody_knows_is_not_sent(server: ScriptedServer):
    assert told(asked(providers_at("openai"), server, reasoning_effort="enormous")) == {}


def test_a_budget_leaves_room_for_the_answer(server: ScriptedServer):
    providers = providers_at("anthropic")
    body = asked(providers, server, reasoning_effort="high", max_tokens=4000)
    assert (body["max_tokens"], body["thinking"]["budget_tokens"]) == (4000, 2000)
    assert "thinking" not in asked(providers, server, reasoning_effort="high", max_tokens=1000)


def test_a_server_that_wants_thoughts_with_older_calls_gets_a_stand_in(server: ScriptedServer):
    """A conversation that another model began has calls without thoughts; DeepSeek wants some with each."""

    def refuse(body: Body) -> str:
        rows = [row for row in body["messages"] if row.get("tool_calls")]
        is_missing = any(not row.get("reasoning_content") for row in rows)
        return "The `reasoning_content` in the thinking mode must be passed back to the API." if is_missing else ""

    providers = providers_at("custom")
    controller, conversation = LookUpController(build_resources(providers)), Conversation()
    server.script(Reply(tool_calls=[call("look_up", topic="sea")]), Reply("It is blue."))
    ask(controller, conversation)
    server.refuses = refuse
    server.default_reply = Reply(raw=said("Done."))
    for _ in range(2):
        ask(controller, conversation)
    assert conversation.messages[-1].content == "Done."
    assert len(server.requests) == 5  # one refusal, and then it is known
