"""Dates as the reader writes them: in the language and time zone that they chose, else in their browser's."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import streamlit as st
from babel import Locale
from babel.core import UnknownLocaleError
from babel.dates import format_date, format_datetime, format_skeleton, format_time, get_day_names

from model.people.profile import zone_named
from utils.moments import moment_of
from view.shell.reader import reader


def moment(created_at: str | None) -> str:
    """Return when something was written: the time for today, else date and time; empty where that is not known."""
    local = local_time(created_at)
    if local is None:
        return ""
    if local.date() == today():
        return format_time(local, "short", locale=reader_locale())
    return format_datetime(local, "short", locale=reader_locale())


def day(moment_of: date) -> str:
    """Return a day in the reader's language."""
    return format_date(moment_of, "medium", locale=reader_locale())


def short_day(moment_of: date) -> str:
    """Return a day without its year."""
    noon = datetime(moment_of.year, moment_of.month, moment_of.day, 12)
    return format_skeleton("MMMd", noon, locale=reader_locale())


def month(day_in_it: date) -> str:
    """Return a month with its year."""
    return format_skeleton("yMMMM", datetime(day_in_it.year, day_in_it.month, 1, 12), locale=reader_locale())


def clock(moment: datetime) -> str:
    """Return the time of day of a moment, as clocks in its zone show it."""
    return format_time(moment, "short", locale=reader_locale(), tzinfo=moment.tzinfo)


def weekdays() -> list[tuple[int, str]]:
    """Return the days of a week in the reader's order, Monday being 0, each with its short name."""
    names = get_day_names("short", locale=reader_locale())
    first = reader_locale().first_week_day
    return [((first + number) % 7, names[(first + number) % 7]) for number in range(7)]


def full(moment: datetime) -> str:
    """Return a day and a time with its zone, at length."""
    return format_datetime(moment, "long", locale=reader_locale(), tzinfo=moment.tzinfo)


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
    return reader().profile.zone or zone_named(st.context.timezone or "") or ZoneInfo("UTC")


def reader_locale() -> Locale:
    return locale_named(reader().profile.language) or locale_named(st.context.locale or "") or Locale("en")


@lru_cache(100)
def locale_named(tag: str) -> Locale | None:
    """Return a language with its forms by its tag, such as de-CH; None where there is none, whatever the tag is."""
    try:
        return Locale.parse(tag, sep="-") if tag else None
    except (UnknownLocaleError, ValueError, TypeError):
        return None
