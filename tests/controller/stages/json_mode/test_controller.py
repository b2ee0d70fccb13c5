"""JSON mode: the answer is JSON and fits the schema, or says where it does not."""

import json
from pathlib import Path

import pytest

from controller.chat.turns import Turns
from controller.llm.discovery import build_providers
from controller.llm.providers import Providers
from controller.stages.json_mode.controller import JsonController
from model.chat.conversation import Conversation
from model.chat.events import AnswerReset, Event
from model.chat.message import COMPLETE, INTERRUPTED, Message
from model.errors import InputError, ProviderError, ProviderUnreachable
from model.json_mode.answer_schema import from_text, problems
from model.store.journal import Journal
from model.store.json_store import JsonStore
from model.store.turn_log import read_turn
from settings import Settings
from tests.conftest import SMALLEST
from tests.replayed import replayed
from tests.scripted_server import Reply, ScriptedServer
from tests.waiting import PATIENCE_S, wait_until
from view.app import build_resources

SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
    "required": ["name", "age"],
    "additionalProperties": False,
}
GOOD, BAD = '{"name": "Ann", "age": 31}', '{"name": "Ann", "age": "old"}'


@pytest.fixture
def controller(providers: Providers) -> JsonController:
    return JsonController(build_resources(providers))


def of_provider(name: str, server: ScriptedServer) -> JsonController:
    variables = {f"{name.upper()}_API_KEY": "k", f"{name.upper()}_BASE_URL": server.base_url}
    return JsonController(
        build_resources(build_providers(Settings.from_env({"LLM_PROVIDER": name, "LLM_MODEL": "m", **variables})))
    )


def with_schema() -> Conversation:
    conversation = Conversation()
    conversation.choose(answer_schema=SCHEMA)
    return conversation


def ask(controller: JsonController, conversation: Conversation, prompt: str = "Who?") -> list[Event]:
    return list(controller.reply(conversation, prompt))


def test_the_schema_is_in_the_request_as_a_form_and_in_words(controller: JsonController, server: ScriptedServer):
    server.script(Reply(GOOD))
    conversation = with_schema()
    ask(controller, conversation)
    body = server.requests[0].body
    assert body["response_format"]["json_schema"] == {"name": "answer", "schema": SCHEMA, "strict": True}
    assert json.dumps(SCHEMA) in body["messages"][0]["content"]
    assert conversation.messages[-1].content == GOOD


@pytest.mark.parametrize(
    ("provider", "form"), [("custom", "json_schema"), ("groq", "json_object"), ("anthropic", None)]
)
def test_each_provider_is_held_to_json_in_its_own_way(server: ScriptedServer, provider: str, form: str | None):
    server.script(Reply(GOOD))
    ask(of_provider(provider, server), with_schema())
    assert server.requests[0].body.get("response_format", {}).get("type") == form


def test_without_a_schema_any_json_will_do(controller: JsonController, server: ScriptedServer):
    server.script(Reply("[1, 2]"))
    ask(controller, Conversation())
    assert server.requests[0].body["response_format"] == {"type": "json_object"}
    assert len(server.requests) == 1


FREE = {"type": "object", "properties": {"m": {"type": "object", "additionalProperties": {"type": "string"}}}}


def forms_of(server: ScriptedServer) -> list[object]:
    """Return the form of each request, and whether it is strict."""
    formats = [request.body.get("response_format", {}) for request in server.requests]
    return [form.get("json_schema", {}).get("strict", form.get("type")) for form in formats]


def test_a_server_that_refuses_a_form_is_asked_in_a_weaker_way_and_never_again(
    controller: JsonController, server: ScriptedServer
):
    refusal = Reply(status=400, error_message="response_format is not supported")
    server.script(refusal, refusal, refusal, Reply(GOOD), Reply(GOOD), Reply(BAD), Reply(GOOD))
    conversation = with_schema()
    for _ in range(3):
        ask(controller, conversation)
    assert forms_of(server) == [True, False, "json_object", None, None, None, None]
    assert (conversation.messages[1].content, conversation.messages[1].status) == (GOOD, COMPLETE)


def test_what_one_schema_is_refused_for_is_no_fault_of_another(controller: JsonController, server: ScriptedServer):
    server.script(Reply(status=400, error_message="Invalid schema"), Reply(GOOD), Reply('{"m": {}}'))
    ask(controller, with_schema())
    other = Conversation()
    other.choose(answer_schema=FREE | {"required": ["m"], "additionalProperties": False})
    ask(controller, other)
    assert forms_of(server) == [True, False, False], "free keys are never told as strict"


def test_a_server_that_refuses_everything_is_told_of_and_asked_anew(controller: JsonController, server: ScriptedServer):
    server.default_reply = Reply(status=400, error_message="no")
    with pytest.raises(ProviderError, match="no"):
        ask(controller, with_schema())
    assert forms_of(server) == [True, False, "json_object", None]
    server.default_reply = Reply(GOOD)
    ask(controller, with_schema())
    assert forms_of(server)[4:] == [True]


