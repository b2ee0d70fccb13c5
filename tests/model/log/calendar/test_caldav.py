"""The calendar at a real CalDAV server, Radicale, over a socket."""

import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from threading import Thread
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server
from zoneinfo import ZoneInfo

import httpx
import pytest
from radicale import config
from radicale.app import Application

from model.errors import CalendarError, EventChanged, EventNotFound
from model.log.calendar import caldav
from model.log.calendar.caldav import CalDavAccount, CalDavCalendar
from model.log.calendar.event import CalendarEvent

BERLIN = ZoneInfo("Europe/Berlin")
THEIRS = """BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//Somebody//Else//EN\r
BEGIN:VEVENT\r
UID:board@somewhere\r
DTSTAMP:20260101T000000Z\r
DTSTART;TZID=Europe/Berlin:20261202T100000\r
DURATION:PT2H\r
SUMMARY:Board\r
ATTENDEE:mailto:bob@example.org\r
X-CUSTOM:kept\r
BEGIN:VALARM\r
ACTION:DISPLAY\r
DESCRIPTION:Soon\r
TRIGGER:-PT15M\r
END:VALARM\r
END:VEVENT\r
END:VCALENDAR\r
"""


class Quiet(WSGIRequestHandler):
    """Handles requests without a word."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Radicale:
    """A CalDAV server with one person, Ann, and her calendar."""

    def __init__(self, folder: Path) -> None:
        (folder / "users").write_text("ann:secret\n")
        settings = config.load()
        settings.update(
            {
                "auth": {
                    "type": "htpasswd",
                    "htpasswd_filename": str(folder / "users"),
                    "htpasswd_encryption": "plain",
                },
                "storage": {"filesystem_folder": str(folder / "radicale")},
                "logging": {"level": "critical"},
            }
        )
        self._server: WSGIServer = make_server("127.0.0.1", 0, Application(settings), WSGIServer, Quiet)
        Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.calendar_url = f"{self.url}/ann/home/"
        self.client = httpx.Client(auth=("ann", "secret"), trust_env=False)
        assert self.client.request("MKCALENDAR", self.calendar_url).status_code == 201

    def put(self, name: str, text: str) -> None:
        """Let another client write an event."""
        answer = self.client.put(f"{self.calendar_url}{name}", content=text, headers={"Content-Type": "text/calendar"})
        assert answer.status_code in (201, 204)

    def text(self, name: str) -> str:
        return self.client.get(f"{self.calendar_url}{name}").text

    def close(self) -> None:
        self.client.close()
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def radicale(tmp_path: Path) -> Iterator[Radicale]:
    server = Radicale(tmp_path)
    yield server
    server.close()


def calendar_at(url: str, password: str = "secret") -> CalDavCalendar:
    return CalDavCalendar(CalDavAccount(url, "ann", password), lambda: BERLIN)


@pytest.fixture
def calendar(radicale: Radicale) -> CalDavCalendar:
    return calendar_at(radicale.calendar_url)


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=BERLIN)  # type: ignore[arg-type, misc]


def december(calendar: CalDavCalendar) -> list[CalendarEvent]:
    return calendar.between(at(2026, 12, 1), at(2027, 1, 1))


DENTIST = CalendarEvent("Dentist", at(2026, 12, 1, 15), at(2026, 12, 1, 16))


@pytest.mark.parametrize("path", ["", "/", "/ann", "/ann/", "/ann/home", "/ann/home/"])
def test_the_calendar_is_found_from_any_address_on_the_way_to_it(radicale: Radicale, path: str):
    calendar = calendar_at(f"{radicale.url}{path}")
    calendar.add(DENTIST)
    assert [event.title for event in december(calendar_at(radicale.calendar_url))] == ["Dentist"]


def test_an_event_is_added_changed_removed_and_each_undone(calendar: CalDavCalendar):
    added = calendar.add(DENTIST)
    [found] = december(calendar)
    assert (found.begin, found.version) == (DENTIST.begin, added.version)
    changed = calendar.change(replace(found, title="Dentist, Dr. Meyer"))
    [found] = december(calendar)
    removed = calendar.remove(found)
    assert december(calendar) == []
    calendar.undo(removed)
    assert [event.title for event in december(calendar)] == ["Dentist, Dr. Meyer"]
    calendar.undo(changed)
    assert [event.title for event in december(calendar)] == ["Dentist"]
    with pytest.raises(CalendarError, match="undone already"):
        calendar.undo(changed)
    calendar.undo(added)
    assert december(calendar) == []


def test_what_another_client_has_changed_is_never_overwritten(calendar: CalDavCalendar, radicale: Radicale):
    radicale.put("board.ics", THEIRS)
    [seen] = december(calendar)
    radicale.put("board.ics", THEIRS.replace("SUMMARY:Board", "SUMMARY:Theirs"))
    for write in (calendar.change, calendar.remove):
        with pytest.raises(EventChanged):
            write(replace(seen, title="Mine"))
    stale = calendar.read("board.ics")
    assert stale
    radicale.put("board.ics", THEIRS.replace("SUMMARY:Board", "SUMMARY:Theirs again"))
    for text in (stale.text, ""):
        with pytest.raises(EventChanged):  # the server itself refuses it
            calendar.write("board.ics", text, stale.version)
    with pytest.raises(EventChanged):
        calendar.write("board.ics", THEIRS, "")
    assert "Theirs again" in radicale.text("board.ics")


def test_what_bnagpt_does_not_know_survives_a_change(calendar: CalDavCalendar, radicale: Radicale):
    radicale.put("board.ics", THEIRS)
    [seen] = december(calendar)
    calendar.change(replace(seen, begin=at(2026, 12, 3, 10), end=at(2026, 12, 3, 12)))
    text = radicale.text("board.ics")
    for kept in ("X-CUSTOM:kept", "BEGIN:VALARM", "mailto:bob@example.org", "20261203T100000"):
        assert kept in text


def test_events_that_repeat_come_once_for_each_time(calendar: CalDavCalendar):
    calendar.add(replace(DENTIST, title="Choir", rrule="FREQ=WEEKLY;INTERVAL=2"))
    found = december(calendar)
    assert [f"{event.begin:%d %H}" for event in found] == ["01 15", "15 15", "29 15"]
    calendar.remove(found[1])
    assert [f"{event.begin:%d %H}" for event in december(calendar)] == ["01 15", "29 15"]


def test_what_is_not_there_is_told(calendar: CalDavCalendar):
    with pytest.raises(EventNotFound):
        calendar.find("nobody.ics")
    with pytest.raises(CalendarError, match="no id"):
        calendar.find("../../bob/home/his.ics")


def test_a_wrong_password_is_told_in_a_sentence(radicale: Radicale):
    with pytest.raises(CalendarError, match="refuses the name or the password") as told:
        december(calendar_at(radicale.calendar_url, "wrong"))
    assert "CALDAV_PASSWORD" in told.value.hint and "wrong" not in str(told.value)


def test_a_server_that_is_gone_and_an_address_that_is_none_are_told(radicale: Radicale):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    for url, sentence in (
        (f"http://127.0.0.1:{port}/", "can't be reached"),
        ("not an address", "no web address"),
        (f"{radicale.url}/nobody/nowhere/", "no calendar at CALDAV_URL|refuses"),
    ):
        with pytest.raises(CalendarError, match=sentence):
            december(calendar_at(url))


def test_a_server_that_says_nothing_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(caldav, "TIMEOUT_S", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        with pytest.raises(CalendarError, match="does not answer"):
            december(calendar_at(f"http://127.0.0.1:{silent.getsockname()[1]}/"))


def test_the_password_goes_to_no_other_host(radicale: Radicale):
    asked: list[str] = []

    def elsewhere(environ: dict[str, str], start: object) -> list[bytes]:
        asked.append(environ.get("HTTP_AUTHORIZATION", ""))
        start("301 Moved", [("Location", f"http://127.0.0.2:{radicale.url.rpartition(':')[2]}/")])  # type: ignore[operator]
        return [b""]

    server = make_server("127.0.0.1", 0, elsewhere, WSGIServer, Quiet)
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    with pytest.raises(CalendarError, match="another host"):
        december(calendar_at(f"http://127.0.0.1:{server.server_port}/"))
    server.shutdown()
    server.server_close()
    assert len(asked) == 1
