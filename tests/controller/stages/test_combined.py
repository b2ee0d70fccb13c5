"""Several stages in one turn: their tools, their instructions, what each looks up, and one row of source numbers."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from controller.llm.providers import Providers
from controller.stages import abilities, chosen_abilities
from controller.stages.combined import ComposedController
from controller.stages.run_code.tool import sandboxes_of
from controller.turn import ModelSelection, TurnControl
from model.chat.conversation import Conversation
from model.chat.events import ToolCall
from model.chat.message import COMPLETE, STOPPED, Message
from model.chat.options import Options
from tests.replayed import replayed
from tests.scripted_server import Reply, ScriptedServer
from tests.waiting import wait_until
from tests.web_server import Page, WebServer, article
from utils.retrieval.embeddings import FOLDER
from utils.text.untrusted import unfenced
from view.app import build_resources

TOWER = "The Eiffel Tower in Paris is 330 metres tall, which is about the height of a house with 81 storeys."
HANDBOOK = b"# Handbook\n\n## Holidays\n\nEverybody has 29 days of holiday.\n\n## Pay\n\nWages arrive on the 27th.\n"
ALL = ["web_search", "documents", "run_code"]
reads_documents = pytest.mark.skipif(not FOLDER.is_dir(), reason="the encoder's weights are not installed")


class Composed(ComposedController):
    """The controller as the stage of the assistants has it."""

    slug = "assistants"


@pytest.fixture
def web() -> Iterator[WebServer]:
    with WebServer() as server:
        server.results("", [("Eiffel Tower", server.put("/tower", Page(article("Eiffel Tower", TOWER))), "A tower.")])
        yield server


@pytest.fixture
def environ(environ: dict[str, str], web: WebServer) -> dict[str, str]:
    searxng = {"WEB_SEARCH": "searxng", "SEARXNG_URL": web.url(), "WEB_ALLOWED_HOSTS": web.place}
    return environ | searxng | {"CODE_SANDBOX": "monty"}


@pytest.fixture
def controller(providers: Providers) -> Iterator[Composed]:
    resources = build_resources(providers)
    yield Composed(resources)
    sandboxes_of(resources).end()


def asked(
    controller: Composed, prompt: str, tools: list[str], with_file: bool = False, has_tools: bool = True
) -> Conversation:
    conversation = Conversation()
    conversation.choose(tools=tools, sends_unasked=True)
    files = [controller.resources.attachments.put("handbook.md", HANDBOOK)] if with_file else []
    selection = ModelSelection(replace(controller.providers.default, has_tools=has_tools))
    list(controller.reply(conversation, prompt, selection, attachments=files))
    return conversation


def call(name: str, **arguments: str) -> tuple[str, str]:
    return name, json.dumps(arguments)


def steps_of(conversation: Conversation) -> list[str]:
    return [step.name for step in conversation.messages[-1].tool_steps]


def test_no_stage_is_made_of_itself():
    assert "assistants" not in [row.slug for row in abilities()]
    assert chosen_abilities(Options(tools=["assistants", "run_code", "unknown", "web_search", "run_code"])) == [
        "web_search",
        "run_code",
    ]


@pytest.mark.parametrize("tools", [[1, None, {}], [["run_code"]]])
def test_options_of_the_wrong_kind_are_no_tools(controller: Composed, server: ScriptedServer, tools: list[str]):
    server.script(Reply("Fine."))
    assert asked(controller, "Hi", tools).messages[-1].content == "Fine."
    assert "tools" not in server.requests[0].body


@reads_documents
def test_the_model_gets_the_tools_and_instructions_of_all_parts(controller: Composed, server: ScriptedServer):
    asked(controller, "Hi", ALL, with_file=True)
    body = server.requests[0].body
    names = {tool["function"]["name"] for tool in body["tools"]}
    assert names == {"web_search", "read_page", "read_documents", "scan_documents", "read_passages", "run_code"}
    told = body["messages"][0]["content"]
    assert all(part in told for part in ("search the web", "attached documents", "run Python"))


def test_without_tools_it_is_a_chat_with_memory(controller: Composed, server: ScriptedServer):
    asked(controller, "Hi", [])
    assert [message["role"] for message in server.requests[0].body["messages"]] == ["user"]


@reads_documents
def test_documents_and_pages_share_one_row_of_numbers(controller: Composed, server: ScriptedServer):
    server.script(Reply(tool_calls=[call("web_search", query="tower")]), Reply("29 days [1]; 330 metres [3]."))
    conversation = asked(controller, "How many days, and how tall?", ALL, with_file=True)
    citations = conversation.messages[-1].citations
    assert {citation.number: bool(citation.address) for citation in citations} == {1: False, 3: True}
    assert "29 days" in next(citation.passage for citation in citations if citation.number == 1)


def test_each_part_works_in_one_turn(controller: Composed, server: ScriptedServer):
    both = [call("web_search", query="tower"), call("run_code", code="330 * 2")]
    server.script(Reply(tool_calls=both), Reply("660 metres [1]."))
    conversation = asked(controller, "Twice the tower?", ["web_search", "run_code"])
    assert steps_of(conversation) == ["web_search", "run_code"]
    assert unfenced(conversation.messages[-1].tool_steps[1].result or "") == "Value:\n660"


@reads_documents
@pytest.mark.parametrize(
    ("prompt", "with_file", "first"),
    [
        ("How tall is the tower?", False, "web_search"),
        ("When do wages arrive?", True, "read_documents"),
        ("Run this:\n```python\n2 ** 10\n```", True, "run_code"),
    ],
)
def test_the_last_part_that_suits_looks_up_for_a_model_that_can_not_choose(
    controller: Composed, server: ScriptedServer, prompt: str, with_file: bool, first: str
):
    server.script(Reply("Well."))
    assert steps_of(asked(controller, prompt, ALL, with_file, has_tools=False)) == [first]


def test_code_alone_is_run_and_no_model_is_asked(controller: Composed, server: ScriptedServer):
    conversation = asked(controller, "```python\nprint(6 * 7)\n```", ["web_search", "run_code"])
    assert "42" in conversation.messages[-1].content
    assert server.requests == []


@pytest.mark.parametrize("has_tools", [True, False])
def test_json_is_answered_from_what_was_looked_up_before(controller: Composed, server: ScriptedServer, has_tools: bool):
    server.script(Reply('{"metres": 330}'))
    conversation = asked(controller, "How tall is the tower?", ["web_search", "json_mode"], has_tools=has_tools)
    body = server.requests[0].body
    assert "330 metres" in body["messages"][-1]["content"] and "tools" not in body
    assert "Answer only with JSON" in body["messages"][0]["content"]
    assert json.loads(conversation.messages[-1].content) == {"metres": 330}
    assert replayed(controller.providers, conversation, conversation.messages[-1]).is_exact


def test_a_broken_json_answer_is_written_anew(controller: Composed, server: ScriptedServer):
    server.script(Reply('{"a": 1}'))
    broken = Message("assistant", '{"a', status=STOPPED)
    conversation = Conversation([Message("user", "Who?"), broken])
    conversation.choose(tools=["json_mode"])
    list(controller.events(conversation, controller.go_on(conversation, broken)))
    assert json.loads(conversation.messages[-1].content) == {"a": 1}


def test_what_the_model_saw_is_made_once_more_to_the_letter(controller: Composed, server: ScriptedServer):
    server.script(Reply(tool_calls=[call("run_code", code="1 + 1")]), Reply("Two."))
    conversation = asked(controller, "One and one?", ["web_search", "run_code"])
    seen = replayed(controller.providers, conversation, conversation.messages[-1])
    assert seen.is_exact and seen.rows == server.requests[1].body["messages"]


def test_a_part_asks_before_its_tool_runs_where_the_person_wishes(controller: Composed, server: ScriptedServer):
    server.script(Reply(tool_calls=[call("run_code", code="1 + 1")]), Reply("I may not."))
    conversation, control = Conversation(), TurnControl()
    conversation.choose(tools=["run_code"], asks_first=True)
    for event in controller.reply(conversation, "One and one?", control=control):
        if isinstance(event, ToolCall):
            wait_until(lambda: control.gate.call_id)
            control.gate.answer(event.id, False)
    [step] = conversation.messages[-1].tool_steps
    assert step.is_error and conversation.messages[-1].status == COMPLETE
