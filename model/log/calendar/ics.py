"""A calendar in one file, `calendar.ics`, which any calendar app can read.

Only events that are changed are written anew: what other programs have put into the file stays, to the letter.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from pathlib import Path
from threading import RLock

from model.errors import EventChanged, StoreUnreadable
from model.log.calendar.blocks import (
    EVENT,
    TIMEZONE,
    CalendarBlock,
    DamagedCalendar,
    as_calendar,
    calendar_blocks,
    event_text,
    replaced,
    text_digest,
)
from model.log.calendar.calendar import TextCalendar, check_only
from model.log.calendar.event import CalendarEvent, StoredEvent
from model.log.calendar.occurrences import MOST, Occurrences, in_order
from model.log.calendar.vevent import components
from model.store.disk_errors import holding, reading, writing
from utils.files import atomic


@dataclass
class _Known:
    """The file as it was read last."""

    stamp: atomic.Stamp | None = None
    blocks: list[CalendarBlock] = field(default_factory=list)
    events: dict[str, Occurrences] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)


class IcsCalendar(TextCalendar):
    """Events in a file; threads may share the calendar, and programs the file."""

    title = "calendar.ics"

    def __init__(self, path: Path, zone: Callable[[], tzinfo]) -> None:
        super().__init__(zone)
        self.path = path
        self._known = _Known()
        self._lock = RLock()

    def between(self, begin: datetime, end: datetime) -> list[CalendarEvent]:
        zone = self.zone()
        with self._lock:  # what is kept of an event is for one thread at a time
            events = self._read().events.values()
            found = [one for event in events for one in event.between(begin, end, zone)]
        return in_order(found, zone)[:MOST]

    def read(self, event_id: str) -> StoredEvent | None:
        blocks = self._read().blocks
        text = event_text(blocks, event_id)
        return StoredEvent(event_id, as_calendar(blocks, text), text_digest(text)) if text else None

    def write(self, event_id: str, text: str, version: str) -> str:
        if text:
            check_only(text, event_id)
        with writing(self.path):
            atomic.make_folder(self.path.parent)
        with holding(self.path):
            blocks = self._read().blocks
            before = event_text(blocks, event_id)
            if (text_digest(before) if before else "") != version:
                raise EventChanged()
            blocks = replaced(blocks, event_id, text)
            with writing(self.path):
                atomic.write_private(self.path, "".join(block.text for block in blocks).encode())
        after = event_text(blocks, event_id)
        return text_digest(after) if after else ""

    def problem(self) -> str:
        count = sum(not event.is_readable for event in self._read().events.values())
        if not count:
            return ""
        told = "1 event" if count == 1 else f"{count} events"
        return f"{told} in {self.path.name} can't be read and {'is' if count == 1 else 'are'} left out."

    def _read(self) -> _Known:
        """Return the file as it is now. Raises: StoreUnreadable, also where it is no calendar."""
        with self._lock:
            with reading(self.path):
                stamp = atomic.stamp(self.path) if self.path.exists() else None
                if stamp == self._known.stamp:
                    return self._known
                data = self.path.read_bytes() if stamp else b""
            try:
                blocks = calendar_blocks(data.decode()) if data.strip() else []
                self._known = _Known(stamp, blocks, *self._parsed(blocks))
            except ValueError as error:
                raise StoreUnreadable(
                    f"{self.path.name} is damaged, so the calendar can't be used: {_why(error)}",
                    f"Mend or rename {self.path}. It was left as it is.",
                ) from error
            return self._known

    def _parsed(self, blocks: list[CalendarBlock]) -> tuple[dict[str, Occurrences], dict[str, str]]:
        """Return the events of a file, and the text of each; those that are as before are not read again."""
        texts: dict[str, str] = {}
        for block in blocks:
            if block.kind == EVENT:
                texts[block.id] = texts.get(block.id, "") + block.text
        zones = text_digest("".join(block.text for block in blocks if block.kind == TIMEZONE))
        texts = {event_id: f"{text}{zones}" for event_id, text in texts.items()}
        new = {event_id for event_id, text in texts.items() if self._known.texts.get(event_id) != text}
        found = _occurrences([block for block in blocks if block.kind == TIMEZONE or block.id in new])
        return {event_id: found.get(event_id) or self._known.events[event_id] for event_id in texts}, texts


def _occurrences(blocks: Iterable[CalendarBlock]) -> dict[str, Occurrences]:
    """Return events of a file by their ids. Raises: ValueError where the library can't read them."""
    blocks = list(blocks)
    events = [block for block in blocks if block.kind == EVENT]
    read = components(as_calendar(blocks, "".join(block.text for block in events))) if events else []
    by_id: dict[str, list[int]] = {}
    for place, block in enumerate(events):
        by_id.setdefault(block.id, []).append(place)
    texts = {event_id: "".join(events[place].text for place in places) for event_id, places in by_id.items()}
    return {
        event_id: Occurrences(event_id, text_digest(texts[event_id]), [read[place] for place in places])
        for event_id, places in by_id.items()
    }


def _why(error: ValueError) -> str:
    return str(error) if isinstance(error, DamagedCalendar) else "it is no iCalendar file in UTF-8."
