"""When an event happens between two moments, each time that it does, with the library `recurring_ical_events`."""

from collections.abc import Iterable
from datetime import datetime, tzinfo

import icalendar
import recurring_ical_events

from model.log.calendar.event import CalendarEvent, instant
from model.log.calendar.vevent import calendar_event, is_usable_event, rule_of

MOST = 2_000  # occurrences in one list


class Occurrences:
    """One stored event, with its exceptions, ready to be asked again and again; `is_readable` unless it is damaged."""

    def __init__(self, event_id: str, version: str, components: list[icalendar.Event]) -> None:
        usable = [one for one in components if is_usable_event(one)]
        self.is_readable = len(usable) == len(components) and bool(usable)
        self._id, self._version = event_id, version
        self._single: CalendarEvent | None = None
        self._rule = next(filter(None, map(rule_of, usable)), "")
        repeats = self._rule or len(usable) > 1 or any("RDATE" in one for one in usable)
        if usable and not repeats:
            self._single = calendar_event(usable[0], event_id, version)
        self._last: tuple[tuple[datetime, datetime, str], list[CalendarEvent]] | None = None
        calendar = icalendar.Calendar()
        calendar.subcomponents = list(usable)
        self._repeated = recurring_ical_events.of(calendar, skip_bad_series=True) if repeats else None

    def between(self, begin: datetime, end: datetime, zone: tzinfo) -> list[CalendarEvent]:
        """Return what happens, at least in part, between two moments; times without a zone are meant in `zone`."""
        if self._single:
            return [self._single] if overlaps(self._single, begin, end, zone) else []
        if not self._repeated:
            return []
        asked = (begin, end, str(zone))
        last = self._last
        if last and last[0] == asked:  # a page asks for one month again and again
            return last[1]
        found = self._repeated.between(begin.astimezone(zone), end.astimezone(zone))
        events = (calendar_event(one, self._id, self._version, self._rule, is_occurrence=True) for one in found[:MOST])
        found_there = [event for event in events if overlaps(event, begin, end, zone)]
        self._last = (asked, found_there)
        return found_there


def overlaps(event: CalendarEvent, begin: datetime, end: datetime, zone: tzinfo) -> bool:
    """Return whether an event has a part between two moments; one without a length has, where it begins there."""
    begins, ends = instant(event.begin, zone), instant(event.end, zone)
    return begins < end and (ends > begin or begins == ends == begin)


def in_order(events: Iterable[CalendarEvent], zone: tzinfo) -> list[CalendarEvent]:
    """Return events as they begin; on one day, those that take whole days come first."""
    return sorted(events, key=lambda event: (instant(event.begin, zone), not event.is_all_day, event.title))
