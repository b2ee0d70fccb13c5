"""Dates as the reader writes them: in the browser's language and time zone."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import streamlit as st
from babel import Locale
from babel.core import UnknownLocaleError
from babel.dates import format_date, format_datetime, format_time

from utils.moments import moment_of


def moment(created_at: str | None) -> str:
    """Return when something was written: the time for today, else date and time; empty where that is not known."""
    local = local_time(created_at)
    if local is None:
        return ""
    if local.date() == today():
        return format_time(local, "short", locale=_locale())
    return format_datetime(local, "short", locale=_locale())


def day(moment_of: date) -> str:
    """Return a day in the reader's language."""
    return format_date(moment_of, "medium", locale=_locale())


def local_time(created_at: str | None) -> datetime | None:
    """Return a moment in the reader's time zone; None where there is none, or it can't be read."""
    moment_utc = moment_of(created_at)
    return moment_utc.astimezone(reader_zone()) if moment_utc else None


def today() -> date:
    return datetime.now(reader_zone()).date()


def group(updated_at: str) -> str:
    """Return under which heading of the list a conversation stands."""
    local = local_time(updated_at)
    age = today() - local.date() if local else timedelta.max
    names = ((0, "Today"), (1, "Yesterday"), (7, "Previous 7 days"))
    return next((name for days, name in names if age <= timedelta(days=days)), "Older")


def reader_zone() -> ZoneInfo:
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")


def _locale() -> Locale:
    try:
        return Locale.parse(st.context.locale or "en", sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale("en")
