"""Anthropic over its own protocol: a scripted /v1/messages, which refuses what the real one refuses."""

import json
from typing import Any

import pytest

from controller.chat.completion import complete_once
from controller.llm.anthropic.request import messages_request
from controller.llm.discovery import build_providers
from controller.llm.passthrough import relay
from controller.llm.providers import Providers
from controller.stages import STAGES
from controller.turn import ModelSelection, TurnControl
from model.chat.conversation import Conversation
from model.chat.events import TextDelta, ToolResult, Usage
from model.chat.message import COMPLETE, FAILED, INTERRUPTED, LENGTH, Message
from model.errors import BnaError
from settings import Settings
from tests.conftest import SECRET
from tests.scripted_server import Reply, ScriptedServer
from tests.tool_stage import LookUpController, ask, call
from utils.threads.stop import CancellationToken
from view.app import build_resources

OVERLOADED = b'{"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}'


@pytest.fixture
def environ(environ: dict[str, str], server: ScriptedServer) -> dict[str, str]:
    """Return variables that make the scripted server Anthropic."""
    others = {name: value for name, value in environ.items() if not name.startswith("OPENAI")}
    own = {"LLM_PROVIDER": "anthropic", "ANTHROPIC_API_KEY": SECRET, "ANTHROPIC_BASE_URL": server.root_url}
    return others | own


@pytest.fixture
def controller(providers: Providers) -> LookUpController:
    return LookUpController(build_resources(providers))


def text_of(conversation: Conversation) -> str:
    return conversation.messages[-1].content


def test_an_answer_comes_in_pieces_with_its_counts(controller: LookUpController, server: ScriptedServer):
    server.script(Reply("The sea is blue."))
    conversation = Conversation()
    events = ask(controller, conversation)
    assert text_of(conversation) == "The sea is blue." and conversation.messages[-1].status == COMPLETE
    assert sum(isinstance(one, TextDelta) for one in events) > 1
    counts = next(one for one in events if isinstance(one, Usage))
    assert counts.prompt_token_count == sum(server.requests[0].usage.values())
    asked = server.requests[0]
    assert asked.path.startswith("/v1/messages") and asked.headers["x-api-key"] == SECRET
    assert asked.body["system"][0]["text"].startswith("You can look things up")
    assert [one["role"] for one in asked.body["messages"]] == ["user"]


def test_tools_are_called_and_their_results_go_back_as_the_protocol_wants(
    controller: LookUpController, server: ScriptedServer
):
    two = [call("look_up", topic="sea"), call("look_up", topic="sky")]
    server.script(Reply("Let me look. ", tool_calls=two), Reply("Both are blue [1][2]."))
    conversation = Conversation()
    events = ask(controller, conversation)
    assert text_of(conversation).endswith("Both are blue [1][2].")
    assert [one.content for one in events if isinstance(one, ToolResult)] == ["[1] sea is blue.", "[2] sky is blue."]
    turns = server.requests[1].body["messages"]
    assert [one["role"] for one in turns] == ["user", "assistant", "user"]
    assert [block["type"] for block in turns[1]["content"]] == ["text", "tool_use", "tool_use"]
    assert [block["type"] for block in turns[2]["content"]] == ["tool_result", "tool_result"]
    assert turns[1]["content"][1]["input"] == {"topic": "sea"}


def test_signed_thoughts_go_back_within_the_turn_and_nowhere_else(controller: LookUpController, server: ScriptedServer):
    server.script(
        Reply("", thinking="I should look.", tool_calls=[call("look_up", topic="sea")]),
        Reply("It is blue.", thinking="Now I know."),
        Reply("Again."),
    )
    conversation = Conversation(pending_options={"reasoning_effort": "low"})
    ask(controller, conversation)
    answer = conversation.messages[-1]
    assert answer.thinking and "I should look." in answer.thinking and "Now I know." in answer.thinking
    sent = server.requests[1].body["messages"][1]["content"][0]
    assert sent["type"] == "thinking" and sent["thinking"] == "I should look." and sent["signature"]
    ask(controller, conversation)
    assert "thinking" not in json.dumps(server.requests[2].body["messages"])
    assert server.requests[0].body["thinking"]["budget_tokens"] < server.requests[0].body["max_tokens"]


def test_a_temperature_is_left_out_beside_thoughts(controller: LookUpController, server: ScriptedServer):
    ask(controller, Conversation(pending_options={"reasoning_effort": "high", "temperature": 0.2}))
    assert "temperature" not in server.requests[0].body
    ask(controller, Conversation(pending_options={"temperature": 0.2}))
    assert server.requests[1].body["temperature"] == 0.2