def test_no_form_is_sent_twice(controller: JsonController, server: ScriptedServer):
    server.default_reply = Reply(status=400, error_message="no")
    with pytest.raises(ProviderError, match="no"):
        ask(controller, Conversation())
    assert forms_of(server) == ["json_object", None]


def test_another_fault_is_not_taken_for_a_refusal(controller: JsonController, server: ScriptedServer):
    server.script(Reply(status=500))
    with pytest.raises(ProviderUnreachable):
        ask(controller, with_schema())
    assert len(server.requests) == 1


def test_an_answer_that_does_not_fit_is_asked_for_once_more_with_what_is_wrong(
    controller: JsonController, server: ScriptedServer
):
    server.script(Reply(BAD), Reply(GOOD))
    conversation = with_schema()
    events = ask(controller, conversation)
    assert sum(isinstance(event, AnswerReset) for event in events) == 1
    wrong, wish = server.requests[1].body["messages"][-2:]
    assert wrong == {"role": "assistant", "content": BAD}
    assert "age: has to be a whole number" in wish["content"]
    assert [message.content for message in conversation.messages] == ["Who?", GOOD]


def test_after_two_repairs_the_last_answer_stays_with_its_problems(controller: JsonController, server: ScriptedServer):
    server.default_reply = Reply(BAD)
    conversation = with_schema()
    ask(controller, conversation)
    assert len(server.requests) == 3
    answer = conversation.messages[-1]
    assert (answer.content, answer.status) == (BAD, COMPLETE)
    assert [problem.path for problem in problems(answer.content, SCHEMA)] == ["age"]


def test_where_the_repair_fails_the_answer_before_it_stays(controller: JsonController, server: ScriptedServer):
    server.script(Reply(BAD), Reply(status=429))
    conversation = with_schema()
    ask(controller, conversation)
    assert len(server.requests) == 2
    answer = conversation.messages[-1]
    assert (answer.content, answer.status) == (BAD, COMPLETE)


def test_an_answer_cut_by_the_token_limit_is_asked_for_once_more(controller: JsonController, server: ScriptedServer):
    server.script(Reply('{"name": "An', finish_reason="length"), Reply(GOOD))
    conversation = with_schema()
    ask(controller, conversation)
    assert "breaks off" in server.requests[1].body["messages"][-1]["content"]
    assert conversation.messages[-1].content == GOOD


def test_a_crash_in_a_repair_leaves_the_new_beginning_alone_on_disk(
    controller: JsonController, server: ScriptedServer, tmp_path: Path
):
    server.script(Reply(BAD), Reply('{"name": "Ann", "age"', stall_after=2))
    turns = Turns(Journal(tmp_path / "journal", JsonStore(tmp_path / "conversations.json")))
    turn = turns.ask(controller, with_schema(), "Who?")
    wait_until(lambda: len(server.requests) == 2 and turn.answer.content)
    [file] = (tmp_path / "journal").glob("*.jsonl")
    assert '{"name": "Ann",'.startswith(read_turn(file.read_bytes()).answer.content)
    turn.stop()
    assert turn.wait(PATIENCE_S)


def test_words_around_the_json_are_dropped(controller: JsonController, server: ScriptedServer):
    server.script(Reply(f"Sure, here it is:\n```json\n{GOOD}\n```"))
    conversation = with_schema()
    ask(controller, conversation)
    assert json.loads(conversation.messages[-1].content) == json.loads(GOOD)
    assert len(server.requests) == 1


def test_a_broken_answer_is_written_anew_not_gone_on_with(controller: JsonController, server: ScriptedServer):
    server.script(Reply(GOOD))
    conversation = Conversation([Message("user", "Who?"), Message("assistant", '{"na', status=INTERRUPTED)])
    list(controller.events(conversation, controller.go_on(conversation, conversation.messages[-1])))
    assert conversation.messages[-1].content == GOOD


def test_what_the_model_saw_is_what_was_sent_even_after_a_repair(
    controller: JsonController, server: ScriptedServer, providers: Providers
):
    server.script(Reply(BAD), Reply(GOOD))
    conversation = with_schema()
    ask(controller, conversation)
    seen = replayed(providers, conversation, conversation.messages[-1])
    assert (seen.rows, seen.is_exact) == (server.requests[0].body["messages"], True)


def test_a_schema_that_was_broken_by_hand_does_no_harm(controller: JsonController, server: ScriptedServer):
    server.script(Reply("{}"))
    conversation = Conversation()
    conversation.choose(answer_schema={"$ref": "https://example.com/x"})
    ask(controller, conversation)
    assert server.requests[0].body["response_format"] == {"type": "json_object"}


@pytest.mark.parametrize("text", ["{", "[]", '{"type": 3}', '{"$ref": "http://example.com"}', "x" * 60_000])
def test_a_schema_that_cannot_be_used_is_refused(text: str):
    with pytest.raises(InputError):
        from_text(text)


def test_the_embedded_model_fits_a_schema():
    controller = JsonController(build_resources(build_providers(Settings.from_env(SMALLEST))))
    conversation = with_schema()
    ask(controller, conversation, "Ann is 31 years old.")
    assert problems(conversation.messages[-1].content, SCHEMA) == []
