"""Moments as files tell them, in ISO 8601: read so that no date in a file can break what works with it."""

from datetime import UTC, datetime, tzinfo

FIRST_YEAR, LAST_YEAR = 1000, 8999  # outside, a time zone or a difference may lead out of what Python can hold


def moment_of(text: str | None) -> datetime | None:
    """Return a moment in UTC, as one without a zone is meant, too; None where there is none that a clock shows."""
    try:
        moment = datetime.fromisoformat(text or "")
        if not FIRST_YEAR <= moment.year <= LAST_YEAR:
            return None
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def local_text(text: str | None, zone: tzinfo | None = None) -> str:
    """Return a moment as clocks in a zone show it, for instance 2026-01-05 10:00 CET; without one, this machine's."""
    moment = moment_of(text)
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M %Z}" if moment else ""
