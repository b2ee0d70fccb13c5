"""A month of the calendar, to read: what there is on each day. The days themselves stand above (`days.py`)."""

import time
from collections import defaultdict
from datetime import date, datetime, timedelta, tzinfo

import streamlit as st

from controller.stages.log.calendar.calendars import calendar_of
from model.errors import BnaError
from model.log.calendar.calendar import Calendar
from model.log.calendar.event import CalendarEvent, instant
from utils.text.markdown import plain
from view.shell.dates import clock, month, short_day
from view.shell.errors import shown_errors
from view.shell.services import Services

KEY = "bna.log.month"
MOST_TOLD = 60  # events below the days
KEPT_S = 30.0  # how long what a server has told is drawn again without asking


def draw_month(services: Services) -> None:
    """Draw a month that can be turned; in a sidebar, or in a column as narrow as one."""
    calendar = calendar_of(services.resources)
    today = datetime.now(calendar.zone()).date()
    with st.container(key=KEY):
        first = _draw_turning(today)
        with shown_errors():
            events = _events(calendar, first)
            by_day = _by_day(events, first, calendar.zone())
            _draw_events(by_day, calendar.zone())
            if problem := calendar.problem():
                st.caption(plain(problem))


def _draw_turning(today: date) -> date:
    """Draw the month's name between two buttons, and return its first day."""
    shown: date = st.session_state.setdefault(f"{KEY}.shown", today.replace(day=1))
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        _draw_turn("Earlier month", "chevron_left", (shown - timedelta(days=1)).replace(day=1))
        st.markdown(f"**{month(shown)}**", width="content")
        _draw_turn("Later month", "chevron_right", _next(shown))
    return shown


def _draw_turn(label: str, icon: str, to: date) -> None:
    st.button(label, key=f"{KEY}.turn.{icon}", icon=f":material/{icon}:", type="tertiary", on_click=_turn, args=(to,))


def _turn(first: date) -> None:
    st.session_state[f"{KEY}.shown"] = first


def _events(calendar: Calendar, first: date) -> list[CalendarEvent]:
    """Return the events of a month. Raises: CalendarError, StoreError."""
    zone = calendar.zone()
    begin, end = (datetime(day.year, day.month, 1, tzinfo=zone) for day in (first, _next(first)))
    if not calendar.is_far:
        return calendar.between(begin, end)
    wanted = (first, str(zone), calendar.change_count)
    kept = st.session_state.get(f"{KEY}.events")
    if not (kept and kept[0] == wanted and time.monotonic() - kept[1] < KEPT_S):
        kept = st.session_state[f"{KEY}.events"] = (wanted, time.monotonic(), _asked(calendar, begin, end))
    if isinstance(kept[2], BnaError):
        raise kept[2]
    events: list[CalendarEvent] = kept[2]
    return events


def _asked(calendar: Calendar, begin: datetime, end: datetime) -> list[CalendarEvent] | BnaError:
    """Return what a server tells, or what is wrong with it: to wait for that, too, takes its time."""
    try:
        return calendar.between(begin, end)
    except BnaError as error:
        return error


def _next(first: date) -> date:
    return (first + timedelta(days=32)).replace(day=1)


def _by_day(events: list[CalendarEvent], first: date, zone: tzinfo) -> dict[date, list[CalendarEvent]]:
    """Return events under each day of the month that they touch."""
    days: dict[date, list[CalendarEvent]] = defaultdict(list)
    for event in events:
        begin = instant(event.begin, zone).astimezone(zone).date()
        last_moment = max(instant(event.end, zone) - timedelta(microseconds=1), instant(event.begin, zone))
        last = min(last_moment.astimezone(zone).date(), _next(first) - timedelta(days=1))
        for number in range((last - max(begin, first)).days + 1):
            days[max(begin, first) + timedelta(days=number)].append(event)
    return dict(sorted(days.items()))


def _draw_events(by_day: dict[date, list[CalendarEvent]], zone: tzinfo) -> None:
    """Draw what there is on each day, as plain text: others may have written it."""
    left, total = MOST_TOLD, sum(map(len, by_day.values()))
    for day, events in by_day.items():
        if told := [_line(event, day, zone) for event in events[:left]]:
            st.markdown("  \n".join([f"**{short_day(day)}**", *told]))
        left = max(0, left - len(events))
    if total > MOST_TOLD:
        st.caption(f"These are the first {MOST_TOLD} of {total}.")
    if not total:
        st.caption("Nothing is in the calendar this month.")


def _line(event: CalendarEvent, day: date, zone: tzinfo) -> str:
    begin = instant(event.begin, zone).astimezone(zone)
    is_timed = not event.is_all_day and begin.date() == day
    return " ".join(filter(None, (clock(begin) if is_timed else "", plain(event.title[:120]))))
