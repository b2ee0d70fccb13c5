"""Events in words, the same for a model and for a person: day, time and zone are always told."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta, tzinfo

from model.log.calendar.event import CalendarEvent

MOST_TOLD = 200  # events in one answer
_FREQUENCIES = {"DAILY": "day", "WEEKLY": "week", "MONTHLY": "month", "YEARLY": "year", "HOURLY": "hour"}


def day_in_words(day: date) -> str:
    return f"{day:%A}, {day.day} {day:%B %Y}"


def when(event: CalendarEvent, zone: tzinfo) -> str:
    """Return when an event is: Tuesday, 1 December 2026, 15:00–16:00 CET."""
    begin, end = event.begin, event.end
    if not isinstance(begin, datetime) or not isinstance(end, datetime):
        last = max(begin, end - timedelta(days=1))
        until = f" to {day_in_words(last)}" if last > begin else ""
        return f"{day_in_words(begin)}{until}, all day"
    begins, ends = (
        moment.astimezone(zone) if moment.tzinfo else moment.replace(tzinfo=zone) for moment in (begin, end)
    )
    told = f"{day_in_words(begins)}, {begins:%H:%M}"
    if ends == begins:
        return f"{told} {begins:%Z}"
    is_same_zone = begins.utcoffset() == ends.utcoffset()
    first = told if is_same_zone else f"{told} {begins:%Z}"
    until = f"{ends:%H:%M}" if ends.date() == begins.date() else f"{day_in_words(ends)}, {ends:%H:%M}"
    return f"{first}–{until} {ends:%Z}" if ends.date() == begins.date() else f"{first} – {until} {ends:%Z}"


def zone_name(zone: tzinfo) -> str:
    """Return a zone as people know it: Europe/Berlin."""
    return str(getattr(zone, "key", None) or zone)


def rule_in_words(rrule: str) -> str:
    """Return a recurrence rule in words; as it is written where it says more than an interval, days and an end."""
    parts = dict(part.partition("=")[::2] for part in rrule.upper().split(";"))
    unit, every = _FREQUENCIES.get(parts.pop("FREQ", ""), ""), parts.pop("INTERVAL", "1")
    parts.pop("WKST", None)
    days = [_DAYS.get(day, "") for day in parts.pop("BYDAY", "").split(",") if day]
    count, until = parts.pop("COUNT", ""), parts.pop("UNTIL", "")
    if parts or not unit or not all(days) or not every.isdigit():
        return f"repeats: {rrule}"
    told = f"every {unit}" if every == "1" else f"every {every} {unit}s"
    told += f" on {', '.join(days)}" if days else ""
    told += f", {count} times" if count else ""
    return told + (f", until {until[:4]}-{until[4:6]}-{until[6:8]}" if until else "")


_DAYS = {
    "MO": "Monday",
    "TU": "Tuesday",
    "WE": "Wednesday",
    "TH": "Thursday",
    "FR": "Friday",
    "SA": "Saturday",
    "SU": "Sunday",
}


def in_a_line(event: CalendarEvent, zone: tzinfo) -> str:
    """Return an event for a person: when, what and where."""
    rule = rule_in_words(event.rrule) if event.rrule else ""
    return " · ".join(filter(None, (when(event, zone), event.title, event.place, rule)))


def for_model(events: Sequence[CalendarEvent], zone: tzinfo) -> str:
    """Return events as a model reads them, with the ids by which it changes them."""
    lines = []
    for event in events[:MOST_TOLD]:
        own = [f"id {event.id}", f"occurrence {event.occurrence}" if event.occurrence else ""]
        notes = f"notes: {' '.join(event.notes.split())[:300]}" if event.notes else ""
        lines.append("- " + " · ".join(filter(None, (in_a_line(event, zone), notes, *own))))
    if len(events) > MOST_TOLD:
        lines.append(f"These are the first {MOST_TOLD} of {len(events)}. Ask for fewer days.")
    return "\n".join(lines)


def table(events: Sequence[CalendarEvent], zone: tzinfo) -> dict[str, object]:
    """Return events as a table for the person."""
    rows = [[when(one, zone), one.title, one.place] for one in events[:MOST_TOLD]]
    return {"columns": ["When", "What", "Where"], "rows": rows, "row_count": len(events)}
