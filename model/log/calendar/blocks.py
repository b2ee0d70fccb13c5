"""An iCalendar file (RFC 5545) as blocks of text, which together are the file, to the letter.

What is not about an event that is changed is never written anew, so nothing is lost that bnaGPT does not know.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256

HEAD = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//bnaGPT//Calendar//EN\r\n"
TAIL = "END:VCALENDAR\r\n"
EVENT, TIMEZONE = "VEVENT", "VTIMEZONE"
_EDGE = re.compile(r"\ufeff?(BEGIN|END):\s*([\w-]+)\s*\Z", re.I)


class DamagedCalendar(ValueError):
    """A text that is no iCalendar file."""


@dataclass(frozen=True)
class CalendarBlock:
    """A component right inside a calendar, by its kind; or, with no kind, what stands around components."""

    text: str
    kind: str = ""
    id: str = ""  # of an event: its UID, and where it has none, what its text tells


def calendar_blocks(text: str) -> list[CalendarBlock]:
    """Return the blocks of a file. Raises: DamagedCalendar."""
    blocks: list[CalendarBlock] = []
    around: list[str] = []
    lines: list[str] = []
    open_kinds: list[str] = []
    for line in text.split("\n"):
        inside = len(open_kinds) > 1
        _step(line, open_kinds)
        if not inside and len(open_kinds) > 1 and around:
            blocks.append(CalendarBlock("".join(around)))
            around = []
        target = lines if inside or len(open_kinds) > 1 else around
        target.append(f"{line}\n")
        if inside and len(open_kinds) == 1:
            blocks.append(_block(lines))
            lines = []
    if open_kinds:
        raise DamagedCalendar(f"{open_kinds[-1]} has no end.")
    rest = "".join(around)[:-1]  # the last line had no break
    return [*blocks, CalendarBlock(rest)] if rest else blocks


def _step(line: str, open_kinds: list[str]) -> None:
    """Note what a line begins or ends. Raises: DamagedCalendar."""
    found = _EDGE.match(line)
    if not open_kinds and line.strip("\ufeff\r\n\t ") and not (found and found[2].upper() == "VCALENDAR"):
        raise DamagedCalendar("It does not begin with BEGIN:VCALENDAR.")
    if not found:
        return
    kind = found[2].upper()
    if found[1].upper() == "BEGIN":
        open_kinds.append(kind)
    elif not open_kinds or open_kinds.pop() != kind:
        raise DamagedCalendar(f"{kind} ends, but has not begun.")


def _block(lines: list[str]) -> CalendarBlock:
    text = "".join(lines)
    found = _EDGE.match(lines[0])
    kind = found[2].upper() if found else ""
    return CalendarBlock(text, kind, _uid(lines) or f"none-{text_digest(text)}" if kind == EVENT else "")


def _uid(lines: list[str]) -> str:
    """Return the UID of a component, and not that of one inside it."""
    depth, uid = 0, ""
    for number, line in enumerate(lines):
        if found := _EDGE.match(line):
            depth += 1 if found[1].upper() == "BEGIN" else -1
        elif depth == 1 and re.match("UID[;:]", line, re.I):
            rest = lines[number + 1 :]
            folded = next((count for count, more in enumerate(rest) if not more.startswith((" ", "\t"))), len(rest))
            unfolded = line.rstrip("\r\n") + "".join(more[1:].rstrip("\r\n") for more in rest[:folded])
            uid = unfolded.partition(":")[2].strip()
    return uid


def text_digest(text: str) -> str:
    """Return a short name of a text: another text has another one."""
    return sha256(text.encode("utf-8", "replace")).hexdigest()[:16]


def event_text(blocks: Iterable[CalendarBlock], event_id: str) -> str:
    """Return one event with all its exceptions, without what stands around it; "" where it is not there."""
    return "".join(block.text for block in blocks if block.kind == EVENT and block.id == event_id)


def as_calendar(blocks: Iterable[CalendarBlock], text: str) -> str:
    """Return events as a file of their own, with the time zones that a file tells."""
    zones = "".join(block.text for block in blocks if block.kind == TIMEZONE)
    return f"{HEAD}{zones}{text}{TAIL}"


def replaced(blocks: list[CalendarBlock], event_id: str, text: str) -> list[CalendarBlock]:
    """Return the blocks of a file in which an event stands as a file of its own tells it; "" takes it out.

    Time zones come along that the file does not have. Raises: DamagedCalendar.
    """
    new = list(calendar_blocks(text)) if text else []
    names = {_zone_name(block) for block in blocks if block.kind == TIMEZONE}
    zones = [block for block in new if block.kind == TIMEZONE and _zone_name(block) not in names]
    events = [_ended(block) for block in (*zones, *(block for block in new if block.kind == EVENT))]
    kept = [block for block in blocks if not (block.kind == EVENT and block.id == event_id)] or calendar_blocks(
        HEAD + TAIL
    )
    place = next((at for at, block in enumerate(blocks) if block.kind == EVENT and block.id == event_id), None)
    if place is not None:
        return [*kept[:place], *events, *kept[place:]]
    return list(_before_end(kept, events))


def _before_end(blocks: list[CalendarBlock], new: list[CalendarBlock]) -> Iterator[CalendarBlock]:
    """Yield blocks with new ones before the end of the last calendar."""
    last = max(at for at, block in enumerate(blocks) if not block.kind and re.search("END:VCALENDAR", block.text, re.I))
    for at, block in enumerate(blocks):
        if at == last:
            begin = [found.start() for found in re.finditer("^\ufeff?END:VCALENDAR", block.text, re.I | re.M)][-1]
            yield from (CalendarBlock(block.text[:begin]), *new, CalendarBlock(block.text[begin:]))
        else:
            yield block


def _ended(block: CalendarBlock) -> CalendarBlock:
    return block if block.text.endswith("\n") else CalendarBlock(f"{block.text}\r\n", block.kind, block.id)


def _zone_name(block: CalendarBlock) -> str:
    found = re.search(r"^TZID[^:]*:(.*)$", block.text, re.I | re.M)
    return found[1].strip() if found else ""
