"""Google for one person: consent, where files of a day go, and what happens when Google takes no token any more."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from controller.stages.log.calendar.calendars import calendar_of, calendar_service
from controller.stages.log.closing import close_day, closer_of
from controller.stages.log.files import ENDINGS
from controller.stages.log.google import Google, google_of
from model.errors import GoogleError, GoogleSignInNeeded, InputError
from model.log.calendar.event import CalendarEvent
from model.log.days import conversation_id
from tests.controller.stages.log.conftest import Clock, Day
from tests.google_server import CALENDAR, DRIVE, GoogleServer
from tests.waiting import PATIENCE_S, wait_until

TODAY = date(2026, 11, 29)
HERE = "http://127.0.0.1:8501/Google"
FILES = [f"2026-11-29{ending}" for ending in sorted(ENDINGS)]


@pytest.fixture
def server_of_google() -> Iterator[GoogleServer]:
    with GoogleServer() as server:
        yield server


@pytest.fixture
def environ(environ: dict[str, str], server_of_google: GoogleServer) -> dict[str, str]:
    return environ | server_of_google.environ


@pytest.fixture
def google(day: Day, monkeypatch: pytest.MonkeyPatch) -> Google:
    found = google_of(day.services.resources)
    monkeypatch.setattr(found.client, "_wait", lambda _wait_s, _stop: None)
    return found


def connect(google: Google, server: GoogleServer, purpose: str = "drive") -> None:
    google.finish(server.consent(google.begin(purpose, HERE)))


def everything_on_disk(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_files_of_a_closed_day_go_to_drive_into_one_folder(day: Day, google: Google, server_of_google: GoogleServer):
    connect(google, server_of_google)
    assert google.account.email == "ann@example.org"
    day.say("Good morning")
    assert close_day(day.diary, TODAY)
    there = server_of_google.uploaded()
    assert sorted(there) == FILES
    assert all(there[name] == (day.diary.folder / name).read_bytes() for name in there)
    folder = next(one for one in server_of_google.files.values() if one.get("name") == "bnaGPT")
    assert all(server_of_google.files[one]["parents"] == [folder["id"]] for one in _ids(server_of_google))
    assert not close_day(day.diary, TODAY)


def _ids(server: GoogleServer) -> list[str]:
    return [one["id"] for one in server.files.values() if "data" in one]


def test_a_day_that_is_opened_again_updates_its_files_and_makes_no_second(
    day: Day, google: Google, server_of_google: GoogleServer
):
    connect(google, server_of_google)
    day.say("Good morning")
    close_day(day.diary, TODAY)
    ids = _ids(server_of_google)
    day.say("One thing more: the pear tree blooms.")
    close_day(day.diary, TODAY)
    assert _ids(server_of_google) == ids
    assert b"pear tree blooms" in server_of_google.uploaded()["2026-11-29.md"]


def test_days_of_before_the_connection_stay_here(day: Day, google: Google, server_of_google: GoogleServer):
    day.say("Good morning")
    close_day(day.diary, TODAY)
    connect(google, server_of_google)
    assert not close_day(day.diary, TODAY)
    assert server_of_google.uploaded() == {}


def test_a_token_that_is_not_taken_lets_the_upload_wait_and_after_consent_it_ends_by_itself(
    day: Day, google: Google, server_of_google: GoogleServer, clock: Clock
):
    connect(google, server_of_google)
    day.say("Good morning")
    server_of_google.end_account()
    google.client.forget_token()
    closer = closer_of(day.services.resources)
    with pytest.raises(GoogleSignInNeeded):
        close_day(day.diary, TODAY)
    assert google.account.must_sign_in and closer.is_closed(TODAY) and closer.waits_for_upload(TODAY)
    clock.turn(days=1)
    asked = len(server_of_google.requests)
    assert closer.look() and closer.running is None  # nothing is tried before the person has signed in
    assert len(server_of_google.requests) == asked
    connect(google, server_of_google)
    wait_until(lambda: not closer.waits_for_upload(TODAY), "the upload ends")
    assert sorted(server_of_google.uploaded()) == FILES


def test_a_day_that_was_closed_by_hand_and_is_not_over_goes_on_too(
    day: Day, google: Google, server_of_google: GoogleServer
):
    connect(google, server_of_google)
    day.say("Good morning")
    server_of_google.end_account()
    google.client.forget_token()
    with pytest.raises(GoogleSignInNeeded):
        close_day(day.diary, TODAY)
    closer = closer_of(day.services.resources)
    connect(google, server_of_google)
    wait_until(lambda: not closer.waits_for_upload(TODAY), "the upload ends")
    assert sorted(server_of_google.uploaded()) == FILES
    running = closer.running
    assert running and running.job.wait(PATIENCE_S)
    day.say("Another thing")
    assert closer.look() and closer.running is running  # today is not closed by itself
    assert not closer.is_closed(TODAY)


@pytest.mark.parametrize("path", ["/upload/", "/session/", "generateIds", "/drive/v3/about", "/token"])
def test_an_upload_that_failed_is_ended_by_the_next_look(
    day: Day, google: Google, server_of_google: GoogleServer, path: str
):
    connect(google, server_of_google)
    day.say("Good morning")
    google.client.forget_token()
    server_of_google.fail(path, 400, "badRequest")
    if path != "/drive/v3/about":
        with pytest.raises(GoogleError):
            close_day(day.diary, TODAY)
    close_day(day.diary, TODAY)
    assert sorted(server_of_google.uploaded()) == FILES


def test_the_folder_is_the_one_that_was_picked_and_stays_when_it_is_renamed(
    day: Day, google: Google, server_of_google: GoogleServer
):
    connect(google, server_of_google)
    folder = google.drive.make_folder("My days")
    server_of_google.picked = folder.id
    address = google.begin("folder", HERE)
    assert "trigger_onepick=true" in address and "calendar" not in address
    google.finish(server_of_google.consent(address))
    assert google.account.folder_name == "My days"
    server_of_google.files[folder.id]["name"] = "Diary"
    day.say("Good morning")
    close_day(day.diary, TODAY)
    assert {one["parents"][0] for one in server_of_google.files.values() if "data" in one} == {folder.id}


def test_a_folder_of_another_account_is_refused(day: Day, google: Google, server_of_google: GoogleServer):
    connect(google, server_of_google)
    server_of_google.picked = "elsewhere"
    with pytest.raises(GoogleError, match="another Google account"):
        connect(google, server_of_google, "folder")


def test_a_folder_that_is_gone_is_made_anew(day: Day, google: Google, server_of_google: GoogleServer):
    connect(google, server_of_google)
    folder = google.make_folder("My days")
    server_of_google.files[folder.id]["trashed"] = True
    day.say("Good morning")
    close_day(day.diary, TODAY)
    assert sorted(server_of_google.uploaded()) == FILES and google.account.folder_name == "bnaGPT"


def test_who_says_no_at_google_has_changed_nothing(google: Google, server_of_google: GoogleServer):
    server_of_google.refuses = True
    with pytest.raises(GoogleError, match="did not allow"):
        connect(google, server_of_google)
    assert not google.account.is_connected


def test_a_box_that_was_not_ticked_is_told(google: Google, server_of_google: GoogleServer):
    server_of_google.granted = CALENDAR
    with pytest.raises(GoogleError, match="not ticked"):
        connect(google, server_of_google)
    assert not google.account.is_connected


def test_an_answer_of_google_is_taken_once_and_only_where_it_was_asked_for(
    google: Google, server_of_google: GoogleServer
):
    told = server_of_google.consent(google.begin("drive", HERE))
    with pytest.raises(InputError):
        google.finish({**told, "state": "x" * 43})
    google.finish(told)
    with pytest.raises(InputError, match="too old"):
        google.finish(told)


def test_a_code_that_was_caught_on_its_way_is_worth_nothing_without_the_verifier(
    google: Google, server_of_google: GoogleServer
):
    stolen = server_of_google.consent(google.begin("drive", HERE))
    mine = server_of_google.consent(google.begin("drive", HERE))
    with pytest.raises(GoogleSignInNeeded):
        google.finish({"state": mine["state"], "code": stolen["code"]})


def test_no_token_or_secret_stands_in_a_file_a_log_or_an_error(
    day: Day, google: Google, server_of_google: GoogleServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    caplog.set_level("DEBUG")
    connect(google, server_of_google)
    day.say("Good morning")
    server_of_google.fail("/upload/", 400, "badRequest")
    with pytest.raises(GoogleError) as caught:
        close_day(day.diary, TODAY)
    close_day(day.diary, TODAY)
    secrets = [*server_of_google.refresh_tokens, *server_of_google.access_tokens, "client-secret-1"]
    kept = everything_on_disk(tmp_path).decode("utf-8", "replace") + caplog.text + repr(caught.value)
    assert not [one for one in secrets if one in kept]


def test_disconnecting_revokes_and_forgets_and_a_later_day_stays_here(
    day: Day, google: Google, server_of_google: GoogleServer
):
    connect(google, server_of_google)
    token = google.account.token("client-secret-1")
    assert google.disconnect() == ""
    assert server_of_google.revoked == [token]
    assert not google.accounts.path.exists() and not google.uploads
    day.say("Good morning")
    close_day(day.diary, TODAY)
    assert server_of_google.uploaded() == {}


def test_disconnecting_without_a_network_forgets_and_says_what_is_left_to_do(
    google: Google, server_of_google: GoogleServer
):
    connect(google, server_of_google)
    server_of_google.fail("/revoke", cut_after=0)
    assert "myaccount.google.com" in google.disconnect()
    assert not google.account.is_connected


def test_deleting_everything_disconnects(day: Day, google: Google, server_of_google: GoogleServer):
    connect(google, server_of_google)
    account = day.services.account
    assert any("Google Drive" in one for one in account.holdings().left)
    account.delete()
    assert len(server_of_google.revoked) == 1 and not google.accounts.path.exists()


def test_the_calendar_of_the_account_is_used_once_it_is_connected(
    day: Day, google: Google, server_of_google: GoogleServer
):
    resources = day.services.resources
    connect(google, server_of_google, "calendar")
    assert google.account.may(CALENDAR) and not google.account.may(DRIVE)
    assert calendar_service(resources) == "Google Calendar"
    begin = day.diary.now()
    calendar_of(resources).add(CalendarEvent("Dentist", begin, begin + timedelta(hours=1)))
    said = day.say("Good morning")
    assert "Dentist" in said.messages[0].content
    connect(google, server_of_google, "drive")  # one token for both
    assert google.account.may(CALENDAR) and google.account.may(DRIVE)
    google.disconnect()
    assert calendar_service(resources).startswith("your own calendar")


def test_a_day_begins_without_the_calendar_where_google_asks_to_sign_in(
    day: Day, google: Google, server_of_google: GoogleServer
):
    connect(google, server_of_google, "calendar")
    server_of_google.end_account()
    google.client.forget_token()
    said = day.say("Good morning")
    assert said.messages[-1].role == "assistant"
    assert "The calendar could not be looked at." in said.messages[0].content


def test_deleting_a_day_leaves_its_copy_in_drive(day: Day, google: Google, server_of_google: GoogleServer):
    connect(google, server_of_google)
    day.say("Good morning")
    close_day(day.diary, TODAY)
    day.services.conversations.delete_conversation(conversation_id(TODAY))
    assert not (day.diary.folder / FILES[0]).exists()
    assert sorted(server_of_google.uploaded()) == FILES
