"""Days of the Log: which moment belongs to which day, also where clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.log.days import ONE_DAY, DayClock, conversation_id, day_of_id, long_name

BERLIN, KATHMANDU = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Kathmandu")
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kathmandu", "America/New_York", "Australia/Lord_Howe"])


def clock(zone: ZoneInfo = BERLIN, ends_at: time = time(4)) -> DayClock:
    return DayClock(zone, ends_at)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-11-29T03:59+01:00", date(2026, 11, 28)),
        ("2026-11-29T04:00+01:00", date(2026, 11, 29)),
        ("2026-11-29T23:59+01:00", date(2026, 11, 29)),
        ("2026-11-30T02:59+00:00", date(2026, 11, 29)),
        ("2026-11-30T03:00+00:00", date(2026, 11, 30)),
    ],
)
def test_a_day_ends_at_four_in_the_morning(moment: str, day: date):
    assert clock().day_of(datetime.fromisoformat(moment)) == day


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 28), 23), (date(2026, 10, 24), 25), (date(2026, 6, 1), 24)])
def test_the_days_on_which_clocks_change_have_23_and_25_hours(day: date, hours: int):
    assert clock().end(day) - clock().begin(day) == timedelta(hours=hours)


def test_a_quarter_of_an_hour_in_a_zone_counts():
    assert clock(KATHMANDU).begin(date(2026, 1, 2)) == datetime(2026, 1, 1, 22, 15, tzinfo=UTC)


def test_a_day_that_would_end_in_the_hour_that_clocks_leave_out_ends_as_much_later():
    assert clock(ends_at=time(2, 30)).begin(date(2026, 3, 29)) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


@given(st.datetimes(datetime(1990, 1, 1), datetime(2060, 1, 1)), ZONES, st.times())
def test_each_moment_belongs_to_the_one_day_that_holds_it(moment: datetime, zone: str, ends_at: time):
    days, at = clock(ZoneInfo(zone), ends_at), moment.replace(tzinfo=UTC)
    day = days.day_of(at)
    assert days.begin(day) <= at < days.end(day)
    assert days.end(day) == days.begin(day + ONE_DAY)


def test_the_id_of_a_conversation_tells_its_day():
    assert day_of_id(conversation_id(date(2026, 11, 29))) == date(2026, 11, 29)


@pytest.mark.parametrize(
    "name", [None, "", "log-", "log-2026-13-01", "log-2026-11-29-x", "xlog-2026-11-29", "log-0000-01-01"]
)
def test_another_id_is_that_of_no_day(name: str | None):
    assert day_of_id(name) is None


def test_a_day_has_a_name_in_words():
    assert long_name(date(2026, 11, 29)) == "Sunday, 29 November 2026"
