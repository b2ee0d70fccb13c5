"""A calendar at a CalDAV server (RFC 4791), over HTTP.

A server gives each event an ETag. All that is written says which one it is made from (If-Match), so the server itself
refuses what would overwrite another client's change. A library is not used: `caldav` 3 brings `urllib3-future`, which
puts itself in the place of `urllib3`, and so under everything else that speaks HTTP with that.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from importlib import import_module
from typing import Any
from urllib.parse import quote, unquote, urljoin, urlsplit
from uuid import uuid4

import httpx

from model.errors import CalendarError, EventChanged
from model.log.calendar.blocks import EVENT, DamagedCalendar, calendar_blocks
from model.log.calendar.calendar import Calendar, TextCalendar
from model.log.calendar.event import CalendarEvent, StoredEvent
from model.log.calendar.occurrences import MOST, Occurrences, in_order
from model.log.calendar.vevent import components
from utils.net.client import ssl_context
from utils.net.proxies import BadProxy, proxy_for
from utils.net.typed_address import is_web_address

TIMEOUT_S = 10.0
MOST_BYTES = 30_000_000  # of one answer
MOST_HOPS = 5
DAV, CALDAV = "{DAV:}", "{urn:ietf:params:xml:ns:caldav}"
_FIND = """<?xml version="1.0"?><propfind xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><prop>
<resourcetype/><current-user-principal/><C:calendar-home-set/><C:supported-calendar-component-set/></prop></propfind>"""
_LIST = """<?xml version="1.0"?><C:calendar-query xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><prop><getetag/>
<C:calendar-data/></prop><C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">
<C:time-range start="{begin}" end="{end}"/></C:comp-filter></C:comp-filter></C:filter></C:calendar-query>"""
CHECK_URL = "Check CALDAV_URL in .env."
CHECK_PASSWORD = "Check CALDAV_USERNAME and CALDAV_PASSWORD in .env."
LATER = "Try again in a minute, or check CALDAV_URL in .env. Nothing was changed."


@dataclass(frozen=True)
class CalDavAccount:
    """Where the calendar is, and who asks for it."""

    url: str
    username: str
    password: str

    @classmethod
    def of(cls, values: Mapping[str, str]) -> "CalDavAccount":
        return cls(*(values.get(f"CALDAV_{name}", "") for name in ("URL", "USERNAME", "PASSWORD")))


class CalDavCalendar(TextCalendar):
    """Events at a server; each is a resource of its own, whose name is the event's id here."""

    is_far = True

    def __init__(self, account: CalDavAccount, zone: Callable[[], tzinfo]) -> None:
        super().__init__(zone)
        self._account = account
        self._found = ""
        self._unreadable = 0
        self._known: dict[str, Occurrences] = {}  # by id and ETag
        self.title = f"the calendar at {urlsplit(account.url).hostname or 'CALDAV_URL'}"

    def between(self, begin: datetime, end: datetime) -> list[CalendarEvent]:
        zone = self.zone()
        query = _LIST.format(**{name: _stamp(moment) for name, moment in (("begin", begin), ("end", end))})
        answers = self._multistatus("REPORT", self._url(), query, {"Depth": "1"})
        known: dict[str, Occurrences] = {}
        for href, props in answers:
            etag, text = _text(props, f"{DAV}getetag"), _text(props, f"{CALDAV}calendar-data")
            if text:
                key = f"{href} {etag}"
                known[key] = self._known.get(key) or _occurrences(_name(href), etag, text)
        self._known = known
        self._unreadable = sum(not event.is_readable for event in known.values())
        return in_order((one for event in known.values() for one in event.between(begin, end, zone)), zone)[:MOST]

    def read(self, event_id: str) -> StoredEvent | None:
        answer = self._ask("GET", self._url(event_id), allowed=(404, 410))
        if answer.status_code != 200:
            return None
        return StoredEvent(event_id, answer.text, answer.headers.get("ETag", ""))

    def write(self, event_id: str, text: str, version: str) -> str:
        if text:
            _check(text)
        condition = {"If-Match": version} if version else {"If-None-Match": "*"}
        headers = {**condition, "Content-Type": "text/calendar; charset=utf-8"}
        address = self._url(event_id)
        answer = self._ask("PUT" if text else "DELETE", address, text, headers, allowed=(404, 409, 410, 412))
        if answer.status_code in (404, 409, 410, 412):
            raise EventChanged()
        self.change_count += 1
        if not text:
            return ""
        # A server that has changed what it was given tells no ETag (RFC 4791, 5.3.4).
        stored = None if answer.headers.get("ETag") else self.read(event_id)
        return stored.version if stored else str(answer.headers.get("ETag", ""))

    def new_id(self) -> str:
        return f"{uuid4()}.ics"

    def problem(self) -> str:
        count = self._unreadable
        if not count:
            return ""
        return (
            f"{count} event{'s' * (count > 1)} at the server can't be read and {'are' if count > 1 else 'is'} left out."
        )

    def _url(self, event_id: str = "") -> str:
        """Return the address of the calendar, or of an event in it. Raises: CalendarError."""
        if not self._found:
            self._found = self._find()
        if "/" in event_id or event_id in (".", ".."):
            raise CalendarError("This is no id of an event.", "List the events to see their ids.")
        return urljoin(self._found, quote(event_id)) if event_id else self._found

    def _find(self) -> str:
        """Return the calendar's address: the one that is named, else the first one of whoever is named there.

        Source: RFC 6764, section 6.
        """
        url = self._account.url
        if not is_web_address(url):
            raise CalendarError("CALDAV_URL is no web address.", CHECK_URL)
        waiting = [(f"{url.rstrip('/')}/", "0")]
        if urlsplit(url).path in ("", "/"):  # else another calendar might be found than the one that is named
            waiting.append((urljoin(url, "/.well-known/caldav"), "0"))
        seen: set[tuple[str, str]] = set()
        while waiting and len(seen) < 10:
            address, depth = waiting.pop(0)
            if (address, depth) in seen:
                continue
            seen.add((address, depth))
            for href, props in self._multistatus("PROPFIND", address, _FIND, {"Depth": depth}, is_looking=True):
                place = self._near(href, address)
                if _is_calendar(props):
                    return f"{place.rstrip('/')}/"
                homes = _hrefs(props, f"{CALDAV}calendar-home-set")
                people = _hrefs(props, f"{DAV}current-user-principal")
                further = [(self._near(home, address), "1") for home in homes]
                further += [(self._near(person, address), "0") for person in people]
                waiting = [*further, *waiting]
        raise CalendarError("There is no calendar at CALDAV_URL.", "Let it name the address of one calendar.")

    def _near(self, href: str, address: str) -> str:
        """Return an address that a server tells; one elsewhere would get the password. Raises: CalendarError."""
        place = urljoin(address, href)
        here, there = urlsplit(self._account.url), urlsplit(place)
        is_upgrade = (here.scheme, there.scheme) == ("http", "https") and here.hostname == there.hostname
        if (here.scheme, here.netloc) != (there.scheme, there.netloc) and not is_upgrade:
            raise CalendarError(
                f"The calendar server sends on to another host, {there.hostname}, so it was not asked.",
                "If that is right, let CALDAV_URL name the address there.",
            )
        return place

    def _multistatus(
        self, method: str, address: str, body: str, headers: dict[str, str], is_looking: bool = False
    ) -> list[tuple[str, Any]]:
        """Return what a server tells of resources: the address and the properties of each. Raises: CalendarError."""
        headers = {**headers, "Content-Type": "application/xml; charset=utf-8"}
        allowed = (400, 403, 404, 405, 501) if is_looking else ()
        answer = self._ask(method, address, body, headers, allowed)
        if answer.status_code != 207:
            return []
        etree = import_module("lxml.etree")
        parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
        try:
            root = etree.fromstring(answer.content, parser)
        except etree.XMLSyntaxError as error:
            raise CalendarError("What stands at CALDAV_URL is no CalDAV server.", CHECK_URL) from error
        found = [(_text(one, f"{DAV}href"), one) for one in root.iter(f"{DAV}response")]
        return [(href, one) for href, one in found if href]

    def _ask(
        self,
        method: str,
        address: str,
        body: str = "",
        headers: Mapping[str, str] | None = None,
        allowed: Iterable[int] = (),
    ) -> httpx.Response:
        """Return what the server answers. Raises: CalendarError with a sentence on what went wrong."""
        try:
            answer = self._answer(method, address, body, headers or {})
        except (httpx.TimeoutException, TimeoutError) as error:
            raise CalendarError("The calendar server does not answer.", LATER) from error
        except (httpx.HTTPError, httpx.InvalidURL, BadProxy, OSError) as error:
            raise CalendarError("The calendar server can't be reached.", LATER) from error
        code = answer.status_code
        if code == 403 and method in ("PUT", "DELETE"):
            raise CalendarError("The calendar at the server may only be read.", "Let CALDAV_URL name another one.")
        if code == 401 or (code == 403 and code not in allowed):
            raise CalendarError("The calendar server refuses the name or the password.", CHECK_PASSWORD)
        if code >= 400 and code not in allowed:
            raise CalendarError(f"The calendar server answered with an error, {code}.", LATER)
        return answer

    def _answer(self, method: str, address: str, body: str, headers: Mapping[str, str]) -> httpx.Response:
        """Return what comes after all redirections, with the same method and body."""
        account = self._account
        auth = httpx.BasicAuth(account.username, account.password) if account.username or account.password else None
        client = httpx.Client(
            timeout=TIMEOUT_S, verify=ssl_context(), proxy=proxy_for(address), trust_env=False, auth=auth
        )
        with client:
            for _ in range(MOST_HOPS):
                answer = _limited(client, client.build_request(method, address, content=body.encode(), headers=headers))
                if not answer.has_redirect_location:
                    return answer
                address = self._near(answer.headers["Location"], address)
        raise CalendarError("The calendar server sends from one address to the next.", CHECK_URL)


