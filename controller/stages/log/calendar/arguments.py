"""From what a model writes to an event: dates, times and rules, checked, with a sentence where they can't be."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from dateutil.rrule import rrulestr

from model.errors import ToolFailed
from model.log.calendar.event import CalendarEvent, instant
from model.log.calendar.local_time import later, local_moment
from model.log.calendar.vevent import TOO_OFTEN
from model.people.profile import zone_named

USUAL_LENGTH = timedelta(hours=1)
_EXAMPLE = "Write 2026-12-01T15:00 for a time, or 2026-12-01 for a whole day."


class Drafted:
    """An event as it is wished for, and sentences on what was made of the wish."""

    def __init__(self, event: CalendarEvent, notes: list[str]) -> None:
        self.event, self.notes = event, [note for note in notes if note]


def drafted_event(arguments: dict[str, Any], zone: tzinfo) -> Drafted:
    """Return the event that the arguments of `add_event` tell. Raises: ToolFailed."""
    zone = _zone(arguments, zone)
    title = " ".join(str(arguments["title"]).split())
    if not title:
        raise ToolFailed("The event has no title.", "Say in a word or two what it is.")
    begin, note = named_moment(arguments["begin"], zone)
    end, end_note = _end(arguments.get("end"), begin, zone)
    event = CalendarEvent(title, begin, end, arguments.get("place", "").strip(), arguments.get("notes", "").strip())
    return _repeated(event, arguments.get("repeats", ""), zone, [note, end_note])


def changed_event(event: CalendarEvent, arguments: dict[str, Any], zone: tzinfo) -> Drafted:
    """Return an event with what the arguments of `change_event` tell. Raises: ToolFailed."""
    zone = _zone(arguments, zone)
    notes: list[str] = []
    texts = {name: arguments[name].strip() for name in ("title", "place", "notes") if name in arguments}
    if not texts.get("title", "x"):
        raise ToolFailed("The event would have no title.", "Say in a word or two what it is.")
    begin, end = event.begin, event.end
    if "begin" in arguments:
        begin, note = named_moment(arguments["begin"], zone)
        end = _moved_end(event, begin)
        notes.append(note)
    if "end" in arguments:
        end, note = _end(arguments["end"], begin, zone)
        notes.append(note)
    if instant(end, zone) < instant(begin, zone):
        raise ToolFailed("The event would end before it begins.", "Say when it ends, too.")
    moved = replace(event, begin=begin, end=end, **texts)
    if "repeats" not in arguments:
        return Drafted(moved, notes)
    return _repeated(replace(moved, rrule=""), arguments["repeats"], zone, notes)


def day_of(text: str) -> date:
    """Return a day. Raises: ToolFailed."""
    try:
        return date.fromisoformat(text.strip()[:10])
    except ValueError as error:
        raise ToolFailed(f"“{text[:40]}” is no day.", "Write days as 2026-12-01.") from error


def named_moment(text: str, zone: tzinfo) -> tuple[datetime | date, str]:
    """Return a moment, or a day, and what is to be said of it. Raises: ToolFailed."""
    text = text.strip()
    try:
        if len(text) == len("2026-12-01"):
            return _usual(date.fromisoformat(text)), ""
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ToolFailed(f"“{text[:40]}” is no date or time.", _EXAMPLE) from error
    _usual(moment)
    return (moment.astimezone(zone), "") if moment.tzinfo else local_moment(moment, zone)


def _usual(day: date) -> date:
    """Return a day that all programs know. Raises: ToolFailed."""
    if not 1970 <= day.year <= 2200:
        raise ToolFailed(f"The year {day.year} is not one for a calendar.", "Take one from 1970 to 2200.")
    return day


def _zone(arguments: dict[str, Any], zone: tzinfo) -> tzinfo:
    """Return the zone that is named, else the person's. Raises: ToolFailed."""
    name = arguments.get("time_zone", "").strip()
    found = zone_named(name) if name else zone
    if found is None:
        raise ToolFailed(f"“{name[:40]}” is no time zone that is known here.", "Write it as Europe/Berlin.")
    return found


