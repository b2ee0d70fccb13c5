"""The contract that every stage keeps, run over every row of STAGES."""

import json
import re
from dataclasses import replace
from pathlib import Path
from threading import Thread

import httpx
import pytest

from controller.chat.controller import ChatController
from controller.llm.providers import Providers
from controller.stages import STAGES, Stage
from controller.turn import TurnControl
from model.chat.conversation import Conversation
from model.chat.events import Finished, Started, TextDelta
from model.chat.message import COMPLETE, FAILED, STOPPED
from model.errors import BnaError, InputError
from settings import ROOT
from tests.scripted_server import Reply, ScriptedServer
from tests.waiting import FOR_EVER_S, wait_until
from view.app import build_resources


@pytest.fixture(params=STAGES, ids=lambda stage: stage.slug)
def stage(request: pytest.FixtureRequest) -> Stage:
    row: Stage = request.param
    return row


def said(stage: Stage, text: str) -> str:
    """Return a text as a model says it in a stage."""
    return json.dumps(text) if stage.slug == "json_mode" else text


@pytest.fixture
def controller(stage: Stage, providers: Providers) -> ChatController:
    return stage.build_controller(build_resources(providers))


def test_it_streams(stage: Stage, controller: ChatController, server: ScriptedServer):
    server.script(Reply(said(stage, "one two three"), stall_after=2))
    control = TurnControl()
    events = controller.reply(Conversation(), "Hi", control=control)
    texts = (event.text for event in events if isinstance(event, TextDelta))
    assert [next(texts).strip('" '), next(texts).strip()] == ["one", "two"]  # the rest would never come
    control.stop.set()
    list(events)


def test_it_begins_with_started_and_ends_with_finished(controller: ChatController):
    events = list(controller.reply(Conversation(), "Hi"))
    assert isinstance(events[0], Started)
    assert isinstance(events[-1], Finished)


def test_nothing_is_sent_before_the_question_could_be_saved(controller: ChatController, server: ScriptedServer):
    events = controller.reply(Conversation(), "Hi")
    next(events)
    httpx.get(f"{server.root_url}/record")  # what had left before would be there before
    assert server.requests == []


def test_it_appends_both_turns(stage: Stage, controller: ChatController, server: ScriptedServer):
    server.script(Reply(said(stage, "Hello there")))
    conversation = Conversation()
    list(controller.reply(conversation, "Hi"))
    assert [(m.role, m.content, m.status) for m in conversation.messages] == [
        ("user", "Hi", COMPLETE),
        ("assistant", said(stage, "Hello there"), COMPLETE),
    ]
    assert conversation.messages[1].model_name == "scripted"


def test_a_failure_loses_nothing_and_the_next_turn_works_as_if_it_had_not_been(
    stage: Stage, controller: ChatController, server: ScriptedServer
):
    server.script(Reply(status=500), Reply(said(stage, "fine")))
    conversation = Conversation()
    with pytest.raises(BnaError):
        list(controller.reply(conversation, "first"))
    list(controller.reply(conversation, "second"))
    assert [(m.content, m.status) for m in conversation.messages[::2]] == [("first", FAILED), ("second", COMPLETE)]
    assert conversation.messages[3].content == said(stage, "fine")
    sent = [message["content"] for message in server.requests[-1].body["messages"] if message["role"] != "system"]
    assert [content.rpartition("] ")[2] for content in sent] == ["second"]  # a stage may tell the time before it


def test_an_empty_prompt_is_refused(controller: ChatController):
    conversation = Conversation()
    with pytest.raises(InputError):
        list(controller.reply(conversation, "  \n"))
    assert conversation.messages == []


@pytest.mark.parametrize(
    "reply",
    [
        Reply("one two three " * 2000, tokens_per_s=20),
        Reply("one two", stall_after=1),
        Reply("late", delay_s=FOR_EVER_S),
    ],
    ids=["streaming", "stalled", "not yet answering"],
)
def test_stop_ends_the_turn_and_the_connection(
    stage: Stage, controller: ChatController, server: ScriptedServer, reply: Reply
):
    server.script(replace(reply, text=reply.text * 20))
    conversation, control = Conversation(), TurnControl()

    def stop_soon() -> None:
        asked = server.wait_for_request(1)
        wait_until(lambda: asked.first_token_at or reply.delay_s)
        control.stop.set()

    Thread(target=stop_soon, daemon=True).start()
    last = list(controller.reply(conversation, "Hi", control=control))[-1]
    assert isinstance(last, Finished) and last.answer.status == STOPPED
    request = server.wait_for_request(1, ended=True)
    assert request.closed_at and not request.finished
    server.script(Reply(said(stage, "fine")))
    list(controller.reply(conversation, "again"))
    assert conversation.messages[-1].content == said(stage, "fine")


def test_stop_before_the_request_leaves_ends_the_turn_and_sends_nothing_that_stays(
    stage: Stage, controller: ChatController, server: ScriptedServer
):
    server.script(Reply("late " * 20, tokens_per_s=5))
    conversation, control = Conversation(), TurnControl()
    events = controller.reply(conversation, "Hi", control=control)
    next(events)
    control.stop.set()
    last = list(events)[-1]
    assert isinstance(last, Finished) and last.answer.status == STOPPED
    assert all(server.wait_for_request(1, ended=True).closed_at for _ in server.requests)


def test_its_page_is_a_docstring_and_a_call_with_its_view(stage: Stage):
    lines = [line for line in (ROOT / stage.page).read_text().splitlines() if line]
    assert lines[0].startswith(f'"""Stage {stage.number}: ')
    assert len(lines) <= 10 and lines[-1].startswith("draw_page(")


def test_numbers_count_up_and_no_page_is_without_a_row():
    assert [row.number for row in STAGES] == sorted({row.number for row in STAGES})
    pages = {path.name for path in Path(ROOT / "pages").glob("*.py")}
    # From 90 on they are tools, not stages.
    assert {name for name in pages if int(name.split("_")[0]) < 90} == {Path(row.page).name for row in STAGES}


def test_the_readme_tells_of_it(stage: Stage):
    assert re.search(rf"\|\s*{stage.number}\s*\|.*{re.escape(stage.title)}", (ROOT / "README.md").read_text())
