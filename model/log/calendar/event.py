"""An event of a calendar, and the text that a calendar keeps of it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo

from utils.text.characters import mended
from utils.text.untrusted import harmless


@dataclass(frozen=True)
class CalendarEvent:
    """One event, or one occurrence of an event that repeats.

    `begin` and `end` are moments with a zone, or dates for an event that takes whole days; the end is the first moment,
    or day, that no longer belongs to it. `rrule` is a recurrence rule as RFC 5545 writes it: FREQ=WEEKLY;INTERVAL=2.
    `occurrence` tells which occurrence this is, by the moment or day, in ISO 8601, at which the rule puts it; "" for an
    event that happens once. `version` is that of the whole event, in the calendar that it is from.
    """

    title: str
    begin: datetime | date
    end: datetime | date
    place: str = ""
    notes: str = ""
    rrule: str = ""
    id: str = ""
    version: str = ""
    occurrence: str = ""

    @property
    def is_all_day(self) -> bool:
        return not isinstance(self.begin, datetime)


@dataclass(frozen=True)
class StoredEvent:
    """What a calendar keeps of one event, with all its exceptions: iCalendar text, and the version that it has."""

    id: str
    text: str
    version: str


def instant(moment: datetime | date, zone: tzinfo) -> datetime:
    """Return a moment in UTC; a day, and a moment without a zone, are meant in `zone`."""
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time())
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def clean_line(value: object) -> str:
    """Return what a stranger has written, on one line."""
    return " ".join(clean_text(value).split())


def clean_text(value: object) -> str:
    return harmless(mended(str(value))).strip()
