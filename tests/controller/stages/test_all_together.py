"""Stage 11: the other stages' tools, put together and switched."""

import json

import pytest

from controller.llm.discovery import build_providers
from controller.stages import NONE, abilities
from controller.stages.all_together import AllTogetherController
from model.chat.conversation import Conversation
from model.chat.events import TextDelta
from settings import Settings
from tests.scripted_server import Reply
from view.app import build_resources

SLUGS = [row.slug for row in abilities() if row.slug != "json_mode"]


@pytest.fixture
def controller(providers, environ) -> AllTogetherController:
    return AllTogetherController(build_resources(build_providers(Settings.from_env(environ))))


def ask(controller, conversation: Conversation, prompt: str, files=()) -> str:
    events = list(controller.reply(conversation, prompt, attachments=files))
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def offered(server) -> set[str]:
    return {tool["function"]["name"] for tool in server.requests[-1].body.get("tools", [])}


def test_every_switch_brings_the_tools_of_its_stage_and_no_name_twice(controller, server):
    conversation = Conversation()
    conversation.choose(tools=SLUGS)
    ask(controller, conversation, "Hi")
    names = [tool["function"]["name"] for tool in server.requests[-1].body["tools"]]
    assert len(names) == len(set(names))
    assert {"run_code", "draw", "draw_chart", "search_web"} & set(names) >= {"run_code", "draw", "draw_chart"}


def test_what_is_switched_off_is_not_offered(controller, server):
    conversation = Conversation()
    conversation.choose(tools=["run_code"])
    ask(controller, conversation, "Hi")
    assert offered(server) == {"run_code"}


def test_what_is_switched_off_comes_from_no_other_stage_either(controller, server):
    conversation = Conversation()
    conversation.choose(tools=["image_generation"])
    ask(controller, conversation, "Hi")
    assert "draw_chart" in offered(server)
    assert "run_code" not in offered(server)
    conversation.choose(tools=["image_generation", "run_code"])
    ask(controller, conversation, "Hi")
    assert "run_code" in offered(server)


def test_what_nobody_has_chosen_is_on_but_json(controller, server):
    ask(controller, Conversation(), "Hi")
    assert {"run_code", "draw_chart", "web_search"} <= offered(server)


def test_without_tools_it_is_a_chat_with_memory(controller, server):
    conversation = Conversation()
    conversation.choose(tools=[NONE])
    server.script(Reply("Hello Alice."), Reply("Alice."))
    ask(controller, conversation, "I am Alice.")
    ask(controller, conversation, "Who am I?")
    assert "tools" not in server.requests[-1].body
    assert [row["content"] for row in server.requests[-1].body["messages"]] == [
        "I am Alice.",
        "Hello Alice.",
        "Who am I?",
    ]


def test_tools_of_two_stages_work_in_one_turn(controller, server):
    conversation = Conversation()
    conversation.choose(tools=SLUGS)
    chart = {"kind": "bar", "title": "Drinks", "labels": ["tea", "milk"], "values": [36, 6]}
    server.script(
        Reply(tool_calls=[("run_code", json.dumps({"code": "6 * 6"}))]),
        Reply(tool_calls=[("draw_chart", json.dumps(chart))]),
        Reply("Drawn."),
    )
    assert ask(controller, conversation, "Compute, then draw.") == "Drawn."
    steps = conversation.messages[-1].tool_steps
    assert [(step.name, step.is_error) for step in steps] == [("run_code", False), ("draw_chart", False)]
    assert steps[0].result is not None
    assert "36" in steps[0].result


def test_with_json_mode_the_answer_fits_the_schema(controller, server):
    conversation = Conversation()
    schema = {"type": "object", "properties": {"age": {"type": "integer"}}, "required": ["age"]}
    conversation.choose(tools=["json_mode"], answer_schema=schema)
    server.script(Reply('{"age": "three"}'), Reply('{"age": 3}'))
    ask(controller, conversation, "How old is Tom?")
    assert json.loads(conversation.messages[-1].content) == {"age": 3}
