"""Uploads to Drive over real HTTP, with all the faults that its documentation names."""

from pathlib import Path

import pytest

from model.errors import GoogleBusy, GoogleError, GoogleSignInNeeded
from model.log.google.client import GoogleClient
from model.log.google.drive import Drive, DrivePlace
from tests.google_server import GoogleServer
from utils.threads.stop import CancellationToken

CHUNK = 256 * 1024
NEVER = CancellationToken()


@pytest.fixture
def drive(client: GoogleClient) -> Drive:
    return Drive(client, CHUNK)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "2026-11-29.pdf"
    path.write_bytes(bytes(range(256)) * 4096)  # four pieces
    return path


def upload(drive: Drive, file: Path, known_id: str = "") -> DrivePlace:
    place = drive.place(known_id, "mark1", NEVER)
    drive.upload(file, "application/pdf", place, "mark1", "folder-1", NEVER)
    return place


def test_a_file_arrives_whole_in_its_folder(drive: Drive, file: Path, google: GoogleServer):
    place = upload(drive, file)
    assert google.uploaded() == {"2026-11-29.pdf": file.read_bytes()}
    assert google.files[place.id]["parents"] == ["folder-1"]
    assert google.files[place.id]["mimeType"] == "application/pdf"
    assert sum(one.path.startswith("/session/") for one in google.requests) == 4


def test_the_same_file_again_takes_its_own_place(drive: Drive, file: Path, google: GoogleServer):
    first = upload(drive, file)
    file.write_bytes(b"another text")
    again = upload(drive, file, first.id)
    assert again.id == first.id and google.uploaded() == {"2026-11-29.pdf": b"another text"}


def test_a_file_whose_id_was_not_written_down_is_found_by_its_mark(drive: Drive, file: Path, google: GoogleServer):
    upload(drive, file)
    upload(drive, file)
    assert len(google.files) == 1


def test_a_file_that_the_person_put_in_the_bin_is_made_anew(drive: Drive, file: Path, google: GoogleServer):
    first = upload(drive, file)
    google.files[first.id]["trashed"] = True
    again = upload(drive, file, first.id)
    assert again.id != first.id and list(google.uploaded()) == ["2026-11-29.pdf"]


@pytest.mark.parametrize("cut_after", [0, 1000, CHUNK])
def test_after_a_cut_it_goes_on_from_what_has_arrived(drive: Drive, file: Path, google: GoogleServer, cut_after: int):
    google.fail("/session/", cut_after=cut_after)
    upload(drive, file)
    assert google.uploaded() == {"2026-11-29.pdf": file.read_bytes()}
    sent = sum(len(one.body) for one in google.requests if one.path.startswith("/session/"))
    assert sent == file.stat().st_size


@pytest.mark.parametrize("status, reason", [(500, ""), (503, ""), (429, ""), (403, "userRateLimitExceeded")])
@pytest.mark.parametrize("path", ["/session/", "/upload/", "generateIds"])
def test_a_busy_google_is_asked_again_after_as_long_as_it_says(
    drive: Drive, file: Path, google: GoogleServer, waited: list[float], status: int, reason: str, path: str
):
    google.fail(path, status, reason, Retry_After="7")
    upload(drive, file)
    assert google.uploaded() == {"2026-11-29.pdf": file.read_bytes()}
    assert waited == [7.0]


def test_a_wait_that_nobody_would_sit_through_is_told_and_nobody_asks_meanwhile(
    drive: Drive, file: Path, google: GoogleServer, waited: list[float]
):
    google.fail("/upload/", 429, Retry_After="3600")
    with pytest.raises(GoogleBusy):
        upload(drive, file)
    count = len(google.requests)
    with pytest.raises(GoogleBusy):
        drive.folders()
    assert waited == [] and len(google.requests) == count


def test_a_google_that_stays_busy_is_given_up_after_growing_waits(
    drive: Drive, file: Path, google: GoogleServer, waited: list[float]
):
    for _ in range(10):
        google.fail("/session/", 503)
    with pytest.raises(GoogleBusy):
        upload(drive, file)
    assert waited == sorted(waited) and len(waited) == 4


def test_a_session_that_google_has_forgotten_is_begun_anew(drive: Drive, file: Path, google: GoogleServer):
    google.fail("/session/", 404)
    upload(drive, file)
    assert google.uploaded() == {"2026-11-29.pdf": file.read_bytes()}


def test_an_upload_whose_answer_was_lost_makes_no_second_file(drive: Drive, file: Path, google: GoogleServer):
    place = drive.place("", "mark1", NEVER)
    drive.upload(file, "application/pdf", place, "mark1", "folder-1", NEVER)
    drive.upload(file, "application/pdf", place, "mark1", "folder-1", NEVER)  # as after a kill before it was noted
    assert len(google.files) == 1


def test_an_old_access_token_is_renewed_once(drive: Drive, file: Path, google: GoogleServer):
    drive.folders()
    google.end_tokens()
    upload(drive, file)
    assert google.uploaded()
    assert sum(one.path == "/token" for one in google.requests) == 2


def test_a_refresh_token_that_is_not_taken_asks_the_person_and_google_no_more(
    client: GoogleClient, drive: Drive, google: GoogleServer
):
    google.end_account()
    with pytest.raises(GoogleSignInNeeded):
        drive.folders()
    assert client.accounts.read().must_sign_in
    count = len(google.requests)
    with pytest.raises(GoogleSignInNeeded):
        drive.folders()
    assert len(google.requests) == count


@pytest.mark.parametrize(
    "status, reason, told",
    [
        (403, "storageQuotaExceeded", "Drive is full"),
        (403, "accessNotConfigured", "may not use that API"),
        (400, "badRequest", "answered with an error, 400"),
    ],
)
def test_what_google_refuses_is_told_in_a_sentence(
    drive: Drive, file: Path, google: GoogleServer, status: int, reason: str, told: str
):
    google.fail("/upload/", status, reason)
    with pytest.raises(GoogleError, match=told):
        upload(drive, file)


def test_an_upload_address_on_another_host_is_not_asked(drive: Drive, file: Path, google: GoogleServer):
    google.fail("/upload/", 200, Location="https://elsewhere.example/take")
    with pytest.raises(GoogleError, match="another host"):
        upload(drive, file)


def test_a_stop_ends_an_upload_between_two_pieces(client: GoogleClient, file: Path, google: GoogleServer):
    stop = CancellationToken()
    drive = Drive(GoogleClient(client.oauth, client.accounts, lambda _wait_s, stop: stop.set()), CHUNK)
    google.fail("/session/", 503)
    with pytest.raises(InterruptedError):
        drive.upload(file, "application/pdf", drive.place("", "mark1", stop), "mark1", "folder-1", stop)
    assert google.uploaded() == {}


def test_all_folders_are_listed_page_by_page(drive: Drive):
    made = {drive.make_folder(name).name for name in ("Days", "Letters", "Log", "Years", "Ümläute <b>")}
    assert {one.name for one in drive.folders()} == made
