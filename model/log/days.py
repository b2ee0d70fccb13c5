"""Days of the Log: when one begins and ends, and which conversation is its own.

A day is not over at midnight for whoever is still up: it ends at a time that can be set. On the two days on which
clocks change it has 23 or 25 hours.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

ONE_DAY = timedelta(days=1)
_ID = re.compile(r"log-(\d{4}-\d\d-\d\d)")


@dataclass(frozen=True)
class DayClock:
    """How a person counts days: in a time zone, each ending at a time of the next morning."""

    zone: tzinfo
    ends_at: time

    def begin(self, day: date) -> datetime:
        """Return when a day begins, in UTC; a time that clocks leave out is as much later as they are put forward."""
        return datetime.combine(day, self.ends_at, self.zone).astimezone(UTC)

    def end(self, day: date) -> datetime:
        """Return when a day ends, in UTC."""
        return self.begin(day + ONE_DAY)

    def day_of(self, moment: datetime) -> date:
        """Return the day to which a moment belongs."""
        local = moment.astimezone(self.zone).date()
        return local if moment >= self.begin(local) else local - ONE_DAY

    def local(self, moment: datetime) -> datetime:
        return moment.astimezone(self.zone)


def conversation_id(day: date) -> str:
    """Return the id of a day's conversation: the same wherever it is begun, so that there is one."""
    return f"log-{day.isoformat()}"


def day_of_id(conversation_id: str | None) -> date | None:
    """Return the day whose conversation has this id; None where it is no day's."""
    found = _ID.fullmatch(conversation_id or "")
    try:
        return date.fromisoformat(found[1]) if found else None
    except ValueError:
        return None


def long_name(day: date) -> str:
    """Return a day in words, for instance Sunday, 29 November 2026."""
    return f"{day:%A}, {day.day} {day:%B %Y}"
