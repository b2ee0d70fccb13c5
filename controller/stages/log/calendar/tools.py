"""Four tools for the calendar: list, add, change and delete events.

What changes the calendar asks first: the person sees the day, the time and the zone. Each change can be undone: what
there was before it stands with the step (`undo.py`).
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

from controller.stages.log.calendar.arguments import changed_event, day_of, drafted_event
from controller.stages.log.calendar.undo import kept_change
from controller.stages.log.calendar.words import (
    day_in_words,
    for_model,
    in_a_line,
    rule_in_words,
    table,
    when,
    zone_name,
)
from controller.tools.tool import Tool, ToolContext
from controller.turn import WRITES, Turn
from model.chat.message_parts import PRIVATE
from model.errors import BnaError, EventNotFound, ToolFailed
from model.log.calendar.calendar import Calendar, Change
from model.log.calendar.event import CalendarEvent, instant

LIST, ADD, CHANGE, DELETE = "list_events", "add_event", "change_event", "delete_event"
STRANGERS = "from the calendar"
TIMEOUT_S = 60.0
MOST_DAYS = 366
AHEAD_DAYS = 365  # how far words are looked for where no days are named
Arguments = dict[str, Any]
Run = Callable[[Calendar, ToolContext, Arguments], str]


def text(most: int, description: str, least: int = 0) -> dict[str, Any]:
    return {"type": "string", "minLength": least, "maxLength": most, "description": description}


DAY = text(10, "A day, such as 2026-12-01.", least=10)
BEGIN = text(
    40, "Local time, such as 2026-12-01T15:00; only the day, 2026-12-01, for an event of whole days.", least=10
)
END = text(40, "When it ends, in the same form; of whole days the last one. Left out: after one hour, or with the day.")
FIELDS: dict[str, Any] = {
    "title": text(300, "What it is, in a few words, without the time."),
    "begin": BEGIN,
    "end": END,
    "place": text(300, "Where it is."),
    "notes": text(5000, "Anything else."),
    "repeats": text(300, "A recurrence rule of RFC 5545, such as FREQ=WEEKLY;INTERVAL=2;BYDAY=TH."),
    "time_zone": text(60, "Only where the times are meant in another zone than the person's: Asia/Tokyo."),
}
ID = text(400, "The event's id, as list_events tells it.", least=1)
OCCURRENCE = text(40, "Of an event that repeats, which one, as list_events tells it. Left out: the whole event.")


def calendar_tools(calendar: Calendar) -> list[Tool]:
    days = {"first_day": DAY, "last_day": DAY, "words": text(100, "Only events with these words in them.")}
    single = {"id": ID, "occurrence": OCCURRENCE}
    tools: tuple[tuple[str, str, str, dict[str, Any], list[str], Run], ...] = (
        (LIST, "Look into the calendar", "List the person's events of some days, with their ids.", days, [], _list),
        (ADD, "Add to the calendar", "Add an event to the person's calendar.", FIELDS, ["title", "begin"], _add),
        (CHANGE, "Change the calendar", "Change an event: only what is named.", single | FIELDS, ["id"], _change),
        (DELETE, "Delete from the calendar", "Delete an event.", single, ["id"], _delete),
    )
    return [
        Tool(
            name,
            label,
            description,
            {"properties": properties, "required": required, "additionalProperties": False},
            partial(run, calendar),
            timeout_s=TIMEOUT_S,
            strangers=STRANGERS,
            why_ask=partial(_why_ask, calendar, name),
            option=WRITES,
        )
        for name, label, description, properties, required, run in tools
    ]


def _list(calendar: Calendar, context: ToolContext, arguments: Arguments) -> str:
    """List what happens on some days; with words and no days, in the year to come."""
    zone = calendar.zone()
    words = arguments.get("words", "").casefold().split()
    today = datetime.now(zone).date()
    first = day_of(arguments["first_day"]) if "first_day" in arguments else today
    until = first + timedelta(days=AHEAD_DAYS) if words else first
    last = day_of(arguments["last_day"]) if "last_day" in arguments else until
    if not 0 <= (last - first).days <= MOST_DAYS:
        raise ToolFailed("These days are none, or more than a year.", "Ask for a first day and a later last day.")
    events = calendar.between(begin_of(first, calendar), begin_of(last + timedelta(days=1), calendar))
    events = [event for event in events if all(word in in_all(event) for word in words)]
    problem = calendar.problem()
    context.show(**{PRIVATE: True}, events=table(events, zone))
    if problem:
        context.show(problem=problem)
    days = day_in_words(first) + (f" to {day_in_words(last)}" if last > first else "")
    head = f"{len(events) or 'No'} event{'' if len(events) == 1 else 's'}, {days} ({zone_name(zone)})."
    return "\n".join(filter(None, (head, for_model(events, zone), problem)))


def begin_of(day: date, calendar: Calendar) -> datetime:
    return datetime.combine(day, time(), calendar.zone())


def in_all(event: CalendarEvent) -> str:
    """Return all words of an event, as they are looked for."""
    return f"{event.title} {event.place} {event.notes}".casefold()


def _add(calendar: Calendar, context: ToolContext, arguments: Arguments) -> str:
    draft = drafted_event(arguments, calendar.zone())
    change = calendar.add(draft.event)
    event = replace(draft.event, id=change.event_id)
    return _told(calendar, context, "Added", event, change, [*draft.notes, clashes(calendar, event)])


def _change(calendar: Calendar, context: ToolContext, arguments: Arguments) -> str:
    event = found(calendar, arguments)
    if event.occurrence and "repeats" in arguments:
        raise ToolFailed("One occurrence can't have a rule of its own.", "Leave out the occurrence, or the rule.")
    draft = changed_event(event, arguments, calendar.zone())
    if draft.event == event:
        raise ToolFailed("That is how the event is already.", "Say what shall be changed.")
    change = calendar.change(draft.event)
    return _told(calendar, context, "Changed", draft.event, change, [*draft.notes, clashes(calendar, draft.event)])


def _delete(calendar: Calendar, context: ToolContext, arguments: Arguments) -> str:
    event = found(calendar, arguments)
    return _told(calendar, context, "Deleted", event, calendar.remove(event), [])


def _told(
    calendar: Calendar, context: ToolContext, done: str, event: CalendarEvent, change: Change, notes: list[str]
) -> str:
    """Show the person what was done and how to undo it, and return it as the model reads it."""
    line = f"{done}: {described(event, calendar)}"
    context.show(**{PRIVATE: True, done.lower(): described(event, calendar)}, **kept_change(change, line))
    if told := " ".join(filter(None, notes)):
        context.show(note=told)
    return "\n".join(filter(None, (f"{line} · id {change.event_id}", *notes)))


def described(event: CalendarEvent, calendar: Calendar) -> str:
    """Return an event with its day, time and zone, in a line."""
    zone = calendar.zone()
    return f"{in_a_line(event, zone)} ({zone_name(zone)})"


def found(calendar: Calendar, arguments: Arguments) -> CalendarEvent:
    """Return the event, or the occurrence, that a call names. Raises: EventNotFound, CalendarError."""
    event = calendar.find(arguments["id"])
    if not (occurrence := arguments.get("occurrence", "").strip()):
        return event
    day = day_of(occurrence)
    near = calendar.between(begin_of(day - timedelta(days=40), calendar), begin_of(day + timedelta(days=41), calendar))
    for one in near:  # one that was moved may be on another day than the rule says
        if one.id == event.id and one.occurrence[:10] == occurrence[:10]:
            return one
    raise EventNotFound("The event does not happen on that day.", "List the events to see when it does.")


def clashes(calendar: Calendar, event: CalendarEvent) -> str:
    """Return, in a sentence, what else is at the time of an event, the first time that it happens."""
    if event.is_all_day:
        return ""
    zone = calendar.zone()
    try:
        near = calendar.between(instant(event.begin, zone), instant(event.end, zone))
    except BnaError as error:  # what was written stands
        return f"Whether it clashes with others could not be told: {error.message}"
    others = [one for one in near if one.id != event.id and not one.is_all_day]
    told = "; ".join(f"“{one.title}”, {when(one, zone)}" for one in others[:5])
    return f"It clashes with {told}." if told else ""


def _why_ask(calendar: Calendar, name: str, turn: Turn, arguments: Arguments) -> str:
    """Return what a call would write; "" where it only reads, or tells no event and so will fail."""
    del turn
    told: dict[str, Callable[[Calendar, Arguments], str]] = {ADD: _why_add, CHANGE: _why_change, DELETE: _why_delete}
    try:
        return told[name](calendar, arguments) if name in told else ""
    except (ToolFailed, EventNotFound):  # the call will fail
        return ""
    except BnaError:
        return f"This writes into your calendar ({calendar.title}), which can't be read just now."


def _why_add(calendar: Calendar, arguments: Arguments) -> str:
    return f"This goes into your calendar: {described(drafted_event(arguments, calendar.zone()).event, calendar)}"


def _why_change(calendar: Calendar, arguments: Arguments) -> str:
    event = found(calendar, arguments)
    new = changed_event(event, arguments, calendar.zone()).event
    rule = f", {rule_in_words(new.rrule)}" if new.rrule != event.rrule and new.rrule else ""
    return f"In your calendar, {described(event, calendar)} becomes: {described(new, calendar)}{rule}"


def _why_delete(calendar: Calendar, arguments: Arguments) -> str:
    return f"This is deleted from your calendar: {described(found(calendar, arguments), calendar)}"
