"""Times of day in an English sentence: at three, half past two, 14:00-15:30, from 2 to 4 pm, for two hours, all day."""

import re
from dataclasses import dataclass
from datetime import time, timedelta

NUMBERS = {
    name: number
    for number, names in enumerate(
        "one a an,two,three,four,five,six,seven,eight,nine,ten,eleven,twelve,thirteen,fourteen,fifteen".split(","), 1
    )
    for name in names.split()
} | {"twenty": 20, "thirty": 30, "forty": 40, "forty-five": 45, "sixty": 60, "ninety": 90}
NUMBER = rf"(?:\d+|{'|'.join(sorted(NUMBERS, key=len, reverse=True))})"
_HOUR = r"(?:2[0-4]|[01]?\d|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
_HALF = r"\s*(?:[ap]\.?m\b\.?|o['’]?clock\b|h\b)"
_NAMED = r"noon|midday|midnight"
_PAST = rf"(?:half|quarter|{NUMBER})(?:\s+minutes)?\s+(?:past|to)\s+{_HOUR}"
_DIGITS = r"(?:2[0-4]|[01]?\d)[:.h][0-5]\d"
_CLEAR = rf"(?:{_NAMED}|{_PAST}(?:{_HALF})?|{_DIGITS}(?:{_HALF})?|{_HOUR}{_HALF})"
_ANY = rf"(?:{_CLEAR}|{_HOUR})"
_TO = r"\s*(?:-|–|—|to|until|till|and)\s*"
_RANGES = (
    rf"\b(?:from|between)\s+(?P<a>{_ANY}){_TO}(?P<b>{_ANY})(?!\w|:\d|\s*(?:days|weeks))",
    rf"\b(?:at\s+)?(?P<a>{_CLEAR}){_TO}(?P<b>{_ANY})(?!\w|:\d)",
    rf"\b(?:at\s+)?(?P<a>{_ANY}){_TO}(?P<b>{_CLEAR})(?!\w|:\d)",
)
_SINGLE = (rf"\bat\s+(?:about\s+)?(?P<a>{_ANY})(?!\w|:\d)", rf"(?:\bfrom\s+)?(?<![\w.:])(?P<a>{_CLEAR})(?!\w|:\d)")
_PART = re.compile(r"\b(?:in the|at)\s+(?P<part>morning|afternoon|evening|night)\b", re.I)
_LATE = re.compile(r"\b(?:in the evening|at night|dinner|supper|party|concert|theatre|theater|cinema|movies?)\b", re.I)
_ALL_DAY = re.compile(r",?\s*\(?\b(?:all|the whole|whole)[\s-]day\b\)?", re.I)
_LENGTH = re.compile(
    rf",?\s*\b(?:for|lasting)\s+(?:(?P<half>half\s+an\s+hour)|(?P<count>\d+(?:\.\d+)?|{NUMBER})"
    r"(?P<and>\s+and\s+a\s+half)?\s*(?P<unit>hours?|hrs?|h|minutes?|mins?|min|days?|weeks?)"
    r"(?P<more>\s+and\s+a\s+half)?)\b",
    re.I,
)
NIGHT_HOURS, AFTERNOON_HOURS = (7, 8, 9, 10, 11), (1, 2, 3, 4, 5, 6)


@dataclass
class ClockTimes:
    """What a sentence says of the time of day, and the sentence without that; `is_plain`: no am or pm is told."""

    rest: str
    begin: time | None = None
    end: time | None = None
    length: timedelta | None = None
    is_all_day: bool = False
    is_plain: bool = False


def clock_times(text: str) -> ClockTimes:
    """Find the times of a sentence."""
    found = ClockTimes(text)
    if whole := _ALL_DAY.search(found.rest):
        found.is_all_day, found.rest = True, _without(found.rest, whole)
    if length := _LENGTH.search(found.rest):
        found.length, found.rest = _length(length), _without(found.rest, length)
    for pattern in (*_RANGES, *_SINGLE):
        if match := re.search(pattern, found.rest, re.I):
            _take(found, match)
            break
    return found


def _take(found: ClockTimes, match: re.Match[str]) -> None:
    """Note a time, or two; the part of the day is taken out with them."""
    rest = _without(found.rest, match)
    part = _PART.search(rest)
    is_late = bool(_LATE.search(found.rest)) or bool(part and part["part"].lower() == "afternoon")
    is_early = bool(part and part["part"].lower() == "morning")
    first, second = match["a"], match.groupdict().get("b")
    half = _half(first) or (_half(second) if second else "")
    found.begin = _time(first, half, is_late, is_early)
    if second:
        found.end = _time(second, _half(second), is_late, is_early)
        if half and not _half(first) and found.end < found.begin:  # 11-1pm begins in the morning
            found.begin = _time(first, "am", is_late=False, is_early=True)
        if found.end <= found.begin and not _half(second) and found.begin.hour < found.end.hour + 12 < 24:
            found.end = found.end.replace(hour=found.end.hour + 12)
    found.is_plain = not half and not is_late and not is_early and not re.match(r"0\d|1[3-9]|2\d|\D*n", first)
    found.rest = _without(rest, part) if part else rest


def _half(text: str) -> str:
    """Return am or pm, where a time tells it."""
    found = re.search(r"([ap])\.?m\b", text, re.I)
    return f"{found[1].lower()}m" if found else ""


def _time(text: str, half: str, is_late: bool, is_early: bool) -> time:
    """Return a time of day; without am or pm, the one that people mean."""
    text = text.lower()
    if text in ("noon", "midday"):
        return time(12)
    if text == "midnight":
        return time(0)
    hour, minute = _hour_and_minute(text)
    is_exact = bool(re.match(r"0\d", text)) or hour > 12 or hour == 0
    if half == "pm" and hour < 12:
        hour += 12
    elif half == "am" and hour == 12:
        hour = 0
    elif not half and not is_exact and not is_early:
        hour += 12 if hour in AFTERNOON_HOURS or (is_late and hour in NIGHT_HOURS) else 0
    return time(hour % 24, minute)


def _hour_and_minute(text: str) -> tuple[int, int]:
    if past := re.match(rf"(half|quarter|{NUMBER})(?:\s+minutes)?\s+(past|to)\s+({_HOUR})", text):
        minutes = {"half": 30, "quarter": 15}.get(past[1]) or number_of(past[1])
        hour = number_of(past[3])
        return (hour, minutes % 60) if past[2] == "past" else ((hour - 1) or 12, (60 - minutes) % 60)
    digits = re.match(rf"({_HOUR})(?:[:.h]([0-5]\d))?", text)
    return (number_of(digits[1]), int(digits[2] or 0)) if digits else (0, 0)


def number_of(text: str) -> int:
    """Return a number that is written in digits or in letters."""
    return int(text) if text.isdigit() else NUMBERS[text.lower()]


def _length(found: re.Match[str]) -> timedelta:
    if found["half"]:
        return timedelta(minutes=30)
    count = float(found["count"]) if re.match(r"\d", found["count"]) else float(number_of(found["count"]))
    count += 0.5 if found["and"] or found["more"] else 0
    unit = found["unit"].lower()
    kind = "days" if unit[0] == "d" else "weeks" if unit[0] == "w" else "minutes" if unit[0] == "m" else "hours"
    return timedelta(**{kind: min(count, 1000.0)})


def _without(text: str, found: re.Match[str]) -> str:
    return f"{text[: found.start()]} {text[found.end() :]}"
