"""Times as clocks on the wall show them, on both sides of a change of clocks."""

from datetime import UTC, datetime, timedelta, tzinfo
from typing import NamedTuple


class LocalTime(NamedTuple):
    """A moment, and a sentence where the clock shows it twice that day, or never."""

    moment: datetime
    note: str = ""


def local_moment(shown: datetime, zone: tzinfo) -> LocalTime:
    """Return the moment at which clocks in a zone show a time.

    Of a time that comes twice, when clocks go back, it is the first; a time that is left out, when they go forward, is
    as much later as they go (RFC 5545, section 3.3.5).
    """
    first, second = shown.replace(tzinfo=zone, fold=0), shown.replace(tzinfo=zone, fold=1)
    if first.utcoffset() == second.utcoffset():
        return LocalTime(first)
    day = f"{shown.day} {shown:%B %Y}"
    there = first.astimezone(UTC).astimezone(zone)
    if there.replace(tzinfo=None) == shown:
        note = f"{shown:%H:%M} comes twice on {day}, since clocks go back; the first is meant ({there:%Z})."
        return LocalTime(first, note)
    return LocalTime(there, f"Clocks go forward on {day}: there is no {shown:%H:%M}, so it is {there:%H:%M}.")


def later(moment: datetime, length: timedelta) -> datetime:
    """Return a moment that much later, as a stopwatch tells it, whatever clocks do meanwhile."""
    return (moment.astimezone(UTC) + length).astimezone(moment.tzinfo)
