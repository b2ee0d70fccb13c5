"""The calendar for a model that can't call tools: plain sentences are taken by rule, and answered without it."""

from dataclasses import replace
from datetime import datetime

import pytest

from controller.resources import Resources
from controller.stages.all_together import AllTogetherController
from controller.stages.log.calendar.controller import CalendarController
from controller.stages.log.controller import LogController
from controller.turn import ModelSelection, TurnControl
from model.chat.conversation import Conversation
from model.chat.message import Message
from model.log.calendar.calendar import Calendar
from model.log.calendar.event import CalendarEvent
from tests.controller.stages.log.calendar.conftest import BERLIN, Person
from tests.scripted_server import ScriptedServer


def ask(resources: Resources, prompt: str, person: Person | None = None, kind: type = CalendarController) -> Message:
    """Ask a small model that can't call tools, and return its answer."""
    provider = replace(resources.providers.default, has_tools=False, is_small=True)
    conversation = Conversation()
    if kind is AllTogetherController:
        conversation.choose(tools=["web_search", "calendar", "run_code"])
    control = TurnControl(gate=person or Person())
    list(kind(resources).reply(conversation, prompt, ModelSelection(provider), control))
    return conversation.messages[-1]


def add(calendar: Calendar, title: str, *begin: int) -> None:
    moment = datetime(*begin, tzinfo=BERLIN)  # type: ignore[arg-type, misc]
    calendar.add(CalendarEvent(title, moment, moment.replace(hour=moment.hour + 1)))


@pytest.mark.parametrize("kind", [CalendarController, LogController, AllTogetherController])
def test_a_question_is_answered_from_the_calendar_without_the_model(
    resources: Resources, calendar: Calendar, server: ScriptedServer, kind: type
):
    add(calendar, "Dentist", 2026, 12, 1, 15)
    add(calendar, "Choir", 2026, 12, 3, 19)
    answer = ask(resources, "What is in my calendar tomorrow?", kind=kind)
    assert "1 event, Tuesday, 1 December 2026" in answer.content
    assert "15:00–16:00 CET · Dentist" in answer.content and "Choir" not in answer.content
    assert server.requests == [] and answer.model_name
    assert "No events, Wednesday, 2 December 2026" in ask(resources, "Am I free on Wednesday?", kind=kind).content


@pytest.mark.parametrize("kind", [CalendarController, LogController, AllTogetherController])
def test_an_entry_is_written_after_the_person_has_said_yes(
    resources: Resources, calendar: Calendar, server: ScriptedServer, kind: type
):
    person = Person()
    answer = ask(resources, "Dentist on Tuesday at three", person, kind)
    assert person.asked == [
        "This goes into your calendar: Tuesday, 1 December 2026, 15:00–16:00 CET · Dentist (Europe/Berlin)"
    ]
    assert answer.content.startswith("Added: Tuesday, 1 December 2026, 15:00–16:00 CET") and server.requests == []
    assert "calendar\\_undo" not in answer.content and "calendar_undo" in answer.tool_steps[0].details
    [event] = calendar.between(datetime(2026, 12, 1, tzinfo=BERLIN), datetime(2026, 12, 2, tzinfo=BERLIN))
    assert event.title == "Dentist"


def test_a_no_is_told_and_writes_nothing(resources: Resources, calendar: Calendar):
    answer = ask(resources, "Meeting with Bob tomorrow 14:00-15:30", Person(says=False))
    assert answer.content.startswith("Nothing was added to your calendar.")
    assert calendar.between(datetime(2026, 12, 1, tzinfo=BERLIN), datetime(2026, 12, 2, tzinfo=BERLIN)) == []


def test_what_is_not_about_the_calendar_goes_to_the_model(resources: Resources, server: ScriptedServer):
    answer = ask(resources, "Explain how rain forms.")
    assert answer.content == "This is the scripted answer." and answer.tool_steps == []
    assert server.requests[0].body["messages"][-1]["content"] == "Explain how rain forms."


def test_titles_of_strangers_are_shown_as_they_are_in_the_answer(resources: Resources, calendar: Calendar):
    add(calendar, "![x](http://127.0.0.1/leak) **bold** <b>", 2026, 12, 1, 15)
    content = ask(resources, "What is in my calendar tomorrow?").content
    assert "![x](" not in content and "**bold**" not in content and "<b>" not in content


def test_a_damaged_calendar_is_told_in_place_of_an_answer(resources: Resources):
    resources.calendar_file.write_text("hello")
    assert "damaged" in ask(resources, "What is in my calendar today?").content