def open_caldav(values: Mapping[str, str], zone: Callable[[], tzinfo]) -> Calendar:
    """Return the calendar that the settings name; nothing is asked before it is used."""
    return CalDavCalendar(CalDavAccount.of(values), zone)


def _limited(client: httpx.Client, request: httpx.Request) -> httpx.Response:
    """Return a whole answer. Raises: CalendarError where it does not end."""
    answer = client.send(request, stream=True)
    with closing(answer):
        data = bytearray()
        for piece in answer.iter_bytes():
            data += piece
            if len(data) > MOST_BYTES:
                raise CalendarError("The calendar server sends more than a calendar can be.", "Ask for fewer days.")
        headers = {name: value for name, value in answer.headers.items() if name.lower() not in _OF_TRANSFER}
        return httpx.Response(answer.status_code, headers=headers, content=bytes(data), request=answer.request)


_OF_TRANSFER = ("content-encoding", "transfer-encoding", "content-length")


def _stamp(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(element: Any, name: str) -> str:
    found = next(element.iter(name), None)
    return (found.text or "").strip() if found is not None else ""


def _hrefs(element: Any, name: str) -> list[str]:
    return [(one.text or "").strip() for found in element.iter(name) for one in found.iter(f"{DAV}href")]


def _is_calendar(element: Any) -> bool:
    """Return whether a resource is a calendar that takes events."""
    kinds = {one.tag for found in element.iter(f"{DAV}resourcetype") for one in found}
    takes = [one.get("name") for one in element.iter(f"{CALDAV}comp")]
    return f"{CALDAV}calendar" in kinds and (not takes or EVENT in takes)


def _name(href: str) -> str:
    return unquote(href.rstrip("/").rpartition("/")[2])


def _occurrences(event_id: str, etag: str, text: str) -> Occurrences:
    found = []
    with suppress(ValueError):  # then it is told as one that can't be read
        found = components(text)
    return Occurrences(event_id, etag, found)


def _check(text: str) -> None:
    """Refuse a text that is no calendar. Raises: CalendarError."""
    try:
        calendar_blocks(text)
    except DamagedCalendar as error:
        raise CalendarError("What should be written is no calendar event.", "Add the event anew.") from error
