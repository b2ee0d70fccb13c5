"""Stage 12 on the page: today's chat, the days before it, and a day that is closed."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import streamlit as st

from controller.stages.log import diary as diary_module
from controller.stages.log.closing import close_day, closer_of
from controller.stages.log.diary import Diary, diary_of
from tests.scripted_server import Reply, ScriptedServer
from tests.view.conftest import Screen, wire
from tests.waiting import PATIENCE_S
from view.shell.services import the_app

TODAY, TOMORROW = "2026-11-29", "2026-11-30"


class Clock:
    """A clock that stands still until it is turned."""

    now = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)

    def turn(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    turned = Clock()
    monkeypatch.setattr(diary_module, "utc_now", lambda: turned.now)
    yield turned


@pytest.fixture
def log(open_page: Callable[..., Screen]) -> Screen:
    return open_page("log")


def diary() -> Diary:
    return diary_of(the_app().services_of().resources)


def month(screen: Screen) -> tuple[str, dict[str, Any]]:
    """Return the month in the sidebar: its id, and its data."""
    protos = [node.proto for node in screen.app._tree if node.type == "bidi_component"]
    [found] = [proto for proto in protos if proto.component_name == "bna_days"]
    return found.id, json.loads(found.json)[0]


def pick(screen: Screen, day: str) -> None:
    """Press a day of the month."""
    states = screen.app._tree.get_widget_states()
    key = f"$$STREAMLIT_INTERNAL_KEY_{month(screen)[0]}__events"
    states.widgets.add(id=key, json_trigger_value=json.dumps([{"event": "picked", "value": day}]))
    screen.app._run(states)


def test_it_opens_with_today_and_asks_there(log: Screen, open_page):
    log.ask("Good morning")
    assert log.address == f"log-{TODAY}"
    assert [name for name, _ in log.messages] == ["system", "user", "assistant"]
    assert "Opening of the day" in log.captions
    assert "Today is Sunday, 29 November 2026" in log.messages[0][1]
    assert open_page("log").messages == log.messages


def test_the_fence_around_what_the_model_is_told_is_not_shown(log: Screen, clock: Clock, server: ScriptedServer):
    log.ask("We planted a pear tree today.")
    clock.turn(days=1)
    log.app.run()
    pick(log, TOMORROW)
    log.ask("Good morning")
    assert "We planted a pear tree today." in log.messages[0][1]
    assert "---" not in log.messages[0][1]
    assert "---" in wire(server)[0][1]


def test_a_question_on_an_old_day_goes_to_todays_chat(log: Screen, clock: Clock):
    log.ask("One")
    clock.turn(days=1)
    log.app.run()
    assert any("What you ask goes to today's chat." in caption for caption in log.captions)
    log.ask("Two")
    assert log.address == f"log-{TOMORROW}"
    assert [text for name, text in log.messages if name == "user"] == ["Two"]


def test_the_month_marks_the_days_that_have_a_chat_and_opens_them(log: Screen, clock: Clock):
    log.ask("One")
    clock.turn(days=1)
    log.app.run()
    log.click("Today")
    assert month(log)[1]["days"] == [TODAY]
    assert month(log)[1]["today"] == month(log)[1]["shown"] == TOMORROW
    pick(log, TODAY)
    assert [text for name, text in log.messages if name == "user"] == ["One"]
    assert month(log)[1]["shown"] == TODAY


@pytest.mark.parametrize("day", ["2026-11-01", "no day", "", None, 7])
def test_a_day_without_a_chat_opens_nothing(log: Screen, day: Any):
    log.ask("One")
    pick(log, day)
    assert log.address == f"log-{TODAY}"
    assert not log.app.exception


def test_words_are_found_in_the_days_alone(log: Screen, open_page, clock: Clock):
    open_page("chatbot_with_memory").ask("A pear tree elsewhere")
    log.ask("We planted a pear tree.")
    clock.turn(days=1)
    log.app.run()
    log.click("Today")
    next(box for box in log.app.text_input if box.label == "Search in days").set_value("pear").run()
    [found] = [button for button in log.app.button if "pear" in button.label and "**" in button.label]
    found.click().run()
    assert log.address == f"log-{TODAY}"


def test_the_day_is_closed_by_a_button_and_its_files_are_handed_out(
    log: Screen, server: ScriptedServer, downloads: dict[str, Any]
):
    server.script(Reply("Nice."), Reply("A pear tree was planted."))
    log.ask("We planted a pear tree.")
    log.click("Close the day")
    running = closer_of(diary().resources).running
    assert running and running.job.wait(PATIENCE_S)
    log.app.run()
    assert log.messages[-1] == ("system", "A pear tree was planted.")
    assert "Summary of the day" in log.captions
    assert any("is closed" in caption for caption in log.captions)
    assert downloads["PDF"].make().startswith(b"%PDF")
    assert "Close the day" not in log.buttons


def test_after_closing_one_can_go_on_on_the_same_day(log: Screen):
    log.ask("One")
    close_day(diary(), date.fromisoformat(TODAY))
    log.app.run()
    log.ask("Two")
    assert "Close the day" in log.buttons
    assert [text for name, text in log.messages if name == "user"] == ["One", "Two"]


def test_the_opening_can_be_changed_and_is_sent_as_it_was_changed(log: Screen, server: ScriptedServer):
    log.ask("Good morning")
    log.act(0, "Edit")
    log.app.text_area[0].set_value("Today is my birthday.")
    log.click("Send")
    log.ask("What day is it?")
    assert wire(server)[0][1].startswith("Today is my birthday.")


def test_over_http_a_question_without_a_conversation_goes_to_todays(api: Any, log: Screen):
    log.ask("One")
    answer = api.client.post("/chat", json={"stage": "log", "message": "Two", "stream": False})
    assert answer.status_code == 200, answer.text
    again = diary().conversation_of(date.fromisoformat(TODAY))
    assert [one.content for one in again.messages if one.role == "user"] == ["One", "Two"]


def test_a_day_that_the_address_names_opens_at_once_after_a_start(log: Screen, open_page):
    log.ask("One")
    st.cache_resource.clear()  # the app is built anew, as after a start
    again = open_page("log", log.address)
    assert again.messages == log.messages
    assert month(again)[1]["days"] == [TODAY]
    assert "Close the day" in again.buttons
