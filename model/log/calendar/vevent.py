"""Events as iCalendar writes them (RFC 5545), with the library `icalendar`; what it holds beside stays as it is."""

from datetime import UTC, date, datetime
from typing import Any

import icalendar

from model.errors import CalendarError
from model.log.calendar.blocks import HEAD, TAIL
from model.log.calendar.event import CalendarEvent, clean_line, clean_text

TOO_OFTEN = ("SECONDLY", "MINUTELY")  # no calendar of a person has such events, and a year of one fills the memory
_TIMES = ("DTSTART", "DTEND", "DURATION")


def components(text: str) -> list[icalendar.Event]:
    """Return the events of a calendar's text. Raises: ValueError where it is none."""
    calendar = icalendar.Calendar.from_ical(text)
    if not isinstance(calendar, icalendar.Calendar):  # a list, where there are several
        raise ValueError("There are several calendars.")
    return list(calendar.events)


def is_usable_event(event: icalendar.Event) -> bool:
    """Return whether a program can tell when an event is."""
    try:
        begin, end = event.start, event.end
        usual = {str(part).upper() for rule in event.rrules for part in rule.get("FREQ", [])}
    except (ValueError, AttributeError, TypeError, OverflowError):
        return False
    return type(begin) is type(end) and not usual & set(TOO_OFTEN) and 1000 <= begin.year <= 8999


def calendar_event(
    component: icalendar.Event, event_id: str, version: str = "", rrule: str = "", is_occurrence: bool = False
) -> CalendarEvent:
    """Return an event, or an occurrence of one. Raises: ValueError where nobody can tell when it is."""
    original = _recurrence_of(component) if is_occurrence else None
    return CalendarEvent(
        clean_line(component.get("SUMMARY", "")) or "Untitled",
        component.start,
        component.end,
        clean_line(component.get("LOCATION", "")),
        clean_text(component.get("DESCRIPTION", "")),
        rrule,
        event_id,
        version,
        original.isoformat() if original else "",
    )


def _recurrence_of(component: icalendar.Event) -> date | None:
    """Return when the rule puts an occurrence; None for an event that is no single occurrence."""
    value: Any = component.get("RECURRENCE-ID")
    return value.dt if isinstance(getattr(value, "dt", None), date) else None


def rule_of(component: icalendar.Event) -> str:
    """Return an event's recurrence rule as text; "" where it has none."""
    rule = component.get("RRULE")
    rules = rule if isinstance(rule, list) else [rule] if rule is not None else []
    return "; ".join(one.to_ical().decode() for one in rules)


def new_text(event: CalendarEvent) -> str:
    """Return a calendar that holds one new event."""
    component = icalendar.Event()
    component.add("UID", event.id)
    _fill(component, event)
    return _calendar([component], HEAD + TAIL)


def changed_text(text: str, event: CalendarEvent) -> str:
    """Return a stored event's text with what an event tells in place of what was there.

    Raises: CalendarError where single occurrences were changed, and would no longer fit.
    """
    events = components(text)
    main = main_of(events)
    is_moved = (main.start, rule_of(main)) != (event.begin, event.rrule)
    if is_moved and (len(events) > 1 or any(name in main for name in ("EXDATE", "RDATE"))):
        raise CalendarError(
            "Single days of this event were changed, so the whole of it can't be moved here.",
            "Delete it and add it again, or move it in your calendar app.",
        )
    _fill(main, event)
    return _calendar(events, text)


def text_with_occurrence(text: str, event: CalendarEvent) -> str:
    """Return a stored event's text in which one occurrence, and no other, is as an event tells."""
    events = components(text)
    main = main_of(events)
    original = _original(event, main)
    own = next((one for one in events if _recurrence_of(one) == original), None)
    if own is None:
        own = main.copy(recursive=True)
        for name in ("RRULE", "RDATE", "EXDATE", "EXRULE"):
            own.pop(name, None)
        own.add("RECURRENCE-ID", original)
        events.append(own)
    _fill(own, event, has_rule=False)
    return _calendar(events, text)


def text_without_occurrence(text: str, event: CalendarEvent) -> str:
    """Return a stored event's text without one occurrence."""
    events = components(text)
    main = main_of(events)
    original = _original(event, main)
    main.add("EXDATE", original)
    _stamp(main)
    kept = [one for one in events if _recurrence_of(one) != original]
    return _calendar(kept, text)


def main_of(events: list[icalendar.Event]) -> icalendar.Event:
    """Return the event that the others are exceptions of. Raises: CalendarError."""
    main = next((one for one in events if "RECURRENCE-ID" not in one), None)
    if main is None or not is_usable_event(main):
        raise CalendarError("This event can't be read, so it is left as it is.", "Change it in your calendar app.")
    return main


def _original(event: CalendarEvent, main: icalendar.Event) -> date | datetime:
    """Return when the rule puts an occurrence, as the event writes its times."""
    is_moment = isinstance(main.start, datetime)
    moment: date = datetime.fromisoformat(event.occurrence) if is_moment else date.fromisoformat(event.occurrence)
    if isinstance(moment, datetime) and isinstance(main.start, datetime) and main.start.tzinfo and moment.tzinfo:
        return moment.astimezone(main.start.tzinfo)
    return moment


def _fill(component: icalendar.Event, event: CalendarEvent, has_rule: bool = True) -> None:
    """Put what an event tells on a component; other properties stay."""
    values: dict[str, Any] = {"SUMMARY": event.title, "LOCATION": event.place, "DESCRIPTION": event.notes}
    for name, value in values.items():
        if _told(component, name) != value:
            component.pop(name, None)
            if value:
                component.add(name, value)
    if "DTSTART" not in component or (component.start, component.end) != (event.begin, event.end):
        for name in _TIMES:
            component.pop(name, None)
        component.add("DTSTART", event.begin)
        component.add("DTEND", event.end)
    if has_rule and rule_of(component) != event.rrule:
        component.pop("RRULE", None)
        if event.rrule:
            component.add("RRULE", icalendar.vRecur.from_ical(event.rrule))
    _stamp(component)


def _told(component: icalendar.Event, name: str) -> str:
    """Return a property as `event_of` tells it: what nobody has changed stays as it was written."""
    value = component.get(name, "")
    return clean_text(value) if name == "DESCRIPTION" else clean_line(value)


def _stamp(component: icalendar.Event) -> None:
    """Note that an event was changed just now (RFC 5545, 3.8.7)."""
    is_new = "SEQUENCE" not in component and "DTSTAMP" not in component
    for name in ("DTSTAMP", "LAST-MODIFIED"):
        component.pop(name, None)
        component.add(name, datetime.now(UTC))
    sequence = 0 if is_new else int(component.pop("SEQUENCE", 0)) + 1
    component.pop("SEQUENCE", None)
    component.add("SEQUENCE", sequence)


def _calendar(events: list[icalendar.Event], text: str) -> str:
    """Return events as a calendar, in the place of those that a text holds, with the time zones that they name."""
    calendar = icalendar.Calendar.from_ical(text)
    calendar.subcomponents = [one for one in calendar.subcomponents if not isinstance(one, icalendar.Event)]
    for event in events:
        calendar.add_component(event)
    calendar.add_missing_timezones()
    return str(calendar.to_ical().decode())
