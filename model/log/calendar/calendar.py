"""What every calendar can do, wherever it is kept.

Each event has a version. A calendar writes only where the version is still the one that whoever
writes has seen; so nobody's change is lost, and to undo a change is to write what was there before it.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from uuid import uuid4

from model.errors import CalendarError, EventChanged, EventNotFound
from model.log.calendar.blocks import EVENT, DamagedCalendar, calendar_blocks
from model.log.calendar.event import CalendarEvent, StoredEvent
from model.log.calendar.vevent import (
    calendar_event,
    changed_text,
    components,
    main_of,
    new_text,
    rule_of,
    text_with_occurrence,
    text_without_occurrence,
)


@dataclass(frozen=True)
class Change:
    """What was done to one event: its text before, "" where there was none, and the version that it has since."""

    event_id: str
    before: str
    version: str


class Calendar(ABC):
    """A person's calendar; `zone` returns the time zone in which days, and times without a zone, are meant."""

    title = "the calendar"
    is_far = False  # whether each question goes over a network
    change_count = 0  # how often it was written to, here

    def __init__(self, zone: Callable[[], tzinfo]) -> None:
        self.zone = zone

    @abstractmethod
    def between(self, begin: datetime, end: datetime) -> list[CalendarEvent]:
        """Return what happens between two moments, as it begins; events that repeat once for each time.

        Raises: CalendarError, StoreError.
        """

    def problem(self) -> str:
        """Return, in a sentence, which events can't be read; "" where all can."""
        return ""

    @abstractmethod
    def find(self, event_id: str) -> CalendarEvent:
        """Return an event, of one that repeats the first. Raises: EventNotFound, CalendarError."""

    @abstractmethod
    def add(self, event: CalendarEvent) -> Change:
        """Add an event, which gets an id. Raises: CalendarError."""

    @abstractmethod
    def change(self, event: CalendarEvent) -> Change:
        """Let an event be as it is told; with an occurrence, only that one.

        Raises: EventChanged where its version is no longer the same; CalendarError.
        """

    @abstractmethod
    def remove(self, event: CalendarEvent) -> Change:
        """Take an event out; with an occurrence, only that one. Raises: as `change`."""

    @abstractmethod
    def undo(self, change: Change) -> None:
        """Let an event be as it was before a change. Raises: EventChanged where somebody has changed it since."""


class TextCalendar(Calendar):
    """A calendar that keeps iCalendar texts: a file, or a CalDAV server."""

    @abstractmethod
    def read(self, event_id: str) -> StoredEvent | None:
        """Return what is kept of an event; None where it is not there. Raises: CalendarError, StoreError."""

    @abstractmethod
    def write(self, event_id: str, text: str, version: str) -> str:
        """Put a text in the place of what is kept of an event, and return its new version; "" takes the event out.

        `version` is the one that the text is made from; "" for an event that must not be there yet.
        Raises: EventChanged where it is another one by now; CalendarError, StoreError.
        """

    def find(self, event_id: str) -> CalendarEvent:
        stored = self._stored(event_id)
        main = main_of(components(stored.text))
        return calendar_event(main, event_id, stored.version, rule_of(main))

    def add(self, event: CalendarEvent) -> Change:
        event_id = self.new_id()
        version = self.write(event_id, new_text(replace(event, id=event_id)), "")
        return Change(event_id, "", version)

    def new_id(self) -> str:
        return str(uuid4())

    def change(self, event: CalendarEvent) -> Change:
        stored = self._stored(event.id, event.version)
        change = text_with_occurrence if event.occurrence else changed_text
        return self._rewrite(stored, change(stored.text, event))

    def remove(self, event: CalendarEvent) -> Change:
        stored = self._stored(event.id, event.version)
        return self._rewrite(stored, text_without_occurrence(stored.text, event) if event.occurrence else "")

    def undo(self, change: Change) -> None:
        stored = self.read(change.event_id)
        if (stored.version if stored else "") != change.version and _is_as_before(stored, change):
            raise undone_already()
        self.write(change.event_id, change.before, change.version)

    def _rewrite(self, stored: StoredEvent, text: str) -> Change:
        return Change(stored.id, stored.text, self.write(stored.id, text, stored.version))

    def _stored(self, event_id: str, version: str = "") -> StoredEvent:
        stored = self.read(event_id)
        if stored is None:
            raise EventNotFound("There is no such event in the calendar.", "List the events to see what is there.")
        if version and stored.version != version:
            raise EventChanged()
        return stored


def undone_already() -> CalendarError:
    return CalendarError("This is undone already.", "Nothing is left to do.")


def _is_as_before(stored: StoredEvent | None, change: Change) -> bool:
    """Return whether an event is what it was before a change; time zones beside it do not count."""
    now, before = (_events_in(text) for text in (stored.text if stored else "", change.before))
    return now == before


def _events_in(text: str) -> list[str]:
    return [block.text for block in calendar_blocks(text) if block.kind == EVENT] if text else []


def check_only(text: str, event_id: str) -> None:
    """Refuse a text that is no calendar with just this event. Raises: CalendarError."""
    try:
        ids = {block.id for block in calendar_blocks(text) if block.kind == EVENT}
    except DamagedCalendar as error:
        raise CalendarError("What should be written is no calendar event.", "Add the event anew.") from error
    if ids != {event_id}:
        raise CalendarError(
            "This event has no id of its own, so it is left as it is.", "Change it in your calendar app."
        )