def test_a_model_that_wants_another_form_of_effort_gets_it(controller: LookUpController, server: ScriptedServer):
    refusal = "thinking.type.enabled is not supported for this model. Use output_config.effort."
    server.refuses = lambda body: refusal if (body.get("thinking") or {}).get("type") == "enabled" else ""
    conversation = Conversation(pending_options={"reasoning_effort": "low"})
    ask(controller, conversation)
    assert conversation.messages[-1].status == COMPLETE
    assert server.requests[-1].body["output_config"] == {"effort": "low"}


def test_over_200_turns_nine_of_ten_prompt_tokens_are_read_from_the_cache(
    controller: LookUpController, server: ScriptedServer
):
    server.default_reply = Reply("The sea is blue because water swallows red light.")
    conversation = Conversation()
    for number in range(200):
        if number % 10 == 0:
            server.script(Reply(tool_calls=[call("look_up", topic=f"sea {number}")]))
        ask(controller, conversation)
    read = sum(request.usage["cache_read_input_tokens"] for request in server.requests)
    assert read >= 0.9 * sum(sum(request.usage.values()) for request in server.requests)


@pytest.mark.parametrize(
    "reply, told",
    [
        (Reply(status=529, error_message="Overloaded"), "has a problem of its own"),
        (Reply(status=429, retry_after_s=7), "asked too often"),
        (Reply(status=401), "does not accept the key"),
        (Reply(status=404, error_message="model: scripted"), "has no model"),
        (Reply(status=400, error_message="prompt is too long: 210000 tokens > 200000 maximum"), "read at once"),
        (Reply("Half of", cut_after=1, finish_reason=None), "broke off"),
        (Reply("Half of it", finish_reason=None), "ended before the answer was complete"),
        (Reply(raw=b"event: error\ndata: " + OVERLOADED + b"\n\n"), "has a problem of its own"),
        (Reply(raw=b"data: {not json\n\n"), "not an answer"),
        (Reply(raw=b"<html>no</html>", content_type="text/html"), "not an answer"),
    ],
)
def test_what_goes_wrong_is_told_in_a_sentence(
    controller: LookUpController, server: ScriptedServer, reply: Reply, told: str
):
    server.script(reply)
    conversation = Conversation()
    with pytest.raises(BnaError, match=told) as caught:
        ask(controller, conversation)
    assert conversation.messages[-1].status in (FAILED, INTERRUPTED) and SECRET not in str(vars(caught.value))


def test_nobody_answers_is_told(environ: dict[str, str], server: ScriptedServer):
    providers = build_providers(Settings.from_env(environ | {"ANTHROPIC_BASE_URL": "http://127.0.0.1:9"}))
    with pytest.raises(BnaError, match="can't be reached at 127.0.0.1"):
        ask(LookUpController(build_resources(providers)), Conversation())


def test_an_answer_that_is_too_long_says_so(controller: LookUpController, server: ScriptedServer):
    server.script(Reply("A long", finish_reason="length"))
    conversation = Conversation(pending_options={"max_tokens": 5})
    ask(controller, conversation)
    assert conversation.messages[-1].finish_reason == LENGTH and server.requests[0].body["max_tokens"] == 5


def test_a_stop_closes_the_connection(controller: LookUpController, server: ScriptedServer):
    server.script(Reply("One two three four five six", stall_after=2))
    control = TurnControl()
    for event in controller.reply(Conversation(), "Hi", control=control):
        if isinstance(event, TextDelta):
            control.stop.set()
    assert server.wait_for_request(ended=True).closed_at is not None


@pytest.mark.parametrize("row", STAGES, ids=lambda row: row.slug)
def test_each_stage_answers(row: Any, providers: Providers, server: ScriptedServer):
    server.default_reply = Reply('{"answer": "blue"}')
    conversation = Conversation()
    list(row.build_controller(build_resources(providers)).reply(conversation, "What colour is the sea?"))
    assert "blue" in text_of(conversation) and conversation.messages[-1].status == COMPLETE


def test_a_small_request_beside_the_turns_is_answered(providers: Providers, server: ScriptedServer):
    server.script(Reply("The Sea"))
    endpoint = providers.endpoint(providers.named("anthropic"), "scripted")
    told = complete_once(providers, endpoint, [Message("user", "A title?")], 20)
    assert told.text == "The Sea" and told.prompt_token_count


