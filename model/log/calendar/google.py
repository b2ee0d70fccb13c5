"""The calendar of a Google account, over Google's own API.

Each event has an ETag there, and each occurrence one of its own; what is written says which one it is made from
(If-Match). Only what differs is sent, so guests, colours and calls stay as they are.
Source: https://developers.google.com/workspace/calendar/api/v3/reference/events
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, tzinfo
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx

from model.errors import CalendarError, EventChanged, EventNotFound, GoogleError
from model.log.calendar.calendar import Calendar, Change, undone_already
from model.log.calendar.event import CalendarEvent, clean_line, clean_text, instant
from model.log.calendar.occurrences import MOST
from model.log.google.client import GoogleClient

EVENTS = "/calendar/v3/calendars/primary/events"
PAGE_SIZE = 2500
RULE = "RRULE:"
FIELDS = ("summary", "location", "description", "start", "end", "recurrence")
GONE = (404, 410)
_ID = re.compile(r"[A-Za-z0-9_-]{1,1024}")
Item = dict[str, Any]


class GoogleCalendar(Calendar):
    """The first calendar of a Google account."""

    title = "your Google calendar"
    is_far = True

    def __init__(self, client: GoogleClient, zone: Callable[[], tzinfo]) -> None:
        super().__init__(zone)
        self._client = client
        self._unreadable = 0

    def between(self, begin: datetime, end: datetime) -> list[CalendarEvent]:
        params = {"singleEvents": "true", "orderBy": "startTime", "maxResults": str(PAGE_SIZE)}
        params |= {"timeMin": _stamp(begin), "timeMax": _stamp(end)}
        items: list[Item] = []
        while len(items) < MOST:
            told = self._object("GET", EVENTS, params=params)
            items += [one for one in _rows(told) if one.get("status") != "cancelled"]
            if not (token := told.get("nextPageToken")):
                break
            params["pageToken"] = str(token)
        events = [_event(one, self.zone()) for one in items[:MOST]]
        self._unreadable = events.count(None)
        return [one for one in events if one]

    def problem(self) -> str:
        count = self._unreadable
        if not count:
            return ""
        return f"{count} event{'s' * (count > 1)} at Google can't be read and {'are' if count > 1 else 'is'} left out."

    def find(self, event_id: str) -> CalendarEvent:
        event = _event(self._item(event_id), self.zone())
        if event is None:
            raise CalendarError("This event can't be read, so it is left as it is.", "Change it in your calendar app.")
        return event

    def add(self, event: CalendarEvent) -> Change:
        event_id = uuid4().hex  # ours, so that an event that is sent twice is added once
        answer = self._ask("POST", EVENTS, {"id": event_id, **self._body(event)}, allowed=(409,))
        self.change_count += 1
        return Change(event_id, "", _etag(self._item(event_id) if answer.status_code == 409 else _object(answer)))

    def change(self, event: CalendarEvent) -> Change:
        item = self._target(event)
        known = _event(item, self.zone())
        before = self._body(replace(known, rrule="" if event.occurrence else known.rrule)) if known else {}
        wanted = self._body(replace(event, rrule="" if event.occurrence else event.rrule))
        differing = {name: value for name, value in wanted.items() if value != before.get(name)}
        return Change(item["id"], _kept(item), self._patch(item["id"], differing, _etag(item)))

    def remove(self, event: CalendarEvent) -> Change:
        item = self._target(event)
        self._delete(item["id"], _etag(item))
        return Change(item["id"], _kept(item), "")

    def undo(self, change: Change) -> None:
        answer = self._ask("GET", _address(change.event_id), allowed=GONE)
        item = _object(answer) if answer.status_code == 200 else {}
        is_there = bool(item) and item.get("status") != "cancelled"
        if (_etag(item) if is_there else "") != change.version:
            is_as_before = is_there and _kept(item) == change.before if change.before else not is_there
            raise undone_already() if is_as_before else EventChanged()
        if not change.before:
            self._delete(change.event_id, change.version)
        elif not item:
            raise EventNotFound("Google has this event no more.", "Add it anew.")
        else:
            self._patch(change.event_id, {**_fields_of(change.before), "status": "confirmed"}, _etag(item))

    def _target(self, event: CalendarEvent) -> Item:
        """Return what Google has of an event, or of the one occurrence that is meant.

        Raises: EventChanged where it is another version by now; EventNotFound, CalendarError.
        """
        item = self._item(event.id)
        if event.occurrence:
            params = {"originalStart": self._original(event), "maxResults": "1"}
            found = _rows(self._object("GET", f"{_address(event.id)}/instances", params=params))
            if not found or found[0].get("status") == "cancelled":
                raise EventNotFound("The event does not happen on that day.", "List the events to see when it does.")
            item = found[0]
        if event.version and _etag(item) != event.version:
            raise EventChanged()
        return item

    def _original(self, event: CalendarEvent) -> str:
        """Return when the rule puts an occurrence, as Google writes it."""
        if len(event.occurrence) <= len("2026-12-01"):
            return event.occurrence
        return _stamp(instant(datetime.fromisoformat(event.occurrence), self.zone()))

    def _item(self, event_id: str) -> Item:
        answer = self._ask("GET", _address(event_id), allowed=GONE)
        item = _object(answer) if answer.status_code == 200 else {}
        if not item or item.get("status") == "cancelled":
            raise _not_found()
        return item

    def _patch(self, event_id: str, body: Item, etag: str) -> str:
        answer = self._ask("PATCH", _address(event_id), body, {"If-Match": etag}, allowed=(*GONE, 412))
        if answer.status_code != 200:
            raise EventChanged()
        self.change_count += 1
        return _etag(_object(answer))

    def _delete(self, event_id: str, etag: str) -> None:
        if self._ask("DELETE", _address(event_id), headers={"If-Match": etag}, allowed=(*GONE, 412)).status_code >= 400:
            raise EventChanged()
        self.change_count += 1

    def _body(self, event: CalendarEvent) -> Item:
        """Return an event as Google takes it; None is what shall no longer be there."""
        texts = {"summary": event.title, "location": event.place, "description": event.notes}
        times = {"start": self._time(event.begin), "end": self._time(event.end)}
        return {**texts, **times, "recurrence": [RULE + event.rrule] if event.rrule else None}

    def _time(self, moment: datetime | date) -> Item:
        if not isinstance(moment, datetime):
            return {"date": moment.isoformat(), "dateTime": None, "timeZone": None}
        zone = moment.tzinfo if hasattr(moment.tzinfo, "key") else self.zone()  # events that repeat need its name
        local = instant(moment, self.zone()).astimezone(zone)
        return {"date": None, "dateTime": local.isoformat(), "timeZone": getattr(zone, "key", "UTC")}

    def _object(self, method: str, address: str, **how: Any) -> Item:
        return _object(self._ask(method, address, **how))

    def _ask(
        self,
        method: str,
        address: str,
        body: Item | None = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        allowed: Iterable[int] = (),
    ) -> httpx.Response:
        """Return what Google answers. Raises: CalendarError."""
        try:
            return self._client.ask(
                method, address, body=body, headers=headers, params=params, allowed=allowed, tries=2
            )
        except GoogleError as error:
            raise CalendarError(error.message, error.hint) from error


def _event(item: Item, zone: tzinfo) -> CalendarEvent | None:
    """Return the event that Google tells; None where nobody can tell when it is."""
    try:
        begin, end = (_moment(item[name], zone) for name in ("start", "end"))
        original = _moment(item["originalStartTime"], zone).isoformat() if "recurringEventId" in item else ""
        event_id = str(item.get("recurringEventId") or item["id"])
    except (LookupError, TypeError, ValueError, OverflowError):
        return None
    texts = [item.get(name) or "" for name in ("summary", "location", "description")]
    rules = [str(one) for one in item.get("recurrence") or [] if str(one).startswith(RULE)]
    return CalendarEvent(
        clean_line(texts[0]) or "Untitled",
        begin,
        end,
        clean_line(texts[1]),
        clean_text(texts[2]),
        "; ".join(rule.removeprefix(RULE) for rule in rules),
        event_id,
        _etag(item),
        original,
    )


def _moment(told: Item, zone: tzinfo) -> datetime | date:
    """Return a moment, in the zone that it names, or a day. Raises: ValueError, KeyError, TypeError."""
    if day := told.get("date"):
        return date.fromisoformat(day)
    moment = datetime.fromisoformat(told["dateTime"])
    named = told.get("timeZone")
    with suppress(ValueError, OSError):
        zone = ZoneInfo(named) if isinstance(named, str) else zone
    return moment.astimezone(zone) if moment.tzinfo else moment.replace(tzinfo=zone)


def _kept(item: Item) -> str:
    """Return what would have to be put back: the fields that a change here can touch."""
    return json.dumps({name: item[name] for name in FIELDS if name in item}, sort_keys=True)


def _fields_of(kept: str) -> Item:
    """Return kept fields as Google takes them, with None for those that there were not. Raises: CalendarError."""
    told = None
    with suppress(ValueError):
        told = json.loads(kept)
    if not isinstance(told, dict):
        raise CalendarError("What there was before can't be read.", "Change the event in your calendar app.")
    fields: Item = {name: told.get(name) for name in FIELDS}
    for name in ("start", "end"):
        if isinstance(fields[name], dict):
            fields[name] = {"date": None, "dateTime": None, "timeZone": None, **fields[name]}
    return fields


def _address(event_id: str) -> str:
    """Return where an event is. Raises: EventNotFound for an id that no event has."""
    if not _ID.fullmatch(event_id):
        raise _not_found()
    return f"{EVENTS}/{event_id}"


def _etag(item: Item) -> str:
    return str(item.get("etag", ""))


def _stamp(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _object(answer: httpx.Response) -> Item:
    told = None
    with suppress(ValueError):
        told = answer.json()
    if not isinstance(told, dict):
        raise CalendarError("Google's answer can't be read.", "Try again later.")
    return told


def _rows(told: Item) -> list[Item]:
    items = told.get("items")
    return [one for one in items if isinstance(one, dict) and "id" in one] if isinstance(items, list) else []


def _not_found() -> EventNotFound:
    return EventNotFound("There is no such event in the calendar.", "List the events to see what is there.")
