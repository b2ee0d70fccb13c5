"""Google's calendar over real HTTP: what is written is what was there before, but for what was changed."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from model.errors import CalendarError, EventChanged, EventNotFound
from model.log.calendar.event import CalendarEvent
from model.log.calendar.google import GoogleCalendar
from model.log.google.account import AccountFile
from model.log.google.client import GoogleClient
from model.log.google.oauth import OAuth
from tests.google_server import CALENDAR, GoogleServer

BERLIN = ZoneInfo("Europe/Berlin")
THREE = datetime(2026, 10, 20, 15, 0, tzinfo=BERLIN)  # before the clocks change on the 25th
DENTIST = CalendarEvent("Dentist", THREE, THREE + timedelta(hours=1), "Main Street 1", "Bring the card")
CHOIR = CalendarEvent("Choir", THREE, THREE + timedelta(hours=1), rrule="FREQ=WEEKLY;COUNT=4")


@pytest.fixture
def google() -> Iterator[GoogleServer]:
    with GoogleServer() as server:
        yield server


@pytest.fixture
def calendar(google: GoogleServer, tmp_path: Path) -> GoogleCalendar:
    oauth, accounts = OAuth.of(google.environ), AccountFile(tmp_path / "account")
    google.refresh_tokens["refresh-1"] = CALENDAR
    accounts.change(lambda kept: kept.with_token("refresh-1", oauth.client_secret))
    return GoogleCalendar(GoogleClient(oauth, accounts, lambda _wait_s, _stop: None), lambda: BERLIN)


def autumn(calendar: GoogleCalendar) -> list[CalendarEvent]:
    return calendar.between(datetime(2026, 10, 1, tzinfo=BERLIN), datetime(2026, 12, 1, tzinfo=BERLIN))


def test_an_event_comes_back_as_it_was_added(calendar: GoogleCalendar):
    change = calendar.add(DENTIST)
    assert autumn(calendar) == [replace(DENTIST, id=change.event_id, version=change.version)]
    assert calendar.find(change.event_id) == autumn(calendar)[0]


def test_whole_days_stay_whole_days(calendar: GoogleCalendar):
    calendar.add(CalendarEvent("Holiday", date(2026, 10, 24), date(2026, 10, 27)))
    found = autumn(calendar)[0]
    assert (found.begin, found.end, found.is_all_day) == (date(2026, 10, 24), date(2026, 10, 27), True)


def test_an_event_that_repeats_keeps_its_local_time_over_the_change_of_clocks(calendar: GoogleCalendar):
    calendar.add(CHOIR)
    begins = [one.begin for one in autumn(calendar) if isinstance(one.begin, datetime)]
    assert [one.hour for one in begins] == [15] * 4
    assert begins[1] - begins[0] == timedelta(days=7) and begins[0].utcoffset() != begins[1].utcoffset()


def test_a_change_sends_only_what_differs(calendar: GoogleCalendar, google: GoogleServer):
    added = calendar.add(DENTIST)
    google.events[added.event_id]["attendees"] = [{"email": "bob@example.org"}]
    calendar.change(replace(calendar.find(added.event_id), title="Doctor"))
    assert google.events[added.event_id]["summary"] == "Doctor"
    assert google.events[added.event_id]["attendees"] == [{"email": "bob@example.org"}]
    assert google.requests[-1].method == "PATCH" and b"start" not in google.requests[-1].body


def test_an_event_moves_from_a_time_to_whole_days_and_back(calendar: GoogleCalendar, google: GoogleServer):
    added = calendar.add(DENTIST)
    calendar.change(replace(calendar.find(added.event_id), begin=date(2026, 10, 20), end=date(2026, 10, 21)))
    assert google.events[added.event_id]["start"] == {"date": "2026-10-20"}
    calendar.change(replace(calendar.find(added.event_id), begin=THREE, end=THREE + timedelta(hours=2)))
    assert calendar.find(added.event_id).begin == THREE


def test_one_occurrence_changes_alone_and_undo_brings_it_back(calendar: GoogleCalendar):
    calendar.add(CHOIR)
    second = autumn(calendar)[1]
    change = calendar.change(replace(second, title="Choir, in the church"))
    assert [one.title for one in autumn(calendar)] == ["Choir", "Choir, in the church", "Choir", "Choir"]
    calendar.undo(change)
    assert [one.title for one in autumn(calendar)] == ["Choir"] * 4


def test_one_occurrence_goes_alone_and_undo_brings_it_back(calendar: GoogleCalendar):
    calendar.add(CHOIR)
    change = calendar.remove(autumn(calendar)[2])
    assert [one.begin.day for one in autumn(calendar)] == [20, 27, 10]
    calendar.undo(change)
    assert [one.begin.day for one in autumn(calendar)] == [20, 27, 3, 10]


def test_each_change_can_be_undone(calendar: GoogleCalendar):
    added = calendar.add(DENTIST)
    changed = calendar.change(
        replace(calendar.find(added.event_id), title="Doctor", place="", begin=THREE + timedelta(days=1))
    )
    calendar.undo(changed)
    found = calendar.find(added.event_id)
    assert (found.title, found.place, found.begin) == ("Dentist", "Main Street 1", THREE)
    removed = calendar.remove(found)
    assert autumn(calendar) == []
    calendar.undo(removed)
    assert [one.title for one in autumn(calendar)] == ["Dentist"]


def test_what_was_added_is_undone_once(calendar: GoogleCalendar):
    added = calendar.add(DENTIST)
    calendar.undo(added)
    assert autumn(calendar) == []
    with pytest.raises(CalendarError, match="undone already"):
        calendar.undo(added)


def test_a_change_of_somebody_else_is_never_overwritten(calendar: GoogleCalendar, google: GoogleServer):
    added = calendar.add(DENTIST)
    seen = calendar.find(added.event_id)
    google.events[added.event_id] |= {"summary": "Theirs", "etag": '"99"'}
    for write in (calendar.change, calendar.remove):
        with pytest.raises(EventChanged):
            write(replace(seen, title="Ours"))
    with pytest.raises(EventChanged):
        calendar.undo(added)
    assert google.events[added.event_id]["summary"] == "Theirs"


def test_a_change_in_the_very_moment_of_writing_is_refused_by_google(
    calendar: GoogleCalendar, google: GoogleServer, monkeypatch: pytest.MonkeyPatch
):
    added = calendar.add(DENTIST)
    seen, target = calendar.find(added.event_id), calendar._target

    def target_and_change(event: CalendarEvent) -> dict[str, object]:
        item = target(event)
        google.events[added.event_id] |= {"summary": "Theirs", "etag": '"99"'}
        return item

    monkeypatch.setattr(calendar, "_target", target_and_change)
    with pytest.raises(EventChanged):
        calendar.change(replace(seen, title="Ours"))
    assert google.events[added.event_id]["summary"] == "Theirs"


def test_an_answer_that_was_lost_adds_no_second_event(calendar: GoogleCalendar, google: GoogleServer):
    google.fail("/events", 503)
    calendar.add(DENTIST)
    assert len(autumn(calendar)) == 1


def test_many_events_come_page_by_page(calendar: GoogleCalendar):
    for number in range(60):
        calendar.add(replace(DENTIST, title=f"Event {number}"))
    assert len(autumn(calendar)) == 60


def test_what_google_tells_of_nobody_can_read_is_left_out_and_told(calendar: GoogleCalendar, google: GoogleServer):
    calendar.add(DENTIST)
    calendar.add(DENTIST)
    broken = next(iter(google.events.values()))
    broken["originalStartTime"], broken["recurringEventId"] = {"dateTime": "never"}, "series"
    assert len(autumn(calendar)) == 1
    assert calendar.problem() == "1 event at Google can't be read and is left out."


def test_a_title_of_a_stranger_is_cleaned(calendar: GoogleCalendar):
    calendar.add(replace(DENTIST, title="Dinner\u202e\n\x00 at eight"))
    assert autumn(calendar)[0].title == "Dinner at eight"


@pytest.mark.parametrize("event_id", ["nothing", "..", "", "../../drive/v3/files", "a/b", "?x=1", "ü"])
def test_an_id_that_is_none_finds_nothing(calendar: GoogleCalendar, event_id: str):
    with pytest.raises(EventNotFound):
        calendar.find(event_id)


def test_a_google_that_asks_to_sign_in_again_is_told_as_the_calendars_own_fault(
    calendar: GoogleCalendar, google: GoogleServer
):
    google.end_account()
    with pytest.raises(CalendarError, match="sign in again"):
        autumn(calendar)