@pytest.mark.parametrize("is_stream", [True, False])
def test_a_client_of_openais_protocol_gets_its_own_form(providers: Providers, server: ScriptedServer, is_stream: bool):
    server.script(Reply("It is blue.", tool_calls=[call("paint", colour="blue")]))
    tool = {"type": "function", "function": {"name": "paint", "parameters": {"type": "object", "properties": {}}}}
    request = {"messages": [{"role": "user", "content": "Hi"}], "tools": [tool], "stream": is_stream}
    selection = ModelSelection(providers.named("anthropic"), "scripted")
    answer = list(relay(providers, selection, request, CancellationToken()))
    if is_stream:
        deltas = [one["choices"][0]["delta"] for one in answer if one.get("choices")]
        assert "".join(delta.get("content") or "" for delta in deltas) == "It is blue."
        assert any(delta.get("tool_calls") for delta in deltas)
        assert all(one["object"] == "chat.completion.chunk" for one in answer)
    else:
        [whole] = answer
        message = whole["choices"][0]["message"]
        assert message["content"] == "It is blue."
        assert message["tool_calls"][0]["function"] == {"name": "paint", "arguments": '{"colour": "blue"}'}


@pytest.mark.parametrize("form", ["{}", "{}/", "{}/v1", "{}/v1/"])
def test_its_address_may_be_as_the_sdk_has_it_or_as_ours_is(environ: dict[str, str], server: ScriptedServer, form: str):
    providers = build_providers(Settings.from_env(environ | {"ANTHROPIC_BASE_URL": form.format(server.root_url)}))
    conversation = Conversation()
    ask(LookUpController(build_resources(providers)), conversation)
    assert conversation.messages[-1].status == COMPLETE
    providers.refresh_models(providers.named("anthropic"))
    assert server.models_requests[-1].headers["x-api-key"] == SECRET
    assert "scripted-large" in providers.models(providers.named("anthropic")).context_windows


def test_an_assistant_that_began_a_conversation_does_not_break_it(controller: LookUpController, server: ScriptedServer):
    said = [Message("assistant", "Welcome."), Message("user", "Hi"), Message("user", "Are you there?")]
    ask(controller, Conversation(said))
    assert [one["role"] for one in server.requests[0].body["messages"]] == ["user", "assistant", "user"]


def user(*content: Any) -> dict[str, Any]:
    return {"role": "user", "content": content[0] if len(content) == 1 else list(content)}


def made(*rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    return messages_request({"model": "claude-haiku-4-5", "messages": list(rows), **more})


def test_pictures_become_blocks():
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    [turn] = made(user({"type": "text", "text": "Look"}, picture))["messages"]
    assert turn["content"][1]["source"] == {"type": "base64", "media_type": "image/png", "data": "AAAA"}


def test_instructions_and_summary_stand_apart_and_are_kept():
    request = made({"role": "system", "content": "Be kind."}, {"role": "system", "content": "Before: tea."}, user("Hi"))
    assert [one["text"] for one in request["system"]] == ["Be kind.", "Before: tea."]
    assert "cache_control" not in request["system"][0] and "cache_control" in request["system"][1]


def test_calls_of_tools_that_are_no_longer_there_become_words():
    function = {"name": "look_up", "arguments": "{}"}
    calls = [{"id": "a.b", "type": "function", "function": function}]
    rows = [user("Hi"), {"role": "assistant", "content": None, "tool_calls": calls}]
    rows.append({"role": "tool", "tool_call_id": "a.b", "content": "blue"})
    blocks = [block for turn in made(*rows)["messages"] for block in turn["content"]]
    assert {block["type"] for block in blocks} == {"text"}
    tools = [{"type": "function", "function": {"name": "look_up", "parameters": {"type": "object"}}}]
    blocks = [block for turn in made(*rows, tools=tools)["messages"] for block in turn["content"]]
    assert [block.get("id") or block.get("tool_use_id") for block in blocks[1:]] == ["a_b", "a_b"]


@pytest.mark.parametrize("content", ["", "  ", None, [], [{"type": "text", "text": ""}]])
def test_an_empty_message_is_never_sent(content: Any):
    request = made(user(content))
    assert request["messages"][0]["content"][0]["text"].strip()


@pytest.mark.parametrize(
    "choice, made_of_it",
    [
        ("auto", {"type": "auto"}),
        ("none", {"type": "none"}),
        ("required", {"type": "any"}),
        ({"type": "function", "function": {"name": "paint"}}, {"type": "tool", "name": "paint"}),
    ],
)
def test_which_tool_is_to_be_called_is_said_in_its_words(choice: Any, made_of_it: dict[str, str]):
    tool = {"type": "function", "function": {"name": "paint"}}
    assert made(user("Hi"), tools=[tool], tool_choice=choice)["tool_choice"] == made_of_it


def test_older_models_get_a_shorter_limit():
    request = {"model": "claude-3-haiku-20240307", "messages": [user("Hi")]}
    assert messages_request(request)["max_tokens"] < made(user("Hi"))["max_tokens"]
