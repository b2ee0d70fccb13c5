"""A month of the calendar on the page."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from controller.stages.log.calendar.calendars import calendar_of
from model.errors import CalendarError
from model.log.calendar.event import CalendarEvent
from model.log.calendar.ics import IcsCalendar
from tests.view.conftest import TIMEOUT_S
from view.shell.services import the_app


def month_app() -> None:
    """Draw a month alone, as a page does."""
    from view.shell.services import services
    from view.stages.log.month import draw_month

    draw_month(services())


def add(title: str, begin: datetime, days: int = 0) -> None:
    calendar = calendar_of(the_app().services_of().resources)
    end = begin + timedelta(hours=1)
    event = CalendarEvent(title, begin, end)
    if days:
        event = CalendarEvent(title, begin.date(), begin.date() + timedelta(days=days))
    calendar.add(event)


def now() -> datetime:
    """Return noon in the middle of this month, in the calendar's zone."""
    zone = calendar_of(the_app().services_of().resources).zone()
    return datetime.now(zone).replace(day=15, hour=12, minute=0, second=0, microsecond=0)


def test_what_there_is_on_each_day_is_told_as_plain_text():
    add("Dentist ![x](http://127.0.0.1/leak) <b>", now())
    add("Holiday", now().replace(day=20), days=2)
    app = AppTest.from_function(month_app, default_timeout=TIMEOUT_S).run()
    assert not app.exception and not app.error
    shown = [part.value for part in app.markdown]
    assert any("Dentist" in text and "12:00" in text for text in shown)
    assert sum("Holiday" in text for text in shown) == 2
    assert not any("![x](" in text or "<b>" in text for text in shown)


def test_a_month_can_be_turned_and_an_empty_one_says_so():
    add("Dentist", now())
    app = AppTest.from_function(month_app, default_timeout=TIMEOUT_S).run()
    app.button[0].click().run()
    assert any("Nothing is in the calendar this month." in part.value for part in app.caption)
    app.button[1].click().run()
    assert any("Dentist" in part.value for part in app.markdown)
    app.button[1].click().run()
    assert not any("Dentist" in part.value for part in app.markdown)


def test_a_damaged_calendar_is_told_in_its_place(tmp_path: Path):
    (tmp_path / "calendar.ics").write_text("hello")
    app = AppTest.from_function(month_app, default_timeout=TIMEOUT_S).run()
    assert "damaged" in app.error[0].value and len(app.button) == 2


def test_a_server_that_tells_nothing_is_waited_for_once(monkeypatch: pytest.MonkeyPatch):
    asked: list[object] = []

    def dead(*moments: object) -> None:
        asked.append(moments)
        raise CalendarError("The calendar's server does not answer.", "Try again later.")

    monkeypatch.setattr(IcsCalendar, "is_far", True, raising=False)
    monkeypatch.setattr(IcsCalendar, "between", dead)
    app = AppTest.from_function(month_app, default_timeout=TIMEOUT_S).run()
    app.run()
    assert len(asked) == 1
    assert "does not answer" in app.error[0].value
