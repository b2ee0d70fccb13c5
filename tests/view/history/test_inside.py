"""The panel “See inside”: open or closed on every page, with each step's details, code, and stop of the tour."""

import json
from collections.abc import Callable

import pytest
from streamlit.testing.v1.element_tree import Expander

from controller.stages import STAGES, Stage
from tests.conftest import SECRET
from tests.scripted_server import Reply, ScriptedServer
from tests.view.conftest import Screen
from utils.text.markdown import plain
from utils.threads.trace import Trace

SWITCH = "bna.inside.switch"
FIRST, LAST = "The question is written to disk", "The turn ends"


def steps(screen: Screen) -> list[Expander]:
    """Return the blocks of the panel's steps."""
    return [box for box in screen.app.expander if box.label[:1].isdigit()]


def titles(screen: Screen) -> list[str]:
    return [box.label.split("**")[1] for box in steps(screen)]


def look_inside(screen: Screen) -> None:
    screen.app.toggle(SWITCH).set_value(True).run()
    assert not screen.app.exception


def open_step(screen: Screen, title: str) -> list[str]:
    """Open a step of the newest answer, and return the blocks of text in it."""
    number = titles(screen).index(title) + 1
    answer = screen.app.session_state["bna.chatbot_with_memory"].conversation.messages[-1]
    screen.app.session_state[f"bna.inside.{answer.id}.{number}"] = True
    screen.app.run()
    assert not screen.app.exception
    return [code.value for code in steps(screen)[number - 1].code]


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.slug)
def test_every_stage_tells_its_story(stage: Stage, open_page: Callable[..., Screen], server: ScriptedServer):
    server.script(Reply(json.dumps("Hello") if stage.slug == "json_mode" else "Hello"))
    screen = open_page(stage.slug)
    assert "See inside" not in screen.subheaders
    look_inside(screen)
    assert screen.app.query_params["inside"] in ("1", ["1"])
    screen.ask("Hi")
    assert not screen.app.exception and not screen.errors
    told = titles(screen)
    assert FIRST in told and "The request leaves, and its response begins" in told and told[-1] == LAST


def test_the_address_opens_it_and_the_switch_closes_it(screen: Screen):
    screen.app.query_params["inside"] = "1"
    screen.app.run()
    assert any("Ask something" in caption for caption in screen.captions)
    screen.app.toggle(SWITCH).set_value(False).run()
    assert "See inside" not in screen.subheaders and "inside" not in screen.app.query_params


def test_the_address_opens_it_over_a_saved_conversation(screen: Screen, open_page: Callable[..., Screen]):
    screen.ask("Hi")
    other = open_page("chatbot_with_memory")
    other.app.query_params["conversation"] = screen.address
    other.app.query_params["inside"] = "1"
    other.app.run()
    assert any(caption.startswith("Nobody looked") for caption in other.captions)
    assert "It is saved" in titles(other)
    assert other.app.query_params["inside"] in ("1", ["1"])


def test_a_step_opens_to_its_details_its_source_and_the_tour(screen: Screen, server: ScriptedServer):
    look_inside(screen)
    server.script(Reply("Hello there"))
    screen.ask("Hi <b>there</b>")
    sent = open_step(screen, "The request leaves, and its response begins")
    assert json.loads(sent[0]) == server.requests[0].body
    assert sent[1].startswith("curl http") and "$OPENAI_API_KEY" in sent[1]
    assert sent[2].startswith('@traced("The request leaves') and "def chunks(" in sent[2]
    assert "controller/llm/wire.py, line" in "\n".join(screen.captions).replace("\\", "")
    assert SECRET not in screen.everything()
    labels = [box.proto.popover.label for box in screen.app.get("popover")]
    assert plain("Tour: 5. The answer comes back (10 minutes)") in labels


def test_nothing_is_recorded_while_it_is_closed(screen: Screen, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Trace, "tell", lambda *_args, **_kwargs: pytest.fail("it was told"))
    screen.ask("Hi")
    assert not screen.app.exception and not screen.errors and steps(screen) == []


def test_an_older_answer_can_be_picked(screen: Screen, server: ScriptedServer):
    server.script(Reply("One"), Reply("Two"))
    screen.ask("First?")
    look_inside(screen)
    screen.ask("Second?")
    assert titles(screen)[-1] == LAST
    inside = screen.app.session_state["bna.inside"]
    inside.answer_id = screen.app.session_state["bna.chatbot_with_memory"].conversation.messages[1].id
    screen.app.run()
    assert "The answer to: First?" in screen.captions and titles(screen)[-1] == "It is saved"
    screen.ask("Third?")  # the newest is looked at again
    assert "The answer to: Third?" in screen.captions


def test_what_was_traced_goes_with_the_conversation(screen: Screen):
    look_inside(screen)
    screen.ask("Hi")
    assert screen.app.session_state["bna.inside"].traces
    screen.click("New chat")
    assert not screen.app.session_state["bna.inside"].traces


def test_a_failure_is_part_of_the_story(screen: Screen, server: ScriptedServer):
    look_inside(screen)
    server.script(Reply(status=500))
    screen.ask("Hi")
    assert screen.errors
    sent = open_step(screen, "The request leaves, and its response begins")
    assert any(text.startswith("InternalServerError") for text in sent)