def _end(text: str | None, begin: datetime | date, zone: tzinfo) -> tuple[datetime | date, str]:
    """Return when an event ends; without a word on it, after an hour, or with its day. Raises: ToolFailed."""
    if not isinstance(begin, datetime):
        last = day_of(text) if text else begin
        if last < begin:
            raise ToolFailed("The event would end before it begins.", "The end is the last day.")
        return _usual(last) + timedelta(days=1), ""
    if not text:
        return later(begin, USUAL_LENGTH), ""
    end, note = named_moment(text, zone)
    if not isinstance(end, datetime):
        raise ToolFailed("The event begins at a time and ends with a day.", _EXAMPLE)
    if end < begin:
        raise ToolFailed("The event would end before it begins.", "Say on which day it ends, too.")
    return end, note


def _moved_end(event: CalendarEvent, begin: datetime | date) -> datetime | date:
    """Return the end of an event that begins at another time, and takes as long as before."""
    if isinstance(begin, datetime):
        is_timed = isinstance(event.begin, datetime) and isinstance(event.end, datetime)
        length = instant(event.end, UTC) - instant(event.begin, UTC) if is_timed else USUAL_LENGTH
        return later(begin, length)
    return begin + ((instant(event.end, UTC) - instant(event.begin, UTC)) if event.is_all_day else timedelta(days=1))


def _repeated(event: CalendarEvent, rule: str, zone: tzinfo, notes: list[str]) -> Drafted:
    """Return an event that repeats by a rule, from the first moment on that the rule knows. Raises: ToolFailed."""
    rule = rule.strip().upper().removeprefix("RRULE:").strip(";")
    if not rule:
        return Drafted(event, notes)
    parts = dict(part.partition("=")[::2] for part in rule.split(";"))
    if parts.get("FREQ") in TOO_OFTEN:
        raise ToolFailed("An event can't repeat more often than every hour.", "Take FREQ=HOURLY or less.")
    if "UNTIL" in parts:
        parts["UNTIL"] = _until(parts["UNTIL"], event, zone)
    begin = event.begin if isinstance(event.begin, datetime) else datetime.combine(event.begin, time())
    shown = begin.replace(tzinfo=None)
    checked = {name: value for name, value in parts.items() if name != "UNTIL"}
    try:
        first = rrulestr(_written(checked), dtstart=shown).after(shown - timedelta(seconds=1))
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        hint = "Write it as RFC 5545 does: FREQ=WEEKLY;INTERVAL=2;BYDAY=TH."
        raise ToolFailed(f"“{rule[:80]}” is no recurrence rule.", hint) from error
    if first is None:
        raise ToolFailed(f"By the rule “{rule[:80]}” the event never happens.", "Check its days and months.")
    if first != shown:
        notes = [*notes, f"By this rule it first happens on {first:%A}, {first.day} {first:%B %Y}."]
    moved: datetime | date = local_moment(first, begin.tzinfo).moment if begin.tzinfo else first.date()
    return Drafted(replace(event, begin=moved, end=_moved_end(event, moved), rrule=_written(parts)), notes)


def _until(text: str, event: CalendarEvent, zone: tzinfo) -> str:
    """Return the end of a rule as RFC 5545 wants it: a day for whole days, else a moment in UTC. Raises: ToolFailed."""
    try:
        day = datetime.strptime(text[:8], "%Y%m%d").date()
    except ValueError:
        day = day_of(text)
    if event.is_all_day:
        return f"{day:%Y%m%d}"
    return f"{datetime.combine(day, time(23, 59, 59), zone).astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _written(parts: dict[str, str]) -> str:
    return ";".join(f"{name}={value}" for name, value in parts.items())
