"""The calendar through the doors that people use: a page with Undo, the question before a change, and the HTTP API."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import icalendar
import pytest

from controller.stages import stage
from controller.turn import ModelSelection, TurnControl
from model.chat.conversation import Conversation
from model.chat.message import Message
from tests.api_server import ApiServer
from tests.scripted_server import Reply, ScriptedServer
from tests.view.conftest import Screen
from tests.waiting import wait_until
from view.shell.services import the_app

DAY = (datetime.now(UTC) + timedelta(days=30)).date()
ADD = Reply(tool_calls=[("add_event", json.dumps({"title": "Dentist", "begin": f"{DAY}T15:00"}))])


def titles(folder: Path) -> list[str]:
    file = folder / "calendar.ics"
    text = file.read_text() if file.exists() else "BEGIN:VCALENDAR\nEND:VCALENDAR\n"
    return [str(event.get("SUMMARY")) for event in icalendar.Calendar.from_ical(text).walk("VEVENT")]


def allowed_conversation() -> str:
    """Save a conversation in which the person has said “always”, and return its id."""
    conversation = Conversation([Message("user", "Hi"), Message("assistant", "Hello.")])
    conversation.choose(writes_unasked=True)
    services = the_app().services_of()
    services.conversations.save_conversation("Mine", conversation)
    return services.conversations.list_conversations()[0].id


def test_undo_stands_under_the_answer_and_takes_the_event_back(open_page, server: ScriptedServer, tmp_path: Path):
    server.script(ADD, Reply("It is in your calendar."))
    screen: Screen = open_page("log", conversation=allowed_conversation())
    screen.ask("Put the dentist in, please.")
    assert titles(tmp_path) == ["Dentist"]
    assert any("Added: " in caption and "15:00" in caption for caption in screen.captions)
    screen.click("Undo")
    assert titles(tmp_path) == [] and "Undone: the calendar is as it was before." in screen.captions
    screen.click("Undo")
    assert any("undone already" in caption for caption in screen.captions)


def test_undo_says_so_where_somebody_has_changed_the_event(open_page, server: ScriptedServer, tmp_path: Path):
    server.script(ADD, Reply("It is in your calendar."))
    screen: Screen = open_page("log", conversation=allowed_conversation())
    screen.ask("Put the dentist in, please.")
    file = tmp_path / "calendar.ics"
    file.write_text(file.read_text().replace("SUMMARY:Dentist", "SUMMARY:Theirs"))
    screen.click("Undo")
    assert titles(tmp_path) == ["Theirs"]
    assert any("Somebody has changed this event" in caption for caption in screen.captions)


@pytest.mark.parametrize("is_allowed", [False, True])
def test_over_http_an_event_is_added_only_where_the_request_allows_it(
    api: ApiServer, server: ScriptedServer, tmp_path: Path, is_allowed: bool
):
    server.script(ADD, Reply("Done."))
    wish = {"message": "Dentist, please.", "stage": "log"}
    events = api.stream(**wish, **({"writes_unasked": True} if is_allowed else {}))
    [result] = [json.loads(data) for name, data in events if name == "tool_result"]
    assert result["is_error"] is not is_allowed
    assert ("This goes into your calendar" in result["content"]) is not is_allowed
    assert titles(tmp_path) == (["Dentist"] if is_allowed else [])


def test_a_turn_waits_for_the_persons_yes_before_it_writes(api: ApiServer, server: ScriptedServer, tmp_path: Path):
    server.script(ADD, Reply("Done."))
    services = api.parts
    controller, conversation, control = stage("log").build_controller(services.resources), Conversation(), TurnControl()
    turn = services.turns.start(
        controller, conversation, lambda: controller.ask(conversation, "Dentist"), ModelSelection(), control
    )
    wait_until(lambda: turn.gate.call_id)
    assert titles(tmp_path) == [] and "This goes into your calendar" in turn.gate.reason
    turn.gate.answer(turn.gate.call_id, True)
    wait_until(lambda: turn.has_ended)
    assert titles(tmp_path) == ["Dentist"]
