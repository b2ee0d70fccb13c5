"""The HTTP API tells who asks for it each step of an answer, as `trace`; nobody else gets any."""

import json
from typing import Any

import pytest

from controller.stages import STAGES, Stage
from tests.api_server import ApiServer, text_of
from tests.conftest import SECRET
from tests.scripted_server import Reply, ScriptedServer


def traced(events: list[tuple[str, str]]) -> list[dict[str, Any]]:
    return [json.loads(data) for name, data in events if name == "trace"]


def test_each_step_comes_with_its_code_and_none_without_being_asked_for(api: ApiServer, server: ScriptedServer):
    server.script(Reply("one two"), Reply("one two"))
    plain, events = api.stream(message="Hi"), api.stream(message="Hi", trace=True)
    assert traced(plain) == []
    assert [event for event in events if event[0] == "token"] == [event for event in plain if event[0] == "token"]
    steps = traced(events)
    assert steps[0]["title"] == "A question, and a still empty answer" and steps[-1]["title"] == "The turn ends"
    sent = next(step for step in steps if "body" in step["details"])
    assert json.loads(sent["details"]["body"]) == server.requests[1].body
    assert (sent["function"], sent["file"]) == ("chunks", "controller/llm/wire.py")
    assert "def chunks(" in sent["source"] and sent["docstring"].startswith("Send a request")
    assert sent["line"] > 0 and sent["at_s"] >= 0 and sent["took_s"] >= 0 and sent["thread"]
    assert SECRET not in str(events)
    assert events[-1][0] == "done" and text_of(events) == "one two"


def test_steps_come_as_they_happen(api: ApiServer, server: ScriptedServer):
    server.script(Reply("one two three", stall_after=2))
    with api.client.stream("POST", "/chat/stream", json={"message": "Hi", "trace": True}) as response:
        lines = response.iter_lines()
        assert any("Chunks come: the first" in line for line in lines)  # the rest would never come


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.slug)
def test_every_stage_tells_its_story_with_the_embedded_model(stage: Stage, api: ApiServer):
    events = api.stream(message="Hi", stage=stage.slug, provider="embedded", trace=True)
    titles = [step["title"] for step in traced(events)]
    assert "The question is written to disk" in titles and titles[-1] == "The turn ends"
    assert "Who answers, and what was said before" in titles
