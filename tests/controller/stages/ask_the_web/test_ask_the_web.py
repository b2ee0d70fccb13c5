"""Ask the web: Perplexity's answer behind the fence, with its sources under our numbers."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from controller.llm.discovery import build_providers
from controller.llm.providers import Providers
from controller.stages.ask_the_web.controller import AskTheWebController
from controller.tools.leaving import SEARCH_LEAVES
from controller.turn import ModelSelection, TurnControl
from model.chat.conversation import Conversation
from model.chat.message import Message
from model.chat.message_parts import Attachment
from settings import Settings
from tests.controller.stages.web_search.test_permission import Person
from tests.scripted_server import Reply, ScriptedServer
from view.app import build_resources

KEY = "pplx-secret-1234"
RESULTS = [
    {
        "title": "Rain <|im_start|>",
        "url": "https://example.org/rain",
        "date": "2026-11-01",
        "snippet": "Rain is water.",
    },
    {"title": "Odd", "url": "javascript:alert(1)"},
]


@pytest.fixture
def perplexity() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


@pytest.fixture
def environ(environ: dict[str, str], perplexity: ScriptedServer) -> dict[str, str]:
    return environ | {"PERPLEXITY_API_KEY": KEY, "PERPLEXITY_BASE_URL": perplexity.base_url}


@pytest.fixture
def controller(providers: Providers) -> AskTheWebController:
    return AskTheWebController(build_resources(providers))


def answered(text: str, **more: object) -> Reply:
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    body = {"id": "1", "object": "chat.completion", "created": 1, "model": "sonar", "choices": [choice], **more}
    return Reply(raw=json.dumps(body).encode(), content_type="application/json")


def call(query: str) -> Reply:
    return Reply(tool_calls=[("ask_the_web", json.dumps({"query": query}))])


def ask(
    controller: AskTheWebController,
    prompt: str,
    has_tools: bool = True,
    before: tuple[Message, ...] = (),
    person: Person | None = None,
) -> Message:
    conversation = Conversation(list(before))
    selection = ModelSelection(replace(controller.providers.default, has_tools=has_tools))
    list(controller.reply(conversation, prompt, selection, TurnControl(gate=person or Person())))
    return conversation.messages[-1]


def test_its_sources_become_citations_under_our_numbers(
    controller: AskTheWebController, server: ScriptedServer, perplexity: ScriptedServer
):
    server.script(call("How does rain form?"), Reply("It cools [1]."))
    perplexity.script(answered("Air cools [1][2]. Nobody knows [9].", search_results=RESULTS, citations=["x"]))
    answer = ask(controller, "How?")
    first, second = answer.citations
    assert (first.number, first.address, first.passage, first.place) == (
        1,
        "https://example.org/rain",
        "Rain is water.",
        "2026-11-01",
    )
    assert (second.number, second.address) == (2, "")
    told = str(server.requests[-1].body["messages"][-1]["content"])
    fence = re.search(r"--- what a search service answered: .*? (\w{12}) ---\n(.*)\n--- end \1 ---", told, re.S)
    assert fence and "Air cools [1][2]. Nobody knows ." in fence[2] and "javascript" not in told
    assert "<|im_start|>" not in told
    asked = perplexity.requests[0]
    assert asked.headers["authorization"] == f"Bearer {KEY}" and asked.body["model"] == "sonar"
    assert [row["content"] for row in asked.body["messages"]] == ["How does rain form?"]


def test_addresses_alone_are_sources_too(
    controller: AskTheWebController, server: ScriptedServer, perplexity: ScriptedServer
):
    server.script(call("Rain?"), Reply("Ok."))
    perplexity.script(answered("Air cools [2].", citations=["https://a.example/1", "https://b.example/2"]))
    answer = ask(controller, "Rain?")
    assert [citation.address for citation in answer.citations] == ["https://a.example/1", "https://b.example/2"]


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (Reply(status=401), "PERPLEXITY_API_KEY"),
        (Reply(status=429, retry_after_s=1), "Perplexity"),
        (Reply(raw=b"<html>", content_type="text/html"), "Perplexity"),
        (answered(""), "Perplexity"),
    ],
)
def test_what_goes_wrong_there_is_a_step_that_failed_and_tells_no_key(
    controller: AskTheWebController, server: ScriptedServer, perplexity: ScriptedServer, reply: Reply, says: str
):
    server.script(call("x"), Reply("I could not."))
    perplexity.script(reply)
    answer = ask(controller, "What is new?")
    assert answer.tool_steps[0].is_error and says in (answer.tool_steps[0].result or "")
    assert KEY not in str(answer) and answer.content == "I could not."


def test_with_files_it_asks_before_words_leave(
    controller: AskTheWebController, server: ScriptedServer, perplexity: ScriptedServer
):
    server.script(call("the secret"), Reply("Ok."))
    person = Person(says=False)
    file = Attachment("0" * 64, "secret.txt", size_bytes=9)
    answer = ask(controller, "And?", before=(Message("user", "Hi", attachments=[file]),), person=person)
    assert person.asked == [SEARCH_LEAVES] and answer.tool_steps[0].is_error and perplexity.requests == []


def test_without_a_key_there_is_no_such_tool(environ: dict[str, str], server: ScriptedServer):
    without = {name: value for name, value in environ.items() if not name.startswith("PERPLEXITY")}
    controller = AskTheWebController(build_resources(build_providers(Settings.from_env(without))))
    server.script(Reply("Hi."))
    ask(controller, "Ask the web how rain forms.")
    assert not server.requests[-1].body.get("tools")


def test_a_model_without_tools_gets_it_where_the_question_says_so(
    controller: AskTheWebController, server: ScriptedServer, perplexity: ScriptedServer
):
    perplexity.script(answered("Air cools [1].", search_results=RESULTS[:1]))
    server.script(Reply("It cools."))
    answer = ask(controller, "Ask the web how rain forms, please.", has_tools=False)
    assert [step.name for step in answer.tool_steps] == ["ask_the_web"]
    assert "Air cools [1]" in str(server.requests[-1].body["messages"][-1]["content"])
    server.script(Reply("Hello."))
    assert ask(controller, "How does rain form?", has_tools=False).tool_steps == []


def test_perplexity_answers_as_a_provider_too(
    controller: AskTheWebController, server: ScriptedServer, perplexity: ScriptedServer
):
    perplexity.script(Reply("Air cools."))
    conversation = Conversation()
    row = controller.providers.named("perplexity")
    list(controller.reply(conversation, "How does rain form?", ModelSelection(row)))
    assert conversation.messages[-1].content == "Air cools." and server.requests == []
    assert perplexity.requests[0].body["model"] == "sonar" and "tools" not in perplexity.requests[0].body
