"""How long a month of a calendar takes to list, beside the bare libraries reading the file each time."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events

from benchmarks.search import took_ms
from benchmarks.table import Figures, Row
from model.log.calendar.event import CalendarEvent
from model.log.calendar.ics import IcsCalendar

ZONE = ZoneInfo("Europe/Berlin")
BEGIN = datetime(2026, 1, 1, 9, tzinfo=ZONE)
MONTH = (datetime(2026, 11, 1, tzinfo=ZONE), datetime(2026, 12, 1, tzinfo=ZONE))
EVENTS, EACH_REPEATS = 1_000, 20


def calendars(folder: Path, rounds: int = 20) -> Iterator[Row]:
    """Measure a list of a month: another one, the same one, the first time, and after a change of one event."""
    path = folder / "calendar.ics"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(made())
    calendar = IcsCalendar(path, lambda: ZONE)
    calendar.between(*MONTH)
    months = [(BEGIN + timedelta(days=30 * number), BEGIN + timedelta(days=30 * number + 30)) for number in range(12)]
    raw = [took_ms(partial(_bare, path)) for _ in range(5)]
    listed = [took_ms(partial(calendar.between, *month)) for month in months]
    yield Row(f"List another month each time, {EVENTS:,} events in a file", "ms", 50, Figures(listed, raw=raw))
    again = [took_ms(lambda: calendar.between(*months[-1])) for _ in range(rounds)]
    yield Row("The same month again", "ms", 50, Figures(again, raw=raw))
    first = [took_ms(lambda: IcsCalendar(path, lambda: ZONE).between(*MONTH)) for _ in range(5)]
    yield Row("The first time after a start", "ms", None, Figures(first, raw=raw))
    changed = [_after_a_change(calendar, number) for number in range(rounds)]
    yield Row("The same after one event was added", "ms", None, Figures(changed, raw=raw))


def made() -> bytes:
    """Return a file with events all through the year; one in twenty repeats every second week."""
    calendar = icalendar.Calendar()
    for number in range(EVENTS):
        event = icalendar.Event()
        begin = BEGIN + timedelta(hours=9 * number)
        values = {
            "UID": f"{number}@bench",
            "SUMMARY": f"Event {number}",
            "DTSTAMP": datetime.now(UTC),
            "DTSTART": begin,
        }
        for name, value in (values | {"DTEND": begin + timedelta(hours=1)}).items():
            event.add(name, value)
        if number % EACH_REPEATS == 0:
            event.add("RRULE", {"FREQ": "WEEKLY", "INTERVAL": 2})
        calendar.add_component(event)
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def _bare(path: Path) -> list[icalendar.Component]:
    """Return the month as the libraries' own examples do."""
    return list(recurring_ical_events.of(icalendar.Calendar.from_ical(path.read_bytes())).between(*MONTH))


def _after_a_change(calendar: IcsCalendar, number: int) -> float:
    begin = MONTH[0] + timedelta(hours=number)
    calendar.add(CalendarEvent("New", begin, begin + timedelta(hours=1)))
    return took_ms(lambda: calendar.between(*MONTH))
