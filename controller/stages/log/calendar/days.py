"""Days in an English sentence: tomorrow, on Tuesday, 5 March, from 3 to 7 December, every second Thursday, this week.

A day without a year is the next one; “next Tuesday” is the Tuesday of next week. Weeks begin on Monday.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from controller.stages.log.calendar.clock_times import NUMBER, number_of

CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTH_NAMES = "january february march april may june july august september october november december".split()
_WEEKDAY = r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)days?|(?-i:Mon|Tues?|Wed|Thurs?|Thu|Fri|Sat|Sun)\b\.?)"
_MONTH = rf"(?:{'|'.join(_MONTH_NAMES)}|(?-i:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?)"
_TH = r"(?:st|nd|rd|th)?"
_YEAR = r"(?:,?\s+(?P<year>(?:19|20|21)\d\d)\b)?"
_TO = r"\s*(?:-|–|—|to|until|till|through)\s*"
_ON = r"(?:\b(?:on|by|for)\s+)?(?:\bthe\s+)?"
_DAYS = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        r"(?:\bon\s+)?\b(?P<iso>\d{4}-\d\d-\d\d)\b",
        r"(?:\bon\s+)?\b(?P<day>\d{1,2})\.\s?(?P<number>\d{1,2})\.(?P<year>\d{4}|\d\d)?(?!\d)",
        rf"{_ON}(?:{_WEEKDAY},?\s+)?(?:the\s+)?\b(?P<day>\d{{1,2}}){_TH}\s+(?:of\s+)?(?P<month>{_MONTH}){_YEAR}",
        rf"{_ON}(?:{_WEEKDAY},?\s+)?(?P<month>{_MONTH})\s+(?:the\s+)?(?P<day>\d{{1,2}}){_TH}(?![\d:]|\s*[ap]\.?m\b){_YEAR}",
        r"\b(?P<ahead>(?:the\s+)?day after tomorrow|tomorrow|today)\b",
        rf"\bin\s+(?P<count>{NUMBER})\s+(?P<unit>days?|weeks?)(?:['’]\s*time)?\b",
        rf"\b(?P<count>{NUMBER})\s+(?P<unit>days?|weeks?)\s+from\s+(?:now|today)\b",
        rf"(?:\bon\s+)?(?:\b(?P<which>next|this|coming)\s+)?\b(?P<weekday>{_WEEKDAY})",
        r"\bon\s+the\s+(?P<alone>\d{1,2})(?:st|nd|rd|th)\b",
    )
)
_RANGES = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        rf"(?:\bfrom\s+)?(?:the\s+)?\b(?P<a>\d{{1,2}}){_TH}{_TO}(?:the\s+)?(?P<b>\d{{1,2}}){_TH}\s+(?:of\s+)?(?P<month>{_MONTH}){_YEAR}",
        rf"(?:\bfrom\s+)?\b(?P<month>{_MONTH})\s+(?P<a>\d{{1,2}}){_TH}{_TO}(?P<b>\d{{1,2}}){_TH}{_YEAR}(?!\s*[ap]m)",
    )
)
_NTH = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": -1}
_EVERY = re.compile(
    r"\b(?:every|each)\s+(?:(?P<nth>first|second|third|fourth|last|other|\d+(?:st|nd|rd|th)?|two|three|four|six)\s+)?"
    rf"(?P<what>{_WEEKDAY}(?:(?:\s*,\s*(?:and\s+)?|\s+and\s+){_WEEKDAY})*|weekdays?|workdays?|days?|weeks?|months?|years?)\b"
    r"(?P<of>\s+(?:of|in)\s+(?:the|each|every)\s+month)?",
    re.I,
)
_EACH = re.compile(
    rf"\b(?P<how>daily|weekly|fortnightly|biweekly|monthly|yearly|annually)\b"
    rf"|\bon\s+(?P<days>(?:{'|'.join(_NAMES)})s(?:\s+and\s+(?:{'|'.join(_NAMES)})s)*)\b",
    re.I,
)
_HOW = {
    "daily": "FREQ=DAILY",
    "weekly": "FREQ=WEEKLY",
    "fortnightly": "FREQ=WEEKLY;INTERVAL=2",
    "biweekly": "FREQ=WEEKLY;INTERVAL=2",
    "monthly": "FREQ=MONTHLY",
    "yearly": "FREQ=YEARLY",
    "annually": "FREQ=YEARLY",
}
_TIMES = re.compile(r",?\s*\b(?P<count>\d{1,3}|two|three|four|five|six|ten)\s+times\b", re.I)


@dataclass
class Days:
    """What a sentence says of days, and the sentence without that; `last` is of several days in a row."""

    rest: str
    first: date | None = None
    last: date | None = None
    rrule: str = ""
    is_weekday: bool = False  # told as a weekday alone


def days_of(text: str, today: date) -> Days:
    """Find the days of a sentence, and how they come again."""
    found = Days(text)
    _take_rule(found, today)
    if not _take_range(found, today):
        matches = list(_found(found.rest, today))
        if matches:
            _take(found, matches)
    return found


def _take_rule(found: Days, today: date) -> None:
    """Note how an event repeats."""
    every, each = _EVERY.search(found.rest), _EACH.search(found.rest)
    match = every or each
    if not match:
        return
    found.rest = _without(found.rest, match.span())
    if every:
        found.rrule = _rule(every)
    elif each:
        found.rrule = _HOW[each["how"].lower()] if each["how"] else f"FREQ=WEEKLY;BYDAY={_codes(each['days'])}"
    if times := _TIMES.search(found.rest):
        found.rrule += f";COUNT={number_of(times['count'])}"
        found.rest = _without(found.rest, times.span())
    for span, day in _found(found.rest, today):
        if until := re.search(r"\b(?:until|till|up to)\s+\Z", found.rest[: span[0]], re.I):
            found.rrule += f";UNTIL={day:%Y%m%d}"
            found.rest = _without(found.rest, (until.start(), span[1]))
            break


def _rule(every: re.Match[str]) -> str:
    nth, what = (every["nth"] or "").lower(), every["what"].lower()
    if every["of"] and nth in _NTH:
        return f"FREQ=MONTHLY;BYDAY={_NTH[nth]}{_codes(what)}"
    count = {"": 1, "other": 2, "second": 2, "third": 3, "fourth": 4, "first": 1, "last": 1}.get(nth)
    interval = count or number_of(re.sub(r"\D+\Z", "", nth) or nth)
    step = f";INTERVAL={interval}" if interval > 1 else ""
    if what.startswith(("weekday", "workday")):
        return "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"
    units = {"day": "DAILY", "week": "WEEKLY", "month": "MONTHLY", "year": "YEARLY"}
    if unit := units.get(what.removesuffix("s")):
        return f"FREQ={unit}{step}"
    return f"FREQ=WEEKLY{step};BYDAY={_codes(what)}"


def _codes(text: str) -> str:
    """Return the weekdays of a text as a rule names them."""
    return ",".join(CODES[_weekday(name[0])] for name in re.finditer(_WEEKDAY, text, re.I))


def _weekday(name: str) -> int:
    return next(at for at, one in enumerate(_NAMES) if one.startswith(name.lower().rstrip(".").removesuffix("s")[:3]))


def _take_range(found: Days, today: date) -> bool:
    """Note days in a row that share a month, and return whether there are any."""
    for pattern in _RANGES:
        match = pattern.search(found.rest)
        first = match and _dated(match, match["a"], today)
        last = match and _dated(match, match["b"], today)
        if match and first and last and first <= last:
            found.first, found.last, found.rest = first, last, _without(found.rest, match.span())
            return True
    return False


def _take(found: Days, matches: list[tuple[tuple[int, int], date]]) -> None:
    """Note the first day, and the second where they belong together."""
    (begin, end), found.first = matches[0]
    found.is_weekday = bool(re.search(_WEEKDAY, found.rest[begin:end], re.I)) and not re.search(
        rf"\d|next|{_MONTH}", found.rest[begin:end], re.I
    )
    if len(matches) > 1 and re.fullmatch(_TO, found.rest[end : matches[1][0][0]], re.I):
        found.last = matches[1][1] if matches[1][1] >= found.first else matches[1][1] + timedelta(days=7)
        end = matches[1][0][1]
        begin -= len(re.search(r"(?:\bfrom\s+)?\Z", found.rest[:begin], re.I)[0])  # type: ignore[index]
    found.rest = _without(found.rest, (begin, end))


def _found(text: str, today: date) -> Iterator[tuple[tuple[int, int], date]]:
    """Yield the days that a text names, in its order, none inside another."""
    spans: list[tuple[int, int]] = []
    days: list[tuple[tuple[int, int], date]] = []
    for pattern in _DAYS:
        for match in pattern.finditer(text):
            is_free = all(match.end() <= begin or match.start() >= end for begin, end in spans)
            if is_free and (day := _day(match, today)):
                spans.append(match.span())
                days.append((match.span(), day))
    yield from sorted(days)


def _day(match: re.Match[str], today: date) -> date | None:
    told = {name: value for name, value in match.groupdict().items() if value}
    if iso := told.get("iso"):
        return _date(int(iso[:4]), int(iso[5:7]), int(iso[8:]))
    if "day" in told:
        return _dated(match, told["day"], today)
    if ahead := told.get("ahead"):
        return today + timedelta(days=2 if "after" in ahead.lower() else "tomorrow" in ahead.lower())
    if "count" in told:
        return today + timedelta(days=number_of(told["count"]) * (7 if told["unit"].lower().startswith("w") else 1))
    if "alone" in told:
        return next((day for day in _following(today, 62) if day.day == int(told["alone"])), None)
    ahead_days = (_weekday(told["weekday"]) - today.weekday()) % 7
    if told.get("which", "").lower() == "next":  # of next week
        return today + timedelta(days=7 - today.weekday() + _weekday(told["weekday"]))
    return today + timedelta(days=ahead_days)


def _following(today: date, count: int) -> Iterator[date]:
    yield from (today + timedelta(days=ahead) for ahead in range(count))


def _dated(match: re.Match[str], day: str, today: date) -> date | None:
    """Return a day of a month; without a year, the next one."""
    told = match.groupdict()
    month = int(told["number"]) if told.get("number") else _month(told["month"])
    if year := told.get("year"):
        return _date(int(year) + (2000 if len(year) == 2 else 0), month, int(day))
    years = (_date(year, month, int(day)) for year in range(today.year, today.year + 9))
    return next((one for one in years if one and one >= today), None)


def _month(name: str) -> int:
    return next(at for at, one in enumerate(_MONTH_NAMES, 1) if one.startswith(name.lower()[:3]))


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _without(text: str, span: tuple[int, int]) -> str:
    return f"{text[: span[0]]} {text[span[1] :]}"
