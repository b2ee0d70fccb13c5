"""For a model that can't call tools, stage 3 searches first; the person sees the same."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from controller.llm.providers import Providers
from controller.stages.web_search.controller import WebSearchController
from controller.tools.leaving import query_of
from controller.tools.runner import ToolRunner
from controller.turn import ModelSelection, Turn, TurnControl
from model.chat.conversation import Conversation
from model.chat.message import COMPLETE, Message
from tests.scripted_server import Reply, ScriptedServer
from tests.web_server import Page, WebServer, article
from view.app import build_resources

RAIN = "Rain forms when warm air rises, cools, and its water gathers on specks of dust until the drops are heavy."


@pytest.fixture
def web() -> Iterator[WebServer]:
    with WebServer() as server:
        server.results("", [("Rain", server.put("/rain", Page(article("Rain", RAIN))), "About rain.")])
        yield server


def ask(providers: Providers, conversation: Conversation, prompt: str) -> Message:
    """Ask a model that can't call tools."""
    selection = ModelSelection(replace(providers.default, has_tools=False))
    list(WebSearchController(build_resources(providers)).reply(conversation, prompt, selection))
    return conversation.messages[-1]


def test_the_question_is_searched_first_and_stands_behind_the_material(providers: Providers, server: ScriptedServer):
    server.script(Reply("From dust and water."))
    answer = ask(providers, Conversation(), "How does rain form?")
    assert answer.content == "From dust and water. [1]"
    [row] = server.requests[0].body["messages"]
    assert RAIN in row["content"] and row["content"].endswith(
        " ---\nAnswer in one short sentence, with facts from the text above.\n\nHow does rain form?"
    )
    [step], [citation] = answer.tool_steps, answer.citations
    assert (step.name, step.round, step.label) == ("web_search", 0, "Search the web")
    assert (citation.number, citation.title) == (1, "Rain") and RAIN in citation.passage


def test_a_page_that_the_question_names_is_read_instead(providers: Providers, server: ScriptedServer, web: WebServer):
    answer = ask(providers, Conversation(), f"What does {web.url('/rain')} say?")
    assert [step.name for step in answer.tool_steps] == ["read_page"]
    assert RAIN in server.requests[0].body["messages"][0]["content"]


def test_a_failing_search_is_told_and_the_question_is_answered(
    providers: Providers, server: ScriptedServer, web: WebServer
):
    web.put("/search", Page(status=503))
    server.script(Reply("I think from clouds."))
    answer = ask(providers, Conversation(), "How does rain form?")
    assert (answer.content, answer.status, answer.tool_steps[0].is_error) == ("I think from clouds.", COMPLETE, True)


def test_a_small_model_gets_little_and_a_large_one_more(providers: Providers, server: ScriptedServer, web: WebServer):
    paragraphs = [f"Paragraph {n} tells that rain falls on place number {n}. " * 6 for n in range(40)]
    web.results("", [("Rain", web.put("/rain", Page(article("Rain", *paragraphs))), "About rain.")])
    small = ask(providers, Conversation(), "How does rain form?").tool_steps[0]
    selection, conversation = ModelSelection(), Conversation()
    server.script(Reply(tool_calls=[("web_search", '{"query": "rain place"}')]), Reply("Here."))
    list(WebSearchController(build_resources(providers)).reply(conversation, "Where?", selection))
    large = conversation.messages[-1].tool_steps[0]
    assert small.token_count and large.token_count and small.token_count < 500 < 3200 and large.token_count < 3300
    assert len(large.result or "") > len(small.result or "")


@pytest.mark.parametrize(
    ("before", "question", "query"),
    [
        ("", "How tall is it?", "How tall is it?"),
        ("Where is the Eiffel Tower?", "How tall is it?", "Where is the Eiffel Tower? How tall is it?"),
        ("Where is it?", "How tall is the Eiffel Tower in metres?", "How tall is the Eiffel Tower in metres?"),
        ("", "x" * 400, "x" * 300),
        ("", "How\n tall?", "How tall?"),
    ],
)
def test_a_short_question_takes_the_one_before_it_along(providers: Providers, before: str, question: str, query: str):
    history = [Message("user", before), Message("assistant", "In Paris.")] if before else []
    turn = Turn(
        history, Message("user", question), Message("assistant", ""), providers.endpoint(None, ""), TurnControl()
    )
    assert query_of(turn) == query


def test_the_time_in_front_of_a_question_is_not_searched_for(
    providers: Providers, server: ScriptedServer, web: WebServer, monkeypatch: pytest.MonkeyPatch
):
    called: list[dict[str, str]] = []
    monkeypatch.setattr(ToolRunner, "call", lambda _self, _name, arguments: called.append(arguments))
    conversation = Conversation()
    conversation.choose(tells_time=True)
    ask(providers, conversation, "What is [1] in mathematics, and why?")
    assert called == [{"query": "What is [1] in mathematics, and why?"}]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Rain forms when warm air cools.", "Rain forms when warm air cools. [1]"),
        ("It rains when warm air rises [1].", "It rains when warm air rises [1]."),
        ("Nobody knows that for certain.", "Nobody knows that for certain."),
    ],
)
def test_the_source_with_most_of_the_answers_words_is_named_behind_it(
    providers: Providers, server: ScriptedServer, said: str, kept: str
):
    server.script(Reply(said))
    answer = ask(providers, Conversation(), "How does rain form?")
    assert (answer.content, answer.status) == (kept, COMPLETE)
